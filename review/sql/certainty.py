"""Which way every run goes through a template, as far as it says so itself: its branches and loops over constants.

What is called constant is, whatever a run knows. What cannot be told in a few lines is not: a list that anything may
have changed, a name of another scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from jinja2 import nodes

from review.sql.interpreter import SCOPED

Kind = TypeVar("Kind", bound=nodes.Node)

_READS = frozenset({"items", "keys", "values"})
"""Methods of a dictionary that change nothing."""
_OF_CHANCE = frozenset({"random", "shuffle"})
_FIXED = frozenset({"loop", "range"})
"""Names that mean the same in every run, where a template does not bind them itself."""


class _Kind(Enum):
    SCALAR = "scalar"
    """Nothing can change it."""
    SCALARS = "scalars"
    """A list of such."""
    CONTAINER = "container"
    """What holds anything else, or may."""


_Names = Mapping[str, _Kind]


@dataclass(frozen=True)
class Certainty:
    """What a template says itself, whatever a run knows."""

    is_certain: bool
    """Whether every test of an `if` and every list of a `for` that prints where it stands is made of constants alone.

    Then every run goes through the template as ours did.
    """
    open: frozenset[nodes.Node]
    """What prints something that is not made of constants alone."""


def certainty(tree: nodes.Template) -> Certainty:
    """The same of a template's tree."""
    look = _Look(frozenset(_touched(tree)))
    look.through(tree.body, dict.fromkeys(_FIXED, _Kind.SCALAR))
    return Certainty(look.is_certain, frozenset(look.open))


def _touched(tree: nodes.Template) -> Iterable[str]:
    """The names of what may be changed behind our back: handed to a call, given another name, or a namespace."""
    for call in tree.find_all(nodes.Call):
        if not _only_reads(call):
            yield from (name.name for name in call.find_all(nodes.Name))
    for node in tree.find_all((nodes.Assign, nodes.AssignBlock)):
        yield from (each.name for each in node.find_all(nodes.NSRef))
        if isinstance(node, nodes.Assign):
            yield from (name.name for name in _names(node.node))
    for loop in tree.find_all(nodes.For):
        if not isinstance(loop.iter, nodes.Name):
            yield from (name.name for name in _names(loop.iter))


def _only_reads(call: nodes.Call) -> bool:
    if isinstance(call.node, nodes.Name):
        return call.node.name == "range"
    return isinstance(call.node, nodes.Getattr) and call.node.attr in _READS and not call.args


def _all(node: nodes.Node, kind: type[Kind]) -> Iterable[Kind]:
    """The node, where it is of this kind, or all of it below."""
    return [node] if isinstance(node, kind) else node.find_all(kind)


def _names(node: nodes.Node) -> Iterable[nodes.Name]:
    return _all(node, nodes.Name)


class _Look:
    """A walk through the statements of a template, with the names that are constant where it is."""

    def __init__(self, touched: frozenset[str]) -> None:
        self._touched = touched
        self.is_certain = True
        self.open: set[nodes.Node] = set()

    def through(self, body: Iterable[nodes.Node], known: _Names) -> _Names:
        """Statements one after the other; the names that are constant behind them."""
        for node in body:
            known = self._past(node, known)
        return known

    def _past(self, node: nodes.Node, known: _Names) -> _Names:
        if isinstance(node, (nodes.Assign, nodes.AssignBlock, nodes.Macro)):
            return self._past_binding(node, known)
        if isinstance(node, nodes.If):
            return self._past_branches(node, known)
        if isinstance(node, nodes.For):
            self._past_loop(node, known)
        elif isinstance(node, nodes.Output):
            self.open |= {node} if not self._is_constant(node, known) else set()
        elif isinstance(node, (nodes.CallBlock, nodes.FilterBlock, nodes.With)):
            self.open |= {node} if not isinstance(node, nodes.With) else set()
            parts = [*getattr(node, "args", ()), *getattr(node, "targets", ())]
            self.through(node.body, _without(known, _bound(*parts)))
        elif isinstance(node, SCOPED):
            self.through(node.body, known)
        elif not isinstance(node, nodes.ExprStmt):
            self.is_certain = False
        return known

    def _past_binding(self, node: nodes.Assign | nodes.AssignBlock | nodes.Macro, known: _Names) -> _Names:
        if isinstance(node, nodes.Macro):
            return _without(known, [node.name])
        names = _bound(node.target)
        if isinstance(node, nodes.AssignBlock):
            self.through(node.body, known)
            return _without(known, names)
        kind = self._kind(node.node, known) if isinstance(node.target, nodes.Name) else None
        return {**_without(known, names), **(dict.fromkeys(names, kind) if kind is not None else {})}

    def _past_branches(self, node: nodes.If, known: _Names) -> _Names:
        """What one of the branches binds is not constant behind them."""
        after = dict(known)
        for branch in (node, *node.elif_):
            self.is_certain &= self._is_constant(branch.test, known)
        for body in (node.body, *(each.body for each in node.elif_), node.else_):
            behind = self.through(body, known)
            after = {name: kind for name, kind in after.items() if behind.get(name) is kind}
            after = dict(_without(after, _bound(*body)))
        return after

    def _past_loop(self, node: nodes.For, known: _Names) -> None:
        kind = self._kind(node.iter, known)
        self.is_certain &= kind is not None
        inside = {**_without(known, _bound(node.target)), "loop": _Kind.SCALAR}
        if kind is not None:
            of_each = _Kind.SCALAR if kind is _Kind.SCALARS else _Kind.CONTAINER
            inside.update(dict.fromkeys(_bound(node.target), of_each))
        if node.test is not None:
            self.is_certain &= self._is_constant(node.test, inside)
        self.through(node.body, inside)
        self.through(node.else_, known)

    def _kind(self, value: nodes.Node, known: _Names) -> _Kind | None:
        """What a constant is; None for anything else."""
        if not self._is_constant(value, known):
            return None
        if isinstance(value, nodes.Name):
            return known[value.name]
        if isinstance(value, nodes.Const):
            return _Kind.SCALAR
        return _Kind.SCALARS if _is_of_scalars(value) else _Kind.CONTAINER

    def _is_constant(self, node: nodes.Node, known: _Names) -> bool:
        for name in _names(node):
            kind = known.get(name.name)
            if kind is None or (kind is not _Kind.SCALAR and name.name in self._touched):
                return False
        is_known = all(map(_only_reads, _all(node, nodes.Call)))
        return is_known and not any(each.name in _OF_CHANCE for each in _all(node, nodes.Filter))


def _is_of_scalars(node: nodes.Node) -> bool:
    """Whether a list is written out here, of nothing that can be changed, or is one of numbers."""
    if isinstance(node, nodes.Call):
        return isinstance(node.node, nodes.Name) and node.node.name == "range"
    return isinstance(node, (nodes.List, nodes.Tuple)) and all(isinstance(each, nodes.Const) for each in node.items)


def _bound(*parts: nodes.Node) -> list[str]:
    """The names that these bind, or what stands in them."""
    return [name.name for part in parts for name in _names(part) if name.ctx in ("store", "param")]


def _without(known: _Names, names: Iterable[str]) -> dict[str, _Kind]:
    gone = {*names}
    return {name: kind for name, kind in known.items() if name not in gone}
