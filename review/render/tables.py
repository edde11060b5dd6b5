"""The tables: how each project stands, whose files the findings are in, and what new files have of each standard."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.domain.finding import Finding, Standard
from review.domain.practice import Practice
from review.domain.projects import ProjectKind, ProjectVerdict
from review.domain.verdict import Review
from review.render import words
from review.render.escape import PATH, code, prose

ROWS = 20
"""Rows of a table in a comment."""


_HEADINGS = {
    Standard.ERROR_HANDLING: "Errors",
    Standard.MONITORING: "Monitoring",
    Standard.DATA_QUALITY: "Quality",
    Standard.DOCUMENTATION: "Docs",
    Standard.TESTING: "Tests",
    Standard.COST: "Cost",
    Standard.SECURITY: "Security",
    Standard.SCALABILITY: "Scale",
}
LEGEND = "✓ all there that code can show · 1/2 one of two · ✗ none of it · ⚠️ a finding says more · blank: nothing asked"


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


def matrix(review: Review, rows: int | None = None) -> str:
    """New and largely changed artifacts by standard: what code shows of each; empty where there are none."""
    asked = _by_path(review.practices)
    shown = sorted(asked, key=lambda path: sum(each.is_there for each in asked[path]) - len(asked[path]))[:rows]
    lines = [
        f"| {code(path, in_table=True)} | {' | '.join(_cell(path, each, asked[path], review) for each in Standard)} |"
        for path in shown
    ]
    head = [f"| New or rewritten | {' | '.join(_HEADINGS.values())} |", f"|---|{':-:|' * len(Standard)}"]
    table = _table(head, lines, len(asked) - len(shown), "file")
    lists = "\n".join(_practices(path, asked[path]) for path in shown)
    return f"{table}\n\n<sub>{LEGEND}</sub>\n\n{lists}" if table else ""


def matrix_title(review: Review) -> str:
    """`What 3 new or rewritten files show of the standards`."""
    number = len(_by_path(review.practices))
    return f"What {words.count(number, 'new or rewritten file')} show{'s' if number == 1 else ''} of each standard"


def lacking(review: Review) -> dict[str, tuple[str, ...]]:
    """Path → what its standards ask and it lacks, for surfaces without tables."""
    asked = _by_path(review.practices)
    lacks = {path: tuple(each.text for each in found if not each.is_there) for path, found in asked.items()}
    return {path: texts for path, texts in lacks.items() if texts}


def _by_path(practices: Sequence[Practice]) -> dict[str, list[Practice]]:
    found: dict[str, list[Practice]] = {}
    for practice in practices:
        found.setdefault(practice.path, []).append(practice)
    return found


def _cell(path: str, standard: Standard, practices: Sequence[Practice], review: Review) -> str:
    if any(each.standard is standard and each.location.path == path for each in review.findings):
        return "⚠️"
    asked = [each for each in practices if each.standard is standard]
    there = sum(each.is_there for each in asked)
    if not asked:
        return " "
    return "✓" if there == len(asked) else f"{there}/{len(asked)}" if there else "✗"


def _practices(path: str, practices: Sequence[Practice]) -> str:
    """One line: what is missing, then what is there."""
    lacks = "; ".join(prose(each.text, PATH) for each in practices if not each.is_there)
    has = "; ".join(prose(each.text, PATH) for each in practices if each.is_there)
    said = [f"**missing:** {lacks}" if lacks else "", f"**there:** {has}" if has else ""]
    return f"- {code(path, PATH)}: {' · '.join(filter(None, said))}"


def _table(head: list[str], lines: list[str], left: int, noun: str) -> str:
    if not lines:
        return ""
    rest = f"\n\n*{words.count(left, f'more {noun}')} in `review.md`.*" if left else ""
    return "\n".join((*head, *lines)) + rest
