"""A query reads a column that the model it refs does not have.

### Why it matters
The parent's query gives no such column: it was renamed or dropped there, or a macro asks for its default one. dbt
parses the project without complaint; the model fails when it is run, and everything downstream of it is skipped.

### Bad
```sql
select orders.order_id, orders.amount_usd
from {{ ref('stg_orders') }} as orders
```

```sql
-- models/stg_orders.sql
select id as order_id, amount
from {{ source('shop', 'orders') }}
```

### Good
```sql
select orders.order_id, orders.amount
from {{ ref('stg_orders') }} as orders
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import sides, usage
from review.rules.project.nodes import Node
from review.rules.project.usage import Missing
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT017",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST}),
    compares=True,
)

LISTED = 5
"""Columns of one model that are named; of more, how many there are."""
HINTED = 3
"""Columns of one model each of which may be a slip; more are another table's."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """For each ref'd model whose columns are all known, the columns that the file reads of it and it does not give."""
    if "ref(" not in source.text or _has_only_moved(source):
        return
    now = list(usage.missing(source))
    old = _old(source.was) if now else set()
    found: dict[str, dict[str, Missing]] = {}
    for each in now:
        if (each.node.name, each.name) not in old:
            found.setdefault(each.node.name, {}).setdefault(each.name, each)
    for name, columns in found.items():
        first = next(iter(columns.values()))
        line, end = _sql.lines(source.sql, first.column)
        known = frozenset(first.known)
        hint = _nodes.alike(first.name, known) if len(columns) <= HINTED else ""
        yield Hit(
            line=line,
            end_line=end,
            evidence=f"columns of {name}",
            symbol=_sql.symbol(first.column) or _nodes.stem(source.path),
            explanation=(
                f"`{name}` gives no column {_nodes.listed(columns, LISTED)}, so this query fails "
                f"{_when(source, first.node)}.{hint}"
            ),
            remediation=f"Read the columns under the names that `{name}` gives them, or add them there.",
        )


def _has_only_moved(source: Source) -> bool:
    """Whether it says what it said, of nodes that give what they gave."""
    node = source.dbt.node_at(source.path)
    return (
        source.was is not None
        and source.was.text == source.text
        and node is not None
        and sides.is_untouched(source.dbt, node.name)
    )


def _when(source: Source, parent: Node) -> str:
    """When the query fails: an incremental parent's table keeps the columns that it has until it is built anew."""
    if source.dbt.config(parent, "materialized") == "incremental":
        return f"once `{parent.name}` is built anew, as by a full refresh"
    return "when it is run"


def _old(source: Source | None) -> set[tuple[str, str]]:
    """Model and column of what the file read before the change and was not there already then."""
    found: set[tuple[str, str]] = set()
    for each in (source, *(branch for branch, _ in source.branches)) if source is not None else ():
        try:
            found.update((missing.node.name, missing.name) for missing in usage.missing(each))
        except NotEvaluated:  # what cannot be told of before the change is not old
            continue
    return found
