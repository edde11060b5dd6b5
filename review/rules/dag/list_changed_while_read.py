"""A list loses elements while a loop goes through it, so the loop skips some.

### Why it matters
A `for` loop counts places. When an element is removed, all behind it move one place to the front, and the next one is
passed over: of files that are to be deleted every second stays, of addresses that are to be checked every second is
not.

### Bad
```python
import airflow


def valid(owners: list[str]) -> list[str]:
    for owner in owners:
        if "@" not in owner:
            owners.remove(owner)
    return owners
```

### Good
```python
import airflow


def valid(owners: list[str]) -> list[str]:
    return [owner for owner in owners if "@" in owner]
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, end_line
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG083",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK}),
)

_MAX_DEPTH = 20
"""Blocks inside one another that are looked into."""


_NEXT = 10
"""Statements behind a loop among which the list's next use is looked for."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`for x in xs: … xs.remove(x)`, where the loop goes on afterwards."""
    if ".remove(" not in source.text or is_test(source.path, source.kind):
        return
    nodes = list(source.scopes)
    followed = _followed(nodes)
    tried_again = _tried_again(nodes)
    for node, symbol in nodes:
        name = (
            dotted(node.iter) if isinstance(node, ast.For) and isinstance(node.iter, ast.Name | ast.Attribute) else ""
        )
        if not isinstance(node, ast.For) or not name or name.startswith(".") or not isinstance(node.target, ast.Name):
            continue
        if name in tried_again.get(node, ()) or _is_then_filtered(followed.get(node, []), name):
            continue
        for call in _removals(node.body, name, node.target.id):
            yield Hit(
                line=call.lineno,
                end_line=end_line(call),
                symbol=symbol,
                evidence=f"{name}.remove({node.target.id})",
                explanation=(
                    f"The loop of line {node.lineno} goes through `{name}` by places; after this the elements behind "
                    "move to the front by one, and the next of them is never looked at."
                ),
                remediation=f"Go through a copy, `for {node.target.id} in list({name})`, or build a new list.",
            )


def _followed(nodes: list[tuple[ast.AST, str]]) -> dict[ast.AST, list[ast.stmt]]:
    """By loop, the next statements of its block."""
    found: dict[ast.AST, list[ast.stmt]] = {}
    for node, _ in nodes:
        for inner in ("body", "orelse", "finalbody"):
            given = getattr(node, inner, None)
            block = given if isinstance(given, list) else []  # that of a lambda is an expression
            for index, statement in enumerate(block):
                if isinstance(statement, ast.For):
                    found[statement] = block[index + 1 : index + 1 + _NEXT]
    return found


def _tried_again(nodes: list[tuple[ast.AST, str]]) -> dict[ast.AST, set[str]]:
    """By `for` inside of a `while`, the names that decide when that ends: what was passed over has another turn."""
    found: dict[ast.AST, set[str]] = {}
    for node, _ in nodes:
        if not isinstance(node, ast.While):
            continue
        tests = [node.test, *(each.test for each in node.body if isinstance(each, ast.If))]
        names = {
            dotted(each) for test in tests for each in ast.walk(test) if isinstance(each, ast.Name | ast.Attribute)
        }
        for each in ast.walk(node):
            if isinstance(each, ast.For):
                found.setdefault(each, set()).update(names)
    return found


def _is_then_filtered(after: list[ast.stmt], name: str) -> bool:
    """Whether the next use of the list picks from it once more, so that what was passed over is left out there."""
    for statement in after:
        inside = list(ast.walk(statement))
        if any(dotted(each) == name for each in inside if isinstance(each, ast.Name | ast.Attribute)):
            picked = [each.iter for each in inside if isinstance(each, ast.comprehension) and each.ifs]
            picked += [
                each.args[-1]
                for each in inside
                if isinstance(each, ast.Call) and dotted(each.func) == "filter" and each.args
            ]
            return any(dotted(each) == name for each in picked)
    return False


def _removals(block: list[ast.stmt], name: str, element: str, depth: int = 0) -> Iterator[ast.Call]:
    """The removals of the loop's element in a block of it that does not end the loop, nor binds the list anew."""
    if depth > _MAX_DEPTH or isinstance(block[-1] if block else None, ast.Break | ast.Return | ast.Raise):
        return
    for statement in block:
        if isinstance(statement, ast.Assign) and any(dotted(target) == name for target in statement.targets):
            return
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and _is_removal(call, name, element):
            yield call
        for inner in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.For | ast.While):
                yield from _removals(getattr(statement, inner, []), name, element, depth + 1)


def _is_removal(call: ast.Call, name: str, element: str) -> bool:
    given = call.args[0] if len(call.args) == 1 else None
    return dotted(call.func) == f"{name}.remove" and isinstance(given, ast.Name) and given.id == element
