"""Reads a patch's hunks and lines. The only import of unidiff, loaded only where a patch has to be read."""

from dataclasses import dataclass, replace
from io import StringIO

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchedFile, PatchSet

from review.domain.changeset import ChangedFile, Hunk
from review.git.patches import Counts, Lost, Patch, patch_name

LINE_LIMIT = 200_000
"""Characters in one line; a file whose change shows a longer one is data or generated, and no one reads it."""


@dataclass(frozen=True)
class ReadPatch:
    """The changed files of a patch with their hunks, and those that could not be read."""

    files: tuple[ChangedFile, ...]
    lost: tuple[Lost, ...]


def with_hunks(patch: Patch) -> ReadPatch:
    """The patch's files with hunks, added and removed lines, and whether git calls them binary.

    What unidiff reads is compared with git's own count of lines: a file on which they disagree is lost, not guessed.
    """
    try:
        # newline="\n": form feeds, lone carriage returns and U+2028 are content, not ends of lines.
        parsed = PatchSet(StringIO(patch.text, newline="\n"))
    except UnidiffParseError:
        return ReadPatch((), tuple(Lost(change, "its differences could not be parsed") for change in patch.changes))
    by_name = {file.source_file[2:] if file.is_removed_file else file.target_file[2:]: file for file in parsed}
    files: list[ChangedFile] = []
    lost: list[Lost] = []
    for number, change in enumerate(patch.changes):
        found = _read(change.file, by_name.get(patch_name(number)), patch.counts[number])
        if isinstance(found, str):
            lost.append(Lost(change, found))
        else:
            files.append(found)
    return ReadPatch(tuple(files), tuple(lost))


def _read(file: ChangedFile, parsed: PatchedFile | None, counts: Counts | None) -> ChangedFile | str:
    """The file with what the patch says of it, or why that cannot be used."""
    if counts is None:
        return replace(file, is_binary=True)
    is_notebook = file.path.lower().endswith(".ipynb")  # its pictures are lines of it, and none is read
    hunks: list[Hunk] = []
    added: list[int] = []
    removed: list[int] = []
    for hunk in parsed or ():
        hunks.append(Hunk(hunk.source_start, hunk.source_length, hunk.target_start, hunk.target_length))
        for line in hunk:
            if len(line.value) > LINE_LIMIT and not is_notebook:
                length = len(line.value.removesuffix("\n"))
                return f"a line of it has {length:,} characters, above the {LINE_LIMIT:,} that are reviewed"
            if line.is_added and line.target_line_no is not None:
                added.append(line.target_line_no)
            elif line.is_removed and line.source_line_no is not None:
                removed.append(line.source_line_no)
    if (len(added), len(removed)) != (counts.added, counts.removed):
        return "two readings of its differences disagree"
    return replace(file, hunks=tuple(hunks), added=frozenset(added), removed=frozenset(removed))
