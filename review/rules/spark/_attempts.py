"""Attempts of Python whose failure costs nobody any data: what they read is only shown, what they change is tidying."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from review.rules import _python
from review.rules.spark._actions import ACTIONS, LOGGERS, first_word, is_upkeep
from review.rules.spark._functions import words
from review.rules.spark._uses import Uses
from review.rules.spark._work import beginning, chain_of, is_local, is_query, is_upkeep_call, is_work, reached

SHOWN = LOGGERS | {"display", "displayHTML", "show", "printSchema", "explain"}
"""Calls that end in front of somebody's eyes."""
_TIDYING = frozenset({"unpersist", "stop", "close", "rm", "clearCache"})
_READING = frozenset({"SELECT", "WITH", "FROM"})
_RUNNING = ACTIONS - {"toPandas"}
_DOING = frozenset(
    {"create", "export", "insert", "load", "merge", "publish", "put", "save", "send", "store", "update", "upload"}
    | {"upsert", "write"}
)
"""Words of functions that leave something behind."""
_WRITING = frozenset({"write", "writeStream", "writeTo"})
_READERS = frozenset({"read", "readStream"})
_FILLING = frozenset({"append", "extend", "add", "update", "sort"})
_MAKING = frozenset({"createDataFrame", "getOrCreate"})


@dataclass(frozen=True)
class Scope:
    """The function or module around an attempt."""

    node: ast.AST
    working: frozenset[str]
    """The file's functions that read, write or run something."""

    @cached_property
    def last_write(self) -> int:
        """The line of the last call that may change rows; 0 where there is none."""
        calls = [node for node in ast.walk(self.node) if isinstance(node, ast.Call)]
        chains = [(call, chain_of(call.func)) for call in calls]
        return max((call.lineno for call, names in chains if names and _changes(names, call, self.working)), default=0)

    @cached_property
    def uses(self) -> Uses:
        """What is done with its names."""
        return Uses.of(self.node)


def scopes_of_attempts(tree: ast.Module, working: frozenset[str]) -> Iterator[tuple[ast.Try, Scope, int]]:
    """Each `try` with the function or module around it, and the first line of the loop it is in; 0 for none."""
    stack: list[tuple[ast.AST, Scope, int]] = [(tree, Scope(tree, working), 0)]
    while stack:
        node, scope, loop = stack.pop()
        if isinstance(node, ast.Try):
            yield node, scope, loop
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope, loop = Scope(node, working), 0
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            loop = loop or node.lineno
        stack.extend((child, scope, loop) for child in ast.iter_child_nodes(node))


def costs_nothing(attempt: ast.Try, scope: Scope, loop: int) -> bool:
    """Whether the attempt writes nothing but upkeep, and no name, view or value that it makes is used after it.

    `loop` is the first line of the loop around it, 0 for none. Without upkeep it must end with something shown: what
    is only read otherwise may be a check.
    """
    statements = [node for statement in attempt.body for node in reached(statement)]
    made = {node.id for node in statements if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    deletes = tends = False
    for node in statements:
        if _leaves(node, made) or (isinstance(node, ast.Expr) and not _is_idle(node.value, made)):
            return False
        names = chain_of(node.func) if isinstance(node, ast.Call) else []
        if isinstance(node, ast.Call) and names:
            if _changes(names, node, scope.working):
                return False
            deletes = deletes or _is_delete(names, node)
            tends = tends or names[0] in _TIDYING or is_upkeep_call(names, node)
    if deletes and scope.last_write > _python.end_line(attempt):
        return False  # what is written afterwards would stand there twice
    return (deletes or tends or ends_shown(attempt.body)) and not scope.uses.are_used(made, attempt, loop)


def _leaves(node: ast.AST, made: set[str]) -> bool:
    """Whether it hands something on by another way than a local name."""
    if isinstance(node, ast.Return):
        return node.value is not None
    if isinstance(node, ast.Attribute | ast.Subscript):
        return isinstance(node.ctx, ast.Store) and made.isdisjoint(chain_of(node)[-1:])
    return isinstance(node, _python.Scope | ast.Yield | ast.YieldFrom | ast.Global | ast.Nonlocal)


def _is_idle(value: ast.expr, made: set[str]) -> bool:
    """Whether a statement of its own does nothing but show, tidy up, or fill what the attempt made itself."""
    if not isinstance(value, ast.Call):
        return isinstance(value, ast.Constant | ast.Name | ast.Attribute)
    names = chain_of(value.func)
    if not names:
        return False
    is_tidying = names[0] in _TIDYING or is_upkeep_call(names, value) or _is_delete(names, value)
    is_filling = names[0] in _FILLING and len(names) == 2 and names[1] in made
    return names[0] in SHOWN or is_tidying or is_filling


def _is_delete(names: list[str], call: ast.Call) -> bool:
    return is_query(names) and bool(call.args) and first_word(beginning(call.args[0])) == "DELETE"


def _changes(names: list[str], call: ast.Call, working: frozenset[str]) -> bool:
    """Whether a call may change rows; of SQL in a variable whether nobody reads what it gives is asked elsewhere."""
    if is_query(names):
        return changes_rows(beginning(call.args[0]) if call.args else "")
    if is_local(names, working):
        return True
    return does_something(names)


def changes_rows(sql: str) -> bool:
    """Whether a statement that begins so writes; DELETE apart, and what cannot be read."""
    return not is_upkeep(sql) and first_word(sql) not in _READING | {"", "DELETE"}


def does_something(names: list[str]) -> bool:
    """Whether a call named by such a chain writes, runs a job, or says of itself that it leaves something behind."""
    if is_work(names) and names[0] in _RUNNING:
        return True
    if not _WRITING.isdisjoint(names):
        return True
    is_reader = names[0] in _MAKING or not _READERS.isdisjoint(names)
    return not is_reader and not _DOING.isdisjoint(words(names[0]))


def ends_shown(body: list[ast.stmt]) -> bool:
    """Whether the last statement prints, logs or displays something."""
    last = body[-1]
    while isinstance(last, ast.If | ast.For | ast.With):
        last = last.body[-1]
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and _python.last_name(last.value) in SHOWN
