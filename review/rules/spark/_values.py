"""What stands as an argument in Spark code, asked the same questions in Python (`ast`) and Scala (tree-sitter)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from review.rules import _python, _scala

if TYPE_CHECKING:
    import tree_sitter

_GROUPS = frozenset({"Seq", "List", "Array", "Set", "Vector"})
"""Scala's calls that only hold their arguments together."""


@dataclass(frozen=True)
class Value:
    """One argument or assigned expression. `name` is its keyword, empty where it is given by its place."""

    node: "ast.expr | tree_sitter.Node"
    name: str = ""

    @property
    def text(self) -> str:
        """Its code on one line; of a chain too long for Python's own printer, only what kind of code it is."""
        if isinstance(self.node, ast.expr):
            try:
                return ast.unparse(self.node)
            except RecursionError:
                return f"… {type(self.node).__name__}"
        return " ".join(_scala.text_of(self.node).split())

    @property
    def string(self) -> str | None:
        """The value of a literal string, else None."""
        return _python.text_of(self.node) if isinstance(self.node, ast.expr) else _scala.string_of(self.node)

    @property
    def beginning(self) -> str:
        """The literal text a string begins with: of a literal, `f"a/{x}"`, `"a/" + x`; else empty."""
        return _beginning(self.node) if isinstance(self.node, ast.expr) else _scala_beginning(self.node)

    @property
    def items(self) -> tuple["Value", ...]:
        """The elements of a list, tuple or set, and of `Seq(…)`; of anything else itself alone."""
        if isinstance(self.node, ast.List | ast.Tuple | ast.Set):
            return tuple(map(Value, self.node.elts))
        if not isinstance(self.node, ast.expr) and _scala.callee(self.node) in _GROUPS:
            return tuple(map(Value, _scala.arguments(self.node)))
        return (self,)

    @property
    def is_true(self) -> bool:
        """Whether it is literally true, or the string "true" in any case."""
        return self.text.strip("'\"").lower() == "true"

    @property
    def names(self) -> frozenset[str]:
        """Every identifier in it, attributes and the holes of strings among them."""
        return frozenset(_names(self.node))

    @property
    def strings(self) -> frozenset[str]:
        """Every literal string in it."""
        return frozenset(_strings(self.node))

    @property
    def line(self) -> int:
        """1-based first line."""
        return self.node.lineno if isinstance(self.node, ast.expr) else _scala.line(self.node)

    @property
    def end_line(self) -> int:
        """1-based last line."""
        return _python.end_line(self.node) if isinstance(self.node, ast.expr) else _scala.end_line(self.node)


def _names(node: "ast.expr | tree_sitter.Node") -> Iterator[str]:
    if isinstance(node, ast.expr):
        for part in ast.walk(node):
            if isinstance(part, ast.Name | ast.Attribute):
                yield part.id if isinstance(part, ast.Name) else part.attr
        return
    if node.type == "identifier":
        yield _scala.text_of(node)
    for below, _ in _scala.walk(node):
        if below.type == "identifier":
            yield _scala.text_of(below)


def _strings(node: "ast.expr | tree_sitter.Node") -> Iterator[str]:
    if isinstance(node, ast.expr):
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value
        return
    for below in (node, *(below for below, _ in _scala.walk(node))):
        if below.type == "interpolated_string_expression":
            yield _scala.text_of(below.named_children[-1]).strip('"')
        elif below.type == "string":
            yield _scala.string_of(below) or ""


def _beginning(node: ast.expr) -> str:
    while True:
        if isinstance(node, ast.BinOp):
            node = node.left
        elif isinstance(node, ast.JoinedStr) and node.values:
            node = node.values[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            node = node.func.value
        else:
            return _python.text_of(node) or ""


def _scala_beginning(node: "tree_sitter.Node | None") -> str:
    while node is not None and node.type == "infix_expression":
        node = node.child_by_field_name("left")
    if node is None or node.type != "interpolated_string_expression":
        return _scala.string_of(node) or ""
    content = node.named_children[-1]
    holes = [child for child in content.named_children if child.type == "interpolation"]
    if not holes:
        return _scala.text_of(content).strip('"')
    raw = content.text or b""
    return raw[: holes[0].start_byte - content.start_byte].decode("utf-8", "replace").strip('"')


def argument(node: object, name: str = "") -> Value:
    """The value of a node of either tree."""
    return Value(cast("ast.expr | tree_sitter.Node", node), name)
