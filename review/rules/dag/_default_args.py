"""Where a DAG file writes `default_args`, and what it puts in.

Airflow hands each key of `default_args` to the operators whose constructor has a parameter of that name and ignores
the rest without a word (`airflow.models.baseoperator`, `BaseOperatorMeta._apply_defaults`): a wrong key is no error.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from review.rules._python import dotted, keyword, last_name, scopes, text_of

_DAG_CALLS = frozenset({"DAG", "dag"})


@dataclass(frozen=True)
class Argument:
    """One key of a `default_args` dictionary."""

    key: str
    node: ast.expr | ast.keyword
    """Where the key is written: a string, or a keyword of `dict(...)`."""
    value: ast.expr
    symbol: str
    """The name the dictionary is bound to."""


def arguments(tree: ast.Module) -> Iterator[Argument]:
    """Every key of every dictionary that serves as `default_args`, in the order of the text."""
    names = _names(tree)
    for node, _ in scopes(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            yield from _assigned(node, names)
        elif isinstance(node, ast.Call):
            given = keyword(node, "default_args")
            if given is not None:
                yield from _entries(given, "default_args")
            if (
                isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
                and _is_named(node.func.value, names)
            ):
                for part in node.args:
                    yield from _entries(part, dotted(node.func.value))
                yield from _keywords(node, dotted(node.func.value))


def dag_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every `DAG(...)` and `@dag(...)`."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and last_name(node.func) in _DAG_CALLS)


def _names(tree: ast.Module) -> frozenset[str]:
    """The variables that hold default arguments: by their name, or because a DAG is given them."""
    named = {dotted(node) for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute))}
    found = {name for name in named if name.lower().rpartition(".")[2].endswith("default_args")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = keyword(node, "default_args")
            if isinstance(given, (ast.Name, ast.Attribute)):
                found.add(dotted(given))
    return frozenset(found)


def _assigned(node: ast.Assign | ast.AnnAssign, names: frozenset[str]) -> Iterator[Argument]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if node.value is None:
            return
        if isinstance(target, ast.Subscript) and _is_named(target.value, names):
            key = text_of(target.slice)
            if key is not None:
                yield Argument(key, target.slice, node.value, dotted(target.value))
        elif _is_named(target, names):
            yield from _entries(node.value, dotted(target))


def _is_named(node: ast.expr, names: frozenset[str]) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and dotted(node) in names


def _entries(node: ast.expr, symbol: str) -> Iterator[Argument]:
    """The keys written in an expression that gives a dictionary: a literal, `dict(...)`, a merge of such."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            name = text_of(key)
            if key is None:
                yield from _entries(value, symbol)
            elif name is not None:
                yield Argument(name, key, value, symbol)
    elif isinstance(node, ast.Call) and dotted(node.func) == "dict":
        for part in node.args:
            yield from _entries(part, symbol)
        yield from _keywords(node, symbol)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _entries(node.left, symbol)
        yield from _entries(node.right, symbol)


def _keywords(call: ast.Call, symbol: str) -> Iterator[Argument]:
    return (Argument(entry.arg, entry, entry.value, symbol) for entry in call.keywords if entry.arg is not None)
