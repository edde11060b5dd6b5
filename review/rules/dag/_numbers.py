"""Which cut-off texts are then read as numbers: what was cut too short would not be one."""

import ast
from dataclasses import dataclass, field

_MOST = 4
"""Names and calls between a number and the text that it is read from."""


@dataclass
class _Names:
    """What the names of each function or module stand for; keys are its symbol and the name."""

    values: dict[tuple[str, str], ast.expr | None] = field(default_factory=dict)
    """None where a name is bound more than once."""
    elements: dict[tuple[str, str], ast.expr] = field(default_factory=dict)
    """What a comprehension takes the name's values from."""
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    """The last place, from the front, that a list is asked for."""


def read_as_numbers(nodes: list[tuple[ast.AST, str]]) -> dict[ast.Call, frozenset[str]]:
    """Calls of `strip` and the like whose result goes into `int()`, and the ends (`left`, `right`) that it takes.

    `nodes` are those of a file with the symbol around each. Of a text that is split, the first part has the left end
    and the last the right one.
    """
    names = _names(nodes)
    found: dict[ast.Call, frozenset[str]] = {}
    for node, symbol in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        is_map = node.func.id == "map" and isinstance(node.args[0], ast.Name) and node.args[0].id == "int"
        if node.func.id == "int" or (is_map and len(node.args) == 2):
            call, ends = _origin(node.args[-1 if is_map else 0], symbol, names)
            if call is not None and ends:
                found[call] = found.get(call, frozenset()) | ends
    return found


def _names(nodes: list[tuple[ast.AST, str]]) -> _Names:
    names = _Names()
    for node, symbol in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            key = (symbol, node.id)
            names.values[key] = None if key in names.values else ast.Name("")
        elif isinstance(node, ast.comprehension) and isinstance(node.target, ast.Name):
            names.elements[symbol, node.target.id] = node.iter
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            key = (symbol, node.value.id)
            names.places[key] = max(names.places.get(key, 0), _place(node) or 0)
    for node, symbol in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name):
            key = (symbol, target.id)
            names.values[key] = node.value if names.values.get(key) is not None else None
    return names


def _place(node: ast.Subscript) -> int | None:
    """The constant place that is asked for, negative from the end."""
    index = node.slice
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub) and isinstance(index.operand, ast.Constant):
        return -index.operand.value if isinstance(index.operand.value, int) else None
    return index.value if isinstance(index, ast.Constant) and isinstance(index.value, int) else None


def _origin(node: ast.expr | None, symbol: str, names: _Names) -> tuple[ast.Call | None, frozenset[str]]:
    """The call of `strip` or the like that an expression is read from, and which of its ends the expression has."""
    ends = frozenset({"left", "right"})
    for _ in range(_MOST):
        if isinstance(node, ast.Subscript):
            place = _place(node)
            last = names.places.get((symbol, node.value.id)) if isinstance(node.value, ast.Name) else None
            is_last = place == -1 or (place is not None and place > 0 and place == last)
            ends &= {"left"} if place == 0 else {"right"} if is_last else frozenset()
            node = node.value
        elif isinstance(node, ast.Name):
            key = (symbol, node.id)
            node = names.elements.get(key) or names.values.get(key)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ("split", "rsplit"):
                return node, ends
            node = node.func.value
    return None, frozenset()
