"""The lines of loops over a range or a list that is written out, in Python and Scala."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.rules import _python, _scala
from review.rules.source import Source
from review.rules.spark._values import Value

if TYPE_CHECKING:
    import tree_sitter

_RANGES = frozenset({"to", "until", "by"})
_EACH = frozenset({"foreach", "map", "flatMap"})
_LITERALS = frozenset({"integer_literal", "floating_point_literal", "string", "character_literal"})


def fixed_loops(source: Source) -> frozenset[int]:
    """The lines of such loops. Raises NotEvaluated."""
    found = _in_scala(source.scala) if source.kind is Kind.SCALA_SPARK else _in_python(source.python)
    lines: set[int] = set()
    covered = 0
    for span in sorted(found, key=lambda each: each.start):
        lines.update(range(max(span.start, covered), span.stop))
        covered = max(covered, span.stop)
    return frozenset(lines)


def _in_python(tree: ast.Module) -> Iterator[range]:
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and _is_fixed(node.iter):
            yield range(node.lineno, _python.end_line(node) + 1)


def _is_fixed(node: ast.expr) -> bool:
    """`range(2007, 2017)` or `["a", "b"]`."""
    if isinstance(node, ast.Call):
        is_range = isinstance(node.func, ast.Name) and node.func.id == "range" and not node.keywords
        return is_range and all(isinstance(each, ast.Constant) for each in node.args)
    given = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else []
    return bool(given) and all(isinstance(each, ast.Constant) for each in given)


def _in_scala(root: "tree_sitter.Node") -> Iterator[range]:
    for node, _ in _scala.walk(root):
        over: tree_sitter.Node | None = None
        if node.type == "for_expression":
            over = _over(node)
        elif _scala.callee(node) in _EACH:
            function = node.child_by_field_name("function")
            over = function.child_by_field_name("value") if function is not None else None
        if over is not None and _is_fixed_in_scala(over):
            yield range(_scala.line(node), _scala.end_line(node) + 1)


def _over(loop: "tree_sitter.Node") -> "tree_sitter.Node | None":
    """What the first enumerator of a `for` goes through."""
    enumerators = next((child for child in loop.named_children if child.type == "enumerators"), None)
    first = next(iter(enumerators.named_children), None) if enumerators is not None else None
    return first.named_children[-1] if first is not None and first.named_children else None


def _is_fixed_in_scala(node: "tree_sitter.Node") -> bool:
    """`2007 to 2016`, `2007.until(2017)` or `Seq("a", "b")`."""
    pending, is_several = [node], False
    while pending:
        each = pending.pop()
        if each.type == "parenthesized_expression":
            pending.extend(each.named_children)
        elif each.type == "infix_expression" and _scala.text_of(each.child_by_field_name("operator")) in _RANGES:
            is_several = True
            pending.extend(_sides(each))
        elif each.type == "call_expression" and _scala.callee(each) in _RANGES:
            is_several = True
            function = each.child_by_field_name("function")
            value = function.child_by_field_name("value") if function is not None else None
            if value is None:
                return False
            pending.extend([value, *_scala.arguments(each)])
        elif each.type == "call_expression":
            items = Value(each).items
            if len(items) == 1 and items[0].node is each:
                return False
            is_several = True
            pending.extend(item.node for item in items if not isinstance(item.node, ast.expr))
        elif each.type not in _LITERALS:
            return False
    return is_several


def _sides(node: "tree_sitter.Node") -> "list[tree_sitter.Node]":
    return [side for name in ("left", "right") if (side := node.child_by_field_name(name)) is not None]
