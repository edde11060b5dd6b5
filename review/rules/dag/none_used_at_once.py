"""A value that its own assignment may leave as None is used without a check.

### Why it matters
`x = find(...) if key else None` says that `x` is None for some input. When the next lines iterate over it or call its
methods without asking, that input raises `TypeError` or `AttributeError`. The author thought of that case, and it
will come: one record without the key ends the whole run, or, where the code builds tasks, keeps the DAG from being
imported.

### Bad
```python
import airflow


def dependencies(table):
    references = table["sql"].split("ref:") if table["sql"] is not None else None
    return set(references)
```

### Good
```python
import airflow


def dependencies(table):
    references = table["sql"].split("ref:") if table["sql"] is not None else []
    return set(references)
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG017",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.DBT_PYTHON_MODEL}),
)

_TAKERS = frozenset(
    {"set", "list", "tuple", "len", "sorted", "sum", "min", "max", "any", "all", "iter", "enumerate", "reversed", "int"}
    | {"float", "frozenset"}
)
"""Built-in functions that raise TypeError for None."""
_NEAR = 10
"""So many statements further on the reader still has the assignment in view."""
_ASKS = ast.IfExp | ast.BoolOp | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SIMPLE = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Names bound to `… if … else None` that the same block takes apart before anything asks about them."""
    if "else None" not in source.text and "None if" not in source.text:
        return
    for node, symbol in source.scopes:
        inside = f"{symbol}.{node.name}".lstrip(".") if isinstance(node, ast.FunctionDef) else symbol
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield from _in_block(block, inside)


def _in_block(block: list[ast.stmt], symbol: str) -> Iterator[Hit]:
    for number, statement in enumerate(block):
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        name, value = statement.targets[0], statement.value
        if (
            isinstance(name, ast.Name)
            and isinstance(value, ast.IfExp)
            and _is_none(value.body) != _is_none(value.orelse)
        ):
            asked = {each.id for each in _names(value.test)}
            use = _first_use(block[number + 1 : number + 1 + _NEAR], name.id, asked)
            if use is not None:
                yield _hit(statement, name.id, value.test, use, symbol)


def _first_use(rest: list[ast.stmt], name: str, asked: set[str]) -> ast.expr | None:
    """The expression that takes the value apart, unless a statement before it may have asked, changed it or gone."""
    for statement in rest:
        if isinstance(statement, ast.For) and dotted(statement.iter) == name:
            return statement.iter
        if not isinstance(statement, _SIMPLE):
            if any(each.id == name or each.id in asked for each in _names(statement)):
                return None
            if not isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass | ast.FunctionDef):
                return None
            continue
        use = _use(statement, name)
        if use is not None:
            return use
        if isinstance(statement, ast.Assign) and any(_binds(target, name) for target in statement.targets):
            return None
    return None


def _names(node: ast.AST) -> list[ast.Name]:
    return [each for each in ast.walk(node) if isinstance(each, ast.Name)]


def _binds(target: ast.expr, name: str) -> bool:
    return any(each.id == name for each in _names(target))


def _use(statement: ast.stmt, name: str) -> ast.expr | None:
    """Where a simple statement needs the name to be something, whatever else is true."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, _ASKS):
            continue
        if isinstance(node, ast.Call) and dotted(node.func) in _TAKERS and len(node.args) == 1:
            if _is_name(node.args[0], name) and not node.keywords:
                return node
        elif isinstance(node, ast.Attribute | ast.Subscript | ast.Starred) and _is_name(node.value, name):
            return node
        stack.extend(ast.iter_child_nodes(node))
    return None


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _hit(statement: ast.Assign, name: str, test: ast.expr, use: ast.expr, symbol: str) -> Hit:
    return Hit(
        line=use.lineno,
        symbol=symbol,
        evidence=f"{name} {ast.unparse(use)[:80]}",
        explanation=(
            f"Line {statement.lineno} makes `{name}` None unless `{ast.unparse(test)[:60]}` decides otherwise, and "
            "nothing in between asks: with that input this line raises."
        ),
        remediation=f"Give `{name}` an empty value in place of None, or ask for None before this line.",
    )
