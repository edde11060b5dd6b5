"""Two conditions exclude each other, so that no row meets both.

### Why it matters
`a.id = b.id AND b.id IS NULL` in the condition of a join is met by no row: the join that was to exclude known rows
excludes none. `status = 'open' AND status = 'closed'`, or a BETWEEN whose bounds are swapped, gives an empty result. It
all runs without an error.

### Bad
```sql
select n.*
from new_orders as n
left join known_orders as k on n.order_id = k.order_id and k.order_id is null
```

### Good
```sql
select n.*
from new_orders as n
left join known_orders as k on n.order_id = k.order_id
where k.order_id is null
```
"""

from collections.abc import Iterator
from decimal import Decimal

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries
from review.rules.relations import columns, conjuncts
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._nulls import asks_null, never_true
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL014",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

MAX_CONDITIONS = 200
"""Conditions of one AND that are held against each other."""

Value = str | Decimal


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The later of two conditions of one AND that no row meets both of; a BETWEEN that no value is in."""
    sql = source.sql
    for node in _sql.walk(sql, exp.And, exp.Between):
        if isinstance(node, exp.Between):
            yield from _swapped(sql, node)
        elif not isinstance(_above(node), exp.And):
            parts = conjuncts(node)
            if len(parts) <= MAX_CONDITIONS:
                yield from _asked_of_missing(source.queries, parts)
                yield from _disjoint(sql, parts)


def _above(node: exp.Expr) -> exp.Expr | None:
    above = node.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    return above


def _asked_of_missing(queries: Queries, parts: tuple[exp.Expr, ...]) -> Iterator[Hit]:
    """The first `x is null` that stands beside a condition that is not true where x is NULL."""
    sql = queries.sql
    missing: dict[str, exp.Expr] = {}
    for condition in parts:
        operand = asks_null(condition)
        if isinstance(operand, exp.Column) and is_written(sql, condition):
            missing.setdefault(_sql.text(sql, operand).lower(), condition)
    for other in parts if missing else ():
        texts = {id(column): _sql.text(sql, column).lower() for column in columns(other)}
        for text in missing.keys() & set(texts.values()):

            def is_null(column: exp.Column) -> bool:
                return texts.get(id(column)) == text  # noqa: B023 - called within this turn only

            condition = missing[text]
            if other is not condition and never_true(other, is_null):
                yield hit(
                    sql,
                    condition,
                    f"`{_short(sql, other)}` is asked of the same rows and is never true where "
                    f"`{_sql.text(sql, condition.this)}` is NULL, so no row meets both.",
                    "Take one of the two out; where rows without a match are looked for, IS NULL belongs into WHERE, "
                    "behind the join.",
                )
                return


def _disjoint(sql: ParsedSql, parts: tuple[exp.Expr, ...]) -> Iterator[Hit]:
    """Conditions that let the same expression be of different values only."""
    seen: dict[str, tuple[exp.Expr, frozenset[Value]]] = {}
    for condition in parts:
        operand, values = _values(condition)
        if operand is None or not is_written(sql, condition):
            continue
        key = _sql.text(sql, operand).lower()
        if key in seen and not values & seen[key][1] and {type(v) for v in values} == {type(v) for v in seen[key][1]}:
            yield hit(
                sql,
                condition,
                f"`{_short(sql, seen[key][0])}` is asked of the same rows, so no row meets both.",
                "Join the two with OR or in one IN list if either is enough; else take the wrong one out.",
            )
        seen.setdefault(key, (condition, values))


def _values(condition: exp.Expr) -> tuple[exp.Expr | None, frozenset[Value]]:
    """What a condition asks of, and the only values that it lets it have."""
    if isinstance(condition, exp.EQ):
        for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
            if isinstance(one, exp.Column) and isinstance(other, exp.Literal):
                return one, frozenset({_value(other)})
    values = condition.expressions if isinstance(condition, exp.In) and isinstance(condition.this, exp.Column) else []
    if values and all(isinstance(each, exp.Literal) for each in values):
        return condition.this, frozenset(_value(each) for each in values)
    return None, frozenset()


def _value(literal: exp.Expr) -> Value:
    if isinstance(literal, exp.Literal) and literal.is_number:
        return Decimal(literal.name)
    return literal.name.rstrip().lower()


def _swapped(sql: ParsedSql, node: exp.Between) -> Iterator[Hit]:
    low, high = node.args["low"], node.args["high"]
    while isinstance(low, exp.Cast) and isinstance(high, exp.Cast):
        low, high = low.this, high.this
    if not (isinstance(low, exp.Literal) and isinstance(high, exp.Literal)) or node.args.get("symmetric"):
        return
    if low.is_string != high.is_string or (low.is_string and len(low.name) != len(high.name)):
        return
    one, other = _value(low), _value(high)
    if type(one) is type(other) and one > other and is_written(sql, node):  # type: ignore[operator]
        yield hit(
            sql,
            node,
            f"The lower bound `{low.name}` is above the upper bound `{high.name}`, so no value is between them.",
            "Swap the two bounds.",
        )


def _short(sql: ParsedSql, node: exp.Expr) -> str:
    text = _sql.text(sql, node)
    return text if len(text) <= 80 else f"{text[:79]}…"
