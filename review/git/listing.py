"""Lists what differs between two commits, and pairs the files that were renamed."""

from collections.abc import Callable, Iterable, Sequence

from review.domain.changeset import Status
from review.errors import GitError
from review.git.changes import Changes, RawChange, above_limit, parse_raw, renames_skipped
from review.git.command import Git, Output

RENAME_LIMIT = 3000
"""Of added and of deleted files; above it git pairs identical contents only. A corpus change has 1,127 renames."""
RENAME_TIMEOUT = 60.0
_PATHS_LIMIT = 500_000
"""Characters of paths that one command is given; Linux takes two megabytes of arguments."""
_LIST_LIMIT = 64 * 1024 * 1024


def changes(
    git: Git,
    merge_base: str,
    head: str,
    matters: Callable[[str], bool],
    provide: Callable[[Iterable[str]], None] | None,
) -> Changes:
    """Every path that differs, sorted as git does, renames paired.

    `matters` says of a path whether anyone will read its content: of other files only those are compared that may have
    been renamed from or to such a path, because they share its name up to the first dot. `provide` fetches content,
    where there is a place to fetch it from. Raises GitError.
    """
    task = f"list the changes of {merge_base[:12]}..{head[:12]}"
    exact = parse_raw(raw(git, merge_base, head, "-M100%").checked(task))
    all_added, all_deleted = (
        [change for change in exact if change.file.status is status and change.is_named_in_utf8]
        for status in (Status.ADDED, Status.DELETED)
    )
    added, deleted = _comparable(all_added, all_deleted, matters), _comparable(all_deleted, all_added, matters)
    if not added or not deleted:
        return Changes(exact)
    similar, reason = _similar(git, (merge_base, head), added, deleted, provide)
    skipped = (renames_skipped(reason),) if reason else ()
    if similar is None:
        return Changes(exact, skipped)
    compared = {change.file.path for change in (*added, *deleted)}
    files = (*parse_raw(similar), *(change for change in exact if change.file.path not in compared))
    return Changes(tuple(sorted(files, key=lambda change: change.file.path.encode())), skipped)


def raw(git: Git, base: str, head: str, *renames: str, paths: Sequence[str] = ()) -> Output:
    """What `git diff-tree --raw` says of two commits, and of these paths alone where any are given."""
    return git.run(
        *("--literal-pathspecs", "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv"),
        *("--ignore-submodules=none", "--no-relative", *renames, base, head, "--", *paths),
        timeout=RENAME_TIMEOUT,
        limit=_LIST_LIMIT,
    )


def _comparable(
    files: Sequence[RawChange], others: Sequence[RawChange], matters: Callable[[str], bool]
) -> list[RawChange]:
    """Those of the files that matter, or whose name up to the first dot is that of one of the others that matters."""
    stems = {_stem(change) for change in others if matters(change.file.path)}
    return [change for change in files if matters(change.file.path) or _stem(change) in stems]


def _stem(change: RawChange) -> str:
    return change.file.path.rpartition("/")[2].partition(".")[0]


def _similar(
    git: Git,
    span: tuple[str, str],
    added: Sequence[RawChange],
    deleted: Sequence[RawChange],
    provide: Callable[[Iterable[str]], None] | None,
) -> tuple[bytes | None, str]:
    """How git lists these files with the renames among them paired, and why not or not all of them, or ""."""
    paths = [change.file.path for change in (*added, *deleted)]
    if sum(map(len, paths)) > _PATHS_LIMIT:
        return None, above_limit(added, deleted)
    if provide is not None:
        old = {blob for change in deleted for blob in change.blobs}
        new = {blob for change in added for blob in change.blobs}
        if len(old) * len(new) > RENAME_LIMIT**2:
            return None, above_limit(added, deleted)
        try:
            provide(old | new)
        except GitError as error:
            return None, str(error).rstrip(".")
    output = raw(git, *span, "-M", f"-l{RENAME_LIMIT}", paths=paths)
    if not output.ok:
        return None, f"git could not compare all files ({output.reason})"
    was_limited = "rename detection was skipped" in output.stderr
    return output.stdout, above_limit(added, deleted) if was_limited else ""
