"""The decision, and the whole review that renderers and publishers show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from review.domain.artifact import Artifact
from review.domain.break_glass import BreakGlass
from review.domain.changeset import Changeset
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard
from review.domain.practice import Practice
from review.domain.projects import ProjectVerdict
from review.domain.severity import Severity
from review.domain.target import Target

if TYPE_CHECKING:
    from review.domain.agent import AgentReport


AS_CLAIMED = ", as the pull request's own run says"
"""What follows a statement that rests on `Evidence.is_claimed`."""


class ItemStatus(Enum):
    """How one standard stands."""

    PASS = "pass"
    """Every subject of the standard was looked at, and nothing was found that the team wants to see."""
    FAIL = "fail"
    """At least one finding blocks."""
    ATTENTION = "attention"
    """Findings, none of which blocks."""
    NOT_APPLICABLE = "not applicable"
    """The change holds nothing this standard speaks of, as far as its rules are not switched off."""
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
    by_team: bool = False
    """Whether the team does not want to see it (a waiver, the policy, a comment), rather than another says it."""


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

    levels_vary: bool = False
    """Whether another fail level than `fail_on` holds for some of the files."""
    unguarded: tuple[Skipped, ...] = ()
    """Those of `undecided` that lie where no finding fails the run (`never`)."""
    projects: tuple[ProjectVerdict, ...] = ()
    """How each dbt project and each folder of DAGs stands by itself."""
    shadow_until: date | None = None
    """The last day on which no review fails the run, where the team has set one that has not passed."""
    break_glass: BreakGlass | None = None
    """Who opened the gate by hand, where somebody did."""

    @property
    def exit_status(self) -> int:
        """What the process ends with: the only place that decides it."""
        return int(self.fails and self.shadow_until is None and self.break_glass is None)

    @property
    def fails(self) -> bool:
        """Whether this verdict fails the run where nothing exempts it: neither a shadow, nor the break-glass label.

        An incomplete review is not green either, unless the team wants it so.
        """
        if self.decision is not Decision.INCOMPLETE:
            return self.decision is Decision.FAIL
        unguarded = frozenset(self.unguarded)
        guarded = [skip for skip in self.undecided if skip not in unguarded]
        return bool(guarded) and not (self.lets_agent_fail and all(skip.stage == Stage.AGENT.value for skip in guarded))

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
    practices: tuple[Practice, ...] = ()
    """What the standards ask of new and largely changed artifacts, there or missing; by path."""
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Path of a finding → who owns the file by CODEOWNERS, perhaps nobody; empty where the review is not large."""

    rules: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Source of findings → the rule's title, and why what it finds matters, wherever it is found."""
    is_claimed: bool = False
    """Whether the evidence is the word of a run that the pull request's author can change (`Evidence.is_claimed`)."""
    searched: int = 0
    """How many files beside the artifacts were looked at for secrets, and for nothing else."""

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)
