"""A user-defined function returns a value of another type than it declares.

### Why it matters
Spark does not convert what a Python UDF returns: an `int` where `DoubleType` is declared, a `float` where `IntegerType`
is, a `str` for a number, all become NULL in the column, without an error.

### Bad
```python
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType


@F.udf(returnType=DoubleType())
def discount(total):
    if total is None or total < 100:
        return 0
    return total * 0.1
```

### Good
```python
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType


@F.udf(returnType=DoubleType())
def discount(total):
    if total is None or total < 100:
        return 0.0
    return total * 0.1
```
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._values import argument

rule = Rule(
    module=__name__,
    code="SPK039",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.DAG, Kind.DAG_HELPER}),
)

INTEGERS = ("IntegerType", "LongType", "ShortType", "ByteType", "int", "integer", "long", "bigint", "smallint")
FLOATS = ("DoubleType", "FloatType", "double", "float")
BOOLEANS = ("BooleanType", "boolean", "bool")
ACCEPTED = {
    **dict.fromkeys(INTEGERS, frozenset({"int"})),
    **dict.fromkeys(FLOATS, frozenset({"float"})),
    **dict.fromkeys(BOOLEANS, frozenset({"bool"})),
}
"""Declared type → what Python must return for it (PySpark's table of conversions, `pyspark.sql.functions.udf`)."""
CALLS = {"str": "str", "len": "int", "int": "int", "float": "float", "bool": "bool"}
MOST = 200
"""Levels of choices in one returned expression that are followed."""


@dataclass(frozen=True)
class Udf:
    """A Python function that Spark calls for each row, with the type that it declares."""

    returned: tuple[ast.expr, ...]
    declared: str
    symbol: str


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Values of a certain type that a UDF returns where another is declared; pandas' and Arrow's convert them."""
    if "udf" not in source.text or is_test(source.path, source.kind):
        return
    for udf in _udfs(source.python):
        accepted = ACCEPTED[udf.declared]
        for value in udf.returned:
            kind = _kind(value)
            if kind and kind not in accepted:
                yield _hit(udf, value, kind)


def _hit(udf: Udf, value: ast.expr, kind: str) -> Hit:
    shown = argument(value).text
    return Hit(
        line=value.lineno,
        end_line=_python.end_line(value),
        symbol=udf.symbol,
        evidence=f"{shown} as {udf.declared}",
        explanation=f"`{shown}` is a `{kind}`, and the UDF declares `{udf.declared}`: Spark makes it NULL.",
        remediation=f"Return a `{next(iter(ACCEPTED[udf.declared]))}`, or declare the type that is returned.",
    )


def _udfs(tree: ast.Module) -> Iterator[Udf]:
    """Functions and lambdas that a file makes into UDFs with a literal type."""
    nodes = list(_python.scopes(tree))
    functions = {node.name: (node, symbol) for node, symbol in nodes if isinstance(node, ast.FunctionDef)}
    for node, symbol in nodes:
        if isinstance(node, ast.FunctionDef):
            for each in node.decorator_list:
                if isinstance(each, ast.Call) and _python.last_name(each.func) == "udf":
                    yield from _udf(node, _declared(each, 0), symbol)
        elif isinstance(node, ast.Call):
            place = {"udf": 0, "register": 1}.get(_python.last_name(node.func), 2)
            if place == 2 or len(node.args) <= place:
                continue
            given = node.args[place]
            if isinstance(given, ast.Lambda):
                yield from _udf(given, _declared(node, place + 1), symbol)
            elif isinstance(given, ast.Name) and given.id in functions:
                yield from _udf(functions[given.id][0], _declared(node, place + 1), functions[given.id][1])


def _udf(function: ast.FunctionDef | ast.Lambda, declared: str, symbol: str) -> Iterator[Udf]:
    if declared not in ACCEPTED:
        return
    if isinstance(function, ast.Lambda):
        yield Udf(tuple(_choices(function.body)), declared, symbol)
    else:
        name = f"{symbol}.{function.name}".lstrip(".")
        yield Udf(tuple(value for each in _returns(function) for value in _choices(each)), declared, name)


def _declared(call: ast.Call, place: int) -> str:
    """The declared type's name: `DoubleType` of `T.DoubleType()`, `double` of `"double"`; else empty."""
    if _python.keyword(call, "useArrow") is not None:
        return ""
    given = _python.keyword(call, "returnType") or (call.args[place] if len(call.args) > place else None)
    if given is None:
        return ""
    return (_python.text_of(given) or "").lower() or _python.last_name(given)


def _returns(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What its own `return`s give, in the order of the text; a function that yields is left alone."""
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
        if not isinstance(node, _python.Scope | ast.Lambda):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _choices(value: ast.expr) -> Iterator[ast.expr]:
    """The values of `a if x else b`, each by itself."""
    stack = [value]
    while stack and len(stack) < MOST:
        current = stack.pop()
        if isinstance(current, ast.IfExp):
            stack.extend((current.orelse, current.body))
        else:
            yield current


def _kind(value: ast.expr) -> str:
    """The name of the type that an expression certainly has; empty where it is not certain, or None."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub | ast.UAdd):
        value = value.operand
    if isinstance(value, ast.Constant):
        return "" if value.value is None else type(value.value).__name__
    if isinstance(value, ast.JoinedStr):
        return "str"
    if isinstance(value, ast.Compare) or (isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)):
        return "bool"
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return CALLS.get(value.func.id, "")
    return ""
