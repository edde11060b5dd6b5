"""A join's condition does not tie the new table to the others.

### Why it matters
`JOIN payments AS p ON c.customer_id = o.customer_id` compares two tables that were joined before: the line was copied
from the join above it, and one alias was not changed. Every row is joined with every row of `payments`, so the result
is as many times larger. `JOIN payments AS p ON p.payment_id = p.order_id`, which compares the new table with itself,
does the same.

A condition that compares with a constant (`ON o.is_trial = TRUE`) is not spoken of: that is how a lookup of one row is
joined to some rows only.

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
from review.rules.queries import Query
from review.rules.relations import Relation, Side, columns
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
    """Joins by equalities of columns of other tables only, or of the joined table only, that nothing else links."""
    queries = source.queries
    for query in queries:
        copied = [relation for relation, join in query.joins if join.side in JOINING and _is_of_others(query, relation)]
        linked = _linked(query) if copied else None
        for relation in copied:
            join = relation.join
            if join is None or linked is None or relation.alias in linked or is_one_row(queries, relation.body):
                continue
            if is_written(source.sql, join.on[0]):
                yield hit(
                    source.sql,
                    join.on[0],
                    f"This condition compares other tables only, so each row is joined with every row of "
                    f"`{relation.alias}`.",
                    f"Compare a column of `{relation.alias}` with one of another table; the line was probably copied "
                    "from another join.",
                )
        yield from _alone(source, query)


def _alone(source: Source, query: Query) -> Iterator[Hit]:
    """Joins by an equality of two columns of the joined table, which nothing else links with another one."""
    for relation, join in query.joins:
        own = _within_itself(query, relation) if join.side in JOINING else None
        if own is None or not is_written(source.sql, own) or not _stands_apart(query, relation):
            continue
        if not is_one_row(source.queries, relation.body):
            yield hit(
                source.sql,
                own,
                f"This condition compares two columns of `{relation.alias}` with each other, so each row is joined "
                f"with every row of `{relation.alias}` in which the two are equal.",
                "Compare one of the two with a column of another table.",
            )


def _within_itself(query: Query, relation: Relation) -> exp.Expr | None:
    """The equality of two columns of a relation by which it is joined, where ON speaks of that relation alone."""
    conditions = relation.join.on if relation.join is not None else ()
    if any(each.find(exp.Query) for each in conditions):
        return None
    for condition in conditions:
        named = list(columns(condition))
        if any(not column.table or (query.resolve(column) or (None,))[0] is not relation for column in named):
            return None
    return next((each for each in conditions if _compares_two_columns(each)), None)


def _compares_two_columns(condition: exp.Expr) -> bool:
    """Whether it is an equality of two columns; of one and the same, SQL001 speaks."""
    if not isinstance(condition, exp.EQ):
        return False
    left, right = condition.left, condition.right
    return isinstance(left, exp.Column) and isinstance(right, exp.Column) and left.name.lower() != right.name.lower()


def _stands_apart(query: Query, relation: Relation) -> bool:
    """Whether certainly no condition of the query speaks of the relation and of another one."""
    for condition in (*query.where, *(each for _, join in query.joins for each in join.on)):
        found = [query.resolve(column) for column in columns(condition)]
        of_it = [each is not None and each[0] is relation for each in found]
        if None in found or condition.find(exp.Query) or (any(of_it) and not all(of_it)):
            return False
    return True


def _is_of_others(query: Query, relation: Relation) -> bool:
    """Whether a relation is joined by an equality of two columns, and all in ON are certainly of other relations."""
    conditions = relation.join.on if relation.join is not None else ()
    if not any(_is_of_two_columns(each) for each in conditions) or any(each.find(exp.Query) for each in conditions):
        return False
    if any(isinstance(each, exp.EQ) and each.left == each.right for each in conditions):
        return False  # SQL001 says it
    named = [column for condition in conditions for column in columns(condition)]
    found = [query.resolve(column) if column.table else None for column in named]
    return bool(found) and all(each is not None and each[0] is not relation for each in found)


def _is_of_two_columns(condition: exp.Expr) -> bool:
    """Whether it is an equality with a column on both sides, with or without functions around them."""
    return isinstance(condition, exp.EQ) and all(any(columns(side)) for side in (condition.left, condition.right))


def _linked(query: Query) -> set[str] | None:
    """The relations that any condition of the query speaks of; None where that is not certain of all its columns."""
    conditions = [*query.where, *(each for _, join in query.joins for each in join.on)]
    found = [query.resolve(column) for condition in conditions for column in columns(condition)]
    known = {each[0].alias for each in found if each is not None}
    return known if None not in found and not any(each.find(exp.Query) for each in query.where) else None
