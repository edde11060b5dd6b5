"""Functions of Spark code: their parameters, and what their local names are assigned, in Python and Scala."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.rules import _python, _scala
from review.rules.source import Source
from review.rules.spark._values import Value, argument

if TYPE_CHECKING:
    import tree_sitter

DATES = frozenset({"date", "day", "ds", "dt", "hour", "month", "week", "year", "yesterday", "today", "partition"})
"""Words of names that hold a span of time."""
DAYS = frozenset({"date", "day", "ds", "hour"})
"""Those of one day or less: what a run that is repeated is given."""
_SETTINGS = frozenset({"args", "params", "conf", "config", "opts", "options"})
"""Usual names of what a job was started with."""


@dataclass(frozen=True)
class Function:
    """A function, or the code outside of any (with an empty name)."""

    symbol: str
    parameters: frozenset[str]
    assigned: dict[str, list[Value]]
    """Local name → what it is assigned, in the order of the text."""

    def sources(self, names: frozenset[str]) -> frozenset[str]:
        """The names, and those that their values are made of, through any number of local assignments."""
        seen: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(found for value in self.assigned.get(name, ()) for found in value.names)
        return frozenset(seen)


def words(name: str) -> frozenset[str]:
    """The lower-case words of a name in snake_case, kebab-case, camelCase or with dots."""
    spaced = "".join(
        f" {letter}" if letter.isupper() and name[index - 1 : index].islower() else letter if letter.isalnum() else " "
        for index, letter in enumerate(name)
    )
    return frozenset(spaced.lower().split())


def is_date(name: str) -> bool:
    """Whether a name says that it holds a date or another span: `submission_date`, `runDay`, `ds_nodash`."""
    return not words(name).isdisjoint(DATES)


def is_day(name: str) -> bool:
    """Whether a name says that it holds one day, or an hour of it."""
    return not words(name).isdisjoint(DAYS)


def functions(source: Source) -> dict[str, Function]:
    """Every function by the dotted name that chains carry as their symbol. Raises NotEvaluated."""
    found = _in_scala(source.scala) if source.kind is Kind.SCALA_SPARK else _in_python(source.python)
    parameters: defaultdict[str, set[str]] = defaultdict(set)
    assigned: defaultdict[str, dict[str, list[Value]]] = defaultdict(dict)
    for symbol, names, target, value in found:
        parameters[symbol].update(names)
        if value is not None:
            assigned[symbol].setdefault(target, []).append(value)
    return {symbol: Function(symbol, frozenset(names), assigned[symbol]) for symbol, names in parameters.items()}


def settings(source: Source) -> dict[str, frozenset[str]]:
    """By function, the settings its code reads off what the job was started with: `date` of `args.date`."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for root, name, symbol in _python_reads(source) if source.kind is not Kind.SCALA_SPARK else _scala_reads(source):
        if root in _SETTINGS:
            found[symbol].add(name)
    return {symbol: frozenset(names) for symbol, names in found.items()}


_Fact = tuple[str, tuple[str, ...], str, Value | None]
"""Symbol, parameters, and an assignment: target and value."""


def _in_python(tree: ast.Module) -> Iterator[_Fact]:
    yield "", (), "", None
    for node, symbol in _python.scopes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            names = tuple(each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs))
            yield f"{symbol}.{node.name}".lstrip("."), names, "", None
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield symbol, (), _python.dotted(target), argument(node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            yield symbol, (), _python.dotted(node.target), argument(node.value)


def _in_scala(root: "tree_sitter.Node") -> Iterator[_Fact]:
    yield "", (), "", None
    for node, symbol in _scala.walk(root):
        if node.type == "function_definition":
            names = [
                _scala.text_of(each.child_by_field_name("name"))
                for given in node.children_by_field_name("parameters")
                for each in given.named_children
                if each.type == "parameter"
            ]
            yield f"{symbol}.{_scala.text_of(node.child_by_field_name('name'))}".lstrip("."), tuple(names), "", None
        elif node.type in ("val_definition", "var_definition"):
            value = node.child_by_field_name("value")
            pattern = _scala.text_of(node.child_by_field_name("pattern"))
            yield symbol, (), pattern, argument(value) if value is not None else None


def _python_reads(source: Source) -> Iterator[tuple[str, str, str]]:
    for node, symbol in source.scopes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr, symbol


def _scala_reads(source: Source) -> Iterator[tuple[str, str, str]]:
    for node, symbol in _scala.walk(source.scala):
        if node.type == "field_expression":
            root = node.child_by_field_name("value")
            yield _scala.text_of(root), _scala.text_of(node.child_by_field_name("field")), symbol
