"""A model loses the only test that its rows are unique.

### Why it matters
The uniqueness test is what tells a fan-out from good data: a join that doubles rows, a merge without a key, a load that
ran twice. With it gone nothing fails any more, and totals downstream are wrong until someone notices by eye.

### Bad
```yaml
models:
  - name: fct_orders
    columns:
      - name: order_id
        data_tests: [not_null]
```

```yaml
# models/schema.yml before the change
models:
  - name: fct_orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
```

### Good
```yaml
models:
  - name: fct_orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import columns
from review.rules.project.model import Project
from review.rules.project.properties import Entry, Test
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT021",
    standard=Standard.TESTING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Entries whose model had an effective uniqueness test before the change, and has none after it."""
    before = source.dbt.before
    if before is None:
        return
    for entry in source.dbt.entries_in(source.path):
        if entry.kind != "models":
            continue
        had = _tests(before, entry.name)
        if not had or _may_be_unique(source.dbt, entry.name):
            continue
        name, column = had[0]
        place = next((each for each in entry.columns if _nodes.plain(each.name) == column), None)
        if column and place is None:
            continue
        of = f" of `{column}`" if column else ""
        yield Hit(
            line=place.line if place is not None else entry.line,
            evidence=f"{entry.name}: {name} {column}".strip(),
            symbol=entry.name,
            explanation=(
                f"The test `{name}`{of} was the only one that told whether rows of `{entry.name}` are unique; after "
                "this change none does."
            ),
            remediation=_remediation(source.dbt, before, entry.name),
        )


def _remediation(project: Project, before: Project, name: str) -> str:
    """What to do; the old test cannot be kept where the model no longer gives one of its columns."""
    tested = {column for test, each in _all(before, name) if not _is_toothless(test) for column in _key(test, each)}
    known = columns.outputs(project, name)
    if known is not None and not tested <= set(known):
        return "Test the new key: the columns that make a row unique now that those of the old test are gone."
    return "Keep the test, or test the columns that make a row unique now."


def _key(test: Test, column: str) -> list[str]:
    return [column] if column else [_nodes.plain(node.value) for node in test.unique_columns]


def _tests(project: Project, name: str) -> list[tuple[str, str]]:
    """The uniqueness tests that can fail, each with its column or nothing."""
    return [(test.name, column) for test, column in _all(project, name) if not _is_toothless(test)]


def _may_be_unique(project: Project, name: str) -> bool:
    """Whether any test, constraint or word of the model's properties still has to do with uniqueness."""
    if any(not _is_toothless(test) for test, _ in _all(project, name)):
        return True
    constraints = [
        each
        for entry in project.entries(name, ("models",))
        for node in (entry.node, *(column.node for column in entry.columns))
        for each in _yaml.items(_yaml.get(node, "constraints"))
    ]
    return any((_yaml.scalar(_yaml.get(each, "type")) or "") in ("unique", "primary_key") for each in constraints)


def _all(project: Project, name: str) -> Iterator[tuple[Test, str]]:
    entries: tuple[Entry, ...] = project.entries(name, ("models",))
    for entry in entries:
        for column in entry.columns:
            yield from ((test, _nodes.plain(column.name)) for test in column.tests if _is_of_uniqueness(test))
        yield from ((test, "") for test in entry.tests if _is_of_uniqueness(test))


def _is_of_uniqueness(test: Test) -> bool:
    words = test.name.lower().split("_")
    return "unique" in words or "uniqueness" in words or ("primary" in words and "key" in words) or "duplicate" in words


def _is_toothless(test: Test) -> bool:
    return (test.setting("severity") or "error").lower() == "warn" or test.setting("enabled") == "false"
