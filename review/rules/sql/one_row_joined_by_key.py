"""A subquery that keeps one row of all is joined by a key.

### Why it matters
`LIMIT 1` in a joined subquery is taken once, before the join, not once for each row that is joined. So the one row it
keeps finds its partner, and every other row of the left table is left with NULL. It is meant to bring the latest or the
best row of each key, and a test with one key passes.

### Bad
```sql
select c.customer_id, last_order.ordered_at
from customers as c
left join (
    select customer_id, ordered_at
    from orders
    order by ordered_at desc
    limit 1
) as last_order on last_order.customer_id = c.customer_id
```

### Good
```sql
select c.customer_id, last_order.ordered_at
from customers as c
left join (
    select customer_id, ordered_at,
        row_number() over (partition by customer_id order by ordered_at desc) as position
    from orders
) as last_order on last_order.customer_id = c.customer_id and last_order.position = 1
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.relations import Join, Relation, Side
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._rows import aggregates

rule = Rule(
    module=__name__,
    code="SQL061",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """LEFT JOINs of a query with LIMIT 1 by its key, where other columns of it are read as well."""
    sql = source.sql
    for query in source.queries:
        for relation, join in query.joins:
            limit = _limit(relation) if join.side is Side.LEFT else None
            inner = next(source.queries.branches(relation.body), None) if limit is not None else None
            if limit is None or inner is None or aggregates(inner) or _is_pinned(inner):
                continue
            keys = _keys(query, relation, join)
            read = query.spoken.get(relation.alias, frozenset()) - keys
            if keys and read and is_written(sql, limit):
                key = sorted(keys)[0]
                yield hit(
                    sql,
                    limit,
                    f"LIMIT 1 is taken once, over all of `{relation.alias}`: only rows with the `{key}` of that one "
                    f"row find a partner, and all others get NULL for `{sorted(read)[0]}`.",
                    f"Number the rows of each `{key}` (`row_number() over (partition by {key} order by …)`) and join "
                    "those with number 1.",
                    f"{relation.alias}: limit 1",
                )


def _limit(relation: Relation) -> exp.Limit | None:
    """The LIMIT 1, TOP 1 or FETCH FIRST of a joined query; None of one that may speak of the row it is joined to."""
    body = relation.body
    while isinstance(body, exp.Subquery):
        body = body.this
    limit = body.args.get("limit") if isinstance(body, exp.Select) else None
    is_one = isinstance(limit, exp.Limit) and limit.expression is not None and limit.expression.name == "1"
    return limit if is_one and isinstance(relation.node, (exp.Subquery, exp.Table)) else None


def _is_pinned(inner: Query) -> bool:
    """Whether WHERE or QUALIFY asks for one value already, so that the one row may be the only one."""
    return any(isinstance(each, exp.EQ) for each in (*inner.where, *inner.qualify))


def _keys(query: Query, relation: Relation, join: Join) -> frozenset[str]:
    """The columns of the joined query that are held against another relation's."""
    keys = set(join.using)
    for each in join.on:
        sides = (each.left.unnest(), each.right.unnest()) if isinstance(each, exp.EQ) else ()
        found = [query.resolve(side) if isinstance(side, exp.Column) else None for side in sides]
        mine = [one[1] for one in found if one is not None and one[0] is relation]
        if len(mine) == 1 and None not in found:
            keys.update(mine)
    return frozenset(keys)
