"""An expression is compared, or combined, with itself.

### Why it matters
`a.id = a.id` in a join condition is true for every row that is not null, so the join is a cross join. A filter
`updated_at <> updated_at` never fires, and `COALESCE(h1.id, h1.id)` after a full join leaves the key empty for every
row that only the other side has. It is nearly always a slip in one alias, it runs without an error, and the wrong
numbers look plausible.

### Bad
```sql
select
    coalesce(web.order_id, web.order_id) as order_id,
    web.amount,
    shop.amount as shop_amount
from web_orders as web
full outer join shop_orders as shop on web.order_id = shop.order_id
```

### Good
```sql
select
    coalesce(web.order_id, shop.order_id) as order_id,
    web.amount,
    shop.amount as shop_amount
from web_orders as web
full outer join shop_orders as shop on web.order_id = shop.order_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL001",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Like, exp.ILike)
COMBINATIONS = (exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least)
ASSIGNING = (exp.Update, exp.OnConflict, exp.SetItem, exp.Property, exp.Properties)
"""Where `a = a` gives a value instead of comparing two."""
UNSTEADY = (exp.Rand, exp.Anonymous, exp.Query, exp.Subquery, exp.UserDefinedFunction)
"""What may differ each time it is asked for."""

ALWAYS_TRUE = "true for every row in which it is not null"
NEVER_TRUE = "true for no row"
EFFECTS: dict[type[exp.Expr], str] = {
    exp.EQ: ALWAYS_TRUE,
    exp.GTE: ALWAYS_TRUE,
    exp.LTE: ALWAYS_TRUE,
    exp.Like: ALWAYS_TRUE,
    exp.ILike: ALWAYS_TRUE,
    exp.NullSafeEQ: "true for every row",
    exp.NEQ: NEVER_TRUE,
    exp.GT: NEVER_TRUE,
    exp.LT: NEVER_TRUE,
    exp.NullSafeNEQ: NEVER_TRUE,
}


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Comparisons, COALESCE and the like, and BETWEEN, with the same expression twice, written out by the author."""
    sql = source.sql
    for node in _sql.walk(sql, *COMPARISONS, *COMBINATIONS, exp.Between):
        twice = _twice(sql, node)
        if twice and isinstance(node, exp.Expression) and sql.is_literal(node):
            yield _hit(sql, node, twice)


def _hit(sql: ParsedSql, node: exp.Expr, twice: str) -> Hit:
    line, end_line = _sql.lines(sql, node)
    if isinstance(node, exp.Between):
        effect = f"both bounds are `{twice}`, so only rows that equal it are let through"
    elif isinstance(node, COMBINATIONS):
        effect = f"`{twice}` is given twice, so the second adds nothing"
    elif isinstance(node, exp.Binary) and isinstance(node.left.unnest(), exp.Tuple):
        effect = f"`{twice}` stands on both sides, so a difference in it is never seen"
    else:
        effect = f"`{twice}` is compared with itself, which is {EFFECTS[type(node)]}"
    return Hit(
        line=line,
        end_line=end_line,
        symbol=_sql.symbol(node),
        evidence=_sql.text(sql, node),
        explanation=f"Here {effect}. Most likely one of the two was meant to have another alias or name.",
        remediation="Put the other table's column, or the other column, in place of one of the two.",
    )


def _twice(sql: ParsedSql, node: exp.Expr) -> str:
    """The operand that is there twice, as normalised text; empty where all differ."""
    if isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        return _same(sql, low, high) if low.find(exp.Column) else ""
    if isinstance(node, COMBINATIONS):
        second = node.args.get("expression")
        return _all_alike(sql, [node.this, *node.expressions, *([second] if second is not None else [])])
    if not isinstance(node, exp.Binary) or isinstance(node.parent, ASSIGNING):
        return ""
    left, right = node.left.unnest(), node.right.unnest()
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        pairs = zip(left.expressions, right.expressions, strict=False)
        return next((same for one, other in pairs if (same := _same(sql, one, other))), "")
    return _same(sql, left, right)


def _all_alike(sql: ParsedSql, operands: list[exp.Expr]) -> str:
    """The text of all operands where they are one and the same: with a third, a repetition is only clumsy."""
    same = [_same(sql, operands[0], operand) for operand in operands[1:]]
    return same[0] if same and all(same) else ""


def _same(sql: ParsedSql, left: exp.Expr, right: exp.Expr) -> str:
    """The text of both where they are the same steady expression over a column; else empty."""
    if type(left) is not type(right) or left.find(*UNSTEADY) or not left.find(exp.Column):
        return ""
    one, other = _sql.text(sql, left), _sql.text(sql, right)
    minds_case = left.find(exp.JSONPathPart) or any(literal.is_string for literal in left.find_all(exp.Literal))
    return one if one == other or (not minds_case and one.lower() == other.lower()) else ""
