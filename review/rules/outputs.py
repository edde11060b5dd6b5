"""The columns of a SELECT: of which relation each is, what a star stands for, and whether a template may print others.

Made for `review.rules.queries`, which is what rules ask.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from review.rules.relations import Relation, Side
from review.sql.render import Rendering, Slice

if TYPE_CHECKING:
    from review.rules.queries import Queries, Query

MAX_OUTPUTS = 2000
"""Columns of one query that are followed; stars over stars can double them at each step."""


@dataclass(frozen=True, eq=False)
class Output:
    """One column of a query's result."""

    name: str
    """Empty where the query gives it none."""
    node: exp.Expr
    """The projection as written: with its alias, or the star that it comes from."""
    expression: exp.Expr | None
    """Without the alias; None where a star brings it."""
    relation: Relation | None
    """Where it is a plain column: whose, as far as that is known."""
    column: str
    """Its name there; empty where it is more than a plain column."""

    @property
    def from_star(self) -> bool:
        """Whether a star brings it."""
        return self.expression is None


def expanded(queries: "Queries", query: "Query") -> Iterator[Output | None]:
    """The outputs of a SELECT; None stands for columns that are not known."""
    if query.select.args.get("kind") or query.select.args.get("operation_modifiers"):
        yield None
    for node in query.select.expressions:
        star = node.this if isinstance(node, exp.Column) else node
        if isinstance(star, exp.Star):
            yield from _starred(queries, query, node, star)
        elif isinstance(node, (exp.Aliases, exp.Columns, exp.Explode, exp.Inline)):
            yield None
        else:
            yield _output(query, node)


def _output(query: "Query", node: exp.Expr) -> Output:
    expression = node.this if isinstance(node, exp.Alias) else node
    origin = query.resolve(expression) if isinstance(expression, exp.Column) else None
    plain = isinstance(expression, exp.Column)
    column = origin[1] if origin else (expression.name.lower() if plain else "")
    named = isinstance(node, (exp.Alias, exp.Column)) or (isinstance(node, exp.Dot) and _is_field(node))
    name = node.output_name if named and isinstance(node, exp.Expression) else ""
    return Output(name.lower(), node, expression, origin[0] if origin else None, column)


def _is_field(node: exp.Dot) -> bool:
    return isinstance(node.expression, exp.Identifier)


def _starred(queries: "Queries", query: "Query", node: exp.Expr, star: exp.Star) -> Iterator[Output | None]:
    """The columns that a star stands for, by the relation each is of."""
    table = node.parts[0].name.lower() if isinstance(node, exp.Column) and len(node.parts) > 1 else ""
    if (table and table not in query.by_alias) or (isinstance(node, exp.Column) and len(node.parts) > 2):
        yield None
        return
    if star.args.get("ilike"):
        yield None
        return
    left_out = {each.name.lower() for each in star.args.get("except_") or ()}
    renamed = {each.this.name.lower(): each.alias.lower() for each in star.args.get("rename") or ()}
    relations = [query.by_alias[table]] if table else [each for each in query.relations if _seen_by_star(each)]
    merged: set[str] = set()
    if not table and any(join.natural for _, join in query.joins):
        yield None
        return
    for relation in relations:
        names = queries.names(relation)
        if names is None:
            yield None
            continue
        for name in names[: MAX_OUTPUTS + 1]:
            if name in left_out or name in merged:
                continue
            yield Output(renamed.get(name, name), node, None, relation, name)
        for _, join in query.joins if not table else ():
            merged.update(join.using)


def _seen_by_star(relation: Relation) -> bool:
    return relation.side not in (Side.SEMI, Side.ANTI)


def _span(node: exp.Expr) -> tuple[int, int] | None:
    """First and last offset of a node in the rendered text."""
    metas = [part.meta for part in node.walk() if part._meta and "start" in part.meta]
    return (min(meta["start"] for meta in metas), max(meta["end"] for meta in metas)) if metas else None


def _is_comment(source: str, start: int, piece: Slice) -> bool:
    """Whether all that stands between two pieces of the stored text is a comment of the template."""
    end = piece.source[0]
    skipped = source[start:end].strip() if end >= start else "{%"
    return skipped.startswith("{#") and skipped.endswith("#}") and skipped.count("{#") == 1


def _prints_nothing_beside(rendering: Rendering, start: int, end: int) -> bool:
    """Whether a tag right before or behind these projections prints nothing here, and columns perhaps in a run."""
    text = rendering.text
    blank = (
        piece.rendered
        for piece in rendering.slices
        if not piece.literal and not text[slice(*piece.rendered)].strip()
        if rendering.source.startswith("{{", piece.source[0])
    )
    for first, last in (*blank, *((at, at) for at in rendering.nothing)):
        between = text[last:start] if last <= start else text[end + 1 : first] if first > end else ""
        if not between.strip(" \t\r\n,"):
            return True
    return False


def _prints_a_name(select: exp.Select, span: tuple[int, int]) -> bool:
    """Whether a piece of the rendered text holds the name of one of the columns."""
    for node in select.expressions:
        name = node.args.get("alias") if isinstance(node, exp.Alias) else node.this
        meta = name.meta if isinstance(name, exp.Expr) else {}
        if "start" in meta and span[0] <= meta["start"] < span[1]:
            return True
    return False


def may_print_others(rendering: Rendering, select: exp.Select) -> bool:
    """Whether a template may print other projections than these: it branches, loops or stands in among them."""
    spans = [span for each in select.expressions if (span := _span(each))]
    if not rendering.slices or not spans:
        return False
    start, end = min(first for first, _ in spans), max(last for _, last in spans)
    if _prints_nothing_beside(rendering, start, end):
        return True
    slices = rendering.slices
    at = max(0, bisect_right(slices, start, key=lambda piece: piece.rendered[0]) - 1)
    before = None
    for piece in slices[at:]:
        is_jump = before is not None and piece.source[0] != before and not rendering.is_certain
        if is_jump and not _is_comment(rendering.source, before or 0, piece):
            return True
        if piece.rendered[0] > end:
            break
        if not piece.literal and rendering.stood_in and _prints_a_name(select, piece.rendered):
            return True
        before = piece.source[1]
    return False
