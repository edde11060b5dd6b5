"""Properties describe a model that does not exist.

### Why it matters
dbt looks for a model, seed or snapshot of exactly that name. Finding none it warns in its log and goes on: the
description is shown nowhere, the settings are applied to nothing, and the tests of the entry never run. An entry with
nothing but a name and a description is not spoken of.

### Bad
```yaml
models:
  - name: dim_customer
    columns:
      - name: customer_id
        data_tests: [unique, not_null]
```

```sql
-- models/dim_customers.sql, the only model
select id as customer_id
from {{ source('shop', 'customers') }}
```

### Good
```yaml
models:
  - name: dim_customers
    columns:
      - name: customer_id
        data_tests: [unique, not_null]
```
"""

from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.project.model import Project
from review.rules.project.properties import NODES, Entry
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT020",
    standard=Standard.TESTING,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Entries whose name no file makes, in a project that is known whole and has no models from packages."""
    if not any(f"{kind}:" in source.text for kind in NODES):
        return
    project = source.dbt
    if project.has_foreign_models or not project.is_complete:
        return
    for entry in project.entries_in(source.path):
        if entry.kind not in NODES or not _says_something(entry) or _is_made(project, entry):
            continue
        close = get_close_matches(entry.name, list(project.all_nodes), 1, 0.8)
        close = [name for name in close if not project.entries(name)]
        lost = "its tests never run" if _has_tests(entry) else "it documents and sets nothing"
        yield Hit(
            line=entry.line,
            evidence=f"{entry.kind} {entry.name}",
            symbol=entry.name,
            explanation=(
                f"No model, seed or snapshot of this project is called `{entry.name}`. dbt only warns of that, so "
                f"{lost}." + (f" Perhaps `{close[0]}` is meant." if close else "")
            ),
            remediation="Give the entry the name of the model's file, or remove it.",
        )


def _is_made(project: Project, entry: Entry) -> bool:
    return (
        entry.name in project.all_nodes
        or "{" in entry.name
        or entry.is_versioned
        or (entry.kind == "snapshots" and any(name == "relation" for name in _keys(entry)))
    )


def _says_something(entry: Entry) -> bool:
    """Whether it has columns, tests or settings, which are lost."""
    return bool(entry.columns or entry.tests) or "config" in _keys(entry)


def _keys(entry: Entry) -> list[str]:
    from review.rules import _yaml

    return [name for name, _, _ in _yaml.pairs(entry.node)]


def _has_tests(entry: Entry) -> bool:
    return bool(entry.tests) or any(column.tests for column in entry.columns)
