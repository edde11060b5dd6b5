"""The repository at one commit, as something to read: the only way anything reaches file content."""

from collections.abc import Iterable, Mapping
from typing import Protocol


class Tree(Protocol):
    """Read-only view of one commit. Content is decoded lossily; nothing is ever checked out or executed."""

    @property
    def sha(self) -> str:
        """The commit."""

    def paths(self) -> tuple[str, ...]:
        """Every regular file's path, sorted: no symlink, no submodule."""

    def has(self, path: str) -> bool:
        """Whether the path is a regular file at this commit."""

    def is_link(self, path: str) -> bool:
        """Whether the path is a symbolic link at this commit. Nothing here follows one."""

    def entry(self, path: str) -> str:
        """What stands under the path, without reading it: equal in two trees where the file is; empty for nothing."""

    def text(self, path: str) -> str | None:
        """The file's text (UTF-8 with replacement, newlines as stored, no byte order mark), or None.

        None where the path is no regular file at this commit, is binary (holds a NUL byte) or cannot be read.
        """

    def texts(self, paths: Iterable[str]) -> Mapping[str, str]:
        """`text` of many paths in one go; the paths that have none are absent."""
