"""What a SELECT reads: its relations under their names, the joins that bring them in, and the CTEs a name may mean.

Made for `review.rules.queries`, which is what rules ask; the values and the small functions here are for them too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp


class Side(Enum):
    """How a relation comes into a query."""

    FROM = "from"
    COMMA = "comma"
    CROSS = "cross"
    INNER = "inner"
    LEFT = "left"
    RIGHT = "right"
    FULL = "full"
    SEMI = "semi"
    ANTI = "anti"
    LATERAL = "lateral"
    """An array or a function's rows beside each row: UNNEST, EXPLODE, FLATTEN, or a correlated subquery."""
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class Join:
    """One join as it is written."""

    side: Side
    node: exp.Expr
    on: tuple[exp.Expr, ...]
    """The condition, split at AND."""
    using: tuple[str, ...]
    natural: bool


@dataclass(frozen=True, eq=False)
class Relation:
    """What a query reads under one name."""

    alias: str
    node: exp.Expr
    table: str
    """Dotted name of a table, view or model; empty for a CTE, a subquery and rows made on the spot."""
    body: exp.Expr | None
    """The SELECT or UNION that feeds it: of a CTE or a subquery."""
    columns: tuple[str, ...]
    """The names that its alias gives its columns."""
    join: Join | None
    """None for what stands in FROM itself."""
    null_extended: bool
    """Whether an outer join may put NULL in all its columns."""

    @property
    def side(self) -> Side:
        """How it comes into the query."""
        return Side.FROM if self.join is None else self.join.side


def conjuncts(condition: exp.Expr | None) -> tuple[exp.Expr, ...]:
    """A condition split at AND, in the order of the text."""
    found: list[exp.Expr] = []
    stack = [condition] if condition is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Paren):
            stack.append(node.this)
        elif isinstance(node, exp.And):
            stack += [node.expression, node.this]
        else:
            found.append(node)
    return tuple(found)


def alternatives(condition: exp.Expr) -> tuple[exp.Expr, ...]:
    """A condition split at OR, in the order of the text; itself alone where it has none at its top."""
    found: list[exp.Expr] = []
    stack = [condition]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Paren):
            stack.append(node.this)
        elif isinstance(node, exp.Or):
            stack += [node.expression, node.this]
        else:
            found.append(node)
    return tuple(found)


def columns(node: exp.Expr) -> Iterator[exp.Column]:
    """The columns in an expression, without those of queries within it."""
    for each in node.walk(bfs=False, prune=lambda inner: isinstance(inner, exp.Query)):
        if isinstance(each, exp.Column) and not isinstance(each.this, exp.Star):
            yield each


@dataclass(frozen=True)
class Scope:
    """The CTEs that a WITH names, of which those before `limit` are seen; then those of the scope around it."""

    names: dict[str, tuple[int, exp.CTE]]
    limit: int
    outer: "Scope | None"


def scope_of(node: exp.Expr, known: dict[int, Scope | None]) -> Scope | None:
    """The CTEs that are seen in a node, by those of the nodes around it, which are known."""
    around = node.parent
    while around is not None and id(around) not in known:
        around = around.parent
    outer = known.get(id(around))
    if isinstance(node, exp.CTE) and isinstance(node.parent, exp.With) and outer is not None:
        place, _ = outer.names.get(node.alias.lower(), (outer.limit, node))
        recursive = bool(node.parent.args.get("recursive"))
        return Scope(outer.names, place + recursive, outer.outer)
    clause = node.args.get("with_")
    if not isinstance(clause, exp.With):
        return outer
    names = {cte.alias.lower(): (at, cte) for at, cte in enumerate(clause.expressions) if isinstance(cte, exp.CTE)}
    return Scope(names, len(clause.expressions), outer)


def relations_of(select: exp.Select, cte: Callable[[exp.Table], exp.CTE | None]) -> Iterator[Relation]:
    """FROM, the joins and the lateral views of a SELECT, with what later outer joins do to earlier relations.

    `cte` tells what a name in FROM means.
    """
    parts: list[tuple[exp.Expr, Join | None]] = []
    first = select.args.get("from_")
    if isinstance(first, exp.From):
        parts += _flat(first.this, None)
    parts += [(lateral, _join(lateral)) for lateral in select.args.get("laterals") or ()]
    for node in select.args.get("joins") or ():
        parts += _flat(node.this, _join(node))
    emptied = [False] * len(parts)
    seen = False
    for at in range(len(parts) - 1, -1, -1):
        join = parts[at][1]
        emptied[at] = seen or (join is not None and join.side in (Side.LEFT, Side.FULL))
        seen = seen or (join is not None and join.side in (Side.RIGHT, Side.FULL))
    for (node, join), empty in zip(parts, emptied, strict=True):
        yield _relation(cte, node, join, empty)


def _flat(node: exp.Expr, join: Join | None) -> list[tuple[exp.Expr, Join | None]]:
    """A relation with those joined to it inside its parentheses, or written behind it without any."""
    inner = node.this if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table) else node
    found = [(inner, join)]
    pending = [*(inner.args.get("joins") or ()), *(node.args.get("joins") or () if node is not inner else ())]
    outer = join if join is not None and join.side is not Side.INNER else None
    found += [(each.this, outer or _join(each)) for each in pending]
    found += [(lateral, _join(lateral)) for lateral in inner.args.get("laterals") or ()]
    return found


def _join(node: exp.Expr) -> Join:
    condition = node.args.get("on")
    using = tuple(each.name.lower() for each in node.args.get("using") or ())
    natural = node.args.get("method") == "NATURAL"
    return Join(_side(node), node, conjuncts(condition), using, natural)


def _side(node: exp.Expr) -> Side:
    if isinstance(node, exp.Lateral):
        return Side.LATERAL
    side, kind = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
    if kind in ("SEMI", "ANTI"):
        return Side(kind.lower())
    if side in ("LEFT", "RIGHT", "FULL"):
        return Side(side.lower())
    if isinstance(node.this, (exp.Unnest, exp.Lateral)) or _is_function(node.this):
        return Side.LATERAL
    if kind == "CROSS":
        return Side.CROSS
    if kind in ("", "INNER") and node.args.get("method") in (None, "", "NATURAL"):
        bare = not kind and not any(node.args.get(each) for each in ("on", "using", "method"))
        return Side.COMMA if bare else Side.INNER
    return Side.OTHER


def _is_function(node: exp.Expr) -> bool:
    return isinstance(node, exp.Table) and isinstance(node.this, exp.Func)


def _relation(
    cte_of: Callable[[exp.Table], exp.CTE | None], node: exp.Expr, join: Join | None, null_extended: bool
) -> Relation:
    alias = node.args.get("alias")
    named = tuple(each.name.lower() for each in alias.args.get("columns") or ()) if isinstance(alias, exp.Expr) else ()
    name = node.alias_or_name if isinstance(node, exp.Expression) else ""
    body: exp.Expr | None = None
    table = ""
    if node.args.get("pivots") or (isinstance(node, exp.Table) and node.args.get("rows_from")):
        pass
    elif isinstance(node, exp.Table):
        cte = cte_of(node)
        if cte is not None:
            body = cte.this
            given = cte.args["alias"].args.get("columns") or ()
            named = named or tuple(each.name.lower() for each in given)
        elif not _is_function(node):
            table = ".".join(part.name.lower() for part in node.parts)
    elif isinstance(node, exp.Subquery):
        body = node.this
    elif isinstance(node, exp.Unnest) and isinstance(alias, exp.Expr) and not name and len(named) == 1:
        name = named[0]
    offset = node.args.get("offset")
    if isinstance(node, exp.Unnest) and named and isinstance(offset, exp.Identifier):
        named = (*named, offset.name.lower())
    return Relation(name.lower(), node, table, body, named, join, null_extended)
