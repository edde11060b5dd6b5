"""NOT IN is never true when its subquery gives a NULL.

### Why it matters
`x NOT IN (1, NULL)` is not true for any x: it might be equal to the NULL. One NULL in the subquery's result, and the
query returns no row at all, without an error. This subquery's column is NULL wherever an outer join finds nothing, or
where an expression makes it so.

### Bad
```sql
select c.customer_id
from customers as c
where c.customer_id not in (
    select p.customer_id
    from orders as o
    left join payments as p on p.order_id = o.order_id
)
```

### Good
```sql
select c.customer_id
from customers as c
where not exists (
    select 1
    from orders as o
    left join payments as p on p.order_id = o.order_id
    where p.customer_id = c.customer_id
)
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
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._nulls import becomes_null, never_true

rule = Rule(
    module=__name__,
    code="SQL026",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """NOT IN over a query whose column an outer join or NULLIF may leave NULL, or a list with NULL in it."""
    sql = source.sql
    for node in _sql.walk(sql, exp.In):
        around = node.parent.parent if isinstance(node.parent, exp.Paren) else node.parent
        if not isinstance(around, exp.Not):
            continue
        if any(isinstance(each, exp.Null) for each in node.expressions):
            yield hit(
                sql,
                node,
                "The list holds NULL, so NOT IN is not true for any value and no row is returned.",
                "Take NULL out of the list, and ask IS NOT NULL apart.",
            )
            continue
        for query in source.queries.branches(node.args.get("query")):
            why = _nullable(query)
            if why and is_written(sql, query.select.expressions[0]):
                yield hit(
                    sql,
                    query.select.expressions[0],
                    f"{why}; with a single NULL among its results NOT IN is not true for any value, and no row is "
                    "returned.",
                    "Use NOT EXISTS, or leave NULL out in the subquery's WHERE.",
                )


def _nullable(query: Query) -> str:
    """Why the subquery's column may be NULL; empty where nothing says so."""
    output = query.outputs[0] if len(query.outputs) == 1 else None
    if output is None or output.expression is None:
        return ""
    expression = output.expression
    if isinstance(expression, exp.Nullif) and not query.where:
        return "NULLIF makes NULL of some values"
    for relation in query.relations:

        def is_null(column: exp.Column) -> bool:
            found = query.resolve(column)
            return found is not None and found[0] is relation  # noqa: B023 - called within this turn only

        is_missing = relation.null_extended and becomes_null(expression, is_null)
        if is_missing and not any(never_true(each, is_null) for each in query.where):
            return f"This is NULL wherever the outer join finds no `{relation.alias}`"
    return ""
