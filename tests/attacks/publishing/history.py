"""A real repository whose commits cost microseconds: objects are written directly, and what git says of them is kept.

Commits never change, so neither does what git prints when asked about two of them: the fake GitHub asks the same of
each comment that it places, and a test makes the same commits again in many of its examples.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from review.domain.changeset import Changeset
from review.git.repository import Repository
from review.intake.changeset import read_changeset
from tests.github_server import state
from tests.unit.git.git_checkout import Checkout

_WHO = "A <a@example.invalid> 1767603600 +0000"


class History:
    """Commits in a repository at `root`, and what our own reading of git says lies between two of them."""

    def __init__(self, root: Path) -> None:
        self.directory = Checkout(root).path / ".git"
        self._repository: Repository | None = None
        self.served = CachedRepository("", self.directory)
        self._changesets: dict[tuple[str, str], Changeset] = {}

    def close(self) -> None:
        """End git."""
        if self._repository is not None:
            self._repository.close()

    def fresh(self, name: str) -> state.Repository:
        """The repository on a GitHub, with no pull request yet."""
        return CachedRepository(name, self.directory, diffs=self.served.diffs, moves=self.served.moves)

    def commit(self, files: Mapping[str, str], *parents: str) -> str:
        """The commit of these files (path → text; folders by `/`) on those parents: the same one for the same."""
        lines = [f"tree {self._tree(files)}", *(f"parent {parent}" for parent in parents)]
        text = "\n".join([*lines, f"author {_WHO}", f"committer {_WHO}", "", "change", ""])
        return self._write("commit", text.encode())

    def changeset(self, base: str, head: str) -> Changeset:
        """What our reading says of the change that a pull request from `base`'s branch to `head` shows."""
        merge_base = self.served.merge_base(base, head)
        if self._repository is None:
            self._repository = Repository.from_workspace(self.directory.parent, head)
        assert self._repository is not None
        if (merge_base, head) not in self._changesets:
            found = read_changeset(self._repository, merge_base, head, lambda path: path.endswith(".sql"))
            assert not found.skipped, found.skipped
            self._changesets[merge_base, head] = found
        return self._changesets[merge_base, head]

    def _tree(self, files: Mapping[str, str]) -> str:
        folders: dict[str, dict[str, str]] = {}
        entries: dict[str, tuple[str, str]] = {}
        for path, text in files.items():
            name, is_folder, rest = path.partition("/")
            if is_folder:
                folders.setdefault(name, {})[rest] = text
            else:
                entries[name] = ("100644", self._write("blob", text.encode()))
        for name, inner in folders.items():
            entries[f"{name}/"] = ("40000", self._tree(inner))
        content = b"".join(
            f"{mode} {name.rstrip('/')}\0".encode() + bytes.fromhex(sha)
            for name, (mode, sha) in sorted(entries.items())
        )
        return self._write("tree", content)

    def _write(self, kind: str, content: bytes) -> str:
        data = f"{kind} {len(content)}\0".encode() + content
        sha = hashlib.sha1(data).hexdigest()
        file = self.directory / "objects" / sha[:2] / sha[2:]
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(zlib.compress(data, 1))
        return sha


class CachedRepository(state.Repository):
    """The fake GitHub's repository; what git said once of commits is not asked again."""

    def git(self, *arguments: str) -> str:
        return _said(self.directory, arguments)

    def merge_base(self, base: str, head: str) -> str:
        return _merge_base(self.directory, base, head)


@cache
def _said(directory: Path, arguments: Sequence[str]) -> str:
    return state.Repository("", directory).git(*arguments)


@cache
def _merge_base(directory: Path, base: str, head: str) -> str:
    return state.Repository("", directory).merge_base(base, head)
