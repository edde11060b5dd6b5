"""Two commits in, one `Changeset` out: every changed path, and the lines of those that matter.

Nothing here fails because of one file. What cannot be read becomes a `Skipped` with its reason, and the rest is
reviewed; only where git cannot even list the change is there nothing to stand on.
"""

from collections.abc import Callable, Iterable
from posixpath import dirname, join, normpath

from review.domain.changeset import ChangedFile, Changeset, Entry, Status
from review.domain.evidence import Skipped, Stage
from review.errors import GitError
from review.git.changes import RawChange
from review.git.repository import Repository

_ROWS = (".csv", ".tsv", ".parquet", ".xlsx")
"""Files of rows: their content is data that no reviewer reads line by line."""


def read_changeset(
    repository: Repository,
    merge_base: str,
    head: str,
    matters: Callable[[str], bool],
    on_listed: Callable[[list[str]], None] = lambda paths: None,
) -> Changeset:
    """Everything between the two commits; hunks and lines for those paths alone of which `matters` is true.

    A renamed file matters if either of its names does. `on_listed` is told the paths at head that matter as soon as
    they are known, before their lines are read. Raises GitError where git cannot list the change.
    """
    listed = repository.changes(merge_base, head, matters)
    relevant = [change for change in listed.files if any(map(matters, _paths(change.file)))]
    on_listed([path for change in relevant if (path := change.file.head_path) is not None and matters(path)])
    files = {change.file.path: change.file for change in listed.files}
    skipped = [
        *listed.skipped,
        *(_submodule(change) for change in listed.files if change.file.entry is Entry.SUBMODULE),
    ]
    readable: list[RawChange] = []
    for change in relevant:
        obstacle = _obstacle(change, repository, head)
        if obstacle is not None:
            skipped.append(obstacle)
        elif change.file.entry is Entry.FILE and change.old_blob != change.new_blob:
            readable.append(change)
    if readable:
        _read_patches(repository, readable, files, skipped)
    return Changeset(merge_base, head, tuple(files.values()), tuple(skipped))


def _read_patches(
    repository: Repository, changes: Iterable[RawChange], files: dict[str, ChangedFile], skipped: list[Skipped]
) -> None:
    """Replace the files by what their patches say, and add what could not be had."""
    from review.git.patches import Lost, patches
    from review.intake.diff import with_hunks

    for result in patches(repository, changes):
        if isinstance(result, Lost):
            skipped.append(_lost(result.change.file, result.reason))
            continue
        read = with_hunks(result)
        skipped.extend(_lost(lost.change.file, lost.reason) for lost in read.lost)
        for file in read.files:
            files[file.path] = file
            if file.is_binary:
                skipped.append(_lost(file, "it holds NUL bytes, so git calls it binary; store it as UTF-8 text"))


def _paths(file: ChangedFile) -> tuple[str, ...]:
    return (file.path,) if file.old_path is None else (file.path, file.old_path)


def _lost(file: ChangedFile, reason: str) -> Skipped:
    """The skip of a file whose lines could not be had. A deleted file and a file of rows lose nothing by it."""
    harmless = file.status is Status.DELETED or file.path.lower().endswith(_ROWS)
    return Skipped(Stage.INTAKE.value, file.path, reason, harmless=harmless)


def _submodule(change: RawChange) -> Skipped:
    reason = "it is a submodule: what changed is in another repository, and is reviewed there"
    return Skipped(Stage.INTAKE.value, change.file.path, reason, harmless=True)


def _obstacle(change: RawChange, repository: Repository, head: str) -> Skipped | None:
    """Why a path that matters is not read at all; None where it can be."""
    file = change.file
    if not change.is_named_in_utf8:
        return _lost(file, "its name is not UTF-8, so it cannot be looked up; rename it")
    if file.entry is not Entry.SYMLINK:
        return None
    if change.link_blob is None:
        return Skipped(Stage.INTAKE.value, file.path, "it was a symbolic link", harmless=True)
    target = _link_target(change, repository)
    if target is not None and repository.tree(head).has(target):
        reason = "it is a symbolic link to a file of this repository, which is reviewed where it is"
        return Skipped(Stage.INTAKE.value, file.path, reason, harmless=True)
    return Skipped(
        Stage.INTAKE.value, file.path, "it is a symbolic link that leads to no file of this repository; not followed"
    )


def _link_target(change: RawChange, repository: Repository) -> str | None:
    """The path inside the repository that a symbolic link names, or None."""
    assert change.link_blob is not None
    try:
        repository.provide((change.link_blob,))
        target = repository.blobs.read(change.link_blob).decode("utf-8")
    except (GitError, UnicodeDecodeError):
        return None
    path = normpath(join(dirname(change.file.path), target))
    return None if target.startswith("/") or path.startswith("..") else path
