"""What `git diff-tree --raw` says of two trees, before any content is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.domain.changeset import ChangedFile, Entry, Status
from review.domain.evidence import Skipped, Stage
from review.errors import GitError
from review.git.command import decode_path

SYMLINK = "120000"
SUBMODULE = "160000"
_STATUS = {
    "A": Status.ADDED,
    "D": Status.DELETED,
    "M": Status.MODIFIED,
    "T": Status.MODIFIED,
    "R": Status.RENAMED,
}


@dataclass(frozen=True)
class RawChange:
    """One changed path with the blobs on both sides; no blob where that side has no regular file."""

    file: ChangedFile
    """Without hunks or lines: those come from the patch."""
    old_blob: str | None
    new_blob: str | None
    link_blob: str | None = None
    """At head, the blob that holds a symbolic link's target."""
    is_named_in_utf8: bool = True
    """False where git's bytes of a path are not UTF-8: then `path` is a description, not a name to look up."""

    @property
    def blobs(self) -> tuple[str, ...]:
        """The blobs of both sides, as far as there are any."""
        return tuple(blob for blob in (self.old_blob, self.new_blob) if blob is not None)


@dataclass(frozen=True)
class Changes:
    """What differs between two commits, without content."""

    files: tuple[RawChange, ...]
    skipped: tuple[Skipped, ...] = ()
    """Whether renames could not all be recognised."""


def parse_raw(output: bytes) -> tuple[RawChange, ...]:
    """Parse `git diff-tree -r -z --raw --no-abbrev`. Raises GitError where it is not of that shape.

    A path that is not UTF-8 is described with backslash escapes, and the change is marked.
    """
    fields = iter(output.split(b"\0")[:-1])
    changes = []
    try:
        for head in fields:
            old_mode, new_mode, old_blob, new_blob, letters = head.decode("ascii").removeprefix(":").split(" ")
            letter = letters[0]
            paths = [next(fields) for _ in range(2 if letter == "R" else 1)]
            changes.append(_change(letter, (old_mode, new_mode), (old_blob, new_blob), paths))
    except (StopIteration, ValueError, KeyError, IndexError) as error:
        raise GitError("git listed the change in a shape we do not know; is this git newer than the action?") from error
    return tuple(changes)


def _change(letter: str, modes: tuple[str, str], blobs: tuple[str, str], names: list[bytes]) -> RawChange:
    paths, are_utf8 = zip(*map(decode_path, names), strict=True)
    status = _STATUS[letter]
    mode = modes[0] if status is Status.DELETED else modes[1]
    entry = Entry.SYMLINK if mode == SYMLINK else Entry.SUBMODULE if mode == SUBMODULE else Entry.FILE
    file = ChangedFile(
        path=paths[-1],
        status=status,
        old_path=paths[0] if paths[0] != paths[-1] else None,
        entry=entry,
        mode_changed=letter in "MRT" and modes[0] != modes[1],
    )
    old_blob, new_blob = (blob if mode.startswith("100") else None for mode, blob in zip(modes, blobs, strict=True))
    return RawChange(file, old_blob, new_blob, blobs[1] if modes[1] == SYMLINK else None, all(are_utf8))


def above_limit(added: Sequence[RawChange], deleted: Sequence[RawChange]) -> str:
    """Why renames among so many files are not looked for."""
    return f"{len(deleted)} deleted and {len(added)} added files are above git's rename limit"


def renames_skipped(reason: str) -> Skipped:
    """That renames were not all recognised: everything is reviewed all the same, in two halves."""
    text = f"{reason}; a moved file that also changed is reviewed as deleted and added"
    return Skipped(Stage.INTAKE.value, "renames", text, harmless=True)
