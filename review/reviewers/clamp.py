"""How much a claim may weigh: decided by what stands behind it, never by what the model says of it."""

from dataclasses import replace
from enum import Enum
from typing import TypeVar

from review.domain.finding import Confidence, Finding, Tier
from review.domain.severity import Severity
from review.reviewers.checks import Checked, without_edit

Level = TypeVar("Level", Severity, Confidence)


class Standing(Enum):
    """What the sceptic left of a claim."""

    CONFIRMED = "confirmed"
    WITHOUT_EDIT = "confirmed without its edit"
    """The finding is confirmed, its edit is not."""
    UNVERIFIED = "unverified"
    """The sceptic could not be asked, gave no valid answer, or refuted it without code that says so."""


def clamp(checked: Checked, standing: Standing) -> Finding | None:
    """The finding with the tier, severity and confidence it may have; None for one that nothing holds up.

    Confirmed on a line of the change: corroborated, critical only where it rests on what a tool found in the same file.
    Else advisory and medium at most. Unverified: one level less of both; and outside the change's lines it does not
    count at all.
    """
    finding = (checked if standing is Standing.CONFIRMED else without_edit(checked)).finding
    if standing is Standing.UNVERIFIED:
        if not (checked.in_diff or checked.facts):
            return None
        lowered = _lower(finding.severity)
        severity = lowered if lowered.rank > Severity.MEDIUM.rank else Severity.MEDIUM
        return replace(finding, tier=Tier.ADVISORY, severity=severity, confidence=_lower(finding.confidence))
    if checked.in_diff:
        severity = finding.severity
        if severity is Severity.CRITICAL and not _rests_on_a_finding(checked):
            severity = Severity.HIGH
        return replace(finding, tier=Tier.CORROBORATED, severity=severity)
    severity = finding.severity if finding.severity.rank > Severity.MEDIUM.rank else Severity.MEDIUM
    return replace(finding, tier=Tier.ADVISORY, severity=severity)


def _rests_on_a_finding(checked: Checked) -> bool:
    """Which facts it cites is only the model's word, so one about another file lifts it no higher."""
    path = checked.finding.location.path
    return any(fact.finding is not None and fact.path == path for fact in checked.facts)


def _lower(level: Level) -> Level:
    """The next lower one, or the lowest."""
    levels = list(type(level))
    return levels[min(levels.index(level) + 1, len(levels) - 1)]
