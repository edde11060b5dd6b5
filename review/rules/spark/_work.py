"""Calls of Python by which Spark reads, writes or runs something, and whether their failure leaves a piece of code."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator

from review.rules import _python
from review.rules.spark._actions import ACTIONS, FORMATS, WRITES, is_upkeep
from review.rules.spark._endings import can_fail

_READING_OR_WRITING = frozenset({"write", "writeStream", "read", "readStream", "writeTo"})
_EVERYTHING = frozenset({"Exception", "BaseException"})


def working_functions(tree: ast.Module) -> frozenset[str]:
    """Names of the file's functions that read, write or run something, themselves or through one another.

    A function that catches all that can go wrong there is none: its callers never hear of it.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    working: frozenset[str] = frozenset()
    while True:
        found = frozenset(function.name for function in functions if first_work(function.body, working))
        if found == working:
            return working
        working = found


def first_work(body: Iterable[ast.stmt], working: frozenset[str]) -> str:
    """The first reading, writing or running call whose failure leaves the statements, as it is named; else empty."""
    for statement in body:
        for node in reached(statement):
            if isinstance(node, ast.Call):
                chain = chain_of(node.func)
                if chain and (is_work(chain) or is_local(chain, working)) and not is_upkeep_call(chain, node):
                    return chain[0]
    return ""


def reached(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement but those inside a `try` that lets no failure out, the outermost first."""
    todo: deque[ast.AST] = deque([statement])
    while todo:
        node = todo.popleft()
        yield node
        stopped = set(map(id, node.body)) if isinstance(node, ast.Try) and _lets_nothing_out(node) else set()
        todo.extend(child for child in ast.iter_child_nodes(node) if id(child) not in stopped)


def _lets_nothing_out(attempt: ast.Try) -> bool:
    """Whether one of its handlers takes everything, and none raises."""
    takes_all = any(
        handler.type is None
        or any(
            _python.last_name(each) in _EVERYTHING
            for each in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])
        )
        for handler in attempt.handlers
    )
    return takes_all and not any(
        isinstance(node, ast.Raise) or can_fail(node) for handler in attempt.handlers for node in ast.walk(handler)
    )


def chain_of(node: ast.expr) -> list[str]:
    """The names of a chain of calls and attributes, last first: `parquet`, `mode`, `write`, `df`."""
    names = []
    while True:
        if isinstance(node, ast.Call | ast.Subscript):
            node = node.func if isinstance(node, ast.Call) else node.value
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            return [*names, node.id] if isinstance(node, ast.Name) else names


def is_work(chain: list[str]) -> bool:
    """Whether a call named by such a chain is Spark's: `….write.….save`, `spark.read.….parquet`, `spark.sql`."""
    method = chain[0]
    if method in ACTIONS and len(chain) > 1:
        return True
    if method in WRITES or method in FORMATS:
        return not _READING_OR_WRITING.isdisjoint(chain)
    return is_query(chain)


def is_query(chain: list[str]) -> bool:
    """Whether it is `spark.sql`."""
    return chain[0] == "sql" and len(chain) > 1 and "spark" in chain[1].lower()


def is_local(chain: list[str], names: frozenset[str]) -> bool:
    """Whether a call is of one of the file's own functions or methods: `main()`, `self.load()`."""
    return chain[0] in names and (len(chain) == 1 or chain[1:] in (["self"], ["cls"]))


def is_upkeep_call(chain: list[str], call: ast.Call) -> bool:
    """Whether it is `spark.sql` of a statement, known by its literal beginning, that neither reads nor writes rows."""
    return chain[0] == "sql" and bool(call.args) and is_upkeep(beginning(call.args[0]))


def beginning(node: ast.expr) -> str:
    """The literal text that a string begins with: of a literal, an f-string, `"…" + x`, `"…".format(x)`."""
    while True:
        if isinstance(node, ast.JoinedStr) and node.values:
            node = node.values[0]
        elif isinstance(node, ast.BinOp):
            node = node.left
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        else:
            return _python.text_of(node) or ""
