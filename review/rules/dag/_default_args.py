"""Where a DAG file writes `default_args`, what it puts in, and what else it does with them.

Airflow hands each key of `default_args` to the operators whose constructor has a parameter of that name and ignores
the rest without a word (`airflow.models.baseoperator`, `BaseOperatorMeta._apply_defaults`): a wrong key is no error.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from review.rules._python import dotted, keyword, last_name, scopes, text_of
from review.rules.dag._scope import Variable, variables_of
from review.rules.source import Source

_DAG_CALLS = frozenset({"DAG", "dag"})
_KNOWN_CALLS = _DAG_CALLS | {"TaskGroup", "task_group", "dict"}
"""Calls that hand `default_args` on to tasks and use no key of it themselves; `dict` copies it."""
_READERS = frozenset({"get", "pop", "setdefault", "__getitem__"})

Owner = Variable | ast.Call
"""What has a dictionary: the variable that holds it, or the call that is given it as written."""


@dataclass(frozen=True)
class Argument:
    """One key of a `default_args` dictionary."""

    key: str
    node: ast.expr | ast.keyword
    """Where the key is written: a string, or a keyword of `dict(...)`."""
    value: ast.expr
    symbol: str
    """The name the dictionary is bound to."""
    owner: Owner


class DefaultArgs:
    """The dictionaries of one file that serve as `default_args`: by their name, or because a DAG is given them."""

    def __init__(self, tree: ast.Module, known: Mapping[ast.expr, Variable]) -> None:
        self._tree = tree
        self._variables = known
        self._held = frozenset(self._holders())

    def arguments(self) -> Iterator[Argument]:
        """Every key of every such dictionary, in the order of the text."""
        for node, _ in scopes(self._tree):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                yield from self._assigned(node, node.value)
            elif isinstance(node, ast.Call):
                given = keyword(node, "default_args")
                if given is not None:
                    yield from _entries(given, "default_args", node)
                updated = self._updated(node)
                if updated is not None:
                    for part in node.args:
                        yield from _entries(part, updated[1], updated)
                    yield from _keywords(node, updated[1], updated)

    def read_back(self) -> frozenset[str]:
        """The keys that the file itself takes out of any of them again, so that they have an effect."""
        keys = (
            text_of(key)
            for node in ast.walk(self._tree)
            for dictionary, key in _taken(node)
            if self._holder(dictionary) is not None
        )
        return frozenset(key for key in keys if key is not None)

    def given_away(self) -> frozenset[Owner]:
        """Those that another call than a DAG's is given, which may use any key: a factory of DAGs, a callable."""
        found: set[Owner] = set()
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Call) or last_name(node.func) in _KNOWN_CALLS or self._updated(node):
                continue
            is_task = last_name(node.func).endswith(("Operator", "Sensor"))
            given = [entry.value for entry in node.keywords if not (is_task and entry.arg == "default_args")]
            if keyword(node, "default_args") in given:
                found.add(node)
            for part in (*node.args, *given):
                found.update(holder for name in _whole(part) if (holder := self._holder(name)) is not None)
        return frozenset(found)

    def _holders(self) -> Iterator[Variable]:
        for name, variable in self._variables.items():
            if last_name(name).lower().endswith("default_args"):
                yield variable
        for node in ast.walk(self._tree):
            given = keyword(node, "default_args") if isinstance(node, ast.Call) else None
            if given is not None and given in self._variables:
                yield self._variables[given]

    def _holder(self, node: ast.expr) -> Variable | None:
        """The variable, where it holds default arguments."""
        variable = self._variables.get(node)
        return variable if variable in self._held else None

    def _updated(self, call: ast.Call) -> Variable | None:
        """The variable of `default_args.update(...)`."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "update":
            return None
        return self._holder(call.func.value)

    def _assigned(self, node: ast.Assign | ast.AnnAssign, value: ast.expr) -> Iterator[Argument]:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Subscript):
                holder, key = self._holder(target.value), text_of(target.slice)
                if holder is not None and key is not None:
                    yield Argument(key, target.slice, value, holder[1], holder)
            else:
                holder = self._holder(target)
                if holder is not None:
                    yield from _entries(value, holder[1], holder)


def default_args(source: Source) -> DefaultArgs:
    """The file's, told once for all rules."""
    return source.derived("default arguments", lambda: _told(source))


def _told(source: Source) -> DefaultArgs:
    if "default_args" not in source.text.lower():  # then nothing in it is called so
        return DefaultArgs(ast.Module([], []), {})
    return DefaultArgs(source.python, variables_of(source))


def dag_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every `DAG(...)` and `@dag(...)`."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and last_name(node.func) in _DAG_CALLS)


def _taken(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """What is asked for a key, and the key: of `x["a"]`, `x.get("a")`, `x.pop("a")`; nothing of any other node."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Store):
        return [(node.value, node.slice)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _READERS and node.args:
        return [(node.func.value, node.args[0])]
    return []


def _whole(node: ast.expr) -> Iterator[ast.expr]:
    """The names whose whole value this is or holds: in `x`, `*x`, `{"a": x}`, `x | y`; not in `x["a"]` or `f(x)`."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield node
    elif isinstance(node, ast.Starred | ast.Dict | ast.List | ast.Tuple | ast.Set | ast.BinOp | ast.BoolOp | ast.IfExp):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _whole(child)


def _entries(node: ast.expr, symbol: str, owner: Owner) -> Iterator[Argument]:
    """The keys written in an expression that gives a dictionary: a literal, `dict(...)`, a merge of such."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            name = text_of(key)
            if key is None:
                yield from _entries(value, symbol, owner)
            elif name is not None:
                yield Argument(name, key, value, symbol, owner)
    elif isinstance(node, ast.Call) and dotted(node.func) == "dict":
        for part in node.args:
            yield from _entries(part, symbol, owner)
        yield from _keywords(node, symbol, owner)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _entries(node.left, symbol, owner)
        yield from _entries(node.right, symbol, owner)


def _keywords(call: ast.Call, symbol: str, owner: Owner) -> Iterator[Argument]:
    return (Argument(entry.arg, entry, entry.value, symbol, owner) for entry in call.keywords if entry.arg is not None)
