"""The change as git tells it: files, hunks and the lines on both sides."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from review.domain.evidence import Skipped


class Side(Enum):
    """Which version of a file a line number counts in; the values are GitHub's."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


class Status(Enum):
    """What happened to a file between merge base and head."""

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"


class Entry(Enum):
    """What git stores under the path at head (at base for a deleted file)."""

    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


@dataclass(frozen=True)
class Hunk:
    """One hunk of `git diff -U3`: GitHub takes inline comments on its lines and on no others."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int

    def holds(self, side: Side, line: int) -> bool:
        """Whether a 1-based line of that side is shown in this hunk."""
        start, count = (self.old_start, self.old_lines) if side is Side.LEFT else (self.new_start, self.new_lines)
        return start <= line < start + count


@dataclass(frozen=True)
class ChangedFile:
    """One changed path. Line numbers are 1-based; `added` counts in the head version, `removed` in the base version."""

    path: str
    """At head; at the merge base for a deleted file."""
    status: Status
    old_path: str | None = None
    """At the merge base, where it differs from `path`."""
    entry: Entry = Entry.FILE
    is_binary: bool = False
    mode_changed: bool = False
    hunks: tuple[Hunk, ...] = ()
    added: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()

    @property
    def base_path(self) -> str | None:
        """The path at the merge base, or None for an added file."""
        return None if self.status is Status.ADDED else self.old_path or self.path

    @property
    def head_path(self) -> str | None:
        """The path at head, or None for a deleted file."""
        return None if self.status is Status.DELETED else self.path

    def hunk_of(self, side: Side, line: int) -> Hunk | None:
        """The hunk that shows this line, or None where GitHub would refuse a comment."""
        return next((hunk for hunk in self.hunks if hunk.holds(side, line)), None)


@dataclass(frozen=True)
class Changeset:
    """Everything between merge base and head."""

    merge_base: str
    head_sha: str
    files: tuple[ChangedFile, ...]
    skipped: tuple[Skipped, ...] = ()
    """Files whose content could not be had (a blob missing, a diff over its limit), each with its reason."""
    _by_path: dict[str, ChangedFile] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_path", {file.path: file for file in self.files})

    def __iter__(self) -> Iterator[ChangedFile]:
        return iter(self.files)

    def file(self, path: str) -> ChangedFile | None:
        """The changed file of this path, or None where the path did not change."""
        return self._by_path.get(path)
