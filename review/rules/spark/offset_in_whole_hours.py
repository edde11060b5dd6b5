"""A time zone's offset is divided into whole hours.

### Why it matters
India is at +5:30, Nepal at +5:45, parts of Canada and Australia at half hours. An integer division drops the rest, so
the times of everyone there are shifted by half an hour, silently.

### Bad
```scala
import org.apache.spark.sql.SparkSession

object Offsets {
  def hours(zone: java.util.TimeZone, at: Long): Int = zone.getOffset(at) / 3600000
}
```

### Good
```scala
import org.apache.spark.sql.SparkSession

object Offsets {
  def hours(zone: java.util.TimeZone, at: Long): Double = zone.getOffset(at) / 3600000.0
}
```
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._functions import words
from review.rules.spark._values import Value

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK023",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SCALA_SPARK, Kind.PYSPARK, Kind.DAG, Kind.DAG_HELPER}),
)

OFFSETS = frozenset({"offset", "utcoffset"})
"""Words of what is an offset from UTC, beside a word of an hour."""
HOURS = frozenset({"3600", "3600000", "60*60", "60*60*1000", "1000*60*60", "3600*1000", "3600L", "3600000L"})
"""An hour in seconds or milliseconds, as it is usually written."""
EXACT = frozenset({"toDouble", "toFloat", "double", "float", "Double", "BigDecimal", "Decimal"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`offset / hour` on whole numbers: `/` in Scala, `//` in Python; the remainder taken beside it settles it."""
    if "ffset" not in source.text or is_test(source.path, source.kind):
        return
    divisions = _in_scala(source.scala) if source.kind is Kind.SCALA_SPARK else _in_python(source.python)
    for whole, offset, hour, symbol in divisions:
        named = offset.names | hour.names
        is_hour = hour.text.strip("()").replace(" ", "").replace("_", "") in HOURS or any(map(_is_hour, hour.names))
        if is_hour and EXACT.isdisjoint(named) and any(words(name) & OFFSETS for name in offset.names):
            yield Hit(
                line=whole.line,
                end_line=whole.end_line,
                symbol=symbol,
                evidence=whole.text,
                explanation=(
                    f"`{whole.text}` is a division of whole numbers: a zone at +5:30 or +5:45 becomes +5, and its times "
                    "are wrong by the rest."
                ),
                remediation="Calculate with the offset in minutes or milliseconds, or divide by a fraction (`toDouble`).",
            )


def _is_hour(name: str) -> bool:
    return not words(name).isdisjoint({"hour", "hours"})


_Division = tuple[Value, Value, Value, str]


def _in_python(tree: ast.Module) -> Iterator[_Division]:
    nodes = list(_python.scopes(tree))
    rests = {
        ast.unparse(node.left) for node, _ in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod)
    }
    for node, symbol in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv) and ast.unparse(node.left) not in rests:
            yield Value(node), Value(node.left), Value(node.right), symbol


def _in_scala(root: "tree_sitter.Node") -> Iterator[_Division]:
    found: list[tuple[str, _Division]] = []
    rests = set()
    for node, symbol in _scala.walk(root):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type != "infix_expression" or left is None or right is None:
            continue
        operator = _scala.text_of(node.child_by_field_name("operator"))
        if operator == "%":
            rests.add(_scala.text_of(left))
        elif operator == "/":
            found.append((_scala.text_of(left), (Value(node), Value(left), Value(right), symbol)))
    yield from (division for left, division in found if left not in rests)
