"""A table's whole history is read beside tables that are bounded by a date.

### Why it matters
Such tables are partitioned by that date: with a filter on it the warehouse reads some days, without one
every day there ever was. The result is often the same, so nobody sees it but the bill, until the history outgrows what
a worker can hold.

### Bad
```sql
with events as (
    select customer_id, min(submission_date) as first_seen
    from shop.telemetry.events
    group by customer_id
),

active as (
    select customer_id
    from shop.telemetry.sessions
    where submission_date = @submission_date
)

select active.customer_id, events.first_seen
from active
left join events on active.customer_id = events.customer_id
```

### Good
```sql
with events as (
    select customer_id, min(submission_date) as first_seen
    from shop.telemetry.events
    where submission_date between date_sub(@submission_date, interval 14 day) and @submission_date
    group by customer_id
),

active as (
    select customer_id
    from shop.telemetry.sessions
    where submission_date = @submission_date
)

select active.customer_id, events.first_seen
from active
left join events on active.customer_id = events.customer_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, _tests
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL054",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
TIMES = (
    *(exp.Parameter, exp.Placeholder, exp.CurrentDate, exp.CurrentTimestamp, exp.DateSub, exp.DateAdd),
    *(exp.TimestampSub, exp.TimestampAdd, exp.Interval),
)

WORDS = frozenset("time date day at timestamp ts dt ds hour week month year partition".split())
"""Words in the name of a column that tells when."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Queries of one table that name a column by which others bound theirs, and have no condition on any time."""
    if _tests.is_test(source.path, source.kind) or "where" not in source.text.lower():
        return
    sql = source.sql
    for statement in sql.statements:
        ctes = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
        scans = [
            (select, table)
            for select in statement.find_all(exp.Select, bfs=False)
            if (table := _table(select)) is not None and (table.db or table.name.lower() not in ctes)
        ]
        bounds: dict[str, str] = {}
        for select, table in scans:
            for column in _bounded_by(select):
                bounds.setdefault(column, table.name)
        for select, table in scans if bounds else ():
            column = next((name for name in _unbounded(select) if name in bounds), "")
            if column and bounds[column].lower() != table.name.lower() and sql.is_literal(table):
                yield _hit(sql, select, table, column, bounds[column])


def _table(select: exp.Select) -> exp.Table | None:
    """The one table a query reads from, if it does."""
    source = select.args.get("from_")
    found = source.this if source is not None and not select.args.get("joins") else None
    return found if isinstance(found, exp.Table) and found.name else None


def _own(select: exp.Select) -> Iterator[exp.Column]:
    """The columns a query names itself, not those of the queries in it."""
    for node in select.walk(prune=lambda node: isinstance(node, exp.Query) and node is not select):
        if isinstance(node, exp.Column):
            yield node


def _bounded_by(select: exp.Select) -> Iterator[str]:
    """The columns that a query compares with a time someone gives it, or with the present one."""
    where = select.args.get("where")
    for comparison in where.find_all(*COMPARISONS) if where is not None else ():
        if comparison.find(*TIMES) is not None and comparison.find(exp.Query) is None:
            names = (column.name.lower() for column in comparison.this.find_all(exp.Column))
            yield from (name for name in names if not WORDS.isdisjoint(name.split("_")))


def _unbounded(select: exp.Select) -> Iterator[str]:
    """The columns of a query on which it has no condition; none where it has one on a time, or takes some rows only."""
    if any(_bounded_by(select)) or select.args.get("limit") is not None or _asks_for_the_last(select):
        return
    where = select.args.get("where")
    asked = {column.name.lower() for column in where.find_all(exp.Column)} if where is not None else set()
    yield from sorted({column.name.lower() for column in _own(select)} - asked)


def _asks_for_the_last(select: exp.Select) -> bool:
    """Whether it gives nothing but the newest or oldest value of all: up to where something has been loaded."""
    aggregated = all(each.find(exp.Max, exp.Min) is not None for each in select.expressions)
    return aggregated and select.args.get("group") is None


def _hit(sql: ParsedSql, select: exp.Select, table: exp.Table, column: str, other: str) -> Hit:
    line, end_line = _sql.lines(sql, table)
    return Hit(
        line=line,
        end_line=end_line,
        symbol=_sql.symbol(select),
        evidence=f"{_sql.text(sql, table)} without {column}",
        explanation=(
            f"`{other}` is read for a period of `{column}` only, while this reads all of `{table.name}`, which has "
            f"`{column}` too: every run scans its whole history."
        ),
        remediation=f"Bound `{column}` here as well, by as many days as the result can need.",
    )
