"""An incremental filter asks for one moment instead of everything since then.

### Why it matters
`loaded_at = now() - interval '1 day'` is true for rows of exactly that moment: next to none. The full refresh has no
such filter and looks right; every incremental run after it adds nothing, or joins nothing, without any error. It is
`>=` with one character missing.

### Bad
```sql
{{ config(materialized='incremental', unique_key='id') }}
select id, loaded_at from {{ source('shop', 'orders') }}
{% if is_incremental() %}
where loaded_at = date_trunc('day', now() - interval '1 day')
{% endif %}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='id') }}
select id, loaded_at from {{ source('shop', 'orders') }}
{% if is_incremental() %}
where loaded_at >= date_trunc('day', now() - interval '1 day')
{% endif %}
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT040",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
    looks_around=False,
)

MOMENTS = frozenset({"time", "at", "timestamp", "ts", "datetime", "tstamp"})
"""Last word of the name of a column that holds a time of day."""

DAYS = frozenset({"date", "day", "dt", "ds", "month", "week", "year"})
"""Last word of the name of a column that is rightly equal to a day."""

NOW = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime)
NOW_FUNCTIONS = frozenset({"getdate", "sysdate", "now", "localtimestamp"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Conditions of a model with `is_incremental()` that equate a time to a moment or to the newest row loaded."""
    if "is_incremental" not in source.text or all(name != "is_incremental" for name, _ in _jinja.calls(source)):
        return
    own = source.path.rpartition("/")[2].partition(".")[0].lower()
    sql = source.sql
    since = {
        _sql.text(sql, each.expression) for each in _sql.walk(sql, exp.GTE, exp.GT) if _is_relative(each.expression)
    }
    for equality in _sql.walk(sql, exp.EQ):
        column, value = equality.this, equality.expression.unnest()
        if not isinstance(column, exp.Column) or equality.find_ancestor(exp.Where, exp.Join) is None:
            continue
        if _is_own_maximum(value, column.name, own):
            yield _hit(
                source, equality, "the newest value loaded so far, so that it takes in the same rows on every run"
            )
        elif _is_relative(value) and (
            _last_word(column) in MOMENTS or (_sql.text(sql, value) in since and _last_word(column) not in DAYS)
        ):
            yield _hit(source, equality, "one exact moment, which next to no row has, so that nothing newer matches")


def _hit(source: Source, equality: exp.EQ, what: str) -> Hit:
    sql = source.sql
    first, last = _sql.lines(sql, equality)
    line = source.lines[first - 1]
    return Hit(
        line=first,
        end_line=last,
        symbol=_sql.symbol(equality),
        evidence=_sql.text(sql, equality),
        explanation=f"This condition wants `{_sql.text(sql, equality.this)}` to be {what}.",
        remediation="Compare with `>=` (or `>`), so that the run takes everything since then.",
        suggestion=line.replace(" = ", " >= ") if first == last and " = " in line and line.count("=") == 1 else None,
    )


def _last_word(column: exp.Column) -> str:
    return column.name.lower().rpartition("_")[2]


def _is_relative(value: exp.Expr) -> bool:
    """Whether a value is computed from the present time alone: `date_trunc('day', now() - interval '1 week')`."""
    if isinstance(value, exp.Query) or value.find(exp.Query) is not None:
        return False
    return value.find(*NOW) is not None or any(
        call.name.lower() in NOW_FUNCTIONS for call in value.find_all(exp.Anonymous)
    )


def _is_own_maximum(value: exp.Expr, column: str, own: str) -> bool:
    """Whether a value is `(select max(column) from {{ this }})`, with nothing added to it."""
    query = value.this if isinstance(value, exp.Subquery) else value
    if not isinstance(query, exp.Select) or len(query.expressions) != 1:
        return False
    table = query.find(exp.Table)
    maximum = query.expressions[0].unalias()
    return (
        table is not None
        and table.name.lower() == own
        and isinstance(maximum, exp.Max)
        and isinstance(maximum.this, exp.Column)
        and maximum.this.name.lower() == column.lower()
        and query.args.get("where") is None
    )
