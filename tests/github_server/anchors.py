"""Where a comment on the diff is at home: the hunks that a pull request shows, and how lines move between its heads."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github_server.state import Comment, Pull, Repository

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Hunk:
    """The lines of one hunk on both sides, context included."""

    left: range
    right: range


@dataclass(frozen=True)
class Anchor:
    """Where a comment is at the present head."""

    line: int | None
    start_line: int | None
    is_outdated: bool
    """The diff shows its lines no more."""


def hunks(repo: "Repository", pull: "Pull") -> dict[str, list[Hunk]]:
    """Path → the hunks that the pull request's page shows."""
    base = repo.merge_base(pull.base_sha, pull.head_sha)
    if (base, pull.head_sha) not in repo.diffs:
        text = repo.git("-c", "core.quotepath=off", "diff", "-M", "-U3", "--no-ext-diff", base, pull.head_sha)
        repo.diffs[(base, pull.head_sha)] = dict(_files(text))
    return repo.diffs[(base, pull.head_sha)]


def complaint(repo: "Repository", pull: "Pull", place: Mapping[str, Any]) -> str:
    """Why GitHub would not put a comment there; empty where it would."""
    shown = hunks(repo, pull)
    if place["path"] not in shown:
        return "Path could not be resolved"
    if place.get("subject_type") == "file":
        return ""
    side = place.get("side", "RIGHT")
    start, line = place.get("start_line"), place.get("line")
    around = next((lines for lines in _sides(shown[place["path"]], side) if line in lines), None)
    if around is None:
        return "Line could not be resolved"
    if start is not None and start >= line:
        return "start line must precede the end line"
    if start is not None and (start not in around or place.get("start_side", side) != side):
        return "start line must be part of the same hunk as the line"
    return ""


def anchor(repo: "Repository", pull: "Pull", comment: "Comment") -> Anchor:
    """Where the comment is now: GitHub moves it with its lines, and gives it up where they change or leave the diff."""
    place = comment.place
    shown = hunks(repo, pull).get(place["path"])
    if place.get("subject_type") == "file":
        return Anchor(None, None, shown is None)
    side = place.get("side", "RIGHT")
    old, new = place["commit_id"], pull.head_sha
    if side == "LEFT":
        old, new = comment.merge_base, repo.merge_base(pull.base_sha, pull.head_sha)
    line = _moved(repo, old, new, place["path"], place["line"])
    start = place.get("start_line")
    start = start and _moved(repo, old, new, place["path"], start)
    lines = [line] if place.get("start_line") is None else [start, line]
    if shown is None or not any(all(each in around for each in lines) for around in _sides(shown, side)):
        return Anchor(None, None, True)
    return Anchor(line, start, False)


def _sides(shown: list[Hunk], side: str) -> list[range]:
    return [hunk.left if side == "LEFT" else hunk.right for hunk in shown]


def _moved(repo: "Repository", old: str, new: str, path: str, line: int) -> int | None:
    """The number that a line of one commit has in the other, or None where it changed."""
    if old == new:
        return line
    if (old, new, path) not in repo.moves:
        text = repo.git("diff", "-U0", "--no-renames", "--no-ext-diff", old, new, "--", path)
        repo.moves[(old, new, path)] = [hunk for _, found in _files(text) for hunk in found]
    shift = 0
    for hunk in repo.moves[(old, new, path)]:
        if line in hunk.left:
            return None
        if (hunk.left.stop if len(hunk.left) else hunk.left.start + 1) <= line:
            shift += len(hunk.right) - len(hunk.left)
    return line + shift


def _files(text: str) -> Iterator[tuple[str, list[Hunk]]]:
    """Path and hunks of each file in a diff's text."""
    old = path = ""
    found: list[Hunk] = []
    for line in text.split("\n"):
        if line.startswith("diff --git "):
            if path:
                yield path, found
            old, path, found = "", "", []
        elif line.startswith("--- a/") and not path:
            old = line[6:].rstrip("\t")
        elif line.startswith("+++ ") and not path:
            path = old if line == "+++ /dev/null" else line[6:].rstrip("\t")
        elif match := _HUNK.match(line):
            left, lefts, right, rights = (1 if group is None else int(group) for group in match.groups())
            found.append(Hunk(range(left, left + lefts), range(right, right + rights)))
    if path:
        yield path, found
