"""A test names a column that its model does not have.

### Why it matters
A test of a column is a query on that column. Where the model does not give it, the test does not fail on bad data: it
stops with a database error, on every run, and takes `dbt build` and everything downstream with it.

### Bad
```yaml
models:
  - name: dim_customers
    columns:
      - name: customer_key
        data_tests: [unique, not_null]
```

```sql
-- models/dim_customers.sql
select id as customer_id, name
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

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import columns, sides
from review.rules.project.model import Project
from review.rules.project.properties import Column, Entry
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT011",
    standard=Standard.TESTING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)

HINTED = 3
"""Missing columns of one model each of which may be a slip; more are another table's."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Tested columns, keys of several columns and the fields of relationships that the model, fully known, lacks."""
    if "tests:" not in source.text:
        return
    for entry in source.dbt.entries_in(source.path):
        tested = [column for column in entry.columns if column.tests and _is_said(entry, column)]
        is_settled = sides.is_settled(source.dbt, entry)
        known = _nodes.known_columns(source.dbt, entry) if (tested or entry.tests) and not is_settled else None
        if known is not None:
            yield from _of_model(source.dbt, entry, tested, known)
        for column in tested:
            yield from _of_relationships(source.dbt, entry, column, is_settled)


def _is_said(entry: Entry, column: Column) -> bool:
    return _nodes.is_written_in(entry, column.name_node) and _nodes.is_named(column.name)


def _of_model(project: Project, entry: Entry, tested: list[Column], known: frozenset[str]) -> Iterator[Hit]:
    places = [(column.name, column.line, column.tests[0].name) for column in tested]
    places += [
        (node.value, _yaml.line(node), test.name)
        for test in entry.tests
        for node in test.unique_columns
        if _nodes.is_written_in(entry, node)
    ]
    missing = [place for place in places if _nodes.plain(place[0]) not in known]
    given = _nodes.given_before(project, entry) if missing else frozenset()
    for name, line, test in missing:
        hint = _nodes.alike(name, known, entry) if len({each for each, _, _ in missing}) <= HINTED else ""
        yield _hit(entry.name, name, line, test, entry.name, hint, _nodes.plain(name) in given)


def _of_relationships(project: Project, entry: Entry, column: Column, is_settled: bool) -> Iterator[Hit]:
    """`field:` of a relationships test that the other model does not have; of a settled entry where that is touched."""
    for test in column.tests:
        field, other = test.argument("field"), test.argument("to")
        if test.name != "relationships" or field is None or other is None:
            continue
        target = _nodes.ref_of(_yaml.scalar(other) or "")
        if is_settled and sides.gives_the_same(project, target):
            continue
        found = columns.outputs(project, target) if target else None
        name = _yaml.scalar(field) or ""
        if found is not None and name.isidentifier() and name.lower() not in found:
            hint = _nodes.alike(name, frozenset(found))
            yield _hit(entry.name, name, _yaml.line(field), "relationships", target, hint)


def _hit(symbol: str, name: str, line: int, test: str, owner: str, hint: str, is_dropped: bool = False) -> Hit:
    lacks = (
        f"This change drops or renames `{name}` in the query of `{owner}`"
        if is_dropped
        else f"`{owner}` gives no column `{name}`"
    )
    return Hit(
        line=line,
        evidence=f"{test} on {owner}.{name}",
        symbol=symbol,
        explanation=(f"{lacks}, so the test `{test}` ends in a database error instead of looking at any data.{hint}"),
        remediation="Name the column as the model's query does, or remove the test with the column.",
    )
