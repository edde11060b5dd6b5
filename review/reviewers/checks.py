"""What a model claims, held against the code: what is not there is dropped, with the reason, before anyone reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from review.domain.artifact import Artifact
from review.domain.changeset import Side
from review.domain.finding import Finding, Location, Suggestion, Tier
from review.domain.outline import Outline
from review.domain.redaction import redact, redact_file
from review.domain.wording import shorten
from review.reviewers.answer import Draft, Edit, texts
from review.reviewers.diff import Row, rows, visible
from review.reviewers.facts import Fact
from review.reviewers.leaks import Prompts
from review.reviewers.quotes import Indexed, find, index

MAX_EDIT_LINES = 30
"""Lines of an edit; a longer one is a rewrite, which nobody applies at a click."""
TITLE = 80
MAX_LOCATION = 20
"""Lines of a finding's place; a longer quotation is shown at its first lines."""

NO_FILE = "it names a file that this change does not touch"
NO_QUOTE = "its quotation is not in the file"
NO_TEXT = "it says nothing"
LEAKS = "it repeats the instructions that were given to the model"


Key = tuple[str, str, int]
"""Fingerprint, path and line of the quotation."""


@dataclass(frozen=True)
class Checked:
    """A claim that stands in the code where it says it does."""

    finding: Finding
    facts: tuple[Fact, ...]
    """The facts it cites that exist."""
    in_diff: bool
    """Whether its lines hold one that the change adds or removes."""
    edited: str = ""
    """The whole text of the file with the suggestion applied: still to be parsed; empty where there is none."""

    line: int = 0
    """First line of the quotation where that is not the finding's: an edit may make its place a wider one."""

    @property
    def key(self) -> Key:
        """Tells it from every other claim of a run: two places alike have one fingerprint."""
        where = self.finding.location
        return self.finding.fingerprint, where.path, self.line or where.line


@dataclass(frozen=True)
class Subject:
    """A changed file, ready for many claims to be held against it."""

    artifact: Artifact
    outline: Outline = field(default_factory=Outline)

    @cached_property
    def right(self) -> Indexed:
        """The version at head."""
        return index(redact_file(self.text(Side.RIGHT)))

    @cached_property
    def left(self) -> Indexed:
        """The version before the change."""
        return index(redact_file(self.text(Side.LEFT)))

    @cached_property
    def rows(self) -> list[Row]:
        """Both versions in one listing."""
        return rows(self.artifact)

    def text(self, side: Side) -> str:
        """The version's text; empty where there is none."""
        version = self.artifact.head if side is Side.RIGHT else self.artifact.base
        return version.text if version is not None else ""


def check(
    draft: Draft, source: str, subjects: Mapping[str, Subject], facts: Mapping[str, Fact], prompts: Prompts
) -> Checked | str:
    """The claim as a finding at the place that it quotes, or why it is dropped. `facts` by id."""
    subject = subjects.get(draft.path) or subjects.get(draft.path.removeprefix("./"))
    if subject is None:
        return NO_FILE
    if not (draft.title and draft.explanation and draft.remediation):
        return NO_TEXT
    if prompts.are_in(*texts(draft)):
        return LEAKS
    place = _place(draft, subject)
    if place is None:
        return NO_QUOTE
    side, line, end_line = place
    known = {fact.id: fact for fact in facts.values()}
    cited = tuple(known[each.strip().upper()] for each in draft.facts if each.strip().upper() in known)
    finding = _finding(draft, source, subject, Location(subject.artifact.path, line, end_line, side))
    found = Checked(finding, cited, _touches_change(subject.artifact, finding.location), line=line)
    if draft.edit is None or side is Side.LEFT or prompts.are_in(draft.edit.replacement):
        return found
    return _with_edit(found, draft.edit, subject)


def _place(draft: Draft, subject: Subject) -> tuple[Side, int, int] | None:
    """Where the quotation stands: on the side that was named, or else on the other."""
    other = Side.LEFT if draft.side is Side.RIGHT else Side.RIGHT
    for side in (draft.side, other):
        indexed = subject.right if side is Side.RIGHT else subject.left
        found = find(indexed, draft.evidence, draft.line, max(draft.end_line, draft.line))
        if found is not None:
            return side, found[0], min(found[1], found[0] + MAX_LOCATION - 1)
    return None


def _finding(draft: Draft, source: str, subject: Subject, where: Location) -> Finding:
    """Its identity is the line it stands on and the standard: neither the wording nor how much was quoted."""
    file = subject.artifact.file
    anchor = redact_file(subject.text(where.side)).split("\n")[where.line - 1]
    inside = [part.name for part in subject.outline.around(where.line)] if where.side is Side.RIGHT else []
    base = file.base_path
    return Finding(
        source=source,
        standard=draft.standard,
        severity=draft.severity,
        confidence=draft.confidence,
        tier=Tier.ADVISORY,
        location=where,
        title=_title(draft.title),
        explanation=draft.explanation,
        remediation=draft.remediation,
        evidence=f"{draft.standard.value}: {' '.join(anchor.split())}",
        symbol=inside[-1] if inside else "",
        identity_path=base if base and base != file.path else "",
        cost=draft.cost,
        scale=draft.scale,
    )


def _title(text: str) -> str:
    return shorten(" ".join(text.split()).removesuffix("."), TITLE)


def _touches_change(artifact: Artifact, where: Location) -> bool:
    lines = artifact.file.added if where.side is Side.RIGHT else artifact.file.removed
    return any(line in lines for line in range(where.line, where.end_line + 1))


def _with_edit(found: Checked, edit: Edit, subject: Subject) -> Checked:
    """The same with the edit, on exactly the lines it replaces; without it where anything about it is not exact."""
    where = found.finding.location
    lines = subject.text(Side.RIGHT).split("\n")
    hunk = subject.artifact.file.hunk_of(Side.RIGHT, edit.line)
    replacement = edit.replacement.removesuffix("\n")
    if (
        not 1 <= edit.line <= edit.end_line <= len(lines)
        or edit.end_line - edit.line >= MAX_EDIT_LINES
        or replacement.count("\n") >= 2 * MAX_EDIT_LINES
        or edit.line > where.end_line
        or edit.end_line < where.line
        or hunk is None
        or not hunk.holds(Side.RIGHT, edit.end_line)
    ):
        return found
    current = [line.rstrip() for line in lines[edit.line - 1 : edit.end_line]]
    given = [line.rstrip() for line in edit.original.removesuffix("\n").split("\n")]
    new = replacement.split("\n")
    if current != given or [line.rstrip() for line in new] == current or not _keeps_indentation(current, new):
        return found
    if redact(replacement) != replacement or visible(replacement.replace("\n", "")) != replacement.replace("\n", ""):
        return found
    end = "\r" if lines[edit.line - 1].endswith("\r") else ""
    edited = "\n".join([*lines[: edit.line - 1], *(line + end for line in new), *lines[edit.end_line :]])
    location = replace(where, line=edit.line, end_line=edit.end_line)
    finding = replace(found.finding, location=location, suggestion=Suggestion(replacement))
    return replace(found, finding=finding, edited=edited)


def _keeps_indentation(current: Iterable[str], new: Iterable[str]) -> bool:
    """Whether the first line with anything on it begins in the column where the old one did."""
    before = next((line for line in current if line.strip()), "")
    after = next((line for line in new if line.strip()), "")
    return not before or not after or _indent(before) == _indent(after)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def without_edit(found: Checked) -> Checked:
    """The same finding, its edit taken back."""
    return replace(found, finding=replace(found.finding, suggestion=None), edited="")
