"""An enforced contract does not tell every column of its model.

### Why it matters
With `contract: {enforced: true}` dbt compares the columns of the query with those that are declared before it builds
the model. A column that is not declared, or is declared without a `data_type`, makes it refuse: the model is not built
and all that reads it is skipped.

### Bad
```sql
select id as order_id, amount, discount
from {{ source('shop', 'orders') }}
```

```yaml
# models/orders.yml
models:
  - name: fct_orders
    config:
      contract: {enforced: true}
    columns:
      - name: order_id
        data_type: int
      - name: amount
        data_type: numeric
```

### Good
```sql
select id as order_id, amount
from {{ source('shop', 'orders') }}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _contracts, _nodes
from review.rules.project import columns
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.project.properties import Entry
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT069",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_PROPERTIES}),
)

LISTED = 5


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """In a model, and in the properties of one that the change leaves alone: columns that the contract misses."""
    project = source.dbt
    if not source.is_yaml:
        node = project.node_at(source.path)
        entry = _contracts.entry_of(project, node) if node is not None else None
        if entry is not None:
            yield from _undeclared(source, entry)
        return
    for node, entry in _contracts.spoken_of(source):
        yield from _untyped(entry)
        if node.path not in project.changed:
            yield from _outdated(project, node, entry)


def _missing(source: Source, entry: Entry) -> list[str]:
    """The columns that the model gives, through every branch of its template, and the contract does not declare."""
    names = columns.of_file(source) or ()
    for branch, _ in source.branches if names else ():
        given = columns.of_source(branch) or ()
        names = tuple(name for name in names if name in given)
    declared = {_nodes.plain(column.name) for column in entry.columns}
    return [name for name in names if _nodes.plain(name) not in declared]


def _undeclared(source: Source, entry: Entry) -> Iterator[Hit]:
    missing = _missing(source, entry)
    if missing:
        line, end = _place(source, missing[0])
        yield _hit(line, end, entry.name, missing, f"the contract in `{entry.path}`")


def _outdated(project: Project, node: Node, entry: Entry) -> Iterator[Hit]:
    try:
        missing = _missing(project.source(node.path), entry)
    except NotEvaluated:
        return
    if missing:
        yield _hit(entry.line, entry.line, entry.name, missing, "its contract")


def _hit(line: int, end: int, name: str, missing: list[str], contract: str) -> Hit:
    return Hit(
        line=line,
        end_line=end,
        evidence=f"contract of {name} lacks {', '.join(sorted(missing))}",
        symbol=name,
        explanation=(
            f"`{name}` gives {_nodes.listed(missing, LISTED)}, which {contract} does not declare. dbt compares the two "
            "and refuses to build the model."
        ),
        remediation="Declare the columns with their `data_type`, or leave them out of the model.",
    )


def _untyped(entry: Entry) -> Iterator[Hit]:
    """The columns of a contract without a type, told as one."""
    untyped = [column for column in entry.columns if not _yaml.scalar(_yaml.get(column.node, "data_type"))]
    if untyped:
        names = [column.name for column in untyped]
        yield Hit(
            line=untyped[0].line,
            evidence=f"contract of {entry.name} without types of {', '.join(sorted(names))}",
            symbol=entry.name,
            title="An enforced contract has a column without a type",
            explanation=(
                f"The contract of `{entry.name}` is enforced and declares {_nodes.listed(names, LISTED)} without a "
                "`data_type`. dbt refuses to build the model."
            ),
            remediation="Give each column of the contract its `data_type`.",
        )


def _place(source: Source, name: str) -> tuple[int, int]:
    """Where the last query makes the column, else where the first does, else the first line."""
    found = [
        output.node
        for query in source.queries
        for output in query.outputs
        if output.name == name and output.expression is not None
    ]
    return _sql.lines(source.sql, found[-1]) if found else (1, 1)
