"""A value is divided by a total or a difference that can be zero.

### Why it matters
BigQuery, Snowflake, Redshift, PostgreSQL and SQL Server fail the whole query for one row whose divisor is zero: a
customer without orders, a day without traffic, two dates that are the same. Until such a row comes the query runs, so
it breaks at night, in production, and nobody has touched it.

### Bad
```sql
select
    customer_id,
    sum(refunded) / sum(amount) as refund_rate
from orders
group by customer_id
```

### Good
```sql
select
    customer_id,
    sum(refunded) / nullif(sum(amount), 0) as refund_rate
from orders
group by customer_id
```
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from review.domain.artifact import SQL_KINDS, Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, _tests, _values
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.queries import Queries, Query
from review.rules.relations import Relation
from review.rules.source import Source
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL043",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

MOST = 20
"""Findings of one statement."""

RAISING = frozenset({"bigquery", "snowflake", "postgres", "redshift", "greenplum", "tsql"})
"""Where dividing by zero is an error for every type of number."""

DBT = frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST, Kind.DBT_ANALYSIS})
"""Without a dialect these are a package's, made for several warehouses, most of which raise."""

GUARDS = (exp.Nullif, exp.Case, exp.If, exp.Coalesce, exp.Greatest, exp.Pow, exp.Exp)
TRIES = (exp.Anonymous, exp.TryCast, exp.Try)
DIFFERENCES = (exp.Sub, exp.DateDiff, exp.TimestampDiff, exp.DatetimeDiff, exp.TimeDiff)
AMOUNTS = frozenset(
    "total sum quantity qty days hours minutes seconds milliseconds supply users orders sessions "
    "clicks impressions views visits members claims revenue cost spend amount volume duration length".split()
)
"""Words in the name of a column that counts or measures something there may be nothing of."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Divisions by such a value that no condition, NULLIF or the like stands before; once for each divisor."""
    if "/" not in source.text or not _raises(source) or _tests.is_test(source.path, source.kind):
        return
    sql = source.sql
    for statement in sql.statements:
        divisions = list(statement.find_all(exp.Div, bfs=False))
        if not divisions:
            continue
        named, compared = _values.definitions(statement), _values.compared_with_numbers(statement)
        queries = source.queries
        asked = _values.Conditions()
        seen: dict[str, tuple[exp.Div, str]] = {}
        for division in divisions:
            if len(seen) >= MOST:
                break
            divisor = _values.bare(division.expression)
            made = _made(queries, division, divisor)
            if made and all(_keeps_out(query, divisor, value) for query, value in made):
                continue
            values = [value for _, value in made] or [divisor]
            reason = next(filter(None, (_may_be_zero(value, named) for value in values)), "")
            key = _sql.text(sql, divisor).lower() if reason else ""
            if not key or key in seen or not sql.is_literal(division) or _is_tried(division):
                continue
            if not _values.columns(divisor) & (compared | asked.above(division)):
                seen[key] = division, reason
        for division, reason in sorted(seen.values(), key=lambda found: _sql.lines(sql, found[0])):
            yield _hit(sql, division, _values.bare(division.expression), reason)


def _raises(source: Source) -> bool:
    """Whether dividing by zero fails; not where a model sets a file format, which only Spark's adapters know."""
    if source.dialect == "ansi" and source.kind in DBT:
        return "file_format" not in _jinja.config(source)
    return source.dialect in RAISING


def _may_be_zero(divisor: exp.Expr, named: Mapping[str, exp.Expr | None]) -> str:
    """Why a divisor may be zero; empty where nothing says so, or where something keeps it from being."""
    value = _values.origin(divisor, named)
    if any(each.find(*GUARDS) is not None and not _counts_some(each) for each in (divisor, value)):
        return ""
    over_window = isinstance(value, exp.Window)
    summed = value.this if over_window else value
    if isinstance(summed, exp.Sum | exp.CountIf) and summed.find(exp.Column) is not None:
        if _counts_rows(_values.origin(summed.this, named)):
            return ""
        return "is a sum, which is zero where all of its rows are"
    if isinstance(value, DIFFERENCES) and value.find(exp.Column) is not None:
        return "is a difference, which is zero where both sides are the same"
    amount = isinstance(value, exp.Column) and not AMOUNTS.isdisjoint(value.name.lower().split("_"))
    return "is a column in which zero is a value like any other" if amount else ""


def _made(queries: Queries, division: exp.Div, divisor: exp.Expr) -> list[tuple[Query, exp.Expr]]:
    """The expressions that a column is the name of in the queries that its own reads, each with its query."""
    select = division.find_ancestor(exp.Select)
    query = queries.of(select) if select is not None else None
    if query is None or not isinstance(divisor, exp.Column):
        return []
    origin = query.resolve(divisor) or _giving(queries, query, divisor)
    return [(each, _values.bare(value)) for each, value in queries.definitions(*origin)] if origin else []


def _giving(queries: Queries, query: Query, column: exp.Column) -> tuple[Relation, str] | None:
    """The one relation whose query gives a column of that bare name; another would make the name ambiguous."""
    name = column.name.lower()
    if len(column.parts) > 1:
        return None
    found = [each for each in query.relations if any(name == given.name for given in queries.outputs(each.body)[0])]
    return (found[0], name) if len(found) == 1 else None


def _keeps_out(query: Query, divisor: exp.Expr, value: exp.Expr) -> bool:
    """Whether a query compares with a number the expression it makes a column of, or that column."""
    for condition in (*query.where, *query.having, *query.qualify):
        if isinstance(condition, _values.COMPARISONS):
            sides = [_values.bare(side) for side in condition.iter_expressions()]
            is_name = any(isinstance(side, exp.Column) and side.name.lower() == divisor.name.lower() for side in sides)
            if any(isinstance(side, exp.Literal) for side in sides) and (is_name or value in sides):
                return True
    return False


def _counts_some(value: exp.Expr) -> bool:
    """Whether it counts the rows that fulfil a condition: SUM(CASE …), of which there may be none."""
    return isinstance(value, exp.Sum) and isinstance(value.this, exp.Case | exp.If) and not value.find(exp.Nullif)


def _counts_rows(value: exp.Expr) -> bool:
    """Whether it is COUNT(*) or COUNT(1), which is at least one in every row that a GROUP BY gives."""
    query = value.find_ancestor(exp.Select) if isinstance(value, exp.Count) else None
    return query is not None and query.args.get("group") is not None and value.find(exp.Column) is None


def _is_tried(division: exp.Div) -> bool:
    """Whether a function is around it that takes care of errors, or that we do not know."""
    return division.args.get("safe") is True or division.find_ancestor(*TRIES) is not None


def _hit(sql: ParsedSql, division: exp.Div, divisor: exp.Expr, reason: str) -> Hit:
    line, end_line = _sql.lines(sql, division)
    written = _sql.text(sql, divisor)
    return Hit(
        line=line,
        end_line=end_line,
        symbol=_sql.symbol(division),
        evidence=_sql.text(sql, division),
        explanation=(
            f"`{written}` {reason}, and nothing here keeps such rows out: a single one fails the whole query with a "
            "division by zero."
        ),
        remediation=f"Divide by `nullif({written}, 0)`, or use the function of the warehouse that gives null for it.",
    )
