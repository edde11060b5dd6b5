"""A plain column stands beside an aggregate, and there is no GROUP BY.

### Why it matters
Without GROUP BY an aggregate makes one row of all rows, and no single value of the other column is that row's. Nearly
every engine refuses the query when it runs; MySQL and SQLite, by their settings, take the value of some row.

### Bad
```sql
select customer_id, sum(amount) as revenue
from orders
where status = 'settled'
```

### Good
```sql
select customer_id, sum(amount) as revenue
from orders
where status = 'settled'
group by customer_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL023",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

CERTAIN = (
    *(exp.Sum, exp.Count, exp.CountIf, exp.Avg, exp.Min, exp.Max, exp.ArrayAgg, exp.GroupConcat, exp.AnyValue),
    *(exp.Stddev, exp.Variance, exp.ApproxDistinct, exp.LogicalAnd, exp.LogicalOr, exp.ArrayUniqueAgg),
)
"""Aggregates that are never anything else."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first plain column of a SELECT that aggregates and does not group."""
    sql = source.sql
    for query in source.queries:
        if query.groups or query.distinct or not query.relations or query.is_nested:
            continue
        aggregate = next((each for each in map(_aggregate, query.select.expressions) if each is not None), None)
        column = next((each for each in query.select.expressions if isinstance(each.unalias(), exp.Column)), None)
        if aggregate is None or column is None or isinstance(column.unalias().this, exp.Star) or _pivots(query):
            continue
        if is_written(sql, column) and not _is_placeholder(source, column.unalias()):
            name = _sql.text(sql, column.unalias())
            yield hit(
                sql,
                _end(query),
                f"`{name}` has many values where `{_sql.text(sql, aggregate).partition('(')[0]}` makes one row of all "
                "rows: as no GROUP BY follows, the query fails, or gives some row's value.",
                f"Add `GROUP BY {name}`, with the other plain columns.",
                f"{name}, {_sql.text(sql, aggregate)}",
            )


def _is_placeholder(source: Source, column: exp.Expr) -> bool:
    """Whether it is `${value}`, which may be a constant as well as a name."""
    starts = [part.meta["start"] for part in column.walk() if "start" in part.meta]
    return any(source.text.startswith("${", source.rendering.source_offset(start)) for start in starts)


def _end(query: Query) -> exp.Expr:
    """The clause that GROUP BY would follow."""
    where = query.select.args.get("where")
    return where.this if isinstance(where, exp.Where) else query.relations[-1].node


def _aggregate(projection: exp.Expr) -> exp.Expr | None:
    """An aggregate in a projection, not over a window and not in a query within it."""
    for node in projection.walk(bfs=False, prune=lambda inner: isinstance(inner, (exp.Query, exp.Window, exp.Lambda))):
        if isinstance(node, CERTAIN) and not isinstance(node.parent, (exp.Window, exp.IgnoreNulls, exp.RespectNulls)):
            return node
    return None


def _pivots(query: Query) -> bool:
    return any(each.node.args.get("pivots") or each.node.args.get("match") for each in query.relations)
