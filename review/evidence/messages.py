"""What goes to a worker and what comes back, as JSON values.

The worker's answer is untrusted: it has parsed hostile text. Whatever is not exactly of this shape raises
`MalformedAnswer`, and a finding may speak only of the file it was asked about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard
from review.domain.outline import Outline, Part
from review.domain.practice import Practice
from review.evidence.outlines.base import KINDS, MAX_NAME, MAX_NAMES, MAX_PARTS, READS, WRITES, is_short

MAX_FINDINGS = 2_000
"""Findings taken of one file; a file with more is reported as not fully reviewed."""
MAX_PRACTICES = 40
"""Practices taken of one file; there are no more to be seen."""
MAX_CLAUSE = 200
"""Characters of a practice's text."""


class MalformedAnswer(ValueError):
    """A worker answered something that is not of the agreed shape."""


class Ask(Enum):
    """What a request wants besides findings; one without it wants those."""

    OUTLINE = "outline"
    """Of the head, or of the base where there is no head; `trivial` by both."""
    LINKS = "links"
    """An outline of the head with what is had in little time."""
    EDIT = "edit"
    """Whether the head parses; the base is the file before the edit."""


@dataclass(frozen=True)
class Request:
    """One artifact to look at."""

    path: str
    kind: Kind
    status: Status
    base_path: str | None
    added: frozenset[int]
    removed: frozenset[int]
    project: str | None
    dialect: str | None
    base: Version | None
    head: Version | None
    lint: str | None
    """Key of the shared lint settings, or None where nothing is to be linted."""
    is_dialect_known: bool = True
    other_dialects: tuple[str, ...] = ()
    """What to read it as where it cannot be read in `dialect`, the likeliest first."""
    is_dialect_sure: bool = True

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "path": self.path,
            "kind": self.kind.value,
            "status": self.status.value,
            "base_path": self.base_path,
            "added": sorted(self.added),
            "removed": sorted(self.removed),
            "project": self.project,
            "dialect": self.dialect,
            "base": _version_dict(self.base),
            "head": _version_dict(self.head),
            "lint": self.lint,
            "is_dialect_known": self.is_dialect_known,
            "other_dialects": list(self.other_dialects),
            "is_dialect_sure": self.is_dialect_sure,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Request":
        """What `to_dict` gave."""
        return cls(
            path=data["path"],
            kind=Kind(data["kind"]),
            status=Status(data["status"]),
            base_path=data["base_path"],
            added=frozenset(data["added"]),
            removed=frozenset(data["removed"]),
            project=data["project"],
            dialect=data["dialect"],
            base=_version(data["base"]),
            head=_version(data["head"]),
            lint=data["lint"],
            is_dialect_known=data["is_dialect_known"],
            other_dialects=tuple(data["other_dialects"]),
            is_dialect_sure=data["is_dialect_sure"],
        )

    @property
    def file(self) -> ChangedFile:
        """The facts of the change that rules and the linter ask for."""
        old = self.base_path if self.base_path != self.path else None
        return ChangedFile(self.path, self.status, old, added=self.added, removed=self.removed)

    @property
    def removed_lines(self) -> list[str]:
        """The texts of the lines that the change takes away."""
        lines = self.base.text.split("\n") if self.base is not None else []
        return [lines[number - 1] for number in sorted(self.removed) if number <= len(lines)]


def request(artifact: Artifact, lint: str | None) -> Request:
    """The request for one artifact."""
    file = artifact.file
    return Request(
        path=file.path,
        kind=artifact.kind,
        status=file.status,
        base_path=file.base_path,
        added=file.added,
        removed=file.removed,
        project=artifact.project,
        dialect=artifact.dialect,
        base=artifact.base,
        head=artifact.head,
        lint=lint,
        is_dialect_known=artifact.is_dialect_known,
        other_dialects=artifact.other_dialects,
        is_dialect_sure=artifact.is_dialect_sure,
    )


def answer(
    findings: tuple[Finding, ...], skipped: tuple[Skipped, ...], practices: tuple[Practice, ...]
) -> dict[str, Any]:
    """A worker's answer as JSON values."""
    return {
        "findings": [finding.to_dict() for finding in findings],
        "practices": [[each.standard.value, each.is_there, each.text, each.line] for each in practices],
        "skipped": [
            {
                "stage": skip.stage,
                "subject": skip.subject,
                "reason": skip.reason,
                "standards": list(skip.standards),
                "harmless": skip.harmless,
            }
            for skip in skipped
        ],
    }


@dataclass(frozen=True)
class Answer:
    """What a worker says of one artifact."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    practices: tuple[Practice, ...] = ()


def read_answer(artifact: Artifact, data: Mapping[str, Any]) -> Answer:
    """The answer about that artifact. Raises MalformedAnswer."""
    try:
        lines = artifact.head.text.count("\n") + 1 if artifact.head is not None else 0
        practices = tuple(
            _practice(artifact.path, lines, *entry) for entry in _listed(data["practices"], MAX_PRACTICES)
        )
        findings = tuple(_checked(Finding.from_dict(entry), artifact) for entry in data["findings"][:MAX_FINDINGS])
        skipped = [_skip(entry) for entry in data["skipped"]]
        left_out = len(data["findings"]) - len(findings)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise MalformedAnswer(f"{type(error).__name__}: {error}") from error
    if left_out > 0:
        skipped.append(
            Skipped(Stage.FINDINGS.value, artifact.path, f"{left_out} findings more than are kept of a file")
        )
    return Answer(findings, tuple(skipped), practices)


def _practice(path: str, lines: int, standard: Any, is_there: Any, text: Any, line: Any) -> Practice:
    if not isinstance(is_there, bool) or not isinstance(text, str) or not 0 < len(text) <= MAX_CLAUSE:
        raise TypeError("a practice that is none")
    if not text.isprintable() or not (line is None or (type(line) is int and 1 <= line <= lines)):
        raise ValueError("a practice outside the file that was asked about")
    return Practice(path, Standard(standard), is_there, text, line)


def outline_answer(outline: Outline) -> dict[str, Any]:
    """A worker's outline as JSON values."""
    return {
        "parts": [[part.kind, part.name, part.line, part.end_line] for part in outline.parts],
        "reads": list(outline.reads),
        "writes": list(outline.writes),
        "trivial": outline.trivial,
    }


def read_outline(lines: int, data: Mapping[str, Any]) -> Outline:
    """The outline in an answer about a file of that many lines. Raises MalformedAnswer."""
    try:
        parts = tuple(_part(lines, *entry) for entry in _listed(data["parts"], MAX_PARTS))
        reads = _names(data["reads"], READS)
        writes = _names(data["writes"], WRITES)
        trivial = data["trivial"]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise MalformedAnswer(f"{type(error).__name__}: {error}") from error
    if not isinstance(trivial, bool):
        raise MalformedAnswer("a flag that is none")
    return Outline(parts, reads, writes, trivial)


def read_problem(data: Mapping[str, Any]) -> str:
    """The clause in an answer about an edit. Raises MalformedAnswer."""
    problem = data.get("problem")
    if not isinstance(problem, str) or len(problem) > MAX_NAME or not problem.isprintable():
        raise MalformedAnswer("a clause that is none")
    return problem


def _part(lines: int, kind: Any, name: Any, line: Any, end_line: Any) -> Part:
    if kind not in KINDS or not _is_name(name) or not name or type(line) is not int or type(end_line) is not int:
        raise TypeError("a part that is none")
    if not 1 <= line <= end_line <= lines:
        raise ValueError("a part outside the file that was asked about")
    return Part(kind, name, line, end_line)


def _names(value: Any, prefixes: frozenset[str]) -> tuple[str, ...]:
    names = _listed(value, MAX_NAMES)
    for name in names:
        if not isinstance(name, str) or not name.isprintable() or not is_short(name) or name != name.lower():
            raise TypeError("a name that is none")
        if name.partition(":")[0] not in prefixes:
            raise ValueError("a name of something unknown")
    return tuple(sorted(set(names)))


def _listed(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise TypeError("a list that is none, or too long")
    return value


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_NAME and value.isprintable()


def _checked(finding: Finding, artifact: Artifact) -> Finding:
    where = finding.location
    known = {artifact.file.path, artifact.file.base_path}
    if where.path not in known or not 1 <= where.line <= where.end_line:
        raise ValueError("a location outside the file that was asked about")
    suggestion = "" if finding.suggestion is None else finding.suggestion.replacement
    texts = (finding.source, finding.title, finding.explanation, finding.remediation, finding.evidence)
    for text in (
        *texts,
        finding.cost,
        finding.scale,
        finding.symbol,
        finding.help_url,
        finding.identity_path,
        suggestion,
    ):
        if not isinstance(text, str):
            raise TypeError("a text that is none")
    return replace(finding, help_url=finding.help_url if finding.help_url.startswith("https://") else "")


def _skip(entry: Mapping[str, Any]) -> Skipped:
    return Skipped(
        stage=Stage(entry["stage"]).value,
        subject=str(entry["subject"]),
        reason=str(entry["reason"]),
        standards=tuple(Standard(value).value for value in entry["standards"]),
        harmless=bool(entry["harmless"]),
    )


def _version_dict(version: Version | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {"path": version.path, "text": version.text}


def _version(data: Mapping[str, Any] | None) -> Version | None:
    return None if data is None else Version(data["path"], data["text"])


def read_off(told: Mapping[str, Mapping[str, Iterable[str]]]) -> Mapping[Standard, Mapping[str, frozenset[Kind]]]:
    """`Evidence.off`, of the values that a worker tells."""
    return {
        Standard(standard): {code: frozenset(map(Kind, kinds)) for code, kinds in rules.items()}
        for standard, rules in told.items()
    }
