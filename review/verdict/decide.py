"""The gate's decision."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from review.domain.artifact import Artifact
from review.domain.evidence import Skipped
from review.domain.finding import Finding, Tier
from review.domain.severity import Severity
from review.domain.verdict import Decision, Verdict
from review.verdict.checklist import checklist
from review.verdict.coverage import Subjects, coverage

if TYPE_CHECKING:
    from review.domain.agent import AgentReport


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
) -> Verdict:
    """Fail on proven findings at least as severe as `fail_on`; else incomplete where a changed file went unseen.

    With `agent_can_block`, corroborated findings fail the run as well. `agent` is what the agent said of the standards,
    if one was asked. With `fail_on` None (`never`) no finding fails the run, and an incomplete review is still called
    one; the exit status is then 0 (`Verdict.exit_status`). `review/verdict/coverage.py` says which skips leave the gate
    undecided.
    """
    may_block = {Tier.PROVEN, Tier.CORROBORATED} if agent_can_block else {Tier.PROVEN}
    blocking = frozenset(
        finding.fingerprint
        for finding in findings
        if fail_on is not None and finding.tier in may_block and finding.severity.rank <= fail_on.rank
    )
    covered = coverage(artifacts, skipped, subjects)
    if blocking:
        decision = Decision.FAIL
    elif covered.undecided:
        decision = Decision.INCOMPLETE
    else:
        decision = Decision.PASS
    items = checklist(artifacts, findings, covered, subjects, blocking, agent)
    return Verdict(decision, items, blocking, fail_on, covered.undecided, agent_can_block, lets_agent_fail)
