"""The eight items of the checklist, each with what it rests on."""

from collections.abc import Iterable, Mapping, Sequence

from review.domain.artifact import Artifact, Kind
from review.domain.evidence import Skipped
from review.domain.finding import Finding, Standard
from review.domain.verdict import ChecklistItem, ItemStatus

Subjects = Mapping[Standard, frozenset[Kind]]
"""Which kinds of artifact the checks of each standard speak of."""


def checklist(
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding],
    skipped: Iterable[Skipped],
    subjects: Subjects,
    blocking: frozenset[str],
) -> tuple[ChecklistItem, ...]:
    """One item for each standard. `pass` needs every subject of the standard looked at, completely."""
    missed = [skip for skip in skipped if not skip.harmless]
    return tuple(_item(standard, artifacts, findings, missed, subjects, blocking) for standard in Standard)


def _item(
    standard: Standard,
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding],
    missed: Sequence[Skipped],
    subjects: Subjects,
    blocking: frozenset[str],
) -> ChecklistItem:
    kinds = subjects.get(standard, frozenset())
    looked_at = sum(artifact.kind in kinds for artifact in artifacts)
    own = [finding for finding in findings if finding.standard is standard]
    gaps = [skip for skip in missed if not skip.standards or standard.value in skip.standards]
    not_seen = f"; {_count(len(gaps), 'thing')} not looked at" if gaps else ""
    if own:
        status = ItemStatus.FAIL if any(f.fingerprint in blocking for f in own) else ItemStatus.ATTENTION
        worst = min(own, key=lambda finding: finding.severity.rank)
        return ChecklistItem(standard, status, f"{_count(len(own), 'finding')}, worst: {worst.title}{not_seen}")
    if gaps and (looked_at or any(not skip.standards for skip in gaps)):
        first = f"{gaps[0].subject}: {gaps[0].reason}"
        more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
        return ChecklistItem(standard, ItemStatus.NOT_REVIEWED, first + more)
    if not looked_at:
        return ChecklistItem(standard, ItemStatus.NOT_APPLICABLE, "nothing changed that this standard speaks of")
    return ChecklistItem(standard, ItemStatus.PASS, f"nothing found in {_count(looked_at, 'file')}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
