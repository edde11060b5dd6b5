"""UNION removes duplicates where there can be none.

### Why it matters
`UNION` sorts or hashes the whole result over all columns to find equal rows, on a cluster with a shuffle of all data.
Where every row of one input differs from every row of the other, as by a literal that tells them apart, there is
nothing to find, and it may well be the most expensive step of the query. `UNION ALL` hands the rows on as they are.

Spoken of only where the queries are wide, since on a few columns `UNION` may be there to make each input distinct.

### Bad
```sql
select 'web' as channel, order_id, customer_id, amount, ordered_at from web_orders
union
select 'shop' as channel, order_id, customer_id, amount, ordered_at from shop_orders
```

### Good
```sql
select 'web' as channel, order_id, customer_id, amount, ordered_at from web_orders
union all
select 'shop' as channel, order_id, customer_id, amount, ordered_at from shop_orders
```
"""

from collections.abc import Iterator
from itertools import islice

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries
from review.rules.source import Source
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL044",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

MANY_COLUMNS = 5
"""From so many columns on a query lists rows and not the distinct values of a key."""
MANY_WORDS = 3
"""From so many words on two names that differ in one are of one family, and not a table and its old version."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first UNION of a chain whose wide inputs differ in a literal, or are queries of two tables of one family."""
    if "union" not in source.text.lower():
        return
    sql = source.sql
    told: set[int] = set()
    for top in _sql.walk(sql, exp.Union):
        chain = [] if id(top) in told else list(_chain(top))
        told.update(map(id, chain))
        hits = (hit for union in reversed(chain) if (hit := _hit(source, union)) is not None)
        yield from islice(hits, 1)


def _chain(union: exp.Expr) -> Iterator[exp.Union]:
    """A UNION and those to its left, from the last to the first."""
    while isinstance(union, exp.Union):
        yield union
        union = union.this


def _last(query: exp.Expr) -> exp.Expr:
    """The query right before the UNION: what stands to its left may be a union itself."""
    query = query.unnest()
    while isinstance(query, exp.Union):
        query = query.expression.unnest()
    return query


def _apart(above: exp.Select, below: exp.Select) -> str:
    """What tells the rows of two queries apart: a literal of each at the same place in their lists."""
    if above.find(exp.Star) or below.find(exp.Star) or len(above.expressions) != len(below.expressions):
        return ""
    for one, other in zip(above.expressions, below.expressions, strict=True):
        left, right = one.unalias(), other.unalias()
        both = isinstance(left, exp.Literal) and isinstance(right, exp.Literal)
        if both and left.is_string == right.is_string and left.name != right.name:
            name = one.alias_or_name or "a column"
            return f"`{name}` is `{left.sql()}` in one and `{right.sql()}` in the other"
    return ""


def _siblings(queries: Queries, above: exp.Select, below: exp.Select) -> str:
    """Which two tables of one family two wide, otherwise plain queries list: `orders_us_web` and `orders_de_web`.

    No CTEs: what their names say is how their rows were found, which may be the same ones.
    """
    one, other = _only_table(above), _only_table(below)
    if one is None or other is None or queries.cte(one) is not None or queries.cte(other) is not None:
        return ""
    left, right = one.name.lower().split("_"), other.name.lower().split("_")
    if len(left) < MANY_WORDS or len(left) != len(right):
        return ""
    differing = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    words = differing[0] if len(differing) == 1 else ("", "")
    apart = all(word.isalpha() and len(word) > 1 for word in words)
    return f"`{one.name}` and `{other.name}` are the same table of `{words[0]}` and of `{words[1]}`" if apart else ""


def _only_table(select: exp.Select) -> exp.Table | None:
    """The table of a query without joins, groups and DISTINCT; None of any other."""
    if any(select.args.get(name) for name in ("joins", "group", "distinct", "laterals", "where")):
        return None
    source = select.args.get("from_")
    return source.this if source is not None and isinstance(source.this, exp.Table) else None


def _is_wide(select: exp.Select) -> bool:
    return len(select.expressions) >= MANY_COLUMNS or any(isinstance(item, exp.Star) for item in select.expressions)


def _hit(source: Source, union: exp.Union) -> Hit | None:
    sql = source.sql
    above, below = _last(union.this), union.expression.unnest()
    if not union.args.get("distinct") or union.args.get("by_name"):
        return None
    if not (isinstance(above, exp.Select) and isinstance(below, exp.Select) and _is_wide(above) and _is_wide(below)):
        return None
    reason = _apart(above, below) or _siblings(source.queries, above, below)
    line = _line(sql, union, below)
    if (
        not reason
        or not all(map(sql.is_literal, below.expressions))
        or "distinct" in sql.rendering.source.split("\n")[line - 1].lower()
    ):
        return None
    return Hit(
        line=line,
        symbol=_sql.symbol(union),
        evidence=reason,
        explanation=(
            f"{reason[0].upper()}{reason[1:]}, so no row of one input equals a row of the other, and yet UNION "
            "compares all rows in all columns to remove duplicates."
        ),
        remediation="Write UNION ALL; where one input holds duplicates that must go, say so with DISTINCT there.",
    )


def _line(sql: ParsedSql, union: exp.Union, below: exp.Select) -> int:
    """The line of the word UNION: the last one before the query below it, since no node keeps its place."""
    first, _ = _sql.lines(sql, below)
    _, last = _sql.lines(sql, _last(union.this))
    written = sql.rendering.source.split("\n")
    lines = (number for number in range(first, last - 1, -1) if "union" in written[number - 1].lower())
    return next(lines, first)
