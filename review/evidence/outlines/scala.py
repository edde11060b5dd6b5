"""Scala: classes, objects and functions, and the tables a Spark job reads and writes by a literal name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.outline import Part
from review.evidence.outlines import embedded
from review.evidence.outlines.base import Names, table
from review.rules import _scala
from review.rules.source import Source

if TYPE_CHECKING:
    import tree_sitter

_KINDS = {"function_definition": "function", "object_definition": "object", "class_definition": "class",
          "trait_definition": "trait"}  # fmt: skip
_WRITERS = frozenset({"saveAsTable", "insertInto", "writeTo"})
_VIEWS = frozenset({"createOrReplaceTempView", "createTempView", "registerTempTable"})


def parts(source: Source) -> Iterator[Part]:
    """Every class, object, trait and function with a body. Raises NotEvaluated."""
    for node, _ in _scala.walk(source.scala):
        if node.type in _KINDS:
            name = _scala.text_of(node.child_by_field_name("name"))
            yield Part(_KINDS[node.type], name, _scala.line(node), _scala.end_line(node))


def names(source: Source) -> Names:
    """Tables of `spark.table`, `spark.read.table`, `saveAsTable` and literal `spark.sql`. Raises NotEvaluated."""
    found, views = embedded.names(source), set[str]()
    for node, _ in _scala.walk(source.scala):
        called = _scala.callee(node)
        given = next(iter(_scala.arguments(node)), None) if called else None
        text = _string(given)
        if not text:
            continue
        if called == "table":
            found |= Names(reads=frozenset({table(*text.split("."))}))
        elif called in _WRITERS:
            found |= Names(writes=frozenset({table(*text.split("."))}))
        elif called in _VIEWS:
            views.add(text.lower())
    return found.without_tables(views)


def _string(node: "tree_sitter.Node | None") -> str | None:
    """The value of a literal string, also of one whose margin is stripped."""
    if node is None or node.type != "field_expression":
        return _scala.string_of(node)
    text = _scala.string_of(node.child_by_field_name("value"))
    if text is None or _scala.text_of(node.child_by_field_name("field")) != "stripMargin":
        return None
    lines = [line.lstrip() for line in text.split("\n")]
    return "\n".join(line.removeprefix("|") for line in lines)
