"""The decision, and the whole review that renderers and publishers show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from review.domain.artifact import Artifact
from review.domain.changeset import Changeset
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard
from review.domain.severity import Severity
from review.domain.target import Target

if TYPE_CHECKING:
    from review.domain.agent import AgentReport


class ItemStatus(Enum):
    """How one standard stands."""

    PASS = "pass"
    """Every subject of the standard was looked at, and nothing was found."""
    FAIL = "fail"
    """At least one finding blocks."""
    ATTENTION = "attention"
    """Findings, none of which blocks."""
    NOT_APPLICABLE = "not applicable"
    """The change holds nothing this standard speaks of."""
    NOT_REVIEWED = "not reviewed"
    """Something this standard speaks of was not looked at, and nothing was found in the rest."""


@dataclass(frozen=True)
class ChecklistItem:
    """One of the eight lines of the summary."""

    standard: Standard
    status: ItemStatus
    evidence: str
    """One line that says what the status rests on."""


class Decision(Enum):
    """The gate's answer."""

    PASS = "pass"
    FAIL = "fail"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Suppressed:
    """A finding that was dropped from the review, and why: counted and shown, never lost."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What the gate decides, computed by code."""

    decision: Decision
    checklist: tuple[ChecklistItem, ...]
    """Exactly eight, in the order of `Standard`."""
    blocking: frozenset[str]
    """Fingerprints of the findings that fail the run."""
    fail_on: Severity | None
    """Least severity that fails the run; None is `never`."""
    undecided: tuple[Skipped, ...] = ()
    """What was skipped that a finding which fails the run could hide in: the reason of an incomplete review."""
    agent_can_block: bool = False
    """Whether corroborated findings of the agent fail the run, too."""
    lets_agent_fail: bool = True
    """Whether the team lets a run pass in which only the agent's review is missing."""

    @property
    def exit_status(self) -> int:
        """What the process ends with. An incomplete review is not green either, unless the team wants it so."""
        if self.decision is Decision.PASS or self.fail_on is None:
            return 0
        return 0 if self.decision is Decision.INCOMPLETE and self.lacks_only_agent and self.lets_agent_fail else 1

    @property
    def lacks_only_agent(self) -> bool:
        """Whether all that leaves the gate undecided is that the agent did not finish."""
        return bool(self.undecided) and all(skip.stage == Stage.AGENT.value for skip in self.undecided)


@dataclass(frozen=True)
class Usage:
    """What the run took. Seconds are wall time by stage."""

    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Review:
    """The whole of one review: the only thing a renderer or a publisher gets."""

    target: Target
    changeset: Changeset
    artifacts: tuple[Artifact, ...]
    findings: tuple[Finding, ...]
    """Worst first, then by path and line. Each fingerprint once."""
    inline: frozenset[str]
    """Fingerprints of the findings whose lines GitHub takes an inline comment on."""
    suppressed: tuple[Suppressed, ...]
    skipped: tuple[Skipped, ...]
    verdict: Verdict
    usage: Usage
    notices: tuple[str, ...] = ()
    """Things a reader should know that are neither findings nor skips (the head moved since the event …)."""
    agent: "AgentReport | None" = None
    """What the agent said beside its findings; None where none was asked."""

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)
