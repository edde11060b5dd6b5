"""Whether what comes after a `try` can still end the job as failed.

A failure that a handler only logs is no lost one where the function raises, or leaves with a status, afterwards: when
all attempts are used up, or when it has counted what was done.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from review.rules import _python, _scala

if TYPE_CHECKING:
    import tree_sitter

_EXITS = frozenset({"exit", "quit", "sys.exit", "os._exit", "System.exit", "scala.sys.exit"})
_APART = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.ExceptHandler
"""What runs at another time, or because of a failure of its own."""
_SCALA_APART = _scala.DEFINITIONS | {"catch_clause"}
_SCALA_BLOCKS = frozenset({"block", "indented_block", "template_body", "compilation_unit"})


def tries_before_failure(tree: ast.Module) -> frozenset[ast.Try]:
    """The `try` statements after which the same function, or the module, may raise or exit with a status."""
    return frozenset(_tries(tree.body, follows=False))


def is_before_failure(attempt: "tree_sitter.Node") -> bool:
    """The same of one `try` of Scala."""
    node = attempt
    while node.parent is not None and node.type not in _scala.DEFINITIONS:
        later = node.next_named_sibling if node.parent.type in _SCALA_BLOCKS else None
        while later is not None:
            if _scala_can_fail(later):
                return True
            later = later.next_named_sibling
        node = node.parent
    return False


def _tries(block: Sequence[ast.stmt], *, follows: bool) -> Iterator[ast.Try]:
    """Those in a block of statements; `follows` says whether a failure may follow the block."""
    later: ast.stmt | None = None
    for statement in reversed(block):
        follows = follows or (later is not None and can_fail(later))
        later = statement
        if follows and isinstance(statement, ast.Try):
            yield statement
        around = follows and not isinstance(statement, _APART)
        for part, rest in _blocks(statement):
            yield from _tries(part, follows=around or any(map(can_fail, rest)))


def _blocks(statement: ast.stmt) -> list[tuple[list[ast.stmt], list[ast.stmt]]]:
    """The blocks of a statement, each with what runs after it in the same statement."""
    body, otherwise, finally_ = (getattr(statement, name, []) for name in ("body", "orelse", "finalbody"))
    if isinstance(statement, ast.If):
        return [(body, []), (otherwise, [])]
    branches = [*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]
    return [
        (body, [*otherwise, *finally_]),
        *((branch.body, finally_) for branch in branches),
        (otherwise, finally_),
        (finally_, []),
    ]


def can_fail(statement: ast.AST) -> bool:
    """Whether it raises something of its own, asserts, or exits with a status; definitions and handlers apart."""
    stack = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, _APART):
            continue
        if isinstance(node, ast.Assert) or _raises(node) or _exits(node):
            return True
        stack.extend(ast.iter_child_nodes(node))
    return False


def _raises(node: ast.AST) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    if _python.last_name(node.exc) != "SystemExit":
        return True
    return isinstance(node.exc, ast.Call) and _is_status(node.exc.args)


def _exits(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _python.dotted(node.func) in _EXITS and _is_status(node.args)


def ends_well(call: ast.expr) -> bool:
    """Whether it is an exit with nothing to say that something failed: `sys.exit(0)`, `exit()`."""
    return isinstance(call, ast.Call) and _python.dotted(call.func) in _EXITS and not _is_status(call.args)


def scala_ends_well(node: "tree_sitter.Node") -> bool:
    """The same in Scala: `System.exit(0)`."""
    is_exit = node.type == "call_expression" and _scala.text_of(node.child_by_field_name("function")) in _EXITS
    return is_exit and not _scala_exits(node)


def _is_status(arguments: list[ast.expr]) -> bool:
    """Whether an exit with these arguments can be a failure: `exit()`, `exit(None)` and `exit(0)` are none."""
    return any(not isinstance(status, ast.Constant) or bool(status.value) for status in arguments[:1])


def _scala_can_fail(node: "tree_sitter.Node") -> bool:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type in _SCALA_APART:
            continue
        if current.type == "throw_expression" or _scala_exits(current):
            return True
        stack.extend(current.named_children)
    return False


def _scala_exits(node: "tree_sitter.Node") -> bool:
    if node.type != "call_expression" or _scala.text_of(node.child_by_field_name("function")) not in _EXITS:
        return False
    return any(_scala.text_of(status) != "0" for status in _scala.arguments(node)[:1])
