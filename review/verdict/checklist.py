"""The eight items of the checklist, each with the one line that says what its status rests on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from review.domain.artifact import Artifact, kinds
from review.domain.changeset import Status
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard
from review.domain.practice import Practice
from review.domain.verdict import ChecklistItem, ItemStatus
from review.verdict.coverage import Coverage, Subjects
from review.verdict.quiet import LOUD, Quiet, counted, nothing

if TYPE_CHECKING:
    from review.domain.agent import AgentReport

NAMED = 2
"""Practices of new files that a row names."""


def checklist(
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding],
    covered: Coverage,
    subjects: Subjects,
    blocking: frozenset[str],
    agent: "AgentReport | None" = None,
    quiet: Quiet = LOUD,
    practices: Sequence[Practice] = (),
) -> tuple[ChecklistItem, ...]:
    """One item for each standard, in their order. `pass` needs every subject of the standard looked at, completely.

    What an agent says makes no item green: it is shown with what the tools say, and its doubts take `pass` away. What
    the team keeps `quiet` is said in the rows that it is missing from. `practices` are told beside them.
    """
    items = _items(artifacts, findings, covered, subjects, blocking, quiet)
    items = tuple(replace(item, evidence=item.evidence + _seen(item.standard, practices)) for item in items)
    if agent is None:
        return items
    from review.verdict.judged import with_judgements

    return with_judgements(items, agent)


def _seen(standard: Standard, practices: Sequence[Practice]) -> str:
    """`; in new files: no retries (1 of 2)`: what is missing, else what is there; empty where code can show nothing."""
    asked = [each for each in practices if each.standard is standard]
    missing = Counter(each.text for each in asked if not each.is_there)
    files = len({each.path for each in asked})
    texts = [f"{text} ({number} of {files})" if files > 1 else text for text, number in missing.items()]
    texts = texts or list(dict.fromkeys(each.text for each in asked))
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return f"; in new files: {', '.join(texts[:NAMED])}{more}" if texts else ""


def _items(
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding],
    covered: Coverage,
    subjects: Subjects,
    blocking: frozenset[str],
    quiet: Quiet,
) -> tuple[ChecklistItem, ...]:
    return tuple(
        _item(
            standard,
            [artifact for artifact in artifacts if artifact.kind in subjects.get(standard, frozenset())],
            [finding for finding in findings if finding.standard is standard],
            covered.touched[standard],
            blocking,
            quiet.number(standard),
            quiet.off_for(standard, [artifact for artifact in artifacts if artifact.head is not None]),
        )
        for standard in Standard
    )


def _item(
    standard: Standard,
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding],
    gaps: Sequence[Skipped],
    blocking: frozenset[str],
    suppressed: int,
    off: str,
) -> ChecklistItem:
    seen = [artifact for artifact in artifacts if artifact.head is not None]
    if findings:
        fails = any(finding.fingerprint in blocking for finding in findings)
        status = ItemStatus.FAIL if fails else ItemStatus.ATTENTION
        rest = f"; {counted(suppressed)}" if suppressed else ""
        rest += "; not everything could be checked" if gaps else ""
        return ChecklistItem(standard, status, _found(findings) + rest)
    if gaps:
        return ChecklistItem(standard, ItemStatus.NOT_REVIEWED, _missed(gaps, seen, suppressed, off))
    if seen or suppressed:
        return ChecklistItem(standard, ItemStatus.PASS, "nothing found" + nothing(kinds(seen), suppressed, off))
    if off:
        return ChecklistItem(standard, ItemStatus.NOT_APPLICABLE, f"its checks are off by the policy: {off}")
    if any(artifact.file.status is Status.DELETED for artifact in artifacts):
        return ChecklistItem(standard, ItemStatus.NOT_APPLICABLE, "only deletions, which leave nothing to check")
    return ChecklistItem(standard, ItemStatus.NOT_APPLICABLE, "nothing changed that its checks speak of")


def _found(findings: Sequence[Finding]) -> str:
    worst = min(findings, key=lambda finding: finding.severity.rank)
    if len(findings) == 1:
        return f"{worst.severity.value}: {worst.title}"
    return f"{len(findings)} findings, worst {worst.severity.value}: {worst.title}"


def _missed(gaps: Sequence[Skipped], seen: Sequence[Artifact], suppressed: int, off: str) -> str:
    """The first gap; where only the agent's word is missing, what the tools saw, since its reasons are told once."""
    if all(gap.stage == Stage.AGENT.value for gap in gaps):
        paths = {artifact.path for artifact in seen}
        agents = ", ".join(dict.fromkeys(gap.subject for gap in gaps if gap.subject not in paths))
        found = (
            f"rules and linters found nothing{nothing(kinds(seen), suppressed, off)}; " if seen or suppressed else ""
        )
        return found + (f"the agent's review is missing ({agents})" if agents else "the agent did not see all of it")
    more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
    return f"{gaps[0].subject}: {gaps[0].reason}{more}"
