"""The two texts that stand on a pull request: the summary comment, and an inline comment.

Written for a tired reviewer: the verdict first, then eight lines, then what to do, worst first. A comment holds what
GitHub takes; what does not fit is counted, and the reader is told where all of it is.
"""

from dataclasses import dataclass, replace

from review.domain.agent import Asked
from review.domain.changeset import Side
from review.domain.conversation import Account
from review.domain.finding import Finding
from review.domain.verdict import Decision, Review
from review.render import became, links, parts, tables, words
from review.render.escape import TITLE, code, exact_block, prose
from review.render.markers import (
    MAX_FINGERPRINTS,
    finding_marker,
    kept_folded,
    kept_posted,
    read_state,
    summary_markers,
)

LIMIT = 60_000
"""Characters of one comment; GitHub refuses more than 65,536."""
UNFOLDED = 8
"""Findings that are shown without a click."""
LEAST_LINES = 4
"""Lines of each other list that stay while there are findings to cut."""
TOO_LONG = "*The edit is too long to be offered here; `review.json` holds it.*"
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
    elsewhere: str
    """Where the rest is."""

    @property
    def is_least(self) -> bool:
        """Whether nothing more can be left out."""
        return not (self.full or self.listed or self.lines)

    def less(self) -> "Amount":
        """The next smaller amount: explanations go first, then the other lists, the worst findings last."""
        if self.full:
            return replace(self, full=self.full // 2)
        if self.lines > LEAST_LINES:
            return replace(self, lines=max(self.lines // 2, LEAST_LINES))
        if self.listed > UNFOLDED:
            return replace(self, listed=self.listed // 2)
        if self.lines:
            return replace(self, lines=0)
        return replace(self, listed=self.listed // 2)


@dataclass(frozen=True)
class Written:
    """All there is to show, written once: what a comment holds is chosen from it."""

    lines: dict[str, str]
    """Fingerprint → the finding in one line."""
    blocks: dict[str, str]
    """Fingerprint → the finding explained, or in one line where it has an inline comment."""
    notices: list[str]
    lists: list[tuple[str, list[str], bool]]
    """Title, lines, and whether it is open; the title is all there is to say where it is the only line."""


def summary_comment(
    review: Review, account: Account | None = None, limit: int = LIMIT, elsewhere: str = ELSEWHERE
) -> str:
    """The one summary comment, hidden state included, in at most `limit` characters.

    `account` tells what became of the findings on the pull request: those that have an inline comment are named here in
    one line, the others explained. The text depends on both alone, so a second run of the same head changes nothing.
    """
    account = account or Account()
    markers = summary_markers(review, account)
    if words.is_irrelevant(review):
        notices = _first(parts.notices(review), Amount(0, 0, LEAST_LINES, elsewhere), "> ", "\n>\n")
        return "\n\n".join(filter(None, (parts.one_line(review), notices, markers)))
    written = _write(review, account)
    longest = max(len(written.notices), *(len(lines) for _, lines, _ in written.lists), 0)
    amount = Amount(len(review.findings), len(review.findings), longest, elsewhere)
    while True:
        body = _summary(review, written, amount)
        if len(body) + len(markers) + 2 <= limit or amount.is_least:
            return f"{body}\n\n{markers}"
        amount = amount.less()


def says_all_of(posted: str, review: Review, account: Account | None = None) -> bool:
    """Whether a summary of an earlier run says all that there is to say of a review that no model was asked for anew.

    Its verdict, notices, checklist and findings are the same then, and it alone tells what asking took.
    """
    if review.agent is None or review.agent.asked is not Asked.REUSED:
        return False
    account = account or Account()
    state = read_state(posted)
    fingerprints = tuple(finding.fingerprint for finding in review.findings)[:MAX_FINGERPRINTS]
    text = posted.replace("\r\n", "\n")
    return (
        state is not None
        and (state.head_sha, state.fingerprints) == (review.changeset.head_sha, fingerprints)
        and (state.posted, state.folded) == (kept_posted(account.posted), kept_folded(account.folded))
        and parts.headline(review) in text
        and all(notice in text for notice in parts.notices(review))
        and parts.checklist(review) in text
        and "\n".join(became.lines(review, account)) in text
    )


def inline_comment(finding: Finding, review: Review, *, on_file: bool = False) -> str:
    """The comment on the finding's lines: what, why, what to do, the edit where it is certain, and the rule's page.

    With `on_file` it stands on the file, because GitHub would not take it on the lines: then it names them, and leaves
    out the edit, which GitHub would apply elsewhere.
    """
    body = _inline(finding, review, on_file=on_file, edit="" if on_file else suggestion_block(finding))
    if len(body) > LIMIT:
        return _inline(finding, review, on_file=on_file, edit=TOO_LONG)
    return body


def _inline(finding: Finding, review: Review, *, on_file: bool, edit: str) -> str:
    severity = f"{words.SEVERITY_ICONS[finding.severity]} {finding.severity.value.capitalize()}"
    rule = parts.link(code(finding.code), links.help_page(finding))
    blocks = words.effect(finding, review)
    effect = f"{blocks} this pull request" if blocks else "does not block"
    facts = (rule, finding.standard.title, words.standing(finding), effect)
    return "\n\n".join(
        filter(
            None,
            (
                f"**{severity}: {prose(finding.title, TITLE)}**",
                f"{parts.place(finding, review)}:" if on_file else "",
                prose(finding.explanation),
                *parts.remedy(finding),
                edit,
                f"<sub>{' · '.join(filter(None, facts))}</sub>",
                finding_marker(finding),
            ),
        )
    )


def suggestion_block(finding: Finding) -> str:
    """A block that GitHub applies at a click, or nothing: where there is no edit, or it cannot be shown exactly."""
    if finding.suggestion is None or finding.location.side is not Side.RIGHT:
        return ""
    return exact_block(finding.suggestion.replacement, "suggestion") or ""


def _write(review: Review, account: Account) -> Written:
    lines = {finding.fingerprint: parts.finding_line(finding, review) for finding in review.findings}
    blocks = {
        finding.fingerprint: lines[finding.fingerprint]
        if finding.fingerprint in account.commented
        else parts.finding_block(finding, review)
        for finding in review.findings
    }
    must_see = review.verdict.decision is Decision.INCOMPLETE
    lists = [
        (f"{'⚠️ ' if matters else ''}{title}", parts.skip_lines(skips), matters and must_see)
        for title, skips, matters in parts.gap_groups(review)
    ]
    if told := became.lines(review, account):
        lists.append((became.title(account), told, False))
    if review.suppressed:
        lists.append((parts.suppressed_title(review.suppressed), parts.suppressed_lines(review.suppressed), False))
    if gone := words.dropped(review):
        lists.append(
            (f"Not taken: {sum(review.agent.dropped.values()) if review.agent else 0}", [f"- {prose(gone)}"], False)
        )
    if words.looked_at(review):
        lists.append((parts.reviewed_title(review), parts.reviewed(review), False))
    return Written(lines, blocks, parts.notices(review), lists)


def _summary(review: Review, written: Written, amount: Amount) -> str:
    folds = (
        title if lines == [title] else parts.folded(title, _first(lines, amount), is_open)
        for title, lines, is_open in written.lists
    )
    return "\n\n".join(
        filter(
            None,
            (
                parts.headline(review),
                parts.basis(review),
                _first(written.notices, amount, "> ", "\n>\n"),
                parts.what_now(review),
                parts.checklist(review),
                tables.projects_table(review, tables.ROWS),
                tables.owners_table(review, tables.ROWS),
                _matrix(review),
                *_findings(review, written, amount),
                _questions(review),
                *folds,
                parts.footer(review),
            ),
        )
    )


def _matrix(review: Review) -> str:
    return parts.folded(tables.matrix_title(review), tables.matrix(review, tables.ROWS)) if review.practices else ""


def _questions(review: Review) -> str:
    heading, *lines = parts.questions(review) or ("",)
    return f"{heading}\n\n" + "\n".join(lines) if lines else ""


def _findings(review: Review, written: Written, amount: Amount) -> list[str]:
    listed = review.findings[: amount.listed]
    explained = {finding.fingerprint for finding in listed[: amount.full]}
    texts = {
        finding.fingerprint: (written.blocks if finding.fingerprint in explained else written.lines)[
            finding.fingerprint
        ]
        for finding in listed
    }
    out: list[str] = []
    shown = 0
    for severity, group in parts.by_severity(listed):
        heading = parts.severity_heading(severity, [f for f in review.findings if f.severity is severity])
        if shown and shown + len(group) > UNFOLDED:
            out.append(parts.folded(f"<b>{heading}</b>", parts.by_file(group, texts)))
        else:
            out.append(f"#### {heading}\n\n{parts.by_file(group[:UNFOLDED], texts)}")
            if more := group[UNFOLDED:]:
                out.append(parts.folded(f"<b>{len(more)} more {severity.value}</b>", parts.by_file(more, texts)))
        shown += len(group)
    if left := len(review.findings) - len(listed):
        counted = words.severities(review.findings[amount.listed :])
        out.append(f"**{words.count(left, 'more finding')} ({counted}) would not fit here; {amount.elsewhere}.**")
    elif len(explained) < len(listed):
        out.append(f"*Explanations are left out where they would not fit here; {amount.elsewhere}.*")
    return out


def _first(lines: list[str], amount: Amount, bullet: str = "- ", between: str = "\n") -> str:
    shown = lines[: amount.lines]
    if left := len(lines) - len(shown):
        shown.append(f"{bullet}{words.count(left, 'more line' if shown else 'line')}; {amount.elsewhere}")
    return between.join(shown)
