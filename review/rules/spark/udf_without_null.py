"""A user-defined function fails on the first NULL.

### Why it matters
Spark hands NULL to a Python function as `None`. `value.strip()` of `None` raises, and one such row ends the whole job,
often months later, when a source first sends an empty field. Built-in functions give NULL for NULL, and are faster.

### Bad
```python
from pyspark.sql import functions as F
from pyspark.sql.types import StringType


@F.udf(returnType=StringType())
def domain(email):
    return email.split("@")[1]
```

### Good
```python
from pyspark.sql import functions as F
from pyspark.sql.types import StringType


@F.udf(returnType=StringType())
def domain(email):
    if email is None:
        return None
    return email.split("@")[1]
```
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SPK024",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.DAG, Kind.DAG_HELPER}),
)

OF_TEXT = frozenset(
    {"split", "rsplit", "strip", "lstrip", "rstrip", "lower", "upper", "title", "replace", "startswith", "endswith"}
    | {"encode", "partition", "rpartition", "removeprefix", "removesuffix", "capitalize", "splitlines", "zfill"}
)
"""Methods of strings: numbers that a job has calculated itself are often never NULL, texts from outside are."""


@dataclass(frozen=True)
class Udf:
    """A Python function that Spark calls for each row."""

    parameters: tuple[str, ...]
    body: tuple[ast.AST, ...]
    symbol: str


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Functions made into UDFs that call a method of strings on a parameter and never ask for None."""
    if "udf" not in source.text or is_test(source.path, source.kind):
        return
    for udf in _udfs(source.python):
        nodes = [part for statement in udf.body for part in ast.walk(statement)]
        if any(isinstance(node, ast.Try) for node in nodes):
            continue
        for name in udf.parameters:
            use = next((node for node in nodes if _raises(node, name)), None)
            if use is not None and not _is_asked(nodes, name):
                yield _hit(use, name, udf)
                break


def _hit(use: ast.Call, name: str, udf: Udf) -> Hit:
    shown = ast.unparse(use)
    return Hit(
        line=use.lineno,
        end_line=_python.end_line(use),
        symbol=udf.symbol,
        evidence=f"{shown} without a look for None",
        explanation=f"Where the column is NULL, `{name}` is `None` and `{shown}` raises: one such row ends the job.",
        remediation=(
            f"Return early where `{name} is None`, or use Spark's built-in functions, which pass NULL through and run "
            "without Python."
        ),
    )


def _udfs(tree: ast.Module) -> Iterator[Udf]:
    """Functions decorated with or given to `udf`; those of pandas get whole columns and are none."""
    nodes = list(_python.scopes(tree))
    given = {
        name.id
        for node, _ in nodes
        if isinstance(node, ast.Call) and _python.last_name(node.func) == "udf"
        for name in node.args[:1]
        if isinstance(name, ast.Name)
    }
    for node, symbol in nodes:
        if isinstance(node, ast.Call) and _python.last_name(node.func) == "udf":
            for each in (each for each in node.args[:1] if isinstance(each, ast.Lambda)):
                yield Udf(_parameters(each.args), (each.body,), symbol)
        elif isinstance(node, ast.FunctionDef):
            decorated = any(_python.last_name(each) == "udf" for each in node.decorator_list)
            if decorated or node.name in given:
                yield Udf(_parameters(node.args), tuple(node.body), f"{symbol}.{node.name}".lstrip("."))


def _parameters(given: ast.arguments) -> tuple[str, ...]:
    """Those that stand for columns: without a default."""
    positional = [*given.posonlyargs, *given.args]
    return tuple(each.arg for each in positional[: len(positional) - len(given.defaults)] if each.arg != "self")


def _raises(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    """Whether a node is a use of the name that raises for None."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in OF_TEXT
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    )


def _is_asked(nodes: list[ast.AST], name: str) -> bool:
    """Whether a condition speaks of the name, or it is set anew: `if value`, `value is None`, `value or ""`."""
    conditions: list[ast.AST] = []
    for node in nodes:
        if isinstance(node, ast.If | ast.IfExp | ast.Assert | ast.While):
            conditions.append(node.test)
        elif isinstance(node, ast.comprehension):
            conditions.extend(node.ifs)
        elif isinstance(node, ast.BoolOp):
            conditions.append(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name:
            return True
    return any(isinstance(part, ast.Name) and part.id == name for each in conditions for part in ast.walk(each))
