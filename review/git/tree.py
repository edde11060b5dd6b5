"""The repository at one commit, read out of git's object store: nothing is checked out."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from review.errors import GitError
from review.git.command import Git, decode_path
from review.git.objects import Blobs, TooLargeError, UnreadableError

_LIST_LIMIT = 64 * 1024 * 1024
"""Bytes of a listing: about half a million files."""
_LOOKUP_LIMIT = 64
"""Up to so many paths are looked up by name; for more, the whole tree is listed once."""


class GitTree:
    """A `review.domain.tree.Tree`; `unread` says why a file that exists has no text."""

    def __init__(self, git: Git, blobs: Blobs, sha: str, provide: Callable[[Iterable[str]], None]) -> None:
        self._git = git
        self._blobs = blobs
        self._sha = sha
        self._provide = provide
        self._looked_up: dict[str, str | None] = {}
        self._whole: dict[str, str] | None = None
        self._links: set[str] = set()
        self.unread: dict[str, str] = {}
        """Path → the clause that says why its text could not be had, for every file that was asked for in vain."""
        self.refused: set[str] = set()
        """Those of them whose content is there and is not read: it is no text, or too large."""
        self.binary: set[str] = set()
        """Those that are no text."""

    @property
    def sha(self) -> str:
        """The commit."""
        return self._sha

    def paths(self) -> tuple[str, ...]:
        """Every regular file's path, sorted: no symlink, no submodule. Raises GitError where the tree is broken."""
        return self._paths

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._listing()))

    def has(self, path: str) -> bool:
        """Whether the path is a regular file at this commit."""
        return path in self.names((path,))

    def is_link(self, path: str) -> bool:
        """Whether the path is a symbolic link at this commit."""
        return not self.has(path) and path in self._links

    def entry(self, path: str) -> str:
        """What stands under the path, without reading it: its blob's name, `link`, or nothing."""
        return self.names((path,)).get(path) or ("link" if path in self._links else "")

    def text(self, path: str) -> str | None:
        """The file's text, or None: see `Tree.text`. Raises GitError where the tree itself cannot be read."""
        return self.texts((path,)).get(path)

    def texts(self, paths: Iterable[str]) -> Mapping[str, str]:
        """`text` of many paths in one go; the paths that have none are absent."""
        names = self.names(tuple(dict.fromkeys(paths)))
        lack = ""
        try:
            self._provide(names.values())
        except GitError as error:
            lack = str(error).rstrip(".")
        found: dict[str, str] = {}
        for path, name in names.items():
            try:
                content = self._blobs.read(name)
            except UnreadableError as error:
                self.unread[path] = lack or str(error)
                if isinstance(error, TooLargeError):
                    self.unread[path] = str(error)
                    self.refused.add(path)
                continue
            if b"\0" in content:
                self.unread[path] = "it holds NUL bytes, so it is binary"
                self.refused.add(path)
                self.binary.add(path)
                continue
            found[path] = content.decode("utf-8", "replace").removeprefix("\ufeff")
        return found

    def names(self, paths: tuple[str, ...]) -> dict[str, str]:
        """Path → blob name of those paths that are regular files. Raises GitError where the tree is broken."""
        if self._whole is None:
            unknown = [path for path in paths if path not in self._looked_up and _is_plain(path)]
            if len(unknown) > _LOOKUP_LIMIT:
                self._listing()
            elif unknown:
                here = self._list("--", *unknown)
                self._looked_up.update({path: here.get(path) for path in unknown})
        names = self._looked_up if self._whole is None else self._whole
        return {path: name for path in paths if (name := names.get(path)) is not None}

    def _listing(self) -> dict[str, str]:
        if self._whole is None:
            self._whole = self._list("-r")
        return self._whole

    def _list(self, *arguments: str) -> dict[str, str]:
        """Path → blob name of the regular files that `git ls-tree` lists."""
        before = arguments[:1] if arguments[0] == "-r" else ()
        what = ("ls-tree", "-z", "--full-tree", *before, self._sha, *arguments[len(before) :])
        output = self._git.run(*what, limit=_LIST_LIMIT)
        entries: dict[str, str] = {}
        for line in output.checked(f"list the files of {self._sha[:12]}").split(b"\0")[:-1]:
            facts, _, raw = line.partition(b"\t")
            mode, _, name = facts.decode("ascii").split(" ")
            path, is_utf8 = decode_path(raw)
            if mode.startswith("100") and is_utf8:
                entries[path] = name
            elif mode == "120000" and is_utf8:
                self._links.add(path)
        return entries


def _is_plain(path: str) -> bool:
    """Whether git can be asked for the path: it is relative, and stays below the root."""
    is_text = "\0" not in path and not any("\ud800" <= char <= "\udfff" for char in path)
    return is_text and not any(part in ("", ".", "..") for part in path.split("/"))
