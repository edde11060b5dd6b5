"""Conditions of joins, in Python and Scala: which columns they equate."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.rules import _python, _scala
from review.rules.spark._values import Value

if TYPE_CHECKING:
    import tree_sitter

ColumnOf = tuple[str, str]
"""The frame or alias a column is of, empty where none is named, and its name, empty where it is no column."""


def equations(value: Value) -> Iterator[tuple[ColumnOf, ColumnOf, Value]]:
    """`a.x == b.x` in an expression, parts of a conjunction among them."""
    if isinstance(value.node, ast.expr):
        for node in ast.walk(value.node):
            if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
                yield column(node.left), column(node.comparators[0]), Value(node)
        return
    for found, _ in ((value.node, ""), *_scala.walk(value.node)):
        operator = found.child_by_field_name("operator") if found.type == "infix_expression" else None
        if _scala.text_of(operator) in ("===", "<=>"):
            left, right = found.child_by_field_name("left"), found.child_by_field_name("right")
            yield scala_column(left), scala_column(right), Value(found)


def column(node: ast.expr) -> ColumnOf:
    """`col("a.x")`, `a["x"]`, `a.x`."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and _python.last_name(node.func) in ("col", "column"):
        return _split(_python.text_of(node.args[0]) or "")
    if isinstance(node, ast.Subscript):
        return _python.dotted(node.value), _python.text_of(node.slice) or ""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    return "", ""


def scala_column(node: "tree_sitter.Node | None") -> ColumnOf:
    """`col("a.x")`, `a("x")`, `a.col("x")`, `$"a.x"`."""
    if node is None:
        return "", ""
    if node.type == "interpolated_string_expression":
        return _split(_scala.text_of(node.named_children[-1]).strip('"'))
    given = _scala.arguments(node)
    text = _scala.string_of(given[0]) if len(given) == 1 else None
    function = node.child_by_field_name("function")
    if text is None or function is None:
        return "", ""
    if function.type == "field_expression" and _scala.callee(node) == "col":
        return _scala.text_of(function.child_by_field_name("value")), text
    return _split(text) if _scala.callee(node) in ("col", "column") else (_scala.callee(node), text)


def _split(name: str) -> ColumnOf:
    table, dot, column = name.rpartition(".")
    return (table, column) if dot else ("", name)


def column_of(value: Value) -> ColumnOf:
    """The column that an argument is: `col("a.x")`, `a["x"]`, `a.x`, or its name as a text."""
    if value.string is not None:
        return _split(value.string)
    return column(value.node) if isinstance(value.node, ast.expr) else scala_column(value.node)
