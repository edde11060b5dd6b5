"""A query takes the rows of one time zone's days and shows the days of another.

### Why it matters
BigQuery takes the day of a timestamp in UTC where no zone is named, and a day in New York begins hours after the same
day in UTC. Rows that are filtered by the days of one and grouped by those of the other make a first and a last day of
which a part is missing, and the evening's rows are counted on the next day. Nothing fails: the numbers just never agree
with those of a report that uses one zone.

### Bad
```sql
select date(paid_at) as paid_on, sum(amount) as amount
from shop.sales.payments
where date(paid_at, 'America/New_York') >= date_sub(current_date('America/New_York'), interval 7 day)
group by paid_on
```

### Good
```sql
select date(paid_at, 'America/New_York') as paid_on, sum(amount) as amount
from shop.sales.payments
where date(paid_at, 'America/New_York') >= date_sub(current_date('America/New_York'), interval 7 day)
group by paid_on
```
"""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _tests
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL071",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

DAYS = (exp.Date, exp.TsOrDsToDate, exp.Cast, exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc, exp.Extract)
UNITS = frozenset({"DAY", "WEEK", "ISOWEEK", "MONTH", "QUARTER", "YEAR"})
NO_ZONE = frozenset({"utc", "gmt", "etc/utc", "etc/gmt", "z", "+00:00", "0"})
"""What BigQuery takes where no zone is named, and what is the same."""
MAX_CONVERSIONS = 10


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns whose day WHERE takes in a zone, and the projections without one, and in no projection with it."""
    if source.dialect != "bigquery" or "/" not in source.text or _tests.is_test(source.path, source.kind):
        return
    for query in source.queries:
        filtered = {name: zone for name, each in _days(query, query.where).items() for zone in each if zone}
        shown = _days(query, query.select.expressions) if filtered else {}
        for name, zone in filtered.items():
            days = shown.get(name, {})
            if set(days) != {""} or not is_written(source.sql, days[""]):
                continue
            yield hit(
                source.sql,
                days[""],
                f"WHERE takes the days of `{zone}`, but this is the day of the same column in UTC: the first "
                "and the last day lack some hours, and some rows count on another day than the one they were taken by.",
                f"Name `{zone}` here as well, or in neither place.",
            )


def _days(query: Query, roots: Iterable[exp.Expr]) -> dict[tuple[int, str], dict[str, exp.Expr]]:
    """Column → zone → an expression that takes its day there; the zone is empty where none is named, or UTC."""
    found: dict[tuple[int, str], dict[str, exp.Expr]] = {}
    for root in roots:
        for node in root.walk(prune=lambda each: isinstance(each, exp.Query)):
            column, zone = _day(node)
            origin = query.resolve(column) if column is not None else None
            if origin is not None:
                found.setdefault((id(origin[0]), origin[1]), {}).setdefault(zone, node)
    return found


def _day(node: exp.Expr) -> tuple[exp.Column | None, str]:
    """The column whose day, or whose longer period, an expression is, and the zone; None where it is not known."""
    if not isinstance(node, DAYS):
        return None, ""
    if isinstance(node, exp.Cast) and not node.is_type(exp.DataType.Type.DATE):
        return None, ""
    if isinstance(node, exp.Extract):
        return _converted(node.expression, "") if node.name.upper() == "DATE" else (None, "")
    unit = node.args.get("unit")
    if isinstance(unit, exp.Expr) and unit.name.upper() not in UNITS:
        return None, ""
    zone = node.args.get("zone")
    if zone is not None and not isinstance(zone, exp.Literal):
        return None, ""
    return _converted(node.this, zone.name if zone is not None else "")


def _converted(node: exp.Expr | None, zone: str) -> tuple[exp.Column | None, str]:
    """The column behind conversions to a zone, and the zone."""
    for _ in range(MAX_CONVERSIONS):
        named: exp.Expr | None = None
        if isinstance(node, exp.Column):
            return node, "" if zone.lower() in NO_ZONE else zone
        if isinstance(node, exp.AtTimeZone):
            node, named = node.this, node.args.get("zone")
        elif isinstance(node, exp.Datetime):
            node, named = node.this, node.args.get("expression")
        elif isinstance(node, (exp.Cast, exp.Paren, exp.Timestamp)):
            node = node.this
        else:
            break
        if named is not None and not isinstance(named, exp.Literal):
            break
        zone = zone or (named.name if named is not None else "")
    return None, ""
