"""Which nodes cannot give other columns after a change than before it, for nothing that they are made of is touched.

Told by words alone, at a fraction of what their columns cost: a node that is said to be touched may still be the same.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import digits
from typing import TYPE_CHECKING

from review.domain.named import words
from review.rules.project import jinja

if TYPE_CHECKING:
    from review.rules.project.model import Project
    from review.rules.project.nodes import Node

_PROPERTIES = (".yml", ".yaml")
_COLUMNS_HANG_ON = "materialized"
"""The one setting by which `columns.outputs` tells whether a node's columns are its query's."""

_MAX_BEGINNINGS = 200
"""Beginnings of names that are followed where a template puts names together."""


@dataclass(frozen=True)
class _Called:
    """The macro files that a node may come to call."""

    texts: tuple[str, ...]
    words: frozenset[str]
    is_constant: bool
    """Whether all that they ref is written out."""


class Lineage:
    """The nodes of one project on both sides of a change. `macros` are the texts of the files that define some."""

    def __init__(self, before: "Project", after: "Project", macros: Iterable[str]) -> None:
        self._before = before
        self._after = after
        self._macro_texts = macros
        self._same: dict[str, bool] = {}
        self._same_columns: dict[str, bool] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._pieces: dict[str, frozenset[str]] = {}
        self._behind: dict[frozenset[str], _Called] = {}
        self._below: dict[str, frozenset[str] | None] = {}
        has_new_settings = any(path.rpartition("/")[2] == "dbt_project.yml" for path in after.changed)
        self._is_set_anew = has_new_settings or before.place != after.place

    def is_same(self, name: str, gives_the_same: Callable[[str], bool] | None = None) -> bool:
        """Whether the node is there on both sides, and neither it nor anything that its text may name is touched.

        `gives_the_same` is asked of those nodes that are touched themselves: what hangs on one whose columns are the
        same as before is not touched by that.
        """
        same = self._same if gives_the_same is None else self._same_columns
        if name not in same:
            above = self._above(name, same, gives_the_same)
            same.update(dict.fromkeys(above, True) or {name: False})
        return same[name]

    def _above(self, name: str, same: Mapping[str, bool], gives_the_same: Callable[[str], bool] | None) -> set[str]:
        """The node and all nodes above it; empty where one of them is touched."""
        found: set[str] = set()
        pending = [name]
        while pending:
            each = pending.pop()
            if each in found or same.get(each):
                continue
            if each not in self._below:
                self._below[each] = self._named(each)
            named = self._below[each]
            if named is None and gives_the_same is not None and gives_the_same(each):
                named = frozenset()
            if named is None or each in same:
                return set()
            found.add(each)
            pending += named
        return found

    def _named(self, name: str) -> frozenset[str] | None:
        """The nodes that a node's text and the macros it may call can name; None where it is touched, or too many."""
        node = self._untouched(name)
        if node is None:
            return None
        text = self._after.text_of(node)
        called = self._called(frozenset(self._words_of(text) & self._macros.keys()))
        named = (self._words_of(text) | called.words) & self._plain
        if not (called.is_constant and _refs_are_constant(text)):
            made = self._put_together(self._pieces_of(text).union(*map(self._pieces_of, called.texts), digits))
            if made is None:
                return None
            named |= made
        return named.union(odd for odd in self._odd if odd in text)

    def _put_together(self, pieces: frozenset[str]) -> frozenset[str] | None:
        """The nodes whose names are made of these pieces; None where they are too many."""
        found: set[str] = set()
        pending = [piece for piece in pieces if self._is_beginning(piece)]
        while pending:
            begun = pending.pop()
            if begun not in found:
                found.add(begun)
                pending += [begun + piece for piece in pieces if self._is_beginning(begun + piece)]
            if len(found) > _MAX_BEGINNINGS:
                return None
        return frozenset(found) & self._plain

    def _words_of(self, text: str) -> frozenset[str]:
        if text not in self._words:
            self._words[text] = words(text) & self._telling
        return self._words[text]

    @cached_property
    def _telling(self) -> frozenset[str]:
        """The words that say something here; to keep the others of all texts would fill the worker."""
        return self._plain | self._macros.keys()

    def _pieces_of(self, text: str) -> frozenset[str]:
        """Those that stand in the name of a node."""
        if text not in self._pieces:
            self._pieces[text] = frozenset(piece for piece in jinja.pieces(text) if piece in self._joined)
        return self._pieces[text]

    @cached_property
    def _joined(self) -> str:
        return "\n".join(self._plain)

    def _called(self, macros: frozenset[str]) -> "_Called":
        """What these macros, and those that they may call in turn, say: the same for many nodes."""
        if macros not in self._behind:
            texts: list[str] = []
            seen, pending = set(macros), sorted(macros)
            for name in pending:  # which grows
                for text in self._macros[name]:
                    if text not in texts:
                        texts.append(text)
                        more = self._words_of(text) & self._macros.keys() - seen
                        seen |= more
                        pending += sorted(more)
            words_ = frozenset[str]().union(*map(self._words_of, texts))
            self._behind[macros] = _Called(tuple(texts), words_, all(map(_refs_are_constant, texts)))
        return self._behind[macros]

    def _untouched(self, name: str) -> "Node | None":
        """The node where it is one and the same on both sides, or has moved as it is."""
        node, was = self._after.node(name), self._before.node(name)
        if node is None or was is None or name in self._configured:
            return None
        has_moved = node.path in self._after.changed or was.path in self._after.changed
        if node != was if not has_moved else not self._moved(was, node):
            return None
        if self._is_set_anew or has_moved:
            sides = ((self._before, was), (self._after, node))
            old, new = (side.folder_setting(each, _COLUMNS_HANG_ON) for side, each in sides)
            if old != new:
                return None
        return node

    def _moved(self, was: "Node", node: "Node") -> bool:
        """Whether a node's file is elsewhere and says what it said."""
        text = self._after.text_of(node)
        return was.path != node.path and was.kind == node.kind and bool(text) and text == self._before.text_of(was)

    @cached_property
    def _plain(self) -> frozenset[str]:
        """The names of nodes that are words."""
        return frozenset(self._after.all_nodes.keys() | self._before.all_nodes.keys()) - self._odd

    def _is_beginning(self, text: str) -> bool:
        """Whether a node's name begins so."""
        at = bisect_left(self._sorted, text)
        return at < len(self._sorted) and self._sorted[at].startswith(text)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._plain)

    @cached_property
    def _odd(self) -> frozenset[str]:
        """Those that are not."""
        names = self._after.all_nodes.keys() | self._before.all_nodes.keys()
        return frozenset(name for name in names if name not in words(name))

    @cached_property
    def _macros(self) -> Mapping[str, list[str]]:
        """Name → the texts of the files that define such a macro, or an implementation of it for one warehouse."""
        found: dict[str, list[str]] = {}
        for text in self._macro_texts:
            for name in set(jinja.macro_names(text)):
                found.setdefault(name, []).append(text)
                _, _, dispatched = name.partition("__")
                if dispatched:
                    found.setdefault(dispatched, []).append(text)
        return found

    @cached_property
    def _configured(self) -> frozenset[str]:
        """The nodes of which property files that the change touches say another setting than before."""
        changed = [path for path in sorted(self._after.changed) if path.lower().endswith(_PROPERTIES)]
        old, new = (_settings(side, changed) for side in (self._before, self._after))
        return frozenset(name for name in {*old, *new} if old.get(name) != new.get(name))


def _settings(project: "Project", paths: Iterable[str]) -> dict[str, list[str]]:
    """Name → what each entry in these files says that says something by which columns hang."""
    found: dict[str, list[str]] = {}
    for path in paths:
        for entry in project.entries_in(path) if project.says(path, _COLUMNS_HANG_ON) else ():
            if (said := entry.setting(_COLUMNS_HANG_ON)) is not None:
                found.setdefault(entry.name, []).append(said)
    return found


def _refs_are_constant(text: str) -> bool:
    """Whether what stands in the brackets behind each `ref` is nothing but strings."""
    for part in text.split("ref")[1:]:
        rest = part.lstrip()
        if rest[:1] == "(" and not _are_strings(rest[1:]):
            return False
    return True


def _are_strings(text: str) -> bool:
    """Whether a text is strings with commas between them up to the next closing bracket."""
    while True:
        text = text.lstrip()
        quote = text[:1]
        end = text.find(quote, 1) if quote in ("'", '"') else -1
        if end < 0:
            return False
        text = text[end + 1 :].lstrip()
        if text[:1] != ",":
            return text[:1] == ")"
        text = text[1:]
