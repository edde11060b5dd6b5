"""Where a workspace keeps its git objects, found by reading files and never by running git in it.

Everything here is data of whoever wrote the workspace: a file is opened only where it is a regular one (a named pipe
would hang the run), read up to a limit, and believed only as far as it parses.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

_FILE_LIMIT = 16 * 1024 * 1024
_PSEUDO_REFS = ("HEAD", "ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD")
_REF_LIMIT = 4096
_REFS_LIMIT = 100_000


@dataclass(frozen=True)
class Workspace:
    """The git directories of a checkout, a linked worktree or a bare repository."""

    git: Path
    """Its own git directory: HEAD is here."""
    common: Path
    """The directory shared with the other worktrees: objects and refs are here."""

    @property
    def objects(self) -> Path:
        """The object store."""
        return self.common / "objects"

    @property
    def is_partial(self) -> bool:
        """Whether objects may be absent because a filtered clone left them on the server."""
        try:
            with os.scandir(self.objects / "pack") as entries:
                return any(entry.name.endswith(".promisor") for entry in entries)
        except OSError:
            return False

    def shallow(self) -> tuple[str, ...]:
        """The commits whose parents a shallow clone left out."""
        lines = (read_regular(self.common / "shallow") or b"").decode("ascii", "replace").split()
        return tuple(line for line in lines if is_object_name(line))

    def refs(self) -> dict[str, bytes]:
        """Path under a git directory → content, of everything that names commits: HEAD, loose refs, packed refs."""
        found: dict[str, bytes] = {}
        for name in _PSEUDO_REFS:
            _keep(found, name, self.git / name)
        _keep(found, "packed-refs", self.common / "packed-refs", _FILE_LIMIT)
        for directory, folders, files in os.walk(self.common / "refs"):
            folders.sort()
            for file in sorted(files):
                path = Path(directory) / file
                _keep(found, str(path.relative_to(self.common)), path)
            if len(found) > _REFS_LIMIT:
                break
        return found


def find(directory: Path, *, climb: bool = False) -> Workspace | None:
    """The repository of this directory (with `climb`, or of the nearest parent that has one); None where there is none.

    Takes a checkout, a linked worktree or submodule (`.git` is a file that names a directory), a bare repository, or a
    git directory itself.
    """
    directory = directory.absolute()
    for folder in (directory, *(directory.parents if climb else ())):
        git = _git_directory(folder)
        if git is None and (folder / ".git").exists():
            return None  # a broken checkout: what lies around it is another repository
        if git is not None:
            common = _named(git / "commondir", b"", git) or git
            if (common / "objects").is_dir():
                return Workspace(git, common)
    return None


def is_object_name(text: str) -> bool:
    """Whether the text is a full object name: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits."""
    return len(text) in (40, 64) and all(char in "0123456789abcdef" for char in text)


def read_regular(path: Path, limit: int = _FILE_LIMIT) -> bytes | None:
    """The content of a regular file of at most `limit` bytes; None for anything else."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, not a path: what was checked is what is read
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        return file.read(limit)


def _git_directory(folder: Path) -> Path | None:
    inner = folder / ".git"
    if inner.is_dir():
        return inner
    if inner.is_file():
        return _named(inner, b"gitdir: ", folder)
    is_git_directory = (folder / "objects").is_dir() or (folder / "commondir").is_file()
    return folder if (folder / "HEAD").is_file() and is_git_directory else None


def _named(file: Path, prefix: bytes, relative_to: Path) -> Path | None:
    """The directory that a one-line file names, or None."""
    content = read_regular(file, limit=4096)
    if content is None or not content.startswith(prefix) or b"\0" in content:
        return None
    named = relative_to / os.fsdecode(content[len(prefix) :].rstrip(b"\r\n"))
    # Unlike Path.is_dir, this is false and no error for a name that is too long.
    return named if os.path.isdir(named) else None  # noqa: PTH112


def _keep(found: dict[str, bytes], name: str, path: Path, limit: int = _REF_LIMIT) -> None:
    content = read_regular(path, limit)
    if content is not None:
        found[name] = content
