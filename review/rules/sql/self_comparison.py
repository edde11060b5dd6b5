"""An expression is compared, or combined, with itself.

### Why it matters
`a.id = a.id` in a join condition is true for every row that is not null, so the join is a cross join. Where changes
are looked for, `new.price <> new.price` never fires, and `COALESCE(h1.id, h1.id)` after a full join leaves the key
empty for every row that only the other side has. It is nearly always a slip in one alias, it runs without an error,
and the wrong numbers look plausible.

A lone `x <> x` is not spoken of: in many databases it is the usual test for NaN.

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

import jinja2.nodes
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.sql import _routines
from review.sql.parse import Opaque, ParsedSql, sqlglot_dialect
from review.sql.prepare import has_jinja

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
NEGATIVE = (exp.NEQ, exp.NullSafeNEQ)
ASSIGNING = (
    *(exp.Update, exp.OnConflict, exp.SetItem, exp.Property, exp.Properties, exp.AlterSet),
    *(exp.Partition, exp.Execute),
)
"""Where `a = a` gives a value instead of comparing two."""
UNSTEADY = (
    *(exp.Rand, exp.Randn, exp.Randstr, exp.Uniform, exp.Normal, exp.Zipf, exp.Uuid, exp.NextValueFor),
    *(exp.Seq1, exp.Seq2, exp.Seq4, exp.Seq8, exp.Anonymous, exp.Query, exp.Subquery, exp.UserDefinedFunction),
)
"""What may differ each time it is asked for."""
SEQUENCE_VALUES = frozenset({"nextval"})
"""What Snowflake and Oracle write like a column of a sequence."""

WITHOUT_CONDITION = frozenset({"SHOW", "OPTIMIZE"})
"""Statements whose WHERE picks out objects or partitions to be worked on."""

NAMES = (exp.Column, exp.Parameter, exp.Placeholder)
TEMPLATES = (".sql", ".hql", ".jinja")
OPERATORS = frozenset("=<>")
STUMBLES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
LONGEST_CONDITION = 500

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
    if source.path.lower().endswith(TEMPLATES) and has_jinja(source.text):
        yield from _hits_in_templates(source)
    yield from _hits_in(_routines.statements(source))
    yield from _hits_in(source.sql)
    _sql.refuse_opaque(source.sql, _may_compare)


def _hits_in(sql: ParsedSql) -> Iterator[Hit]:
    for node in _sql.walk(sql, *COMPARISONS, *COMBINATIONS, exp.Between):
        twice = _twice(sql, node)
        if twice and isinstance(node, exp.Expression) and sql.is_literal(node):
            yield _hit(sql, node, twice)


def _hits_in_templates(source: Source) -> Iterator[Hit]:
    """Conditions that the author keeps in a string of the template, to be printed by a macro: `{% set w = 'a = a' %}`.

    Only a lone comparison: what else a string says in which two names may stand is not known to be SQL.
    """
    dialect = sqlglot_dialect(source.dialect)
    for string in source.jinja.find_all(jinja2.nodes.Const):
        value = string.value
        if not isinstance(value, str) or not 2 < len(value) <= LONGEST_CONDITION or not OPERATORS & set(value):
            continue
        try:
            condition = sqlglot.parse_one(f"SELECT {value}", dialect=dialect or None).find(exp.Select)
        except (SqlglotError, *STUMBLES):
            continue
        compared = condition.expressions[0] if condition is not None and len(condition.expressions) == 1 else None
        if isinstance(compared, COMPARISONS) and (twice := _twice(ParsedSql(source.rendering, (), dialect), compared)):
            effect = EFFECTS[type(compared)]
            yield Hit(
                line=string.lineno,
                evidence=compared.sql(dialect=dialect or None),
                explanation=f"`{twice}` is compared with itself, which is {effect}: the condition does nothing.",
                remediation="Put the column that is meant in place of one of the two.",
            )


def _may_compare(statement: Opaque) -> bool:
    """Whether a statement that is not parsed has a WHERE, or a join with a condition."""
    words = statement.words
    joins = "JOIN" in words and "ON" in words[words.index("JOIN") :]
    return ("WHERE" in words or joins) and WITHOUT_CONDITION.isdisjoint(words[:1])


def _hit(sql: ParsedSql, node: exp.Expr, twice: str) -> Hit:
    line, end_line = _sql.lines(sql, node)
    if isinstance(node, exp.Between):
        effect = f"both bounds are `{twice}`, so only rows that equal it are let through"
    elif isinstance(node, exp.Nullif):
        effect = f"`{twice}` is compared with itself, so the result is always null"
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
    if not isinstance(node, exp.Binary) or _names_an_argument(node) or _asks_for_nan(node):
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


def _names_an_argument(node: exp.Binary) -> bool:
    """Whether `a = a` assigns, or passes a value to a parameter of that name: `read(header = header)`."""
    if isinstance(node.parent, exp.Anonymous):
        return isinstance(node, exp.EQ) and isinstance(node.left, exp.Column) and not node.left.table
    return isinstance(node.parent, ASSIGNING)


def _asks_for_nan(node: exp.Binary) -> bool:
    """Whether it may be the usual test for NaN: `x <> x` or `not x = x` of a plain column, with no other table near."""
    column = node.left.unnest()
    while isinstance(column, exp.Cast):
        column = column.this.unnest()
    around = node.parent.parent if isinstance(node.parent, exp.Paren) else node.parent
    if not isinstance(column, exp.Column) or not (
        isinstance(node, exp.NEQ) or (isinstance(node, exp.EQ) and isinstance(around, exp.Not))
    ):
        return False
    return not column.table or not _compares_tables(node, column.table)


def _compares_tables(node: exp.Expr, table: str) -> bool:
    """Whether the whole condition joins, or asks elsewhere how another table's column differs from this table's."""
    whole = node
    while isinstance(whole.parent, (exp.Connector, exp.Paren, exp.Not)):
        whole = whole.parent
    if isinstance(whole.parent, exp.Join):
        return True
    pairs = ((each.left.unnest(), each.right.unnest()) for each in whole.find_all(*NEGATIVE))
    return any(
        isinstance(left, exp.Column) and isinstance(right, exp.Column) and {left.table, right.table, ""} > {table, ""}
        for left, right in pairs
    )


def _same(sql: ParsedSql, left: exp.Expr, right: exp.Expr) -> str:
    """The text of both where they are the same steady expression over a column; else empty."""
    if type(left) is not type(right) or left.find(*UNSTEADY) or not _names_something(left):
        return ""
    if any(column.name.lower() in SEQUENCE_VALUES for column in left.find_all(exp.Column)):
        return ""
    one, other = _sql.text(sql, left), _sql.text(sql, right)
    alike = one == other or (one.lower() == other.lower() and not any(_minds_case(sql, each) for each in (left, right)))
    return one if alike else ""


def _names_something(node: exp.Expr) -> bool:
    """Whether a column is in it, or a parameter that has a name: two `?` are not one."""
    return any(not isinstance(each, exp.Placeholder) or each.this for each in node.find_all(*NAMES))


def _minds_case(sql: ParsedSql, node: exp.Expr) -> bool:
    """Whether upper and lower case may differ in it: a quoted name, a string, a key of JSON, any name in ClickHouse."""
    return (
        sql.dialect == "clickhouse"
        or node.find(exp.JSONPathPart) is not None
        or any(literal.is_string for literal in node.find_all(exp.Literal))
        or any(name.quoted for name in node.find_all(exp.Identifier))
    )
