"""Findings as annotations of the workflow run: what a reviewer of a fork's pull request sees beside the lines.

GitHub shows the first ten of each level of one step (actions/runner, ExecutionContext), so the worst go first and the
number left out is known.
"""

from dataclasses import dataclass

from review.domain.changeset import Side
from review.domain.finding import Finding
from review.domain.severity import Severity
from review.domain.verdict import Review
from review.render.escape import plain

PER_LEVEL = 9
"""Annotations of one level; the tenth place is left to what the run itself has to say."""
MAX_TITLE = 200
"""GitHub takes 255 characters."""
MAX_MESSAGE = 3_000
"""GitHub cuts at 4,096 characters."""


@dataclass(frozen=True)
class Annotation:
    """One annotation, its texts plain and within GitHub's limits, not yet escaped for the workflow command."""

    level: str
    """`error`, `warning` or `notice`."""
    path: str
    line: int | None
    """At head; None where the finding is about removed lines."""
    end_line: int | None
    title: str
    message: str


@dataclass(frozen=True)
class Annotations:
    """What is annotated, and how many findings are not."""

    shown: tuple[Annotation, ...]
    left_out: int


def annotations(review: Review) -> Annotations:
    """The worst findings of each level: what fails the run is an error, what else is no low severity a warning."""
    shown: list[Annotation] = []
    used: dict[str, int] = {}
    for finding in review.findings:
        level = _level(finding, review)
        used[level] = used.get(level, 0) + 1
        if used[level] <= PER_LEVEL:
            shown.append(_annotation(finding, level))
    return Annotations(tuple(shown), len(review.findings) - len(shown))


def _level(finding: Finding, review: Review) -> str:
    if finding.fingerprint in review.verdict.blocking and review.verdict.exit_status:
        return "error"
    return "notice" if finding.severity is Severity.LOW else "warning"


def _annotation(finding: Finding, level: str) -> Annotation:
    where = finding.location
    at_head = where.side is Side.RIGHT
    return Annotation(
        level=level,
        path=where.path,
        line=where.line if at_head else None,
        end_line=where.end_line if at_head else None,
        title=plain(f"{finding.code}: {finding.title}", MAX_TITLE),
        message=plain(f"{finding.explanation} Fix: {finding.remediation}", MAX_MESSAGE),
    )
