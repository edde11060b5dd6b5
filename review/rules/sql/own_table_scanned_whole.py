"""An incremental model compares new rows with every row it ever wrote.

### Why it matters
`not exists (select … from {{ this }})` keeps a row from being loaded twice, and without a bound on time it reads the
whole table to do so, on every run, while the rows it is held against are those of a few days. The model gets slower
with each day it works: what incremental loading was to avoid.

### Bad
```sql
{{ config(materialized='incremental') }}
select order_id, ordered_at
from {{ ref('stg_orders') }} as new
{% if is_incremental() %}
where new.ordered_at >= current_date - 3
    and not exists (
        select 1 from {{ this }} as old
        where old.order_id = new.order_id
    )
{% endif %}
```

### Good
```sql
{{ config(materialized='incremental') }}
select order_id, ordered_at
from {{ ref('stg_orders') }} as new
{% if is_incremental() %}
where new.ordered_at >= current_date - 3
    and not exists (
        select 1 from {{ this }} as old
        where old.order_id = new.order_id
            and old.ordered_at >= current_date - 3
    )
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
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL058",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
)

COMPARISONS = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
TIMES = frozenset({"time", "date", "day", "at", "timestamp", "ts", "dt", "ds", "hour", "month"})
"""Last word in the name of a column that tells when."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """NOT EXISTS or NOT IN over the model's own table without a condition on a time, where there is one at hand."""
    if "this" not in _jinja.names(source) or "not" not in source.text.lower():
        return
    settings = _jinja.config(source)
    if settings.get("materialized", (None, 0))[0] != "incremental":
        return
    own = source.path.rpartition("/")[2].partition(".")[0].lower()
    sql = source.sql
    for negation in _sql.walk(sql, exp.Not):
        query = _query(negation)
        table = _table(query) if query is not None else None
        if query is None or table is None or table.name.lower() != own or _tells_time(query.args.get("where")):
            continue
        if "partition_by" in settings or (_is_bounded(negation) and _keeps_time(negation)):
            yield _hit(sql, negation, table)


def _query(negation: exp.Not) -> exp.Select | None:
    """The query of NOT EXISTS or NOT IN."""
    asked = negation.this.unnest()
    found = (
        asked.this if isinstance(asked, exp.Exists) else asked.args.get("query") if isinstance(asked, exp.In) else None
    )
    found = found.unnest() if found is not None else None
    return found if isinstance(found, exp.Select) else None


def _table(query: exp.Select) -> exp.Table | None:
    source = query.args.get("from_")
    return source.this if source is not None and isinstance(source.this, exp.Table) else None


def _tells_time(where: exp.Expr | None) -> bool:
    """Whether a condition names a time, or holds something a template prints."""
    columns = where.find_all(exp.Column) if where is not None else ()
    return any(_is_time(column.name) for column in columns)


def _is_time(name: str) -> bool:
    return name.lower().split("_")[-1] in TIMES or "incremental" in name.lower()


def _is_bounded(negation: exp.Not) -> bool:
    """Whether the model bounds what it reads by a time anywhere."""
    return any(
        _is_time(column.name)
        for comparison in negation.root().find_all(*COMPARISONS)
        for column in comparison.find_all(exp.Column)
    )


def _keeps_time(negation: exp.Not) -> bool:
    """Whether the rows that are added hold a time at all, by which the table could be bounded."""
    select = negation.find_ancestor(exp.Select)
    given = select.expressions if select is not None else []
    return any(isinstance(each, exp.Star) or each.is_star or _is_time(each.alias_or_name) for each in given)


def _hit(sql: ParsedSql, negation: exp.Not, table: exp.Table) -> Hit:
    line, end_line = _sql.lines(sql, negation)
    return Hit(
        line=line,
        end_line=end_line,
        symbol=_sql.symbol(negation),
        evidence=_sql.text(sql, negation),
        explanation=(
            f"Every run reads all of `{table.name}`, this model's own table, to see which rows it has: nothing bounds "
            "it to the period the new rows are from, so a run costs more with each day the model is in use."
        ),
        remediation="Add the condition on time, or on the partition column, that the new rows are taken by.",
    )
