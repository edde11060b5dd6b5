"""A value of the row is summed once for each element of an unnested array.

### Why it matters
UNNEST, EXPLODE and FLATTEN repeat a row's own columns beside each of its elements. A sum or a count over such a column
then counts an order of five lines five times. Nothing fails, and the totals are too high by a factor that differs from
day to day.

Where WHERE picks out elements by their value, no more than one of each row may be left, and nothing is said.

### Bad
```sql
with order_lines as (
    select o.day, o.is_paid, line.product
    from `shop.orders` as o
    cross join unnest(o.lines) as line
)
select day, product, countif(is_paid) as paid_orders
from order_lines
group by day, product
```

### Good
```sql
with order_lines as (
    select o.day, o.order_id, o.is_paid, line.product
    from `shop.orders` as o
    cross join unnest(o.lines) as line
)
select day, product, count(distinct if(is_paid, order_id, null)) as paid_orders
from order_lines
group by day, product
```
"""

from collections.abc import Iterator
from itertools import islice

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Queries, Query
from review.rules.relations import Relation, Side, columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL021",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

COUNTS = (exp.Sum, exp.CountIf)
IDENTITIES = ("id", "key", "uuid", "pos", "position", "index", "offset", "rank", "sku")
"""Last words in the names of what is another in each element of one array."""
MAX_COUNTS = 50
"""Sums and counts of one query that are looked at."""
MAX_STEPS = 10
"""Queries through which a column is followed that only hand it on."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first SUM or COUNTIF of each query over a column of the row beside which an array was unnested."""
    queries = source.queries
    for query in queries:
        for node in islice(_counts(query), MAX_COUNTS):
            array = _repeats(queries, query, node)
            if array is not None and is_written(source.sql, node):
                name = next(columns(node)).name
                yield hit(
                    source.sql,
                    node,
                    f"`{name}` is a value of the whole row, which stands there once per element of `{array.alias}`: a "
                    "row is counted as often as it has elements.",
                    "Count distinct keys of the row, or aggregate before the array is unnested.",
                )
                break


def _counts(query: Query) -> Iterator[exp.Expr]:
    """The sums and counts in a query's projections, without those over a window and those of distinct values."""
    for projection in query.select.expressions:
        for node in projection.walk(bfs=False, prune=lambda inner: isinstance(inner, (exp.Query, exp.Window))):
            if isinstance(node, COUNTS) and not node.find(exp.Distinct, exp.Query) and any(columns(node)):
                yield node


def _repeats(queries: Queries, query: Query, node: exp.Expr) -> Relation | None:
    """The array beside whose elements all columns of an expression are repeated."""
    expressions = [node]
    keys = {column.name.lower() for key in query.group for column in columns(key)}
    for _ in range(MAX_STEPS):
        named = [column for each in expressions for column in columns(each)]
        array = _array(query)
        if array is not None:
            is_one_each = not keys.isdisjoint(_identities(query, array))
            is_own = bool(named) and all(_is_own(query, array, column) for column in named)
            return array if is_own and not is_one_each else None
        inner = _only_source(queries, query)
        if inner is None or not named:
            return None
        given = {output.name: output.expression for output in inner.outputs}
        expressions = [each for column in named if (each := given.get(column.name.lower())) is not None]
        if len(expressions) != len(named) or inner.groups or inner.distinct or inner.qualify:
            return None
        query = inner
    return None


def _identities(query: Query, array: Relation) -> set[str]:
    """Names of what tells an array's elements apart: grouped by it, each element is counted where it belongs."""
    found = {array.alias, *array.columns}
    for projection in query.select.expressions:
        for column in columns(projection):
            first, last = column.parts[0].name.lower(), column.name.lower().split("_")[-1]
            if first in (array.alias, *array.columns) and (last in IDENTITIES or len(column.parts) == 1):
                found |= {column.name.lower(), projection.alias_or_name.lower()}
    return found


def _only_source(queries: Queries, query: Query) -> Query | None:
    """The SELECT that alone feeds a query."""
    found = list(queries.branches(query.relations[0].body)) if len(query.relations) == 1 else []
    return found[0] if len(found) == 1 else None


def _array(query: Query) -> Relation | None:
    """The one array whose elements stand beside a query's rows, all of them, with nothing that picks some."""
    arrays = [each for each in query.relations if each.side is Side.LATERAL]
    if len(query.relations) != 2 or len(arrays) != 1 or not _is_array(arrays[0].node):
        return None
    (array,) = arrays
    names = {array.alias, *array.columns}
    for condition in query.where:
        if any(column.parts[0].name.lower() in names for column in columns(condition)):
            return None
    return array


def _is_array(node: exp.Expr) -> bool:
    """Whether it unnests a column, rather than a range of numbers or days that is made on the spot."""
    return isinstance(node, (exp.Unnest, exp.Lateral)) and not node.find(
        exp.Query, exp.GenerateSeries, exp.GenerateDateArray, exp.GenerateTimestampArray
    )


def _is_own(query: Query, array: Relation, column: exp.Column) -> bool:
    """Whether a column is the row's own: by its alias, or as the array's elements are always spoken of by theirs."""
    names = {array.alias, *array.columns}
    first = column.parts[0].name.lower()
    if len(column.parts) > 1:
        return first not in names and first in query.by_alias
    return first not in names and not query.qualifiers.isdisjoint(names)
