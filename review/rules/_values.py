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


class Conditions:
    """The columns on which it depends whether an expression is evaluated; each clause is read once."""

    def __init__(self) -> None:
        self._columns: dict[int, frozenset[str]] = {}

    def above(self, node: exp.Expr) -> frozenset[str]:
        """Those in CASE or IF around an expression, and in WHERE, HAVING, QUALIFY and the joins of its query."""
        found: frozenset[str] = frozenset()
        current = node.parent
        while current is not None:
            found |= self._of(current)
            if isinstance(current, exp.Select):
                break
            current = current.parent
        return found

    def _of(self, node: exp.Expr) -> frozenset[str]:
        if not isinstance(node, exp.Case | exp.If | exp.Select):
            return frozenset()
        if id(node) not in self._columns:
            clauses = _clauses(node)
            self._columns[id(node)] = frozenset().union(*(columns(each) for each in clauses if each is not None))
        return self._columns[id(node)]


def _clauses(node: exp.Expr) -> list[exp.Expr | None]:
    """The conditions that a CASE, an IF or a query has of its own."""
    if isinstance(node, exp.Case):
        return [node.this, *(branch.this for branch in node.args.get("ifs") or ())]
    if isinstance(node, exp.If):
        return [node.this]
    clauses = [node.args.get(name) for name in CONDITIONS]
    return clauses + [join.args.get("on") for join in node.args.get("joins") or ()]
