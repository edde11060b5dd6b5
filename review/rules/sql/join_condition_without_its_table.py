"""A join's condition does not mention the table that it joins.

### Why it matters
`JOIN c ON b.id = a.b_id` compares the tables that were there before, once more: it was copied from the join above it,
and the alias was not changed. The new table is joined with all its rows, so the result is as many times as large as
that table has rows.

### Bad
```sql
select o.order_id, c.name, p.amount
from orders as o
join customers as c on c.customer_id = o.customer_id
join payments as p on c.customer_id = o.customer_id
```

### Good
```sql
select o.order_id, c.name, p.amount
from orders as o
join customers as c on c.customer_id = o.customer_id
join payments as p on p.order_id = o.order_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Queries, Query
from review.rules.relations import Join, Relation, Side, columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._rows import is_one_row

rule = Rule(
    module=__name__,
    code="SQL028",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

JOINING = (Side.INNER, Side.LEFT, Side.RIGHT, Side.FULL)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Joins by equalities of other tables' columns, where neither ON nor WHERE speaks of the joined table."""
    queries = source.queries
    for query in queries:
        for relation, join in query.joins:
            if join.side in JOINING and join.on and _is_left_out(queries, query, relation, join):
                condition = join.on[0]
                if is_written(source.sql, condition):
                    yield hit(
                        source.sql,
                        condition,
                        f"`{relation.alias}` is joined here, and this condition speaks of other tables only: each row "
                        f"is joined with all rows of `{relation.alias}`.",
                        f"Compare a column of `{relation.alias}`; most likely one alias was copied from another join.",
                    )


def _is_left_out(queries: Queries, query: Query, relation: Relation, join: Join) -> bool:
    named = [column for condition in join.on for column in columns(condition)]
    if not named or any(condition.find(exp.Query) for condition in join.on) or is_one_row(queries, relation.body):
        return False
    if not any(isinstance(condition, exp.EQ) for condition in join.on):
        return False
    for column in named:
        found = query.resolve(column) if column.table else None
        if found is None or found[0] is relation:
            return False
    return not any(
        (found := query.resolve(column)) is None or found[0] is relation
        for condition in query.where
        for column in columns(condition)
    ) and not any(
        (found := query.resolve(column)) is not None and found[0] is relation
        for _, other in query.joins
        for condition in other.on
        for column in columns(condition)
    )
