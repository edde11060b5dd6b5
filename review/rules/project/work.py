"""What is worked out of one node after another, within limits, and remembered so that no order of asking shows.

A result that a limit cut is forgotten: another file may ask with more room left. One that is remembered costs the file
that asks for it what working it out would, so a worker which knows much already says no more than one that begins.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, field

MAX_GENERATIONS = 12
"""Refs of refs that are followed."""
MAX_NODES = 80
"""Nodes whose columns are worked out for one file under review: each costs a rendering and a parse, 0.05 s or so."""

Columns = tuple[str, ...] | None


@dataclass(frozen=True)
class _Known:
    columns: Columns
    nodes: frozenset[str]
    """It, and all that it was worked out of."""
    generations: int
    """Of nodes below it."""


@dataclass
class _Step:
    """A node that is being worked out, and what was met below it so far."""

    nodes: set[str]
    generations: int = 0
    is_cut: bool = False


@dataclass
class Work:
    """The columns of a project's nodes, as far as they were asked for."""

    spent: set[str] = field(default_factory=set)
    """The nodes that the file under review has cost."""
    _known: dict[str, _Known] = field(default_factory=dict)
    _cut: dict[str, Columns] = field(default_factory=dict)
    """What a limit cut, for the file under review: it would be cut again."""
    _busy: dict[str, _Step] = field(default_factory=dict)

    def begin(self) -> None:
        """Another file is under review."""
        self.spent.clear()
        self._cut.clear()

    def of(self, name: str, work_out: Callable[[], Columns]) -> Columns:
        """What is known of a node, or what `work_out` gives, which may ask for others; None beyond the limits."""
        if name in self._cut:
            return self._said_cut(self._cut[name])
        known = self._known.get(name)
        if known is not None and self._has_room(known):
            self._charge(known.nodes, known.generations)
            return known.columns
        if name in self._busy or len(self._busy) > MAX_GENERATIONS or len(self.spent) >= MAX_NODES:
            return self._said_cut(None)
        return self._new(name, work_out)

    def knows(self, name: str) -> bool:
        """Whether a node's columns were worked out, no limit in the way."""
        return name in self._known

    def adopt(self, name: str, other: "Work") -> None:
        """Know of a node what another work knows of the same node, made of the same."""
        self._known[name] = other._known[name]

    def once(self, name: str, work_out: Callable[[], Columns]) -> Columns:
        """The same for a node that is worked out of no other, which is not limited."""
        if name not in self._known:
            self._known[name] = _Known(work_out(), frozenset(), 0)
        return self._known[name].columns

    def _new(self, name: str, work_out: Callable[[], Columns]) -> Columns:
        self.spent.add(name)
        step = self._busy[name] = _Step({name})
        try:
            found = work_out()
        finally:
            del self._busy[name]
        if step.is_cut:
            self._cut[name] = found
        else:
            self._known[name] = _Known(found, frozenset(step.nodes), step.generations)
        self._charge(step.nodes, step.generations)
        return found

    def _has_room(self, known: _Known) -> bool:
        """Whether the file under review could have it worked out from here."""
        is_near = len(self._busy) + known.generations <= MAX_GENERATIONS
        return is_near and len(self.spent | known.nodes) <= MAX_NODES

    def _charge(self, nodes: Set[str], generations: int) -> None:
        """That these were worked out for the file under review, and for the node that is in work."""
        self.spent |= nodes
        if self._busy:
            step = next(reversed(self._busy.values()))
            step.nodes |= nodes
            step.generations = max(step.generations, generations + 1)

    def _said_cut(self, found: Columns) -> Columns:
        """The same, and that all that is in work knows no more than a limit let it."""
        for step in self._busy.values():
            step.is_cut = True
        return found
