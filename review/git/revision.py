"""Turns what a person types (`main`, `HEAD~2`, `v1.4`) into a commit's name, without running git in their repository.

The references are copied, as data, into a bare repository of ours that borrows the objects.
"""

from collections.abc import Mapping
from pathlib import Path

from review.errors import InputError
from review.git.command import printable
from review.git.repository import Repository
from review.git.workspace import find, is_object_name

_DEFAULTS = ("refs/remotes/origin/HEAD", "origin/main", "origin/master", "main", "master")


class Revisions:
    """The references of one workspace. Use it in a `with` statement."""

    def __init__(self, directory: Path) -> None:
        """`directory` may be anywhere inside the workspace. Raises InputError where there is no repository."""
        found = find(directory, climb=True)
        if found is None:
            raise InputError(f"{directory} is not inside a git repository.")
        self.workspace = found
        refs = found.refs()
        self._repository = Repository("0" * (64 if _names_are_sha256(refs) else 40), found)
        for name, content in refs.items():
            path = self._repository.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def __enter__(self) -> "Revisions":
        return self

    def __exit__(self, *_: object) -> None:
        self._repository.close()

    def resolve(self, revision: str) -> str:
        """The full name of the commit. Raises InputError where the revision names none."""
        name = self._find(revision)
        if name is None:
            raise InputError(f"{printable(revision)!r} names no commit of this repository; {self._advice(revision)}.")
        return name

    def default_base(self) -> str:
        """A name of the main branch: the server's default branch, else main or master. Raises InputError."""
        for name in _DEFAULTS:
            if self._find(name) is not None:
                return name
        raise InputError("This repository has no main branch that we can find; name what to compare with (--base).")

    def _advice(self, revision: str) -> str:
        if "@{" in revision or revision.startswith(":"):
            return "reflogs (`@{…}`) and searches (`:/…`) are not read here, so name the commit itself"
        if self.workspace.shallow():
            return "the clone is shallow, so fetch it first (`git fetch --unshallow`, or the branch by name)"
        return "`git branch --all` and `git tag` list the names it has"

    def _find(self, revision: str) -> str | None:
        if not revision or revision.startswith("-") or "\0" in revision or "\n" in revision:
            return None
        output = self._repository.git.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return output.stdout.decode("ascii", "replace").strip() or None if output.ok else None


def _names_are_sha256(refs: Mapping[str, bytes]) -> bool:
    """Whether the references name objects by SHA-256 (64 digits) and not by SHA-1 (40)."""
    words = (word for content in refs.values() for word in content[:4096].decode("ascii", "replace").split())
    return next((len(word) == 64 for word in words if is_object_name(word)), False)
