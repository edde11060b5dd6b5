"""Small questions about Python syntax trees that rules of more than one family ask."""

import ast
from collections.abc import Iterator

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
"""What gives the code inside it a name."""


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names; of anything else what stands at its end: `.c` of `f().c`, else the empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def last_name(node: ast.expr) -> str:
    """The name a call, an attribute or a name ends with: `save` of `df.write.save`; else the empty string."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return dotted(node).rpartition(".")[2]


def text_of(node: ast.expr | None) -> str | None:
    """The value of a literal string, an f-string without holes among them, else None."""
    if isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name_of(node: ast.expr | None) -> str | None:
    """The value of a string that names something, with `x` for each hole of an f-string, else None."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return text_of(node)


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument, or None."""
    return next((entry.value for entry in call.keywords if entry.arg == name), None)


def scopes(tree: ast.AST, inside: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Every node with the dotted name of the function or class around it, in the order of the text; no recursion."""
    stack = [(child, inside) for child in reversed(list(ast.iter_child_nodes(tree)))]
    while stack:
        node, name = stack.pop()
        yield node, name
        within = f"{name}.{node.name}".lstrip(".") if isinstance(node, Scope) else name
        stack.extend((child, within) for child in reversed(list(ast.iter_child_nodes(node))))


def end_line(node: ast.expr | ast.stmt | ast.keyword | ast.excepthandler) -> int:
    """The node's last line."""
    return node.end_lineno or node.lineno


def code_of(node: ast.expr, most: int = 200) -> str:
    """Its code on one line, cut; of what is nested too deeply for Python's printer, only what kind of code it is."""
    try:
        return ast.unparse(node)[:most]
    except RecursionError:
        return f"… {type(node).__name__}"
