"""Of several rows an arbitrary one is kept.

### Why it matters
`ROW_NUMBER()` that is ordered by nothing, by a constant, or by the very columns it is partitioned by numbers the rows
of a partition as the engine happens to meet them. Keeping number 1 then keeps another row on every run: results cannot
be reproduced, incremental models flip between values, and the newest row that was meant is often not the one.

### Bad
```sql
select order_id, status, amount
from order_events
qualify row_number() over (partition by order_id order by order_id) = 1
```

### Good
```sql
select order_id, status, amount
from order_events
qualify row_number() over (partition by order_id order by updated_at desc) = 1
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL025",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Windows of ROW_NUMBER with partitions and no order within them, of which the first row is kept."""
    sql = source.sql
    names = _asked_for_one(source.queries)
    for window in _sql.walk(sql, exp.Window):
        if (
            not isinstance(window.this, exp.RowNumber)
            or not window.args.get("partition_by")
            or window.args.get("alias")
        ):
            continue
        by = _order(sql, window)
        if by is not None and is_written(sql, window) and _keeps_one(names, window) and _rows_differ(sql, window):
            parts = ", ".join(f"`{_sql.text(sql, each)}`" for each in window.args["partition_by"])
            yield hit(
                sql,
                window,
                f"The rows of one {parts} are numbered in no order{by}, so which of them is number 1, and is kept, may "
                "change from run to run.",
                "Order by what decides: a time, newest first, and then a key that makes it unique.",
            )


def _order(sql: ParsedSql, window: exp.Window) -> str | None:
    """Why a window has no order, as the end of a sentence; None where it has one."""
    order = window.args.get("order")
    if not isinstance(order, exp.Order) or not order.expressions:
        return "" if window.args.get("order") is None and not window.args.get("over_alias") else None
    parts = {_sql.text(sql, each).lower() for each in window.args["partition_by"]}
    keys = [each.this if isinstance(each, exp.Ordered) else each for each in order.expressions]
    if all(isinstance(key, (exp.Literal, exp.Null)) or _is_null_query(key) for key in keys):
        return " (the order is by a constant)"
    if all(_sql.text(sql, key).lower() in parts for key in keys):
        return " (the order is by what is the same in all of them)"
    return None


def _rows_differ(sql: ParsedSql, window: exp.Window) -> bool:
    """Whether the query gives more than the columns it partitions by: else it does not matter which row is kept."""
    query = window.find_ancestor(exp.Select)
    parts = {_sql.text(sql, each).lower() for each in window.args["partition_by"]}
    given = [each.unalias() for each in query.expressions] if query is not None else []
    return (
        any(each.find(exp.Window) is None and _sql.text(sql, each).lower() not in parts for each in given) or not given
    )


def _is_null_query(key: exp.Expr) -> bool:
    """Whether it is `(select null)`, with which SQL Server and Snowflake are told that no order is wanted."""
    inner = key.this if isinstance(key, exp.Subquery) else None
    return isinstance(inner, exp.Select) and not inner.args.get("from_")


def _asked_for_one(queries: Queries) -> set[str]:
    """The names of which a condition of any query asks that they be 1."""
    found: set[str] = set()
    for query in queries:
        for condition in (*query.where, *query.qualify, *(each for _, join in query.joins for each in join.on)):
            if isinstance(condition, exp.EQ) and _is_one(condition):
                found |= _names(condition)
    return found


def _keeps_one(names: set[str], window: exp.Window) -> bool:
    """Whether a condition asks for the first row: `= 1` of the window itself or of the name it is given."""
    if isinstance(window.parent, exp.EQ):
        return _is_one(window.parent)
    return isinstance(window.parent, exp.Alias) and window.parent.alias.lower() in names


def _is_one(condition: exp.EQ) -> bool:
    return any(isinstance(each, exp.Literal) and each.name == "1" for each in (condition.left, condition.right))


def _names(condition: exp.EQ) -> set[str]:
    return {each.name.lower() for each in (condition.left, condition.right) if isinstance(each, exp.Column)}
