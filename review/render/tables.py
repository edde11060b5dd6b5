"""The tables of a large change: how each project stands, and whose files the findings are in."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.domain.finding import Finding
from review.domain.projects import ProjectKind, ProjectVerdict
from review.domain.verdict import Review
from review.render import words
from review.render.escape import code

ROWS = 20
"""Rows of a table in a comment."""


@dataclass(frozen=True)
class Share:
    """The findings in the files of one owner."""

    owner: str
    """As CODEOWNERS names it; empty for the files that nobody owns."""
    findings: int
    blocking: int
    files: int


def projects_shown(review: Review) -> tuple[ProjectVerdict, ...]:
    """The parts of the repository to tell apart: none where there is but one project, or nothing to say of any."""
    parts = review.verdict.projects
    several = sum(part.kind is not ProjectKind.OTHER for part in parts) > 1
    return parts if several and any(part.findings or part.unseen for part in parts) else ()


def project_name(part: ProjectVerdict, name: str) -> str:
    """What a reader calls it; `name` is its folder as the surface shows it."""
    return {
        ProjectKind.DBT: f"dbt project {name}",
        ProjectKind.DAGS: f"DAGs in {name}",
        ProjectKind.OTHER: "other files",
    }[part.kind]


def projects_table(review: Review, rows: int | None = None) -> str:
    """One row for each project, the failed ones first where not all of them are shown; empty where there is one."""
    parts = projects_shown(review)
    shown = parts if rows is None or len(parts) <= rows else sorted(parts, key=_urgency)[:rows]
    lines = [
        f"| {words.decision_icon(part.decision, review)} | {project_name(part, code(part.name or '.', in_table=True))}"
        f" | {part.decision.value} | {part.findings:,} | {part.blocking:,} | {part.unseen:,} |"
        for part in shown
    ]
    head = ["| | Project | By itself | Findings | Blocking | Not checked |", "|---|---|---|---:|---:|---:|"]
    return _table(head, lines, len(parts) - len(shown), "project")


def _urgency(part: ProjectVerdict) -> tuple[int, int, int]:
    return -part.blocking, -part.unseen, -part.findings


def shares(review: Review) -> tuple[Share, ...]:
    """The findings by owner, those with the most to do first; none where the review is small or has one owner.

    A finding in a file of several owners counts for each of them.
    """
    by_owner: dict[str, list[Finding]] = {}
    for finding in review.findings if review.owners else ():
        for owner in review.owners.get(finding.location.path, ()) or ("",):
            by_owner.setdefault(owner, []).append(finding)
    if len(by_owner.keys() - {""}) < 2:
        return ()
    made = [_share(owner, findings, review.verdict.blocking) for owner, findings in by_owner.items()]
    return tuple(sorted(made, key=lambda share: (not share.owner, -share.blocking, -share.findings, share.owner)))


def _share(owner: str, findings: Sequence[Finding], blocking: frozenset[str]) -> Share:
    blocks = sum(finding.fingerprint in blocking for finding in findings)
    return Share(owner, len(findings), blocks, len({finding.location.path for finding in findings}))


def owners_table(review: Review, rows: int | None = None) -> str:
    """One row for each owner, in code spans, which mention nobody; empty where there are no two of them."""
    everyone = shares(review)
    shown = everyone[:rows]
    lines = [
        f"| {code(share.owner, in_table=True) if share.owner else 'nobody'} | {share.findings:,} | {share.blocking:,}"
        f" | {share.files:,} |"
        for share in shown
    ]
    head = ["| Owner of the file | Findings | Blocking | Files |", "|---|---:|---:|---:|"]
    return _table(head, lines, len(everyone) - len(shown), "owner")


def _table(head: list[str], lines: list[str], left: int, noun: str) -> str:
    if not lines:
        return ""
    rest = f"\n\n*{words.count(left, f'more {noun}')} in `review.md`.*" if left else ""
    return "\n".join((*head, *lines)) + rest
