"""The gate's decision."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from review.domain.artifact import Artifact
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Tier
from review.domain.practice import Practice
from review.domain.severity import Severity
from review.domain.verdict import Decision, Verdict
from review.verdict.checklist import checklist
from review.verdict.coverage import Subjects, coverage, file_of
from review.verdict.quiet import LOUD, Quiet

if TYPE_CHECKING:
    from review.domain.agent import AgentReport
    from review.domain.projects import ProjectVerdict

_OF_FILES = (Stage.INTAKE.value, Stage.CLASSIFY.value)
"""Stages that skip files, also such as become no artifact."""


def decide(
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding],
    skipped: Sequence[Skipped],
    subjects: Subjects,
    fail_on: Severity | None,
    *,
    agent: "AgentReport | None" = None,
    agent_can_block: bool = False,
    lets_agent_fail: bool = True,
    fail_on_at: Callable[[str], Severity | None] | None = None,
    shadow_until: date | None = None,
    quiet: Quiet = LOUD,
    practices: Sequence[Practice] = (),
) -> Verdict:
    """Fail on proven findings at least as severe as their file's fail level; else incomplete where a file went unseen.

    That level is `fail_on_at(path)`, or `fail_on` for every file. With `agent_can_block`, corroborated findings fail
    the run as well. `agent` is what the agent said of the standards, if one was asked. Where the level is None
    (`never`) no finding fails the run, and a review that missed such a file is still called incomplete. Up to the day
    `shadow_until` the verdict is what it would be; `Verdict.exit_status` says what comes of it.
    `review/verdict/coverage.py` says which skips leave the gate undecided. `quiet` is what the team keeps out of it,
    `practices` what new files have and lack of what the standards ask: they are evidence, and decide nothing.
    """
    level_at = fail_on_at or (lambda path: fail_on)
    may_block = {Tier.PROVEN, Tier.CORROBORATED} if agent_can_block else {Tier.PROVEN}
    blocking = frozenset(
        finding.fingerprint
        for finding in findings
        if finding.tier in may_block and _is_at_least(finding.severity, level_at(finding.location.path))
    )
    covered = coverage(artifacts, skipped, subjects)
    levels = {artifact.path: level_at(artifact.path) for artifact in artifacts}
    if blocking:
        decision = Decision.FAIL
    elif covered.undecided:
        decision = Decision.INCOMPLETE
    else:
        decision = Decision.PASS
    return Verdict(
        decision,
        checklist(artifacts, findings, covered, subjects, blocking, agent, quiet, practices),
        blocking,
        fail_on,
        covered.undecided,
        agent_can_block,
        lets_agent_fail,
        levels_vary=any(level is not fail_on for level in levels.values()),
        unguarded=tuple(skip for skip in covered.undecided if not _is_guarded(skip, levels, level_at, fail_on)),
        projects=_projects(artifacts, findings, blocking, covered.undecided),
        shadow_until=shadow_until,
    )


def _projects(
    artifacts: Sequence[Artifact], findings: Sequence[Finding], blocking: frozenset[str], undecided: Sequence[Skipped]
) -> "tuple[ProjectVerdict, ...]":
    """None where nothing that stands in a project was reviewed: such a run does not import what tells them apart."""
    if not (artifacts or findings or undecided):
        return ()
    from review.verdict.projects import projects

    return projects(artifacts, findings, blocking, undecided)


def _is_guarded(
    skip: Skipped,
    levels: Mapping[str, Severity | None],
    level_at: Callable[[str], Severity | None],
    fail_on: Severity | None,
) -> bool:
    """Whether a finding could fail the run where that was missed.

    What is no file (an agent, a check of ours) could have spoken of any, whatever path a pattern takes its name for.
    """
    path = file_of(skip, levels)
    if path in levels:
        return levels[path] is not None
    if skip.stage in _OF_FILES:
        return level_at(path) is not None
    return any(level is not None for level in (fail_on, *levels.values()))


def _is_at_least(severity: Severity, level: Severity | None) -> bool:
    return level is not None and severity.rank <= level.rank
