"""An item is assigned to a parameter that holds a string.

### Why it matters
A string cannot be changed: `prefix["start_date"] = value` raises a `TypeError` (`'str' object does not support item
assignment`) as soon as the line is reached. The author usually meant the dictionary that the function builds. Such a
line tends to stand under an `if` that is seldom true, so the DAG works until someone sets the option.

### Bad
```python
from airflow.models import Variable


def read_settings(prefix):
    settings = {"bucket": Variable.get(f"{prefix}_bucket")}
    limit = Variable.get(f"{prefix}_limit", None)
    if limit is not None:
        prefix["limit"] = int(limit)
    return settings
```

### Good
```python
from airflow.models import Variable


def read_settings(prefix):
    settings = {"bucket": Variable.get(f"{prefix}_bucket")}
    limit = Variable.get(f"{prefix}_limit", None)
    if limit is not None:
        settings["limit"] = int(limit)
    return settings
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, text_of
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG016",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.DBT_PYTHON_MODEL}),
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_OF_TEXT = frozenset(
    {
        "startswith",
        "endswith",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "encode",
        "splitlines",
    }
)
"""Methods that text has, and no dictionary, list, frame or array that an item could be assigned into."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`parameter["x"] = …` where the function itself, or one of the file that it hands it to, uses it as text."""
    handed = _Handed({node.name: node for node in source.python.body if isinstance(node, _Function)})
    for node, symbol in source.scopes:
        if isinstance(node, _Function):
            yield from _in_function(node, f"{symbol}.{node.name}".lstrip("."), handed)


def _in_function(function: _Function, symbol: str, handed: "_Handed") -> Iterator[Hit]:
    inside = list(ast.walk(function))
    rebound = {node.id for node in inside if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    names = {each.arg for each in _parameters(function)} - rebound
    why: dict[str, str] = {}
    for node in inside if names else ():
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Store):
            continue
        name = dotted(node.value)
        if name not in names or text_of(node.slice) is None:
            continue
        if name not in why:
            why[name] = _text_by(function, inside, name) or handed.text_where(inside, name)
        if why[name]:
            yield _hit(node, name, why[name], symbol)


class _Handed:
    """What the functions of the file make of the parameters they are given, each worked out once."""

    def __init__(self, functions: dict[str, _Function]) -> None:
        self._functions = functions
        self._inside: dict[str, list[ast.AST]] = {}
        self._why: dict[tuple[str, str], str] = {}

    def text_where(self, inside: list[ast.AST], name: str) -> str:
        """What makes a name text in a function that is given it as it is; empty for nothing."""
        for call in inside:
            called = self._functions.get(dotted(call.func)) if isinstance(call, ast.Call) else None
            if called is None or not isinstance(call, ast.Call):
                continue
            positional = [each.arg for each in (*called.args.posonlyargs, *called.args.args)]
            given = [(positional[at], arg) for at, arg in enumerate(call.args[: len(positional)])]
            given += [(entry.arg, entry.value) for entry in call.keywords if entry.arg is not None]
            for parameter, value in given:
                why = self._text(called, parameter) if isinstance(value, ast.Name) and value.id == name else ""
                if why:
                    return f"`{called.name}` takes it, and there {why}"
        return ""

    def _text(self, called: _Function, parameter: str) -> str:
        key = (called.name, parameter)
        if key not in self._why:
            inside = self._inside.setdefault(called.name, [])
            inside.extend(() if inside else ast.walk(called))
            self._why[key] = _text_by(called, inside, parameter)
        return self._why[key]


def _parameters(function: _Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _text_by(function: _Function, inside: list[ast.AST], name: str) -> str:
    """What makes the parameter text in this function: annotation, default, how it is used; empty for nothing."""
    positional = [*function.args.posonlyargs, *function.args.args]
    defaults = dict(zip((each.arg for each in reversed(positional)), reversed(function.args.defaults), strict=False))
    annotation = next((each.annotation for each in _parameters(function) if each.arg == name), None)
    if annotation is not None:
        return "its annotation says" if dotted(annotation) == "str" else ""
    if text_of(defaults.get(name)) is not None:
        return "its default is"
    return next((found for node in inside if (found := _as_text(node, name))), "")


def _as_text(node: ast.AST, name: str) -> str:
    """How a node uses the name as text; empty where it does not."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _OF_TEXT:
        return f"`{name}.{node.func.attr}()` needs" if dotted(node.func.value) == name else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = (node.left, node.right)
        is_joined = any(dotted(side) == name for side in sides) and any(_is_text(side) for side in sides)
        return f"`{name} + ...` needs" if is_joined else ""
    if isinstance(node, ast.JoinedStr) and any(
        isinstance(part, ast.FormattedValue) and dotted(part.value) == name and part.conversion == -1
        for part in node.values
    ):
        written = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        return f"a name is made of it on line {node.lineno} as" if not any(map(str.isspace, written)) else ""
    return ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or text_of(node) is not None


def _hit(node: ast.Subscript, name: str, why: str, symbol: str) -> Hit:
    return Hit(
        line=node.lineno,
        symbol=symbol,
        evidence=f"{name}[{ast.unparse(node.slice)}]",
        explanation=(
            f"`{name}` is text ({why} text), and text takes no items: this line raises `TypeError` when it is reached."
        ),
        remediation=f"Assign into the dictionary that is meant; it is not `{name}`.",
    )
