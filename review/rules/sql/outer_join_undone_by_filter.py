"""A WHERE condition undoes an outer join.

### Why it matters
A LEFT JOIN keeps the rows that have no match and puts NULL in the other table's columns. A condition on such a column
in WHERE is never true for NULL, so it throws exactly those rows away again: the query is an inner join, and rows are
missing from the result without any error. Either the rows were to be kept, and the condition belongs into ON, or they
were not, and the join misleads everyone who reads it.

`is not null` and `= 'a value'` are not spoken of: whoever writes them wants such rows only. What is forgotten is that
NULL does not meet `<> 'a value'`, a range, or the filter by date that the other table has too. Nor is a table spoken of
whose rows another condition of WHERE asks for, or those of the table that it is joined to.

### Bad
```sql
select o.order_id, p.amount
from orders as o
left join payments as p on p.order_id = o.order_id
where p.status <> 'failed'
```

### Good
```sql
select o.order_id, p.amount
from orders as o
left join payments as p on p.order_id = o.order_id and p.status <> 'failed'
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
from review.rules.relations import Relation, Side, columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._nulls import asks_not_null, asks_null, never_true
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL010",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

BOUNDS = (exp.GT, exp.GTE, exp.LT, exp.LTE)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """In each query the first condition of WHERE that is never true where a LEFT or FULL JOIN has found nothing."""
    for query in source.queries:
        if not any(asks_null(condition) for condition in query.where):
            meant = _with_what_hangs_on(query, {alias for each in query.where for alias in _picked(query, each)})
            undone = (_undone(source.sql, query, each, meant) for each in query.where)
            found = next(filter(None, undone), None)
            if found is not None:
                yield found


def _picked(query: Query, condition: exp.Expr) -> dict[str, Relation]:
    """The relations whose rows a condition asks for; a bound does of a column that no other relation is bound by."""
    aliases = _aliases(query, condition)
    return aliases if _picks(condition) or (aliases and _is_own_bound(query, condition, set(aliases))) else {}


def _is_own_bound(query: Query, condition: exp.Expr, aliases: set[str]) -> bool:
    """Whether it is `x > 2` or the like, and no condition on another relation has that column or that bound."""
    if not isinstance(condition, BOUNDS):
        return False
    names = {column.name.lower() for column in columns(condition)}
    for other in query.where:
        theirs = list(columns(other))
        if other is condition or not theirs or aliases & set(_aliases(query, other)):
            continue
        same_bound = isinstance(other, (*BOUNDS, exp.EQ)) and condition.right == other.right
        if same_bound or not names.isdisjoint(column.name.lower() for column in theirs):
            return False
    return True


def _with_what_hangs_on(query: Query, aliases: set[str]) -> set[str]:
    """These relations, and those that are joined to one of them which an outer join brings in as well."""
    found = set(aliases)
    for relation, join in query.joins:
        owners = {alias for condition in join.on for alias in _aliases(query, condition)} - {relation.alias}
        if any(owner in found and _is_outer(query.by_alias[owner]) for owner in owners):
            found.add(relation.alias)
    return found


def _picks(condition: exp.Expr) -> bool:
    """Whether a condition says outright which rows of a table are wanted: IS NOT NULL, `= 'a value'`, a flag."""
    if isinstance(condition, exp.Between) and isinstance(condition.this, exp.Column):
        low = condition.args["low"]
        return isinstance(low, exp.Literal) and not low.is_string
    if isinstance(condition, (exp.EQ, exp.Like, exp.ILike)) and not condition.args.get("negate"):
        return isinstance(condition.left, exp.Column) and isinstance(condition.right, (exp.Literal, exp.Boolean))
    return asks_not_null(condition) is not None or isinstance(condition, (exp.Column, exp.In, exp.Is, exp.Or))


def _aliases(query: Query, condition: exp.Expr) -> dict[str, Relation]:
    """The relations that a condition speaks of."""
    found = (query.resolve(column) for column in columns(condition))
    return {each[0].alias: each[0] for each in found if each is not None}


def _is_outer(relation: Relation) -> bool:
    """Whether a table is brought in by an outer join; elements of an array are often split up to pick one of them."""
    return relation.side in (Side.LEFT, Side.FULL) and not isinstance(relation.node, (exp.Unnest, exp.Lateral))


def _undone(sql: ParsedSql, query: Query, condition: exp.Expr, meant: set[str]) -> Hit | None:
    """The hit where a condition undoes an outer join of a relation whose rows are not asked for by IS NOT NULL."""
    for alias, relation in _aliases(query, condition).items():
        if alias in meant or not _is_outer(relation):
            continue

        def is_null(column: exp.Column) -> bool:
            found = query.resolve(column)
            return found is not None and found[0] is relation  # noqa: B023 - called within this turn only

        if never_true(condition, is_null) and is_written(sql, condition):
            return hit(
                sql,
                condition,
                f"`{alias}` is brought in by a {relation.side.value.upper()} JOIN, and this condition is never true "
                "where it has no matching row, so those rows are dropped as by an inner join.",
                f"Move the condition into the ON of the join if rows without a match in `{alias}` are to stay; write "
                "INNER JOIN if they are not.",
                f"{alias}: {_sql.text(sql, condition)}",
            )
    return None
