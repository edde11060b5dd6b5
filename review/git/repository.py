"""Our own bare repository: every question about commits, changes, patches and content goes through here.

It is made in a private temporary directory and holds no reference, hook or attribute. What it knows of objects it
borrows from the workspace (`objects/info/alternates`) or fetches from the server, so git never runs in the workspace.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from review.errors import GitError, InputError, NoCommonHistory
from review.git.command import Git, Output, printable
from review.git.objects import Blobs
from review.git.remote import CONFIG, Remote
from review.git.scratch import make_directory, remove_directory
from review.git.tree import GitTree
from review.git.workspace import Workspace, find, is_object_name

if TYPE_CHECKING:
    from review.git.changes import Changes, RawChange

RENAME_LIMIT = 3000
"""Of added and of deleted files; above it git pairs identical contents only. A corpus change has 1,127 renames."""
RENAME_TIMEOUT = 60.0
_LIST_LIMIT = 64 * 1024 * 1024
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
"""
_SHA256 = "[extensions]\n    objectFormat = sha256\n"


class Repository:
    """A private bare repository. Use it in a `with` statement: leaving it ends git and removes the directory."""

    def __init__(self, example: str, workspace: Workspace | None = None, remote: Remote | None = None) -> None:
        """`example` is any object name: its length tells SHA-1 from SHA-256. The class methods are the way in."""
        self.directory = make_directory("data-review-git-")
        self._remote = remote
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
    def from_workspace(cls, workspace: Path, *commits: str, remote: Remote | None = None) -> Self | None:
        """A repository that borrows the workspace's objects; None if that lacks one of the commits or its trees.

        Blobs that a partial clone left on the server are fetched from `remote` where it is given, else they are
        missing. Raises InputError for a commit that is no full object name.
        """
        _check_names(commits)
        found = find(workspace)
        if found is None:
            return None
        repository = cls(commits[0], found, remote)
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
        cls, url: str, token: str, commits: Iterable[str], meanwhile: Callable[[], None] = lambda: None
    ) -> Self:
        """A repository with these commits and their trees, fetched; blobs follow when they are needed.

        `meanwhile` is called when nothing is left but to wait for the server, and must not take long itself.
        Raises InputError for a commit that is no full object name or an address that is not http(s), GitError where
        the server does not give them.
        """
        wanted = tuple(commits)
        _check_names(wanted)
        remote = Remote(url, token)
        repository = cls(wanted[0], None, remote)
        try:
            meanwhile()
            repository._fetch(lambda git: remote.fetch_commits(git, wanted))
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
        """Every path that differs, sorted as git does, renames paired.

        `matters` says of a path whether anyone will read its content: where no added and no deleted path matters,
        nothing is compared and a renamed file is listed as deleted and added. Raises GitError.
        """
        from review.domain.changeset import Status
        from review.git.changes import Changes, above_limit, parse_raw, renames_skipped

        _check_names((merge_base, head))
        span = f"{merge_base[:12]}..{head[:12]}"
        plain = parse_raw(self._raw(merge_base, head, "--no-renames").checked(f"list the changes of {span}"))
        added = [change for change in plain if change.file.status is Status.ADDED]
        deleted = [change for change in plain if change.file.status is Status.DELETED]
        if not added or not deleted or not any(matters(change.file.path) for change in (*added, *deleted)):
            return Changes(plain)
        reason = self._provide_for_renames(added, deleted)
        if not reason:
            output = self._raw(merge_base, head, "-M", f"-l{RENAME_LIMIT}")
            if output.ok:
                was_limited = "rename detection was skipped" in output.stderr
                skipped = (renames_skipped(above_limit(added, deleted)),) if was_limited else ()
                return Changes(parse_raw(output.stdout), skipped)
            reason = f"git could not compare all files ({output.reason})"
        exact = self._raw(merge_base, head, "-M100%").checked(f"list the changes of {span}")
        return Changes(parse_raw(exact), (renames_skipped(reason),))

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
        remote = self._remote
        wanted = tuple(blobs)
        if remote is None or not wanted:
            return
        here = self.sizes(wanted)
        missing = [name for name in wanted if name not in here]
        if missing and self._fetch_error is not None:
            raise GitError(str(self._fetch_error))
        if missing:
            self._blobs.close()
            try:
                self._fetch(lambda git: remote.fetch_blobs(git, missing))
            except GitError as error:
                self._fetch_error = error
                raise

    def _provide_for_renames(self, added: "Sequence[RawChange]", deleted: "Sequence[RawChange]") -> str:
        """Fetch what git compares to pair renames; the reason why not, or "". Identical blobs need no comparison."""
        old = {blob for change in deleted for blob in change.blobs}
        new = {blob for change in added for blob in change.blobs}
        if len(old - new) * len(new - old) > RENAME_LIMIT**2:
            from review.git.changes import above_limit

            return above_limit(added, deleted) if self._remote else ""
        try:
            self.provide(old ^ new)
        except GitError as error:
            return str(error).rstrip(".")
        return ""

    def _raw(self, base: str, head: str, *renames: str) -> Output:
        return self._git.run(
            *("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv"),
            *("--ignore-submodules=none", "--no-relative", *renames, base, head, "--"),
            timeout=RENAME_TIMEOUT,
            limit=_LIST_LIMIT,
        )

    def _holds(self, commits: Sequence[str], *, deep: bool) -> bool:
        """Whether these commits are here with their root trees (with `deep`: with all trees that tell them apart)."""
        questions = "".join(f"{name}^{{commit}}\n{name}^{{tree}}\n" for name in commits).encode("ascii")
        output = self._git.run("cat-file", "--batch-check=%(objectname)", stdin=questions, timeout=_CHECK_TIMEOUT)
        answers = output.stdout.decode("ascii", "replace").splitlines()
        if not output.ok or answers[0::2] != list(commits) or not all(map(is_object_name, answers)):
            return False
        return not deep or all(self._raw(commits[0], name, "--no-renames").ok for name in commits[1:])

    def _create(self, workspace: Workspace | None) -> None:
        """Write by hand what `git init --bare` would: no template, no process."""
        for folder in ("refs", "objects"):
            (self.directory / folder).mkdir()
        (self.directory / "HEAD").write_text("ref: refs/heads/none\n")
        (self.directory / "config").write_text(self._config)
        if workspace is not None:
            (self.directory / "objects/info").mkdir()
            path = str(workspace.objects)
            quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            (self.directory / "objects/info/alternates").write_text(f'"{quoted}"\n', errors="surrogateescape")
            if shallow := workspace.shallow():
                (self.directory / "shallow").write_text("".join(f"{name}\n" for name in shallow))

    def _fetch(self, work: Callable[[Git], None]) -> None:
        """Let `work` fetch: the remote is configured while it runs, and never while anything is read."""
        assert self._remote is not None
        config = self.directory / "config"
        remote = CONFIG.format(url=self._remote.url)
        extensions = "[extensions]\n    partialClone = origin\n"
        text = self._config.replace("Version = 0", "Version = 1") + extensions + remote
        config.write_text(text)
        try:
            work(self._git)
        finally:
            config.write_text(self._config)


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if not is_object_name(name):
            raise InputError(f"{printable(name)!r} is not a commit's full name (40 or 64 hexadecimal digits).")
    if len({len(name) for name in names}) != 1:
        raise InputError("Some commits were named by SHA-1 and some by SHA-256; name them all alike.")
