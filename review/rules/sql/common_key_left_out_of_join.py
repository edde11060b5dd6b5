"""A join leaves out a key that both sides have and that nothing else uses.

### Why it matters
A CTE carries a column that the query it is joined into has as well, and that nobody uses: not the join, not a later
query. Such a column is there because the rows of the CTE are unique only together with it. Joined without it, a row
matches those of all other values of it too, and comes back several times.

### Bad
```sql
with prices as (
    select region, product_id, price from price_list
),
sales as (
    select region, product_id, sum(quantity) as quantity from orders group by region, product_id
)
select sales.region, sales.product_id, sales.quantity * prices.price as revenue
from sales
left join prices on sales.product_id = prices.product_id
```

### Good
```sql
with prices as (
    select region, product_id, price from price_list
),
sales as (
    select region, product_id, sum(quantity) as quantity from orders group by region, product_id
)
select sales.region, sales.product_id, sales.quantity * prices.price as revenue
from sales
left join prices on sales.product_id = prices.product_id and sales.region = prices.region
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Queries, Query
from review.rules.relations import Join, Relation, Side
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._rows import unique_by

rule = Rule(
    module=__name__,
    code="SQL027",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

KEY_ENDINGS = (
    "id",
    "key",
    "pk",
    "fk",
    "sk",
    "uuid",
    "guid",
    "code",
    "date",
    "day",
    "hour",
    "platform",
    "tenant",
    "region",
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Joins of a CTE on fewer columns than it has in common with the other side, the rest of which is not used."""
    queries = source.queries
    read: dict[int, int] = {}
    for query in queries:
        for relation in query.relations:
            read[id(relation.body)] = read.get(id(relation.body), 0) + 1
    for query in queries:
        if query.distinct or query.groups or query.qualify:
            continue
        for relation, join in query.joins:
            if relation.body is not None and read[id(relation.body)] == 1 and join.side in (Side.LEFT, Side.INNER):
                yield from _left_out(source, queries, query, relation, join)


def _left_out(source: Source, queries: Queries, query: Query, relation: Relation, join: Join) -> Iterator[Hit]:
    names = queries.names(relation)
    pairs = [_pair(query, relation, each) for each in join.on]
    if names is None or not pairs or None in pairs or join.using or join.natural:
        return
    joined = {pair[0] for pair in pairs if pair}
    others = {pair[1].alias: pair[1] for pair in pairs if pair}
    compared = {pair[2] for pair in pairs if pair}
    if len(others) != 1 or unique_by(queries, relation.body, joined):
        return
    (other,) = others.values()
    used = _used(query, relation)
    there = {*(queries.names(other) or ()), *query.spoken.get(other.alias, ())}
    if used is None:
        return
    for name in names:
        if name in joined | compared | used or name not in there or name.split("_")[-1] not in KEY_ENDINGS:
            continue
        condition = join.on[-1]
        if is_written(source.sql, condition):
            yield hit(
                source.sql,
                condition,
                f"`{relation.alias}` carries `{name}` too, as `{other.alias}` does, and nothing uses it there: joined "
                f"without it, a row matches those of every other `{name}` and comes back several times.",
                f"Add `AND {other.alias}.{name} = {relation.alias}.{name}` to the join, or take the column out of "
                f"`{relation.alias}` if its rows are unique without it.",
            )
            return


def _pair(query: Query, relation: Relation, condition: exp.Expr) -> tuple[str, Relation, str] | None:
    """The relation's column in an equality with another relation's, that relation and its column."""
    if not isinstance(condition, exp.EQ):
        return None
    sides = [query.resolve(each) for each in (condition.left, condition.right) if isinstance(each, exp.Column)]
    mine = [each for each in sides if each is not None and each[0] is relation]
    theirs = [each for each in sides if each is not None and each[0] is not relation]
    return (mine[0][1], *theirs[0]) if len(mine) == len(theirs) == 1 else None


def _used(query: Query, relation: Relation) -> set[str] | None:
    """The columns of a relation that the query may speak of; None where a star takes them all."""
    for node in query.select.expressions:
        star = node.this if isinstance(node, exp.Column) else node
        if isinstance(star, exp.Star) and (node is star or node.table.lower() == relation.alias):
            return None
    return {*query.spoken.get(relation.alias, ()), *query.spoken.get("", ())}
