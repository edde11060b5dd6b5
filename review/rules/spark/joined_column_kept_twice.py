"""A join on two columns of one name keeps both, so the name is ambiguous.

### Why it matters
`a.join(b, col("a.id") == col("b.id"))` has two columns `id`. The next step that says `id` fails with "Reference 'id' is
ambiguous", and a write fails with "Found duplicate column(s)": often in other code than the join's, and only once that
branch runs. A join by the column's name has one.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def with_country(orders: DataFrame, customers: DataFrame) -> DataFrame:
    return orders.alias("o").join(customers.alias("c"), F.col("o.customer_id") == F.col("c.customer_id"))
```

### Good
```python
from pyspark.sql import DataFrame


def with_country(orders: DataFrame, customers: DataFrame) -> DataFrame:
    return orders.join(customers, on="customer_id")
```
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._values import Value

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK018",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

CHOOSING = frozenset({"select", "selectExpr", "groupBy", "agg", "toDF", "withColumnRenamed", "count", "map"})
"""Steps after which the two columns are no longer there, or which say which one is meant."""
ONE_SIDED = ("semi", "anti")
"""Parts of the types of joins that keep the left side's columns only."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Joins whose condition equates columns of one name, where nothing of the function picks columns afterwards."""
    if "join" not in source.text or is_test(source.path, source.kind):
        return
    later: defaultdict[tuple[str, str], list[Step]] = defaultdict(list)
    for chain in source.chains:
        later[chain.symbol, chain.root].extend(chain.steps)
    for chain in source.chains:
        for index, step in enumerate(chain.steps):
            if step.name == "join" and step.called:
                after = [*chain.steps[index + 1 :], *(later[chain.symbol, chain.target] if chain.target else ())]
                doubled = (each for each in _doubled(step) if not any(_chooses(one, each[0]) for one in after))
                for name, place in islice(doubled, 1):
                    yield _hit(chain, name, place)


def _chooses(step: Step, name: str) -> bool:
    """Whether a step picks columns, so that the doubled one is settled; `drop` only where it names that one."""
    if step.name == "drop":
        literal = any(text.rpartition(".")[2] == name for value in step.arguments for text in value.strings)
        return literal or any(name in value.names for value in step.arguments)
    return step.name in CHOOSING


def _hit(chain: Chain, name: str, place: Value) -> Hit:
    return Hit(
        line=place.line,
        end_line=place.end_line,
        symbol=chain.symbol,
        evidence=place.text,
        explanation=(
            f"Both sides of the join have `{name}`, and a condition keeps both: whatever says `{name}` afterwards "
            "fails as ambiguous, and so does a write of the result."
        ),
        remediation=(
            f'Join by name (`on="{name}"`), or rename one side\'s column before the join, or drop it right after.'
        ),
    )


def _doubled(step: Step) -> Iterator[tuple[str, Value]]:
    """Names that both sides of an equation in the condition share, each with the equation."""
    condition = step.given("on", 1) or step.given("joinExprs")
    kind = step.given("how", 2) or step.given("joinType")
    if condition is None or (kind is not None and any(part in kind.text.lower() for part in ONE_SIDED)):
        return
    for part in condition.items:
        for left, right, place in _equations(part):
            if left and left[1] == right[1] and left[0] != right[0]:
                yield left[1], place


_Column = tuple[str, str]
"""What a column is of, and its name; both empty where it is another expression."""


def _equations(value: Value) -> Iterator[tuple[_Column, _Column, Value]]:
    """`a.x == b.x` in an expression, parts of a conjunction among them."""
    if isinstance(value.node, ast.expr):
        for node in ast.walk(value.node):
            if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
                yield _column(node.left), _column(node.comparators[0]), Value(node)
        return
    for found, _ in ((value.node, ""), *_scala.walk(value.node)):
        operator = found.child_by_field_name("operator") if found.type == "infix_expression" else None
        if _scala.text_of(operator) in ("===", "<=>"):
            left, right = found.child_by_field_name("left"), found.child_by_field_name("right")
            yield _scala_column(left), _scala_column(right), Value(found)


def _column(node: ast.expr) -> _Column:
    """`col("a.x")`, `a["x"]`, `a.x`."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and _python.last_name(node.func) in ("col", "column"):
        return _split(_python.text_of(node.args[0]) or "")
    if isinstance(node, ast.Subscript):
        return _python.dotted(node.value), _python.text_of(node.slice) or ""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    return "", ""


def _scala_column(node: "tree_sitter.Node | None") -> _Column:
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


def _split(name: str) -> _Column:
    table, dot, column = name.rpartition(".")
    return (table, column) if dot else ("", "")
