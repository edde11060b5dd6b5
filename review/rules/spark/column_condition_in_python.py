"""A condition on columns is evaluated by the language instead of Spark.

### Why it matters
A column is a plan, not a value: `and`, `or`, `not`, `if`, `in` and `a < b < c` ask it for its truth, and PySpark raises
`Cannot convert column into bool`. `is None`, a comparison of two literals, and `==` in Scala are answered at once, the
same for every row. And `&` and `|` bind closer than `==`, so that a condition without brackets is another one.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def due(orders: DataFrame) -> DataFrame:
    return orders.where((F.col("status") == "open") & F.col("priority") == "high")
```

### Good
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def due(orders: DataFrame) -> DataFrame:
    return orders.where((F.col("status") == "open") & (F.col("priority") == "high"))
```
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._columns import Columns, columns_of
from review.rules.spark._hits import hit_at
from review.rules.spark._values import Value, argument

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK035",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

CONDITIONS = frozenset({"filter", "where", "when"})
"""Methods whose first argument is a condition on columns."""
TRUTH = "asks a column for its truth, and PySpark raises `Cannot convert column into bool`"


@dataclass(frozen=True)
class Slip:
    """What happens instead, and what to write."""

    happens: str
    remediation: str


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns in Python's own logic, comparisons that `&` and `|` take apart, `==` of Scala between columns."""
    if is_test(source.path, source.kind):
        return
    if source.kind is Kind.SCALA_SPARK:
        yield from _in_scala(source.scala)
    else:
        yield from _in_python(source)


def _hit(value: Value, symbol: str, slip: Slip) -> Hit:
    return hit_at(value, symbol, f"{slip.happens}.", f"{slip.remediation}.")


def _in_python(source: Source) -> Iterator[Hit]:
    columns = columns_of(source.python)
    known = _known(source, columns)
    seen: set[int] = set()
    for node, symbol in source.scopes:
        slip = _slip(node, known.get(id(node), columns)) if id(node) not in seen else None
        slip = slip or (_of_literals(node) if id(node) in known else None)
        if slip is not None:
            place = node.test if isinstance(node, ast.If | ast.While) else node
            seen.update(map(id, ast.walk(place)))
            yield _hit(argument(place), symbol, slip)


def _known(source: Source, columns: Columns) -> dict[int, Columns]:
    """Every node of a condition, by what is known to be a column there: `df.x` in `df.filter(…)` is one too."""
    found: dict[int, Columns] = {}
    for chain in source.chains:
        for index, step in enumerate(chain.steps):
            given = step.arguments[0].node if step.name in CONDITIONS and step.called and step.arguments else None
            if isinstance(given, ast.BoolOp | ast.Compare | ast.UnaryOp | ast.BinOp):
                here = columns.of(chain.root if index == 0 and chain.root not in columns.modules else "")
                found.update((id(part), here) for part in ast.walk(given))
    return found


def _slip(node: ast.AST, columns: Columns) -> Slip | None:
    if isinstance(node, ast.BoolOp) and any(columns.has(value) for value in node.values[:-1]):
        word, sign = ("and", "&") if isinstance(node.op, ast.And) else ("or", "|")
        return Slip(f"`{word}` {TRUTH}", f"Write `{sign}`, with brackets around each comparison")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and columns.has(node.operand):
        return Slip(f"`not` {TRUTH}", "Write `~`, with brackets around the condition")
    if isinstance(node, ast.If | ast.While | ast.IfExp) and columns.has(node.test):
        return Slip(f"`if` {TRUTH}", "Write `F.when(…, …).otherwise(…)`, or `filter` the rows")
    return _comparison(node, columns) if isinstance(node, ast.Compare) else None


def _comparison(node: ast.Compare, columns: Columns) -> Slip | None:
    sides = (node.left, node.comparators[0])
    operator = node.ops[0]
    if isinstance(operator, ast.Is | ast.IsNot):
        if not any(columns.has(side) for side in sides):
            return None
        never = isinstance(operator, ast.Is)
        word, answer, method = ("is", "never", "isNull") if never else ("is not", "always", "isNotNull")
        return Slip(
            f"`{word}` asks for the column itself, not for what its rows hold: the answer is {answer} yes",
            f"Write `.{method}()`",
        )
    if isinstance(operator, ast.In | ast.NotIn):
        return Slip(f"`in` {TRUTH}", "Write `.isin(…)`") if columns.has(node.left) else None
    taken = next((side for side in sides if _is_taken_apart(node, side, columns)), None)
    if taken is not None:
        first = argument(taken).text
        return Slip(
            f"`&`, `|` and `~` bind closer than a comparison: Python reads `{first}` as one side of it",
            "Put brackets around each comparison",
        )
    if len(node.ops) > 1 and any(columns.has(side) for side in sides):
        return Slip(f"A chain of comparisons {TRUTH}", "Write two comparisons in brackets, joined by `&`")
    return None


def _is_taken_apart(whole: ast.Compare, side: ast.expr, columns: Columns) -> bool:
    """Whether a side of a comparison is `… & x`, `x | …` or `~x` without brackets of its own, x no truth itself."""
    if not columns.has(side) or any(_is_bool(each) for each in (whole.left, *whole.comparators)):
        return False
    if side is whole.left:
        if (side.lineno, side.col_offset) != (whole.lineno, whole.col_offset):
            return False
        return isinstance(side, ast.UnaryOp | ast.BinOp) and _swallows(side, columns)
    bare = (side.end_lineno, side.end_col_offset) == (whole.end_lineno, whole.end_col_offset) or len(whole.ops) > 1
    return bare and isinstance(side, ast.BinOp) and isinstance(side.op, ast.BitAnd | ast.BitOr)


def _swallows(side: ast.UnaryOp | ast.BinOp, columns: Columns) -> bool:
    if isinstance(side, ast.UnaryOp):
        return isinstance(side.op, ast.Invert) and not columns.is_truth(side.operand)
    if not isinstance(side.op, ast.BitAnd | ast.BitOr):
        return False
    return columns.is_truth(side.left) and columns.has(side.right) and not columns.is_truth(side.right)


def _is_bool(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and _python.last_name(node.func) == "lit" and node.args:
        node = node.args[0]
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _of_literals(node: ast.AST) -> Slip | None:
    """`when("status" == "open", …)`: names of columns in quotes, compared as texts."""
    if not isinstance(node, ast.Compare) or _python.text_of(node.left) is None:
        return None
    if not isinstance(node.comparators[0], ast.Constant):
        return None
    return Slip(
        f"`{ast.unparse(node)}` compares two literals: Python answers it once, and no column is asked",
        f"Write `F.col({ast.unparse(node.left)})` for the column",
    )


def _in_scala(root: "tree_sitter.Node") -> Iterator[Hit]:
    for node, symbol in _scala.walk(root):
        operator = _scala.text_of(node.child_by_field_name("operator")) if node.type == "infix_expression" else ""
        if operator in ("==", "!=") and _is_scala_column(node.child_by_field_name("left")):
            right = "===" if operator == "==" else "=!="
            slip = Slip(
                f"`{operator}` compares the two objects, not the values of their rows, and gives one Boolean",
                f"Write `{right}`",
            )
            yield _hit(argument(node), symbol, slip)


def _is_scala_column(node: "tree_sitter.Node | None") -> bool:
    """`col("x")` and `$"x"`."""
    if node is None:
        return False
    if node.type == "interpolated_string_expression":
        return _scala.text_of(node).startswith("$")
    function = node.child_by_field_name("function")
    given = _scala.arguments(node)
    is_col = _scala.text_of(function) in ("col", "column", "functions.col")
    return is_col and len(given) == 1 and _scala.string_of(given[0]) is not None
