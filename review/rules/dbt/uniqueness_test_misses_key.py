"""A uniqueness test covers only part of the model's own key.

### Why it matters
The model's `unique_key` says that its rows are told apart by several columns; the test says that some of them suffice.
Both cannot be right: either good data fails the test, and people learn to ignore it, or the merge keeps rows that the
test was meant to forbid.

### Bad
```yaml
models:
  - name: fct_order_lines
    columns:
      - name: order_id
        data_tests: [unique, not_null]
```

```sql
-- models/fct_order_lines.sql
{{ config(materialized='incremental', unique_key=['order_id', 'line_number']) }}

select order_id, line_number
from {{ source('shop', 'order_lines') }}
```

### Good
```yaml
models:
  - name: fct_order_lines
    data_tests:
      - dbt_utils.unique_combination_of_columns:
          arguments:
            combination_of_columns: [order_id, line_number]
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.project.model import Project
from review.rules.project.properties import Entry, Test
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT019",
    standard=Standard.TESTING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Unconditional tests on a proper part of the columns in the model's `unique_key`."""
    if "unique" not in source.text:
        return
    for entry in source.dbt.entries_in(source.path):
        if entry.kind != "models" or entry.is_versioned:
            continue
        tests = [(test, frozenset(names)) for test, names in _tests(entry) if not test.is_conditional]
        key = _key(source.dbt, entry.name) if tests else frozenset()
        for test, names in tests:
            if not names < key:
                continue
            lacking = ", ".join(f"`{name}`" for name in sorted(key - names))
            yield Hit(
                line=test.line,
                evidence=f"{entry.name}: {test.name} on {', '.join(sorted(names))} of {', '.join(sorted(key))}",
                symbol=entry.name,
                explanation=(
                    f"`{entry.name}` merges its rows by {' + '.join(f'`{name}`' for name in sorted(key))}, so it keeps "
                    f"rows that agree on {' + '.join(f'`{name}`' for name in sorted(names))} and differ in {lacking}; "
                    "the test says that there are none. One of the two is wrong."
                ),
                remediation="Test the combination of all columns of the key, or correct the `unique_key`.",
            )


def _tests(entry: Entry) -> Iterator[tuple[Test, set[str]]]:
    for column in entry.columns:
        yield from ((test, {column.name.lower()}) for test in column.tests if test.name == "unique")
    for test in entry.tests:
        if test.unique_columns:
            yield test, {node.value.strip('"`').lower() for node in test.unique_columns}


def _key(project: Project, name: str) -> frozenset[str]:
    """The columns of a model's `unique_key` where they are several and constant."""
    node = project.node(name)
    if node is None or not node.path.lower().endswith(".sql"):
        return frozenset()
    try:
        key, _ = _jinja.config(project.source(node.path)).get("unique_key", (None, 0))
        if not isinstance(key, list) or not all(isinstance(each, str) and each.isidentifier() for each in key):
            return frozenset()
        is_merged = project.config(node, "materialized") == "incremental"
    except NotEvaluated:
        return frozenset()
    return frozenset(each.lower() for each in key) if is_merged else frozenset()
