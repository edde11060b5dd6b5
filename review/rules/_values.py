"""What a SQL expression's value can be: where it comes from within its statement, and whether zero is looked after."""

from collections.abc import Mapping

from sqlglot import exp

_WRAPS = (exp.Paren, exp.Cast, exp.Round, exp.Abs)
_MAX_STEPS = 8
"""Names that are followed from one query to the one it reads from."""

CONDITIONS = ("where", "having", "qualify")
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)


def bare(node: exp.Expr) -> exp.Expr:
    """The expression without brackets, casts and rounding around it."""
    while isinstance(node, _WRAPS):
        node = node.this
    return node


def definitions(statement: exp.Expr) -> Mapping[str, exp.Expr | None]:
    """Name in lower case → the one expression it is an alias of in a statement; None where there are several."""
    found: dict[str, exp.Expr | None] = {}
    for alias in statement.find_all(exp.Alias):
        name = alias.alias.lower()
        value = alias.this
        if isinstance(value, exp.Column) and value.name.lower() == name:
            continue
        found[name] = None if name in found and found[name] != value else value
    return found


def origin(node: exp.Expr, named: Mapping[str, exp.Expr | None]) -> exp.Expr:
    """What an expression comes from: a column's definition in the same statement, as far as it can be followed."""
    node = bare(node)
    for _ in range(_MAX_STEPS):
        value = named.get(node.name.lower()) if isinstance(node, exp.Column) else None
        if value is None or bare(value) is node:
            return node
        node = bare(value)
    return node


def columns(node: exp.Expr) -> frozenset[str]:
    """The names of the columns in an expression, in lower case."""
    return frozenset(column.name.lower() for column in node.find_all(exp.Column))


def compared_with_numbers(statement: exp.Expr) -> frozenset[str]:
    """The columns that a statement compares with a number anywhere: whoever does may have thought of zero."""
    found: set[str] = set()
    for comparison in statement.find_all(*COMPARISONS):
        sides = [bare(side) for side in comparison.iter_expressions()]
        if any(isinstance(side, exp.Literal) for side in sides):
            found.update(side.name.lower() for side in sides if isinstance(side, exp.Column))
    return frozenset(found)


def conditions_above(node: exp.Expr) -> frozenset[str]:
    """The columns on which depends whether an expression is evaluated: in CASE or IF around it, in WHERE and joins."""
    found: set[str] = set()
    current = node.parent
    while current is not None:
        if isinstance(current, exp.Case):
            for branch in current.args.get("ifs") or ():
                found |= columns(branch.this)
            found |= columns(current.this) if current.this is not None else set()
        elif isinstance(current, exp.If):
            found |= columns(current.this)
        elif isinstance(current, exp.Select):
            clauses = [current.args.get(name) for name in CONDITIONS]
            clauses += [join.args.get("on") for join in current.args.get("joins") or ()]
            return frozenset(found.union(*(columns(clause) for clause in clauses if clause is not None)))
        current = current.parent
    return frozenset(found)
