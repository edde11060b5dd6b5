"""The words all surfaces share: the verdict in a sentence, names of kinds, icons."""

from collections import Counter

from review.domain.artifact import Artifact
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Tier
from review.domain.severity import Severity
from review.domain.verdict import AS_CLAIMED, Decision, ItemStatus, Review

NAME = "Data Architecture Review"

DECISION_ICONS = {Decision.PASS: "✅", Decision.FAIL: "❌", Decision.INCOMPLETE: "⚠️"}
STATUS_ICONS = {
    ItemStatus.PASS: "✅",
    ItemStatus.FAIL: "❌",
    ItemStatus.ATTENTION: "🟠",
    ItemStatus.NOT_APPLICABLE: "➖",
    ItemStatus.NOT_REVIEWED: "⚠️",
}
SEVERITY_ICONS = {Severity.CRITICAL: "🛑", Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🔵"}


OPENED_ICON = "🟠"
"""A verdict of `fail` that does not fail the run."""
CLAIMED_ICON = "⚪"
"""What would be green if it were not the word of a run that the pull request's author can change."""


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def severities(findings: tuple[Finding, ...] | list[Finding]) -> str:
    """`2 high, 1 low`, the worst first."""
    counted = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counted[severity]} {severity.value}" for severity in Severity if counted[severity])


def change(review: Review) -> str:
    """What the reader calls it."""
    return "this change" if review.target.pull_request is None else "this pull request"


def looked_at(review: Review) -> tuple[Artifact, ...]:
    """The data files that were looked at, in part at least; a deleted one leaves nothing to look at."""
    unseen = {skip.subject for skip in review.verdict.undecided}
    return tuple(each for each in review.artifacts if each.head is not None and each.path not in unseen)


def is_irrelevant(review: Review) -> bool:
    """Whether the change touches no data file, and none may have been missed."""
    return not (review.artifacts or review.findings or review.suppressed or gaps(review))


def _is_left_out(skip: Skipped) -> bool:
    return skip.stage == Stage.CLASSIFY.value and skip.harmless


def gaps(review: Review) -> tuple[Skipped, ...]:
    """What a reader would have wanted looked at and was not, or only in part."""
    return tuple(skip for skip in review.skipped if not skip.harmless)


def verdict(review: Review) -> str:
    """The verdict in a clause, without a full stop, to be read beside its icon or the decision's name."""
    decided = review.verdict
    exempt = f"; {exemption(review)}" if exemption(review) else ""
    if is_irrelevant(review):
        if not review.changeset.files:
            return f"{change(review)} changes no file"
        considered = " that the policy lets be reviewed" if any(map(_is_left_out, review.skipped)) else ""
        return f"nothing in {change(review)}{considered} touches DAGs, dbt, Spark or SQL"
    if decided.decision is Decision.FAIL:
        blocking = len(decided.blocking)
        does = "would block" if decided.shadow_until else "blocks" if blocking == 1 else "block"
        return f"{count(blocking, 'finding')} {does} {change(review)}{exempt}"
    if decided.decision is Decision.INCOMPLETE and decided.lacks_only_agent:
        found = (
            f"{count(len(review.findings), 'finding')}, none of which blocks" if review.findings else "nothing found"
        )
        return f"{agent_name(review)} could not finish its review; from the other checks: {found}{exempt}"
    if decided.decision is Decision.INCOMPLETE:
        missed = {skip.subject for skip in decided.undecided}
        are_files = all(review.changeset.file(subject) for subject in missed)
        return f"{count(len(missed), 'file' if are_files else 'thing')} could not be checked{exempt}"
    claimed = AS_CLAIMED if review.is_claimed else ""
    if review.findings:
        return f"nothing blocks, {count(len(review.findings), 'finding')} to look at{claimed}"
    if gaps(review):
        return f"nothing found in what could be checked{claimed}"
    return f"nothing found{claimed}"


def exemption(review: Review) -> str:
    """Why a verdict that fails the run does not, in a clause; empty where it does, or none is needed."""
    decided = review.verdict
    if not decided.fails or decided.exit_status:
        return ""
    if decided.shadow_until is not None:
        return f"nothing fails the run up to {decided.shadow_until}"
    return "the break-glass label lets it pass"


def icon(review: Review) -> str:
    """The verdict's sign."""
    decided = review.verdict
    is_open = decided.decision is Decision.FAIL and not decided.exit_status
    return OPENED_ICON if is_open else decision_icon(decided.decision, review)


def decision_icon(decision: Decision, review: Review) -> str:
    """The sign of the review's verdict, or of one project's."""
    is_word = review.is_claimed and decision is Decision.PASS
    return CLAIMED_ICON if is_word else DECISION_ICONS[decision]


def status_icon(status: ItemStatus, review: Review) -> str:
    """The sign of an item of the checklist."""
    return CLAIMED_ICON if review.is_claimed and status is ItemStatus.PASS else STATUS_ICONS[status]


def effect(finding: Finding, review: Review) -> str:
    """What the finding does to the check: `blocks`, `would block` (in a shadow), or nothing."""
    if finding.fingerprint not in review.verdict.blocking:
        return ""
    return "would block" if review.verdict.shadow_until else "blocks"


def numbers(review: Review) -> str:
    """What the verdict rests on, in one line: findings by severity, files by kind, and what was missed."""
    findings = f"{count(len(review.findings), 'finding')}"
    if review.findings:
        findings += f" ({severities(review.findings)})"
    seen = looked_at(review)
    parts = [f"{findings} in {count(len(seen), 'data file')} of {count(len(review.changeset.files), 'changed file')}"]
    if review.searched:
        parts.append(secrets(review))
    undecided = {skip.subject for skip in review.verdict.undecided}
    if undecided:
        parts.append(f"{len(undecided)} not checked")
    if partly := {skip.subject for skip in gaps(review)} - undecided:
        parts.append(f"{len(partly)} checked only in part")
    return "; ".join(parts)


def secrets(review: Review) -> str:
    """`2 other files looked at for secrets (known tokens and keys, passwords by their names)`: others are not found."""
    files = count(review.searched, "other file")
    return f"{files} looked at for secrets (known tokens and keys, passwords by their names)"


def agent_name(review: Review) -> str:
    """`the data-engineer agent`."""
    return f"the {review.agent.agent} agent" if review.agent is not None else "the agent"


def standing(finding: Finding) -> str:
    """How well an agent's finding is held up, in a word or two; empty for a tool's, which is what it is."""
    if not finding.source.startswith("agent:"):
        return "confirmed by the agent" if finding.tier is Tier.CORROBORATED else ""
    return "verified" if finding.tier is Tier.CORROBORATED else "advisory"


def asked(review: Review) -> str:
    """Which model was asked and what it took, in a clause for the last line."""
    report = review.agent
    if report is None:
        return "no model was asked"
    from review.domain.agent import Asked

    who = f"{report.agent} on {report.model}"
    if report.asked is Asked.NOT_NEEDED:
        return f"{who}: not asked, since the change is trivial"
    if report.asked is Asked.REUSED:
        return f"{who}: nothing changed since it was last asked, no call made"
    spend = report.spend
    sent = spend.tokens.sent
    cached = f", {100 * spend.tokens.cache_read // sent} % of the input from cache" if sent else ""
    seconds = review.usage.seconds.get("agent", 0.0)
    before = f", {count(report.carried, 'file')} carried over" if report.carried else ""
    return (
        f"{who}: {count(spend.calls, 'call')}, {sent + spend.tokens.output:,} tokens{cached}, ${spend.dollars:.2f},"
        f" {seconds:.0f} s{before}"
    )


def dropped(review: Review) -> str:
    """How many claims of the agent's were not taken, and why; empty where all were."""
    if review.agent is None or not review.agent.dropped:
        return ""
    reasons = sorted(review.agent.dropped.items(), key=lambda entry: (-entry[1], entry[0]))
    return f"{count(sum(review.agent.dropped.values()), 'claim')} of {agent_name(review)} not taken: " + "; ".join(
        f"{reason} ({number})" for reason, number in reasons
    )


def gate(review: Review) -> str:
    """What fails the run, in a clause."""
    decided = review.verdict
    by_path = ", and other levels hold for some paths (`overrides`)" if decided.levels_vary else ""
    shadow = f", but none up to {decided.shadow_until} (`shadow-until`)" if decided.shadow_until else ""
    level = decided.fail_on
    if level is None:
        return f"no finding fails the run (`fail-on: never`){by_path}{shadow if by_path else ''}"
    worse = "" if level is Severity.CRITICAL else " or worse"
    proven = "proven and verified" if decided.agent_can_block else "proven"
    return f"{proven} findings of severity `{level.value}`{worse} fail the run (`fail-on`){by_path}{shadow}"


def place(finding: Finding) -> str:
    """`line 3`, `lines 3–5`."""
    where = finding.location
    return f"line {where.line}" if where.line == where.end_line else f"lines {where.line}–{where.end_line}"
