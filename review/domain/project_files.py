"""The files of a dbt project on both sides of a change, as far as they were read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Side:
    """One side's files: every path is known, of some the text."""

    texts: Mapping[str, str]
    paths: frozenset[str]
    """Every file in the project's directories, also those whose text was not read."""
    root: str
    """The project's directory; empty is the repository's."""
    folders: Mapping[str, tuple[str, ...]]
    """What (`model`, `macro` …) → the directories it is kept in, from the repository's root, with a slash."""
    lost: tuple[str, ...] = ()
    """Files that were there and could not be read, though what the change did hangs on them."""


@dataclass(frozen=True)
class ProjectFiles:
    """One project at head, and what is different at the merge base."""

    root: str
    """Its directory; empty is the repository's."""
    folders: Mapping[str, tuple[str, ...]]
    """What (`model`, `macro` …) → the directories it is kept in, from the repository's root, with a slash."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Path → text at head."""
    unread: tuple[str, ...] = ()
    """Paths at head whose texts were not read: seeds, and what is far from the change in a large project."""
    before: Mapping[str, str | None] = field(default_factory=dict)
    """Path of each file that the change touches, or brings in or out → its text at the merge base; None where it was
    not there. Of a seed the first line, empty where that was not read."""
    lost: tuple[str, ...] = ()
    """The files of which that could not be told, for they were there and were not read."""
    was: tuple[str, Mapping[str, tuple[str, ...]]] | None = None
    """Root and folders at the merge base where they are others than at head."""
    is_complete: bool = True
    """Whether every model, snapshot, test and property file of both sides was read."""

    def head(self) -> Side:
        """The project after the change."""
        return Side(self.texts, frozenset((*self.texts, *self.unread)), self.root, self.folders)

    def base(self) -> Side:
        """The project before it; of what is lost the path alone."""
        other = {*self.before, *self.lost}
        kept = {path: text for path, text in self.texts.items() if path not in other}
        old = {path: text for path, text in self.before.items() if text is not None}
        unread = (each for each in self.unread if each not in other)
        root, folders = self.was or (self.root, self.folders)
        return Side(kept | old, frozenset((*kept, *old, *unread, *self.lost)), root, folders, self.lost)

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "root": self.root,
            "folders": _listed(self.folders),
            "texts": dict(self.texts),
            "unread": list(self.unread),
            "before": dict(self.before),
            "lost": list(self.lost),
            "was": [self.was[0], _listed(self.was[1])] if self.was is not None else None,
            "is_complete": self.is_complete,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What `to_dict` gave."""
        return cls(
            root=data["root"],
            folders=_folders(data["folders"]),
            texts=data["texts"],
            unread=tuple(data["unread"]),
            before=data["before"],
            lost=tuple(data["lost"]),
            was=(data["was"][0], _folders(data["was"][1])) if data["was"] is not None else None,
            is_complete=data["is_complete"],
        )


def _listed(folders: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {what: list(each) for what, each in folders.items()}


def _folders(data: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {what: tuple(each) for what, each in data.items()}


class Folders:
    """A project's directories, to be asked of thousands of paths. `listed`: what each is for → as in `ProjectFiles`."""

    def __init__(self, listed: Mapping[str, Iterable[str]]) -> None:
        every = ((len(each), what, each) for what, all_ in listed.items() for each in all_)
        self._innermost_first = [(each, what) for _, what, each in sorted(every, reverse=True)]

    def of(self, path: str) -> str | None:
        """What the innermost directory that holds the path is for; None outside all."""
        for folder, what in self._innermost_first:
            if path.startswith(folder):
                return what
        return None
