"""After a FULL JOIN a key column is taken from one side only.

### Why it matters
A FULL JOIN keeps the rows that only one side has. In those of the other side, this side's key is NULL: the row is there,
but nobody can tell whose it is, and a filter or a join on the key loses it. `COALESCE` of both sides gives every row
its key.

### Bad
```sql
select
    w.customer_id,
    coalesce(w.visits, 0) + coalesce(s.visits, 0) as visits
from web_visits as w
full join shop_visits as s on s.customer_id = w.customer_id
```

### Good
```sql
select
    coalesce(w.customer_id, s.customer_id) as customer_id,
    coalesce(w.visits, 0) + coalesce(s.visits, 0) as visits
from web_visits as w
full join shop_visits as s on s.customer_id = w.customer_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.relations import Side, columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL020",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Keys of a FULL JOIN that are selected from one side, and nowhere in the query from the other."""
    sql = source.sql
    for query in source.queries:
        if any(join.side is Side.FULL for _, join in query.joins):
            for key, other in _lonely(query):
                if is_written(sql, key):
                    yield hit(
                        sql,
                        key,
                        f"In the rows that only the other side of the FULL JOIN has, `{key.table}.{key.name}` is NULL; "
                        f"their key is in `{other}`, which is not selected.",
                        f"Select COALESCE({key.table}.{key.name}, {other}) AS {key.name}.",
                    )
                    break


def _lonely(query: Query) -> Iterator[tuple[exp.Column, str]]:
    """Selected key columns, each with the other side's column, which no projection names."""
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for _, join in query.joins:
        if join.side is Side.FULL:
            for condition in join.on:
                sides = [condition.left, condition.right] if isinstance(condition, exp.EQ) else []
                found = [query.resolve(each) for each in sides if isinstance(each, exp.Column)]
                if len(found) == 2 and found[0] and found[1]:
                    one, two = ((each[0].alias, each[1]) for each in found if each)
                    pairs[one], pairs[two] = two, one
    if any(isinstance(each, exp.Star) or isinstance(each.this, exp.Star) for each in query.select.expressions):
        return
    named = set()
    for projection in query.select.expressions:
        for column in columns(projection):
            origin = query.resolve(column)
            if origin is not None:
                named.add((origin[0].alias, origin[1]))
    for projection in query.select.expressions:
        column = projection.unalias()
        origin = query.resolve(column) if isinstance(column, exp.Column) and column.table else None
        if origin is None:
            continue
        other = pairs.get((origin[0].alias, origin[1]))
        if other is not None and other not in named:
            yield column, ".".join(other)
