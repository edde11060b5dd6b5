"""After a FULL JOIN a key column is taken from one side only.

### Why it matters
A FULL JOIN keeps the rows that only one side has. In those of the other side, this side's key is NULL: the row is
there, but nobody can tell whose it is, and a filter or a join on the key loses it. `COALESCE` of both sides gives every
row its key.

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
from review.rules import _tests
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.relations import Side, columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._nulls import asks_not_null, asks_null

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
    """The first key of a FULL JOIN that is selected from one side, and nowhere in the query from the other."""
    if _tests.is_test(source.path, source.kind):
        return
    sql = source.sql
    for query in source.queries:
        if len(query.relations) != 2 or query.relations[1].side is not Side.FULL or _picks_one_side(query):
            continue
        for key, other in _lonely(query):
            if is_written(sql, key):
                name = f"{key.table}.{key.name}"
                kept = " and WHERE leaves them out" if _is_required(query, key) else f": their key is in `{other}`"
                yield hit(
                    sql,
                    key,
                    f"In the rows that only the other side of the FULL JOIN has, `{name}` is NULL{kept}. So they are "
                    "lost, or are nobody's.",
                    f"Select COALESCE({name}, {other}) AS {key.name}, and ask nothing of `{name}` in WHERE.",
                )
                break


def _picks_one_side(query: Query) -> bool:
    """Whether WHERE asks for the rows that one side has alone, as an anti-join does."""
    return any(asks_null(condition) is not None for condition in query.where)


def _is_required(query: Query, key: exp.Column) -> bool:
    asked = [asks_not_null(condition) for condition in query.where]
    return any(isinstance(each, exp.Column) and each.table == key.table and each.name == key.name for each in asked)


def _lonely(query: Query) -> Iterator[tuple[exp.Column, str]]:
    """Selected key columns, each with the other side's column, which no projection names."""
    if any(isinstance(each, exp.Star) or isinstance(each.this, exp.Star) for each in query.select.expressions):
        return
    pairs = _pairs(query)
    origins = (query.resolve(column) for each in query.select.expressions for column in columns(each))
    named = {(origin[0].alias, origin[1]) for origin in origins if origin is not None}
    for projection in query.select.expressions:
        column = projection.unalias()
        origin = query.resolve(column) if isinstance(column, exp.Column) and column.table else None
        other = pairs.get((origin[0].alias, origin[1])) if origin is not None else None
        if other is not None and other not in named:
            yield column, ".".join(other)


def _pairs(query: Query) -> dict[tuple[str, str], tuple[str, str]]:
    """The columns that FULL JOINs hold equal, each with its other."""
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for _, join in query.joins:
        for condition in join.on if join.side is Side.FULL else ():
            sides = (condition.left, condition.right) if isinstance(condition, exp.EQ) else ()
            found = [query.resolve(each) for each in sides if isinstance(each, exp.Column)]
            keys = [(each[0].alias, each[1]) for each in found if each is not None]
            if len(keys) == 2:
                pairs[keys[0]], pairs[keys[1]] = keys[1], keys[0]
    return pairs
