"""The gate's decision."""

from collections.abc import Sequence

from review.domain.artifact import Artifact
from review.domain.evidence import Skipped
from review.domain.finding import Finding, Severity, Tier
from review.domain.verdict import Decision, Verdict
from review.verdict.checklist import Subjects, checklist


def decide(
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding],
    skipped: Sequence[Skipped],
    subjects: Subjects,
    fail_on: Severity | None,
) -> Verdict:
    """Fail on proven findings at least as severe as `fail_on` (None: never); else incomplete if anything was missed.

    A skip marked harmless leaves the review complete: nothing a reviewer would have read was lost by it.
    """
    blocking = frozenset(
        finding.fingerprint
        for finding in findings
        if fail_on is not None and finding.tier is Tier.PROVEN and finding.severity.rank <= fail_on.rank
    )
    if blocking:
        decision = Decision.FAIL
    elif any(not skip.harmless for skip in skipped):
        decision = Decision.INCOMPLETE
    else:
        decision = Decision.PASS
    return Verdict(decision, checklist(artifacts, findings, skipped, subjects, blocking), blocking, fail_on)
