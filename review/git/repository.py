"""Our own bare repository: every question about commits, changes, patches and content goes through here.

It is made in a private temporary directory and holds no reference, hook or attribute. What it knows of objects it
fetches, from the workspace as far as that holds them and else from the server, or borrows from a repository that the
user named (`objects/info/alternates`): git never runs in the workspace.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from review.errors import GitError, InputError, NoCommonHistory
from review.git.command import Git, printable
from review.git.neighbour import Neighbour
from review.git.objects import Blobs
from review.git.remote import CONFIG, Remote
from review.git.scratch import make_directory, remove_directory
from review.git.tree import GitTree
from review.git.workspace import Workspace, find, is_object_name

if TYPE_CHECKING:
    from review.git.changes import Changes

_CHECK_TIMEOUT = 30.0
_CONFIG = """[core]
    repositoryFormatVersion = {version}
    bare = true
    hooksPath = /dev/null
    attributesFile = /dev/null
    fsmonitor = false
    commitGraph = false
    quotePath = false
[gc]
    auto = 0
[maintenance]
    auto = false
[uploadpack]
    allowFilter = true
    allowAnySHA1InWant = true
"""
_SHA256 = "[extensions]\n    objectFormat = sha256\n"


class Repository:
    """A private bare repository. Use it in a `with` statement: leaving it ends git and removes the directory."""

    def __init__(self, example: str, workspace: Workspace | None = None, remote: Remote | None = None) -> None:
        """`example` is any object name: its length tells SHA-1 from SHA-256. The class methods are the way in."""
        self.directory = make_directory("data-review-git-")
        self._remote = remote
        self._neighbour: Neighbour | None = None
        is_sha256 = len(example) == 64
        self._config = _CONFIG.format(version=1) + _SHA256 if is_sha256 else _CONFIG.format(version=0)
        try:
            self._create(workspace)
        except BaseException:
            remove_directory(self.directory)
            raise
        self._git = Git(self.directory)
        self._blobs = Blobs(self._git)
        self._trees: dict[str, GitTree] = {}
        self._fetch_error: GitError | None = None

    @classmethod
    def from_workspace(cls, workspace: Path, *commits: str) -> Self | None:
        """A repository that borrows the workspace's objects; None if that lacks one of the commits or its trees.

        For a repository that the user trusts: of what it borrows, only blobs are known to be what they are named.
        Raises InputError for a commit that is no full object name.
        """
        _check_names(commits)
        found = find(workspace)
        if found is None:
            return None
        repository = cls(commits[0], found)
        try:
            if repository._holds(commits, deep=found.is_partial):
                return repository
        except BaseException:
            repository.close()
            raise
        repository.close()
        return None

    @classmethod
    def from_remote(
        cls,
        url: str,
        token: str,
        commits: Iterable[str],
        meanwhile: Callable[[], None] = lambda: None,
        workspace: Path | None = None,
    ) -> Self:
        """A repository with these commits and their trees, fetched; blobs follow when they are needed.

        What the workspace holds is fetched from there, the rest from the server. `meanwhile` is called before the first
        fetch, and must not take long itself. Raises InputError for a commit that is no full object name or an address
        that is not http(s), GitError where the server does not give them.
        """
        wanted = tuple(commits)
        _check_names(wanted)
        remote = Remote(url, token)
        repository = cls(wanted[0], None, remote)
        try:
            meanwhile()
            if workspace is None or not repository._take_from(workspace, wanted):
                repository._fetch(remote, lambda git: remote.fetch_commits(git, wanted))
        except BaseException:
            repository.close()
            raise
        return repository

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End git and remove the directory."""
        if self._neighbour is not None:
            self._neighbour.close()
        self._blobs.close()
        remove_directory(self.directory)

    @property
    def git(self) -> Git:
        """The git program in this repository, for the modules of this package."""
        return self._git

    @property
    def is_shallow(self) -> bool:
        """Whether history ends early here, so that git may see no merge base, or a wrong one: ask the API then."""
        return (self.directory / "shallow").is_file()

    def merge_base(self, base: str, head: str) -> str:
        """The best common ancestor. Raises NoCommonHistory, or GitError where the history needed is not here."""
        _check_names((base, head))
        output = self._git.run("merge-base", base, head)
        if output.status == 1 and output.cut is None and not output.stdout:
            if self.is_shallow:
                raise GitError(
                    f"{base[:12]} and {head[:12]} share no ancestor in this shallow clone;"
                    " fetch the whole history (actions/checkout with fetch-depth: 0)."
                )
            raise NoCommonHistory(
                f"{base[:12]} and {head[:12]} share no ancestor, so there is no change to review;"
                " rebase the branch onto its base."
            )
        name = output.checked(f"find the merge base of {base[:12]} and {head[:12]}").decode("ascii").strip()
        _check_names((name,))
        return name

    def changes(self, merge_base: str, head: str, matters: Callable[[str], bool] = lambda path: True) -> "Changes":
        """Every path that differs: see `review.git.listing.changes`. Raises GitError."""
        from review.git.listing import changes

        _check_names((merge_base, head))
        return changes(self._git, merge_base, head, matters, self.provide if self._remote is not None else None)

    def tree(self, sha: str) -> GitTree:
        """The repository at that commit. Nothing is read before something is asked of it."""
        _check_names((sha,))
        if sha not in self._trees:
            self._trees[sha] = GitTree(self._git, self._blobs, sha, self.provide)
        return self._trees[sha]

    @property
    def blobs(self) -> Blobs:
        """Content by blob name, as far as it is here: see `provide`."""
        return self._blobs

    def sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        """The sizes in bytes of those blobs that are here; the missing ones are absent. Nothing is fetched."""
        names = tuple(dict.fromkeys(blobs))
        if not names:
            return {}
        output = self._git.run("cat-file", "--batch-check", "--buffer", stdin="\n".join((*names, "")).encode("ascii"))
        lines = output.checked("look up the changed files").decode("ascii", "replace").splitlines()
        return {
            name: int(size)
            for name, kind, size in (line.split() for line in lines if line.count(" ") == 2)
            if kind == "blob"
        }

    def provide(self, blobs: Iterable[str]) -> None:
        """Fetch those of the blobs that are not here, in one go, where there is a remote.

        Raises GitError; after that the server is not asked again, so that a run does not wait once for every file.
        """
        wanted = tuple(blobs)
        remote, neighbour = self._remote, self._neighbour
        missing = self._missing(wanted) if remote is not None else []
        if missing and neighbour is not None:
            self._blobs.close()
            with suppress(GitError):
                self._fetch(neighbour, lambda git: neighbour.fetch_blobs(git, missing))
            missing = self._missing(missing)
        if missing and self._fetch_error is not None:
            raise GitError(str(self._fetch_error))
        if missing and remote is not None:
            self._blobs.close()
            try:
                self._fetch(remote, lambda git: remote.fetch_blobs(git, missing))
            except GitError as error:
                self._fetch_error = error
                raise

    def _missing(self, blobs: Sequence[str]) -> list[str]:
        here = self.sizes(blobs)
        return [name for name in blobs if name not in here]

    def _take_from(self, workspace: Path, commits: Sequence[str]) -> bool:
        """Whether the workspace gave these commits with their trees; from then on it is asked for blobs, too."""
        found = find(workspace)
        if found is None:
            return False
        neighbour = Neighbour(type(self)(commits[0], found))
        try:
            self._fetch(neighbour, lambda git: neighbour.fetch_commits(git, commits))
        except GitError:  # absent, damaged or forged: the server has the real ones
            neighbour.close()
            return False
        except BaseException:
            neighbour.close()
            raise
        self._neighbour = neighbour
        return True

    def _holds(self, commits: Sequence[str], *, deep: bool) -> bool:
        """Whether these commits are here with their root trees (with `deep`: with all trees that tell them apart)."""
        questions = "".join(f"{name}^{{commit}}\n{name}^{{tree}}\n" for name in commits).encode("ascii")
        output = self._git.run("cat-file", "--batch-check=%(objectname)", stdin=questions, timeout=_CHECK_TIMEOUT)
        answers = output.stdout.decode("ascii", "replace").splitlines()
        if not output.ok or answers[0::2] != list(commits) or not all(map(is_object_name, answers)):
            return False
        from review.git.listing import raw

        return not deep or all(raw(self._git, commits[0], name).ok for name in commits[1:])

    def _create(self, workspace: Workspace | None) -> None:
        """Write by hand what `git init --bare` would: no template, no process."""
        for folder in ("refs", "objects"):
            (self.directory / folder).mkdir()
        (self.directory / "HEAD").write_text("ref: refs/heads/none\n")
        (self.directory / "config").write_text(self._config)
        if workspace is not None:
            (self.directory / "objects/info").mkdir()
            quoted = f'"{_quoted(str(workspace.objects))}"\n'
            (self.directory / "objects/info/alternates").write_text(quoted, errors="surrogateescape")
            if shallow := workspace.shallow():
                (self.directory / "shallow").write_text("".join(f"{name}\n" for name in shallow))

    def _fetch(self, source: Remote | Neighbour, work: Callable[[Git], None]) -> None:
        """Let `work` fetch: the source is configured while it runs, and never while anything is read."""
        config = self.directory / "config"
        remote = CONFIG.format(url=_quoted(source.url))
        extensions = "[extensions]\n    partialClone = origin\n"
        text = self._config.replace("Version = 0", "Version = 1") + extensions + remote
        config.write_text(text, errors="surrogateescape")
        try:
            work(self._git)
        finally:
            config.write_text(self._config)


def _quoted(text: str) -> str:
    """As git reads it between double quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if not is_object_name(name):
            raise InputError(f"{printable(name)!r} is not a commit's full name (40 or 64 hexadecimal digits).")
    if len({len(name) for name in names}) != 1:
        raise InputError("Some commits were named by SHA-1 and some by SHA-256; name them all alike.")
