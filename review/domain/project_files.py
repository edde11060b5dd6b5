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
    """Path of each changed file → its text at the merge base; None where it was not there."""
    is_complete: bool = True
    """Whether every model, snapshot, test and property file of both sides was read."""

    def head(self) -> Side:
        """The project after the change."""
        return Side(self.texts, frozenset((*self.texts, *self.unread)))

    def base(self) -> Side:
        """The project before it."""
        kept = {path: text for path, text in self.texts.items() if path not in self.before}
        old = {path: text for path, text in self.before.items() if text is not None}
        return Side(kept | old, frozenset((*kept, *old, *(each for each in self.unread if each not in self.before))))

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "root": self.root,
            "folders": {what: list(listed) for what, listed in self.folders.items()},
            "texts": dict(self.texts),
            "unread": list(self.unread),
            "before": dict(self.before),
            "is_complete": self.is_complete,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What `to_dict` gave."""
        return cls(
            root=data["root"],
            folders={what: tuple(listed) for what, listed in data["folders"].items()},
            texts=data["texts"],
            unread=tuple(data["unread"]),
            before=data["before"],
            is_complete=data["is_complete"],
        )


def folder_of(path: str, folders: Mapping[str, Iterable[str]]) -> str | None:
    """What the innermost of a project's directories that holds the path is for; None outside all."""
    found = [(len(each), what) for what, listed in folders.items() for each in listed if path.startswith(each)]
    return max(found)[1] if found else None
