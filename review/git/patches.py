"""The text of the change, in batches that fit in memory, whatever the pull request holds.

Instead of asking git for paths, two flat trees are written that hold just the blobs in question under numbers, and
those are compared. So no path is ever quoted, matched as a pattern or too many for a command line; each pair is
exactly the one that the list of changes named; and no `.gitattributes` of anyone can mark a file as not to be shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from review.errors import GitError
from review.git.changes import RawChange
from review.git.command import Cut, Output
from review.git.objects import UnreadableError
from review.git.repository import Repository

BATCH_BYTES = 32_000_000
"""Of blobs, both sides together, in one comparison."""
BATCH_FILES = 1000
TOTAL_BYTES = 64_000_000
"""Of patch text in one review; the files after it are not reviewed, and say so."""
PATCH_TIMEOUT = 60.0
"""Seconds one comparison may take."""


@dataclass(frozen=True)
class Counts:
    """Lines that `git diff --numstat` counts for one file."""

    added: int
    removed: int


@dataclass(frozen=True)
class Patch:
    """What `git diff -U3` says of some changes, in which the n-th is called `patch_name(n)` on both sides."""

    changes: tuple[RawChange, ...]
    text: str
    """Decoded lossily; lines end in `\\n` only, whatever else is in them."""
    counts: tuple[Counts | None, ...]
    """git's own count for each change: zero where its content did not change, None where git calls it binary."""


@dataclass(frozen=True)
class Lost:
    """A change whose patch could not be had. `reason` is a clause, such as "it is 20.0 MB, above the 5 MB …"."""

    change: RawChange
    reason: str


def patch_name(number: int) -> str:
    """What the n-th change of a patch is called in its text."""
    return f"{number:06d}"


def patches(repository: Repository, changes: Iterable[RawChange]) -> Iterator[Patch | Lost]:
    """The patches of these changes, and those changes that have none, with the reason. Raises GitError.

    A blob that is missing, broken or too large costs its own file only.
    """
    wanted = tuple(changes)
    lack = ""
    try:
        repository.provide(blob for change in wanted for blob in change.blobs)
    except GitError as error:
        lack = str(error).rstrip(".")
    readable: list[tuple[RawChange, int]] = []
    for change in wanted:
        try:
            readable.append((change, sum(len(repository.blobs.read(blob)) for blob in change.blobs)))
        except UnreadableError as error:
            yield Lost(change, lack or str(error))
    total = 0
    for batch in _batches(readable):
        if total > TOTAL_BYTES:
            reason = f"the change is larger than the {TOTAL_BYTES // 1_000_000} MB of differences that are reviewed"
            yield from (Lost(change, reason) for change in batch)
            continue
        for result in _compare(repository, batch):
            if isinstance(result, Patch):
                total += len(result.text)
            yield result


def _batches(changes: Iterable[tuple[RawChange, int]]) -> Iterator[list[RawChange]]:
    """Changes in groups of bounded size; the number is the bytes on both sides of a change."""
    batch: list[RawChange] = []
    room = BATCH_BYTES
    for change, size in changes:
        if batch and (size > room or len(batch) == BATCH_FILES):
            yield batch
            batch, room = [], BATCH_BYTES
        batch.append(change)
        room -= size
    if batch:
        yield batch


def _compare(repository: Repository, batch: Sequence[RawChange]) -> Iterator[Patch | Lost]:
    """Compare a batch. Where git fails, each half is tried by itself, down to the file that is to blame."""
    output = _diff(repository, batch)
    if output.ok:
        yield _patch(batch, output.stdout)
    elif len(batch) == 1 or output.cut is Cut.TIME:
        yield from (Lost(change, f"git could not compare it ({output.reason})") for change in batch)
    else:
        middle = len(batch) // 2
        yield from _compare(repository, batch[:middle])
        yield from _compare(repository, batch[middle:])


def _diff(repository: Repository, batch: Sequence[RawChange]) -> Output:
    old = _tree(repository, [change.old_blob for change in batch])
    new = _tree(repository, [change.new_blob for change in batch])
    return repository.git.run(
        *("diff-tree", "-r", "-z", "--numstat", "--patch", "--unified=3", "--no-renames", "--no-color"),
        *("--no-ext-diff", "--no-textconv", "--full-index", "--src-prefix=a/", "--dst-prefix=b/", old, new, "--"),
        timeout=PATCH_TIMEOUT,
    )


def _tree(repository: Repository, blobs: Sequence[str | None]) -> str:
    """Write a tree that holds the n-th blob as `patch_name(n)`, and return its name."""
    entries = (f"100644 blob {blob}\t{patch_name(n)}\0" for n, blob in enumerate(blobs) if blob is not None)
    output = repository.git.run("mktree", "--missing", "-z", stdin="".join(entries).encode("ascii"))
    return output.checked("note what to compare").decode("ascii").strip()


def _patch(batch: Sequence[RawChange], output: bytes) -> Patch:
    """Parse `<added> TAB <removed> TAB <name> NUL` …, one more NUL, and the patch."""
    counts: list[Counts | None] = [Counts(0, 0)] * len(batch)
    start = 0
    while start < len(output) and (end := output.find(b"\0", start)) != start:
        fields = output[start:end].split(b"\t")
        start = end + 1
        if not start or len(fields) != 3 or not fields[2].isdigit() or int(fields[2]) >= len(batch):
            raise GitError("git counted the changed lines in a shape we do not know; is it newer than the action?")
        is_binary = fields[0] == b"-"
        counts[int(fields[2])] = None if is_binary else Counts(int(fields[0]), int(fields[1]))
    return Patch(tuple(batch), output[start + 1 :].decode("utf-8", "replace"), tuple(counts))
