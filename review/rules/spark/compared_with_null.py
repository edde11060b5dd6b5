"""A column is compared with NULL by an equals sign, which is never true.

### Why it matters
In SQL, and so in Spark, nothing equals NULL, not even NULL. `col("x") == None` gives NULL for every row: a filter by it
keeps no row, and so does `!=`, without an error.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def shipped(orders: DataFrame) -> DataFrame:
    return orders.where(F.col("shipped_at") != None)
```

### Good
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def shipped(orders: DataFrame) -> DataFrame:
    return orders.where(F.col("shipped_at").isNotNull())
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
from review.rules.spark._hits import hit_at
from review.rules.spark._values import Value

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK028",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

COLUMNS = frozenset({"col", "column"})
FILTERS = frozenset({"filter", "where", "when"})
"""Methods whose argument is a condition on columns; a lambda is one on Python values."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`col(…) == None`, `df["x"] != lit(None)` inside a filter, `col(…) === null`."""
    if is_test(source.path, source.kind):
        return
    if source.kind is Kind.SCALA_SPARK:
        yield from _in_scala(source.scala)
    else:
        yield from _in_python(source)


def _hit(whole: Value, column: str, symbol: str, *, equals: bool) -> Hit:
    call = "()" if isinstance(whole.node, ast.AST) else ""  # Scala's have no brackets
    method = ("isNull" if equals else "isNotNull") + call
    return hit_at(
        whole,
        symbol,
        f"`{whole.text}` is NULL for every row, whatever `{column}` holds, so it never lets a row through.",
        f"Ask with `{column}.{method}`.",
    )


def _in_python(source: Source) -> Iterator[Hit]:
    conditions = {
        id(part)
        for chain in source.chains
        for step in chain.steps
        if step.name in FILTERS
        for value in step.arguments[:1]
        if isinstance(value.node, ast.expr) and not isinstance(value.node, ast.Lambda)
        for part in ast.walk(value.node)
    }
    for node, symbol in source.scopes:
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        column, other = node.left, node.comparators[0]
        is_column = _is_column(column) or (id(node) in conditions and isinstance(column, ast.Subscript | ast.Attribute))
        if is_column and _is_null(other):
            yield _hit(Value(node), ast.unparse(column), symbol, equals=isinstance(node.ops[0], ast.Eq))


def _is_column(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _python.last_name(node.func) in COLUMNS


def _is_null(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and _python.last_name(node.func) == "lit" and len(node.args) == 1:
        node = node.args[0]
    return isinstance(node, ast.Constant) and node.value is None


def _in_scala(root: "tree_sitter.Node") -> Iterator[Hit]:
    for node, symbol in _scala.walk(root):
        operator = _scala.text_of(node.child_by_field_name("operator")) if node.type == "infix_expression" else ""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator not in ("===", "=!=", "!==") or left is None or right is None:
            continue
        text = _scala.text_of(right)
        if right.type == "null_literal" or text in ("null", "lit(null)"):
            yield _hit(Value(node), _scala.text_of(left), symbol, equals=operator == "===")
