"""A query computes every day of a table's history each time it runs.

### Why it matters
A query that groups by a date and has no WHERE reads the whole table to make one row a day, from the first day on. Run
by a schedule that adds one day's partition, it pays for all days to get one, and writes rows of other days into that
partition, or fails on them.

### Bad
```sql
select submission_date, channel, count(*) as clients
from shop.telemetry.sessions
group by submission_date, channel
```

### Good
```sql
select submission_date, channel, count(*) as clients
from shop.telemetry.sessions
where submission_date = @submission_date
group by submission_date, channel
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, _tests
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL055",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SQL_QUERY}),
)

WAREHOUSES = frozenset({"bigquery", "athena", "trino", "sparksql", "hive", "databricks"})
"""Where what a query reads is what it costs, and a date is what large tables are partitioned by."""

DAYS = frozenset({"date", "day", "ds", "dt"})
"""Last word in the name of a column that holds a day."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """A whole query of one table that groups by a day and has no condition at all."""
    if source.dialect not in WAREHOUSES or _tests.is_test(source.path, source.kind):
        return
    sql = source.sql
    for select in sql.statements:
        table = _only_table(select)
        if not isinstance(select, exp.Select) or table is None or not sql.is_literal(table):
            continue
        day = next((name for name in _grouped_by(select) if name.lower().split("_")[-1] in DAYS), "")
        if not day:
            continue
        line, end_line = _sql.lines(sql, table)
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=table.name,
            evidence=f"{_sql.text(sql, table)} by {day}",
            explanation=(
                f"There is no condition on `{day}`, nor any other: each run reads all of `{table.name}` and computes "
                "every day there ever was, also those that are long done."
            ),
            remediation=f"Ask for the day, or the days, of the run: `where {day} = …`.",
        )


def _only_table(select: exp.Expr) -> exp.Table | None:
    """The table of a query that has nothing else in it; None for any other."""
    if any(select.args.get(name) is not None for name in ("where", "having", "qualify", "limit", "joins", "with_")):
        return None
    source = select.args.get("from_")
    found = source.this if source is not None else None
    if not isinstance(found, exp.Table) or select.args.get("group") is None:
        return None
    return found if found.db and not found.args.get("sample") else None


def _grouped_by(select: exp.Select) -> Iterator[str]:
    """The plain columns that a query with GROUP BY gives out: those it groups by."""
    return (item.name for item in select.expressions if isinstance(item, exp.Column))
