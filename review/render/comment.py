"""The two texts that stand on a pull request: the summary comment, and an inline comment.

Written for a tired reviewer: the verdict first, then eight lines, then what to do, worst first. A comment holds what
GitHub takes; what does not fit is counted, and the reader is told where all of it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from review.domain.changeset import Side
from review.domain.finding import Finding
from review.domain.verdict import Decision, Review
from review.render import links, parts, words
from review.render.escape import TITLE, code, exact_block, prose
from review.render.markers import finding_marker, summary_markers

LIMIT = 60_000
"""Characters of one comment; GitHub refuses more than 65,536."""
UNFOLDED = 8
"""Findings that are shown without a click."""
ELSEWHERE = "the job summary and `review.md` list all of them"


@dataclass(frozen=True)
class Amount:
    """How much of each list is shown."""

    full: int
    """Findings with explanation and fix."""
    listed: int
    """Findings named at all."""
    lines: int
    """Lines of each other list."""

    def less(self) -> "Amount":
        """The next smaller amount: explanations go first, then the other lists, findings last."""
        if self.full:
            return replace(self, full=self.full // 2)
        if self.lines > 4:
            return replace(self, lines=self.lines // 2)
        return replace(self, listed=self.listed // 2)


def summary_comment(review: Review, commented: Iterable[str] = (), limit: int = LIMIT) -> str:
    """The one summary comment, hidden state included, in at most `limit` characters.

    `commented` are the fingerprints of findings that have an inline comment: those are named here in one line, the
    others explained. The text depends on the review alone, so a second run of the same head changes nothing.
    """
    markers = summary_markers(review)
    if words.is_irrelevant(review):
        return "\n\n".join(filter(None, (parts.one_line(review), parts.notices(review), markers)))
    said = frozenset(commented)
    lines = {finding.fingerprint: parts.finding_line(finding, review) for finding in review.findings}
    blocks = {
        finding.fingerprint: lines[finding.fingerprint]
        if finding.fingerprint in said
        else parts.finding_block(finding, review)
        for finding in review.findings
    }
    longest = max(len(review.skipped), len(review.suppressed), 4)
    amount = Amount(len(review.findings), len(review.findings), 2 * longest)
    while True:
        body = _summary(review, lines, blocks, amount)
        if len(body) + len(markers) + 2 <= limit or not (amount.full or amount.listed or amount.lines > 4):
            return f"{body}\n\n{markers}"
        amount = amount.less()


def inline_comment(finding: Finding, review: Review) -> str:
    """The comment on the finding's lines: what, why, what to do, the edit where it is certain, and the rule's page."""
    blocks = finding.fingerprint in review.verdict.blocking
    severity = f"{words.SEVERITY_ICONS[finding.severity]} {finding.severity.value.capitalize()}"
    rule = parts.link(code(finding.code), links.help_page(finding))
    effect = "blocks this pull request" if blocks else "does not block"
    return "\n\n".join(
        filter(
            None,
            (
                f"**{severity}: {prose(finding.title, TITLE)}**",
                prose(finding.explanation),
                f"**Fix:** {prose(finding.remediation)}",
                suggestion_block(finding),
                f"<sub>{rule} · {finding.standard.title} · {effect}</sub>",
                finding_marker(finding.fingerprint),
            ),
        )
    )


def suggestion_block(finding: Finding) -> str:
    """A block that GitHub applies at a click, or nothing: where there is no edit, or it cannot be shown exactly."""
    if finding.suggestion is None or finding.location.side is not Side.RIGHT:
        return ""
    return exact_block(finding.suggestion.replacement, "suggestion") or ""


def _summary(review: Review, lines: dict[str, str], blocks: dict[str, str], amount: Amount) -> str:
    return "\n\n".join(
        filter(
            None,
            (
                parts.headline(review),
                parts.basis(review),
                parts.notices(review),
                parts.what_now(review),
                parts.checklist(review),
                *_findings(review, lines, blocks, amount),
                *_rest(review, amount),
                parts.footer(review),
            ),
        )
    )


def _findings(review: Review, lines: dict[str, str], blocks: dict[str, str], amount: Amount) -> list[str]:
    listed = review.findings[: amount.listed]
    explained = {finding.fingerprint for finding in listed[: amount.full]}
    texts = {
        finding.fingerprint: (blocks if finding.fingerprint in explained else lines)[finding.fingerprint]
        for finding in listed
    }
    out: list[str] = []
    shown = 0
    for severity, group in parts.by_severity(listed):
        heading = parts.severity_heading(severity, [f for f in review.findings if f.severity is severity])
        body = parts.by_file(group, texts)
        if shown and shown + len(group) > UNFOLDED:
            out.append(parts.folded(f"<b>{heading}</b>", body))
        else:
            out.append(f"#### {heading}\n\n{body}")
        shown += len(group)
    if left := len(review.findings) - len(listed):
        rest = words.severities(review.findings[amount.listed :])
        out.append(f"**{words.count(left, 'more finding')} ({rest}) would not fit here; {ELSEWHERE}.**")
    elif len(explained) < len(listed):
        out.append(f"*Explanations are left out where they would not fit here; {ELSEWHERE}.*")
    return out


def _rest(review: Review, amount: Amount) -> list[str]:
    out = []
    must_see = review.verdict.decision is Decision.INCOMPLETE
    for title, skips, matters in parts.gap_groups(review):
        icon = "⚠️ " if matters else ""
        body = _first(parts.skip_lines(skips), amount.lines)
        out.append(parts.folded(f"{icon}{title}", body, is_open=matters and must_see))
    if review.suppressed:
        body = _first(parts.suppressed_lines(review.suppressed), amount.lines)
        out.append(parts.folded(parts.suppressed_title(review.suppressed), body))
    if words.looked_at(review):
        out.append(parts.folded(parts.reviewed_title(review), parts.reviewed(review)))
    return out


def _first(lines: list[str], number: int) -> str:
    left = len(lines) - number
    return "\n".join(lines[:number] + ([f"- {words.count(left, 'more line')}; {ELSEWHERE}"] if left > 0 else []))
