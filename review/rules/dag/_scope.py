"""Which variable a name means: two functions of a file may each have an `args` of their own.

Python's rule (docs.python.org, "Naming and binding"): a name belongs to the innermost function around it that binds it,
else to the module; what a class binds is seen in the class's own body only.
"""

import ast
from collections.abc import Iterator

from review.rules._python import dotted
from review.rules.source import Source

Variable = tuple[ast.AST, str]
"""The scope that has it (a module, function, class or comprehension) and its dotted name."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Scope = _Function | ast.ClassDef | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_WITHIN = frozenset({"body", "elt", "key", "value", "generators"})
"""Fields of those that lie in the scope they open; decorators, defaults and bases lie outside."""

Scopes = tuple[ast.AST, ...]
"""The scopes around a node, the innermost first, the module last."""


def variables_of(source: Source) -> dict[ast.expr, Variable]:
    """Those of a file, told once for all rules."""
    return source.derived("variables", lambda: variables(source.python))


def variables(tree: ast.Module) -> dict[ast.expr, Variable]:
    """The variable of each name and each chain of attributes; `self.x` is the same in all methods of a class."""
    placed = list(_placed(tree))
    bound = _bound(placed)
    return {
        node: (_home(node, around, bound), dotted(node))
        for node, around in placed
        if isinstance(node, ast.Name | ast.Attribute)
    }


def _placed(tree: ast.Module) -> Iterator[tuple[ast.AST, Scopes]]:
    """Every node below with the scopes around it, in no order."""
    stack: list[tuple[ast.AST, Scopes]] = [(tree, (tree,))]
    while stack:
        node, around = stack.pop()
        for field, value in ast.iter_fields(node):
            inner = (node, *around) if isinstance(node, _Scope) and field in _WITHIN else around
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    stack.append((child, inner))
                    yield child, inner


def _bound(placed: list[tuple[ast.AST, Scopes]]) -> dict[ast.AST, set[str]]:
    """The names that each scope binds: by assignment, import, definition or as a parameter, unless `global`."""
    bound: dict[ast.AST, set[str]] = {}
    for node, around in placed:
        names = bound.setdefault(around[0], set())
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, _Function):
            parameters = (each.arg for each in ast.iter_child_nodes(node.args) if isinstance(each, ast.arg))
            bound.setdefault(node, set()).update(parameters)
    for node, around in placed:
        if isinstance(node, ast.Global | ast.Nonlocal):
            bound[around[0]].difference_update(node.names)
    return bound


def _home(node: ast.expr, around: Scopes, bound: dict[ast.AST, set[str]]) -> ast.AST:
    """The scope that has the name which the chain begins with."""
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    name = root.id if isinstance(root, ast.Name) else ""
    if root is not node and name in ("self", "cls"):
        return next((scope for scope in around if isinstance(scope, ast.ClassDef)), around[-1])
    seen = (scope for scope in around if scope is around[0] or not isinstance(scope, ast.ClassDef))
    return next((scope for scope in seen if name in bound.get(scope, ())), around[-1])
