"""A window goes row by row through rows that its ORDER BY leaves in no order.

### Why it matters
All rows of a partition have the same values in the columns it is made by. Where the window is ordered by these alone,
`ROWS BETWEEN 5 PRECEDING AND CURRENT ROW` takes five arbitrary rows, and LAG gives an arbitrary neighbour: the sum that
was to run over months runs over whatever the engine met before, and is another one the next time. Most likely the
column of time belongs into ORDER BY only.

### Bad
```sql
select
    day,
    shop_id,
    sum(amount) over (
        partition by shop_id, day order by day rows between 6 preceding and current row
    ) as amount_7d
from sales
```

### Good
```sql
select
    day,
    shop_id,
    sum(amount) over (partition by shop_id order by day rows between 6 preceding and current row) as amount_7d
from sales
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL064",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

WRAPPED = (exp.IgnoreNulls, exp.RespectNulls, exp.Filter)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Windows with a frame of rows, or LAG and LEAD, whose ORDER BY has no column beyond those of PARTITION BY."""
    sql = source.sql
    for window in _sql.walk(sql, exp.Window):
        order = window.args.get("order")
        shared = {_sql.text(sql, each).lower() for each in window.args.get("partition_by") or ()}
        if not isinstance(order, exp.Order) or not shared or not _minds_order(window):
            continue
        keys = [each.this if isinstance(each, exp.Ordered) else each for each in order.expressions]
        if all(_sql.text(sql, key).lower() in shared for key in keys) and is_written(sql, window):
            names = ", ".join(f"`{_sql.text(sql, key)}`" for key in keys)
            yield hit(
                sql,
                window,
                f"The partition is made by {names} already, so all its rows are alike in the ORDER BY, and which of "
                "them come before another is up to the engine.",
                "Order by a column that differs within the partition, or take this one out of PARTITION BY; or, where "
                "the whole partition is meant, leave ORDER BY and the frame out.",
            )


def _minds_order(window: exp.Window) -> bool:
    """Whether the result depends on which row is next to which: not so for RANGE, nor for a frame of all rows."""
    function = window.this
    while isinstance(function, WRAPPED):
        function = function.this
    if isinstance(function, (exp.Lag, exp.Lead)):
        return True
    spec = window.args.get("spec")
    if not isinstance(spec, exp.WindowSpec) or not isinstance(function, exp.AggFunc):
        return False
    kind, start, end = (str(spec.args.get(each) or "").upper() for each in ("kind", "start", "end"))
    return kind == "ROWS" and not start == end == "UNBOUNDED"
