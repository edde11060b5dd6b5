"""A snapshot takes a new version of every row on every run.

### Why it matters
A snapshot closes a row's version when the column it watches has changed. A column that holds the time of the query
changes each time it is asked: every run closes and copies the whole table, the history is full of versions in which
nothing has changed, and the snapshot grows by the size of its source a day.

### Bad
```sql
{% snapshot customers_snapshot %}
{{ config(unique_key='id', strategy='check', check_cols='all') }}
select id, email, current_timestamp as loaded_at
from {{ source('shop', 'customers') }}
{% endsnapshot %}
```

### Good
```sql
{% snapshot customers_snapshot %}
{{ config(unique_key='id', strategy='check', check_cols='all') }}
select id, email
from {{ source('shop', 'customers') }}
{% endsnapshot %}
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
    code="DBT053",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_SNAPSHOT}),
    looks_around=False,
)

NOW = (exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime)
NOW_FUNCTIONS = frozenset({"getdate", "sysdate", "now", "localtimestamp", "systimestamp"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns of a snapshot that are the present time and that its strategy compares."""
    settings = {key: value for key, (value, _) in _jinja.config(source).items()}
    watched = settings.get("check_cols" if settings.get("strategy") == "check" else "updated_at")
    if settings.get("strategy") not in ("check", "timestamp") or watched is None:
        return
    names = {str(name).lower() for name in (watched if isinstance(watched, list) else [watched])}
    for statement in source.sql.statements:
        for column in statement.selects if isinstance(statement, exp.Query) else ():
            name = column.alias_or_name
            if _is_now(column.unalias()) and ("all" in names or name.lower() in names):
                first, last = _sql.lines(source.sql, column)
                yield Hit(
                    line=first,
                    end_line=last,
                    symbol=source.path.rpartition("/")[2].partition(".")[0],
                    evidence=_sql.text(source.sql, column),
                    explanation=(
                        f"`{name}` is the time of the query, and the snapshot compares it to see whether a row has "
                        "changed: each run finds that every row has."
                    ),
                    remediation=f"Leave `{name}` out, or watch columns that come from the source.",
                )


def _is_now(value: exp.Expr) -> bool:
    """Whether an expression is the present time, however cast."""
    while isinstance(value, exp.Cast | exp.Paren):
        value = value.this
    return isinstance(value, NOW) or (isinstance(value, exp.Anonymous) and value.name.lower() in NOW_FUNCTIONS)
