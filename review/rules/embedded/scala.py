"""The strings of a Scala file: literals, `s"…"` with holes, chains of `+`, margins stripped."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.rules import _scala
from review.rules.embedded.text import Piece, Text, may_be_sql, with_placeholders

if TYPE_CHECKING:
    import tree_sitter

_STRINGS = frozenset({"string", "interpolated_string_expression"})
_PROSE = frozenset({"println", "print", "debug", "info", "warn", "error", "trace", "require", "assert", "text", "note"})
"""Calls that are given text for people; the last two are scopt's."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class _Code:
    """The file, with the place of each byte of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at: list[int] | None = None
        if not text.isascii():
            self._at = [at for at, sign in enumerate(text) for _ in sign.encode("utf-8", "replace")]
            self._at.append(len(text))

    def offset(self, byte: int) -> int:
        return byte if self._at is None else self._at[min(byte, len(self._at) - 1)]


def strings(root: "tree_sitter.Node", text: str) -> Iterator[tuple[Text, str]]:
    """Every string that may be SQL with the dotted name of what is around it, in the order of the text."""
    code = _Code(text)
    stack = [(child, "") for child in reversed(root.children)]
    sums: set[int] = set()
    while stack:
        node, name = stack.pop()
        parts = _parts(node, sums)
        if parts:
            pieces = tuple(with_placeholders(_pieces(parts, code, is_stripped=_is_stripped(node))))
            if may_be_sql("".join("x" if piece.is_hole else piece.text for piece in pieces)):
                yield Text(pieces), name
            continue
        if node.type == "call_expression" and _scala.callee(node) in _PROSE:
            continue
        if node.type in _scala.DEFINITIONS:
            name = f"{name}.{_scala.text_of(node.child_by_field_name('name'))}".lstrip(".")
        stack.extend((child, name) for child in reversed(node.children))


def _is_stripped(node: "tree_sitter.Node") -> bool:
    around = node if node.type == "field_expression" else node.parent
    if around is not None and around.type == "parenthesized_expression":
        around = around.parent
    field = around.child_by_field_name("field") if around is not None and around.type == "field_expression" else None
    return _scala.text_of(field) == "stripMargin"


def _parts(node: "tree_sitter.Node", others: set[int]) -> list["tree_sitter.Node"]:
    """The operands of an expression that makes a string, in order; none for any other, which may hold one.

    `others` are the ids of sums that are known to make none, and grow.
    """
    found: list[tree_sitter.Node] = []
    seen: list[int] = []
    current: tree_sitter.Node | None = node
    while current is not None and current.type == "infix_expression" and current.id not in others:
        operator = current.child_by_field_name("operator")
        right = current.child_by_field_name("right")
        if _scala.text_of(operator) != "+" or right is None:
            break
        seen.append(current.id)
        found.append(right)
        current = current.child_by_field_name("left")
    first = _unstripped(current)
    if current is None or first is None or first.type not in _STRINGS:
        others.update(seen)
        return []
    return [current, *reversed(found)]


def _unstripped(node: "tree_sitter.Node | None") -> "tree_sitter.Node | None":
    """The string before `.stripMargin`, or the node itself."""
    if node is None or node.type != "field_expression":
        return node
    field = _scala.text_of(node.child_by_field_name("field"))
    return node.child_by_field_name("value") if field in ("stripMargin", "trim") else node


def _pieces(parts: list["tree_sitter.Node"], code: _Code, *, is_stripped: bool) -> Iterator[Piece]:
    for part in parts:
        string = _unstripped(part)
        if string is None or string.type not in _STRINGS:
            name = _scala.text_of(part).rpartition(".")[2]
            yield Piece(
                name if name.isidentifier() else "x", code.offset(part.start_byte), code.offset(part.end_byte), True
            )
        else:
            cut = _literal(string, code)
            yield from _without_margin(cut) if is_stripped or string is not part else cut


def _literal(node: "tree_sitter.Node", code: _Code) -> Iterator[Piece]:
    """The pieces of one literal, between its quotes."""
    interpolator = _scala.text_of(node.child_by_field_name("interpolator")) if node.type != "string" else ""
    inner = node if node.type == "string" else node.children[-1]
    start, end = code.offset(inner.start_byte), code.offset(inner.end_byte)
    quotes = 3 if code.text.startswith('"""', start) and end - start >= 6 else 1
    holes = [child for child in inner.children if child.type == "interpolation"]
    at = start + quotes
    for hole in holes:
        begin, stop = code.offset(hole.start_byte), code.offset(hole.end_byte)
        yield from _runs(code.text, at, begin, keeps=quotes == 3 or interpolator == "raw")
        name = "".join(sign if sign.isalnum() or sign in "_." else " " for sign in code.text[begin:stop])
        words = name.replace(".", " ").split()
        yield Piece(words[-1] if words else "x", begin, stop, is_hole=True)
        at = stop
    yield from _runs(code.text, at, end - quotes, keeps=quotes == 3 or interpolator == "raw")


def _runs(text: str, start: int, end: int, *, keeps: bool) -> Iterator[Piece]:
    """The characters between two places, escapes resolved unless the literal `keeps` them."""
    run = at = start
    while at < end:
        if text[at] == "\r" or text.startswith("$$", at) or (text[at] == "\\" and not keeps):
            if at > run:
                yield Piece(text[run:at], run, at)
            length = 1 if text[at] == "\r" else 2
            value = {"\r": "", "$": "$"}.get(text[at], _ESCAPES.get(text[at + 1 : at + 2], text[at + 1 : at + 2]))
            if value:
                yield Piece(value, at, at + length)
            at = run = at + length
        else:
            at += 1
    if end > run:
        yield Piece(text[run:end], run, end)


def _without_margin(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces without the blanks and the `|` that each line begins with."""
    fresh = True
    for piece in pieces:
        if piece.is_hole or not piece.is_copy:
            fresh = piece.text.endswith("\n") and not piece.is_hole
            yield piece
            continue
        at = piece.start
        for line in piece.text.splitlines(keepends=True) or [""]:
            bare = line.lstrip(" \t")
            skipped = len(line) - len(bare) + 1 if fresh and bare.startswith("|") else 0
            if skipped < len(line):
                yield Piece(line[skipped:], at + skipped, at + len(line))
            fresh = line.endswith("\n")
            at += len(line)
