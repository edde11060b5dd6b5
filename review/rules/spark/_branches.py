"""The lines of Spark code that only run under a condition, in Python and Scala."""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.rules import _python, _scala
from review.rules.source import Source
from review.rules.spark._functions import words
from review.rules.spark._values import argument


def branches(source: Source, about: tuple[str, ...] = ()) -> frozenset[int]:
    """The lines of every `if`, or of those whose condition has one of the words in a name. Raises NotEvaluated."""
    found = _in_scala(source) if source.kind is Kind.SCALA_SPARK else _in_python(source)
    lines: set[int] = set()
    covered = 0
    for names, span in sorted(found, key=lambda each: each[1].start):
        if not about or any(not words(name).isdisjoint(about) for name in names):
            lines.update(range(max(span.start, covered), span.stop))
            covered = max(covered, span.stop)
    return frozenset(lines)


def _in_python(source: Source) -> Iterator[tuple[frozenset[str], range]]:
    for node in source.nodes:
        if isinstance(node, ast.If | ast.IfExp):
            yield argument(node.test).names, range(node.lineno, _python.end_line(node) + 1)


def _in_scala(source: Source) -> Iterator[tuple[frozenset[str], range]]:
    for node, _ in _scala.walk(source.scala):
        condition = node.child_by_field_name("condition") if node.type == "if_expression" else None
        if condition is not None:
            yield argument(condition).names, range(_scala.line(node), _scala.end_line(node) + 1)
