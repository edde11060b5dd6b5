"""GREATEST or LEAST is NULL as soon as one of its arguments is.

### Why it matters
BigQuery, Snowflake, Trino and MySQL give NULL for `GREATEST(3, NULL)`; PostgreSQL, Redshift and Spark skip the NULL and
give 3. Where an argument comes from an outer join, every row that has no match there loses the value that it does have.

### Bad
```sql
select
    o.order_id,
    greatest(o.updated_at, p.paid_at) as last_change
from `shop.orders` as o
left join `shop.payments` as p on p.order_id = o.order_id
```

### Good
```sql
select
    o.order_id,
    greatest(o.updated_at, coalesce(p.paid_at, o.updated_at)) as last_change
from `shop.orders` as o
left join `shop.payments` as p on p.order_id = o.order_id
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
from review.rules.relations import columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._nulls import becomes_null, never_true

rule = Rule(
    module=__name__,
    code="SQL011",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

NULL_WINS = frozenset({"bigquery", "snowflake", "trino", "presto", "athena", "mysql", "oracle"})
"""Dialects in which one NULL makes the whole NULL."""

GUARDS = (exp.Coalesce, exp.Case, exp.If, exp.Nvl2, exp.AggFunc)
"""What around it may give a value where it is NULL, or keep it from being asked for."""


MAX_CONDITIONS = 100
"""Conditions of WHERE that are looked at for one that leaves such rows out."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """GREATEST and LEAST with an argument that is NULL wherever an outer join of the query finds nothing."""
    sql = source.sql
    if sql.dialect not in NULL_WINS:
        return
    for node in _sql.walk(sql, exp.Greatest, exp.Least):
        query = source.queries.around(node)
        if query is None or _is_guarded(node) or not is_written(sql, node):
            continue
        operands = [node.this, *node.expressions]
        missing = [(each, alias) for each in operands if (alias := _missing(query, each))]
        if missing and len(operands) > 1:
            operand, alias = missing[0]
            function = "GREATEST" if isinstance(node, exp.Greatest) else "LEAST"
            yield hit(
                sql,
                node,
                f"`{_sql.text(sql, operand)}` is NULL wherever the outer join finds no `{alias}`, and {function} is "
                "then NULL as a whole: the other values of the row are lost.",
                "Wrap each argument that may be NULL in COALESCE, with the value that is to count then.",
            )


def _missing(query: Query, operand: exp.Expr) -> str:
    """The outer-joined relation without whose row the operand is NULL; empty where there is none."""
    found = (query.resolve(column) for column in columns(operand))
    for relation in {each[0].alias: each[0] for each in found if each is not None}.values():
        if not relation.null_extended:
            continue

        def is_null(column: exp.Column) -> bool:
            origin = query.resolve(column)
            return origin is not None and origin[0] is relation  # noqa: B023 - called within this turn only

        conditions = query.where[:MAX_CONDITIONS]
        if becomes_null(operand, is_null) and not any(never_true(each, is_null) for each in conditions):
            return relation.alias
    return ""


def _is_guarded(node: exp.Expr) -> bool:
    around = node.parent
    while around is not None and not isinstance(around, exp.Query):
        if isinstance(around, GUARDS):
            return True
        around = around.parent
    return False
