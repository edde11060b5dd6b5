"""A window without partitions moves every row to one task.

### Why it matters
`Window.orderBy(...)` without `partitionBy` gives Spark one partition: all rows of the frame go over the network to one
executor, which sorts them alone (Spark itself warns "No Partition Defined for Window operation! Moving all data to a
single partition"). It works on today's rows and dies of memory, or runs for hours, at ten times as many.

### Bad
```python
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
events = spark.read.parquet("s3://lake/events/")
ranked = events.withColumn("place", F.row_number().over(Window.orderBy("event_time")))
```

### Good
```python
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
events = spark.read.parquet("s3://lake/events/")
ranked = events.withColumn("place", F.row_number().over(Window.partitionBy("event_date").orderBy("event_time")))
```
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._actions import is_upkeep
from review.rules.spark._chains import Chain
from review.rules.spark._functions import functions

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK003",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

FEW = frozenset({"groupBy", "groupby", "agg", "distinct", "limit", "dropDuplicates"})
"""Steps after which there are far fewer rows, or may be."""
READS = frozenset({"read", "table", "sql", "readStream"})
MOST = 50
"""Chains of one name, and uses of windows in one function, that are looked at."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Chains on `Window` that order but never partition; `partitionBy()` of nothing or a constant is a decision.

    So is `orderBy()` of nothing; and of totals, or of rows from elsewhere, there may be a few.
    """
    if "Window" not in source.text or is_test(source.path, source.kind):
        return
    found = list(_in_scala(source.scala) if source.kind is Kind.SCALA_SPARK else _in_python(source.python))
    if found:
        frames = Frames(source)
        yield from (hit for hit in found if not frames.are_few(hit))


class Frames:
    """The frames that a file numbers over its windows, as far as each function shows where their rows come from."""

    def __init__(self, source: Source) -> None:
        self._functions = functions(source)
        self._windows: dict[tuple[str, int], str] = {}
        self._users: defaultdict[str, list[tuple[Chain, frozenset[str]]]] = defaultdict(list)
        self._few: dict[int, bool] = {}
        self._made: defaultdict[tuple[str, str], list[Chain]] = defaultdict(list)
        for chain in source.chains:
            if chain.target:
                self._made[chain.symbol, chain.target].append(chain)
                if chain.root == "Window":
                    self._windows[chain.symbol, chain.line] = chain.target
            names = frozenset[str]().union(*(value.names for step in chain.steps for value in step.arguments))
            if "over" in names:
                self._users[chain.symbol].append((chain, names))

    def are_few(self, hit: Hit) -> bool:
        """Whether every frame that this window numbers is handed in from elsewhere, or is one of totals or a few."""
        window = self._windows.get((hit.symbol, hit.line), "")
        users = [
            chain
            for chain, names in self._users[hit.symbol][:MOST]
            if (window in names if window else chain.line <= hit.line <= chain.end_line)
        ]
        return bool(users) and all(self._is_few_once(chain) for chain in users)

    def _is_few_once(self, chain: Chain) -> bool:
        if id(chain) not in self._few:
            self._few[id(chain)] = self._is_few(chain)
        return self._few[id(chain)]

    def _is_few(self, chain: Chain) -> bool:
        function = self._functions.get(chain.symbol)
        names = function.sources(frozenset({chain.root})) if function is not None else frozenset({chain.root})
        if not chain.root and READS.isdisjoint(chain.methods):
            return True
        makers = [chain, *(each for name in names for each in self._made[chain.symbol, name][:MOST])]
        if any(not FEW.isdisjoint(each.methods) or _describes(each) for each in makers):
            return True
        is_read = any(not READS.isdisjoint(each.methods) for each in makers)
        return not is_read and function is not None and not names.isdisjoint(function.parameters)


def _describes(chain: Chain) -> bool:
    """Whether it is of a statement about a table, such as `DESC HISTORY`."""
    return any(step.name == "sql" and is_upkeep(step.arguments[0].beginning) for step in chain.steps if step.arguments)


def _hit(line: int, end_line: int, symbol: str, ordering: str) -> Hit:
    return Hit(
        line=line,
        end_line=end_line,
        symbol=symbol,
        evidence=ordering,
        explanation=(
            f"`{ordering}` has no `partitionBy`, so Spark moves every row of the frame to one task and sorts them "
            "there, whatever the size of the cluster. Memory and time grow with the whole data set."
        ),
        remediation=(
            "Partition the window by the key the order is meant within. For a running number over everything use "
            "`monotonically_increasing_id` or `zipWithIndex`; for the top rows, `orderBy(...).limit(n)`."
        ),
    )


def _in_python(tree: ast.Module) -> Iterator[Hit]:
    inner: set[int] = set()
    partitioned = {
        _python.dotted(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "partitionBy"
    }
    for node, symbol in _python.scopes(tree):
        if isinstance(node, ast.Assign) and any(_python.dotted(target) in partitioned for target in node.targets):
            inner.update(id(part) for part in ast.walk(node.value))
        if not isinstance(node, ast.Call) or id(node) in inner:
            continue
        chain = _python_chain(node)
        inner.update(id(call) for call in chain)
        root = chain[-1].func if chain else None
        if not isinstance(root, ast.Attribute) or _python.last_name(root.value) != "Window":
            continue
        methods = {_python.last_name(call.func) for call in chain}
        ordered = any(call.args for call in chain if _python.last_name(call.func) == "orderBy")
        if ordered and "partitionBy" not in methods:
            yield _hit(node.lineno, _python.end_line(node), symbol, ast.unparse(node))


def _python_chain(node: ast.Call) -> list[ast.Call]:
    """The calls of a chain of methods, outermost first."""
    chain = [node]
    while isinstance(chain[-1].func, ast.Attribute) and isinstance(chain[-1].func.value, ast.Call):
        chain.append(chain[-1].func.value)
    return chain


def _in_scala(root: "tree_sitter.Node") -> Iterator[Hit]:
    inner: set[int] = set()
    partitioned = {
        _scala.text_of(node.child_by_field_name("value"))
        for node, _ in _scala.walk(root)
        if node.type == "field_expression" and _scala.text_of(node.child_by_field_name("field")) == "partitionBy"
    }
    for node, symbol in _scala.walk(root):
        if (
            node.type in ("val_definition", "var_definition")
            and _scala.text_of(node.child_by_field_name("pattern")) in partitioned
        ):
            inner.update(below.id for below, _ in _scala.walk(node))
        if node.type != "call_expression" or node.id in inner:
            continue
        methods, start = [], node
        current: tree_sitter.Node | None = node
        while current is not None and current.type in ("call_expression", "field_expression", "generic_function"):
            inner.add(current.id)
            if current.type == "call_expression":
                methods.append(_scala.callee(current))
                current = current.child_by_field_name("function")
            else:
                current = current.child_by_field_name("value") or current.child_by_field_name("function")
            start = current or start
        if _scala.text_of(start) == "Window" and "orderBy" in methods and "partitionBy" not in methods:
            yield _hit(_scala.line(node), _scala.end_line(node), symbol, " ".join(_scala.text_of(node).split()))
