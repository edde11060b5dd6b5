"""A data frame is made of a list that can be empty, without a schema.

### Why it matters
Spark infers the columns from the first rows. Of an empty list it can infer none and raises "can not infer schema from
empty dataset": the job fails on the one day there is nothing to do, which is when it should do nothing.

### Bad
```python
from pyspark.sql import DataFrame, SparkSession


def late_orders(spark: SparkSession, orders: list[dict]) -> DataFrame:
    late = [order for order in orders if order["is_late"]]
    return spark.createDataFrame(late)
```

### Good
```python
from pyspark.sql import DataFrame, SparkSession


def late_orders(spark: SparkSession, orders: list[dict]) -> DataFrame:
    late = [order for order in orders if order["is_late"]]
    return spark.createDataFrame(late, schema="order_id long, is_late boolean")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._functions import words

rule = Rule(
    module=__name__,
    code="SPK017",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.DAG, Kind.DAG_HELPER}),
)

LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "tuple", "Tuple"})
"""Types of parameters that hold rows and can be empty."""
FRAMES = frozenset({"df", "pdf", "pd", "pandas", "frame", "dataframe", "rdd", "schema", "data"})
"""Words of names of what may be a pandas frame or an RDD, which have their columns even without rows."""
GROWING = frozenset({"append", "extend", "sort", "insert"})

MOST = 50
"""Lists of one function that are looked at."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`createDataFrame(rows)` where rows are filtered, gathered in a loop or handed in, and nobody asks for none."""
    if "createDataFrame" not in source.text or is_test(source.path, source.kind):
        return
    for node, symbol in source.scopes:
        if isinstance(node, Function):
            for call, name, why in _calls(node):
                yield Hit(
                    line=call.lineno,
                    end_line=_python.end_line(call),
                    symbol=f"{symbol}.{node.name}".lstrip("."),
                    evidence=f"createDataFrame({name})",
                    explanation=(
                        f"`{name}` {why}, so it can be empty, and Spark cannot infer columns from no rows: the job "
                        "fails on the run that has nothing to do."
                    ),
                    remediation=f"Give `createDataFrame` the schema, or return before it where `{name}` is empty.",
                )


def _calls(function: Function) -> Iterator[tuple[ast.Call, str, str]]:
    """Calls of `createDataFrame` with a list that can be empty, its name, and why it can."""
    nodes = list(_own(function))
    reasons: dict[str, str] = {}
    for node in nodes:
        if not isinstance(node, ast.Call) or _python.last_name(node.func) != "createDataFrame":
            continue
        given = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if not isinstance(given, ast.Name) or len(reasons) > MOST:
            continue
        if given.id not in reasons:
            reasons[given.id] = "" if _is_tested(nodes, given.id) else _why_empty(function, nodes, given.id)
        if reasons[given.id]:
            yield node, given.id, reasons[given.id]


def _own(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _python.Scope):
            stack.extend(ast.iter_child_nodes(node))


def _is_tested(nodes: list[ast.AST], name: str) -> bool:
    """Whether a condition of the function asks for the name: `if rows`, `if not len(rows)`, `assert rows`."""
    tests = [node.test for node in nodes if isinstance(node, ast.If | ast.IfExp | ast.Assert | ast.While)]
    return any(isinstance(part, ast.Name) and part.id == name for test in tests for part in ast.walk(test))


def _why_empty(function: Function, nodes: list[ast.AST], name: str) -> str:
    values = [
        node.value
        for node in nodes
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
    ]
    if len(values) == 1 and isinstance(values[0], ast.ListComp):
        tests = [test for part in values[0].generators for test in part.ifs]
        return "is filtered" if any(not _is_of_types(test) for test in tests) else ""
    if len(values) == 1 and isinstance(values[0], ast.List) and not values[0].elts:
        return "is gathered under conditions" if _is_gathered(nodes, name) else ""
    return "is handed in by the caller" if not values and _is_list(function, nodes, name) else ""


def _is_of_types(test: ast.expr) -> bool:
    """Whether a filter only keeps odd values out."""
    return isinstance(test, ast.Call) and _python.last_name(test.func) == "isinstance"


def _is_gathered(nodes: list[ast.AST], name: str) -> bool:
    """Whether every row is added inside a loop or a branch."""
    inner = {
        id(part)
        for node in nodes
        if isinstance(node, ast.For | ast.While | ast.If) and not _always_runs(node)
        for statement in node.body
        for part in ast.walk(statement)
    }
    added = [
        node
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in GROWING
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    ]
    return bool(added) and all(id(node) in inner for node in added)


def _always_runs(node: ast.For | ast.While | ast.If) -> bool:
    """Whether it is a loop over numbers or over something written down: `range(count)`, `("a", "b")`."""
    if not isinstance(node, ast.For):
        return False
    given = node.iter
    if isinstance(given, ast.Call) and _python.last_name(given.func) == "range":
        return True
    return isinstance(given, ast.List | ast.Tuple) and bool(given.elts)


def _is_list(function: Function, nodes: list[ast.AST], name: str) -> bool:
    """Whether a parameter is a list by its type, or, without a type, by a plural name and by being used as none else.

    `data` and names of frames may be anything.
    """
    given = function.args
    parameter = next((each for each in (*given.posonlyargs, *given.args, *given.kwonlyargs) if each.arg == name), None)
    if parameter is None:
        return False
    if parameter.annotation is not None:
        kind = parameter.annotation.value if isinstance(parameter.annotation, ast.Subscript) else parameter.annotation
        return _python.last_name(kind) in LISTS
    used = {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }
    return name.endswith("s") and words(name).isdisjoint(FRAMES) and used <= GROWING
