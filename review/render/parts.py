"""The markdown blocks that the summary comment, the step summary and `review.md` are put together from."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from review import __version__
from review.domain.artifact import Artifact, kinds
from review.domain.evidence import Skipped
from review.domain.finding import Finding
from review.domain.severity import Severity
from review.domain.verdict import Decision, Review, Suppressed
from review.render import links, words
from review.render.escape import PATH, REASON, TITLE, code, prose

LISTED = 12
"""Subjects named in one line of a list; more are named in lines of their own."""


def link(text: str, address: str | None) -> str:
    """A link of ours where there is an address; `text` is markdown already."""
    return f"[{text}]({address})" if address else text


def headline(review: Review) -> str:
    """The verdict, as a heading."""
    decision = review.verdict.decision
    name = "incomplete, " if decision is Decision.INCOMPLETE else ""
    return f"### {words.icon(review)} {words.NAME}: {name}{words.verdict(review)}"


def one_line(review: Review) -> str:
    """The whole review of a change that touches nothing relevant."""
    icon = words.icon(review)
    files = words.count(len(review.changeset.files), "changed file")
    searched = f"; {review.searched:,} looked at for secrets" if review.searched else ""
    return f"{icon} **{words.NAME}**: {words.verdict(review)} ({files}{searched})."


def basis(review: Review) -> str:
    """What the verdict rests on: commit and numbers."""
    sha = review.changeset.head_sha
    return f"At {link(code(sha[:7]), links.commit_link(review, sha))}: {words.numbers(review)}."


def notices(review: Review) -> list[str]:
    """What a reader should know before anything else, each a quoted paragraph."""
    return [f"> ℹ️ {prose(notice, REASON)}" for notice in review.notices]


def checklist(review: Review) -> str:
    """The eight standards, one row each."""
    rows = ["| | Standard | Status | Why |", "|---|---|---|---|"]
    for item in review.verdict.checklist:
        icon, status = words.status_icon(item.status, review), item.status.value.replace(" ", "&nbsp;")
        why = prose(item.evidence, 220, in_table=True)
        rows.append(f"| {icon} | **{item.standard.title}** | {status} | {why} |")
    return "\n".join(rows)


def finding_line(finding: Finding, review: Review) -> str:
    """One finding in one line: where, what, which rule, and whether it blocks."""
    rule = link(code(finding.code), links.help_page(finding))
    standing = f", {words.standing(finding)}" if words.standing(finding) else ""
    effect = words.effect(finding, review)
    blocks = f", **{effect}**" if effect else ""
    return f"- {place(finding, review)}: **{prose(finding.title, TITLE)}** ({rule}{standing}{blocks})"


def place(finding: Finding, review: Review) -> str:
    """`Line 12`, a link to it, and which version of the file is meant where it is not the new one."""
    where = link(words.place(finding).capitalize(), links.permalink(review, finding.location))
    return f"{where}, before the change" if finding.location.side.value == "LEFT" else where


def finding_block(finding: Finding, review: Review) -> str:
    """One finding with why it matters and what to do. The backslashes break lines in files as in comments."""
    return "\\\n  ".join((finding_line(finding, review), prose(finding.explanation), *remedy(finding)))


def remedy(finding: Finding) -> list[str]:
    """What to do, and what it costs and does at scale, as far as anybody said."""
    entries = (("Fix", finding.remediation), ("Cost", finding.cost), ("At scale", finding.scale))
    return [f"**{name}:** {prose(text)}" for name, text in entries if text]


def severity_heading(severity: Severity, findings: Sequence[Finding]) -> str:
    """`🔴 High · 2`."""
    return f"{words.SEVERITY_ICONS[severity]} {severity.value.capitalize()} · {len(findings)}"


def by_severity(findings: Iterable[Finding]) -> list[tuple[Severity, list[Finding]]]:
    """Findings, which are sorted worst first, under their severities."""
    return [(severity, list(group)) for severity, group in groupby(findings, key=lambda finding: finding.severity)]


def by_file(findings: Iterable[Finding], blocks: dict[str, str]) -> str:
    """The given blocks of these findings (by fingerprint) under their files' names."""
    parts = []
    for path, group in groupby(findings, key=lambda finding: finding.location.path):
        entries = "\n".join(blocks[finding.fingerprint] for finding in group)
        parts.append(f"{code(path, PATH)}\n{entries}")
    return "\n\n".join(parts)


def folded(summary: str, body: str, is_open: bool = False) -> str:
    """A block that opens at a click; `summary` is ours, `body` is markdown."""
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>\n\n{body}\n\n</details>"


def reviewed_title(review: Review) -> str:
    """`Reviewed: 3 dbt models, 1 DAG`."""
    return f"Reviewed: {kinds(words.looked_at(review))}"


def reviewed(review: Review) -> list[str]:
    """What was looked at, by project and dialect, one line each."""

    def key(artifact: Artifact) -> tuple[str, str]:
        return artifact.project if artifact.project is not None else "\uffff", artifact.dialect or ""

    lines = []
    for _, group in groupby(sorted(words.looked_at(review), key=key), key=key):
        members = list(group)
        lines.append(f"- {_home(members[0])}{kinds(members)}")
    return lines


def _home(artifact: Artifact) -> str:
    if artifact.project is None:
        return f"{artifact.dialect}: " if artifact.dialect else ""
    dialect = f" ({artifact.dialect})" if artifact.dialect else ""
    return f"dbt project {code(artifact.project or '.')}{dialect}: "


def skip_lines(skips: Iterable[Skipped]) -> list[str]:
    """Skips of one reason in one entry, the most frequent reason first; each subject is named."""
    by_reason: dict[str, list[str]] = {}
    for skip in skips:
        by_reason.setdefault(skip.reason, []).append(skip.subject)
    lines = []
    for reason, subjects in sorted(by_reason.items(), key=lambda entry: -len(entry[1])):
        first = ", ".join(map(code, subjects[:LISTED]))
        lines.append(
            f"- {first}: {prose(reason, REASON)}" if len(subjects) <= LISTED else f"- {prose(reason, REASON)}:"
        )
        if len(subjects) > LISTED:
            lines.extend(f"  - {code(subject)}" for subject in subjects)
    return lines


def gap_groups(review: Review) -> list[tuple[str, tuple[Skipped, ...], bool]]:
    """Title, members, and whether a reader has to see it: what was not looked at, by how much that weighs."""
    undecided = set(review.verdict.undecided)
    partly = tuple(skip for skip in words.gaps(review) if skip not in undecided)
    harmless = tuple(skip for skip in review.skipped if skip.harmless)
    groups = [
        (f"Not checked: {len(undecided)}", tuple(sorted(undecided)), True),
        (f"Checked only in part: {len(partly)}", partly, False),
        (f"Left out, nothing lost: {len(harmless)}", harmless, False),
    ]
    return [group for group in groups if group[1]]


def suppressed_title(suppressed: Sequence[Suppressed]) -> str:
    """`Suppressed: 2`."""
    return f"Suppressed: {len(suppressed)}"


def suppressed_lines(suppressed: Iterable[Suppressed]) -> list[str]:
    """What was dropped and why, one line each."""
    return [
        f"- {code(drop.finding.location.path)} {words.place(drop.finding)}: {prose(drop.finding.title, TITLE)}"
        f" ({code(drop.finding.code)}): {prose(drop.reason, REASON)}"
        for drop in suppressed
    ]


def what_now(review: Review) -> str:
    """For an incomplete review: what to do about it; empty otherwise."""
    if review.verdict.decision is not Decision.INCOMPLETE:
        return ""
    if review.verdict.lacks_only_agent:
        passes = "fails the run" if review.verdict.fails else "lets the run pass"
        but = f", but {words.exemption(review)}" if words.exemption(review) else ""
        return (
            "Nothing proven blocks, but the agent's judgement is missing, in part at least: the reasons are below. The"
            f" workflow {passes} all the same (`on-agent-failure`){but}; run it again to ask once more."
        )
    return f"No finding blocks, but a file that could not be checked may hide one. {_remedy(review)}"


def _remedy(review: Review) -> str:
    """What helps. To leave files out of the review is no answer to a run that did not look at them."""
    if review.is_claimed:
        return (
            "The pull request's own run says why in its job summary; where it left files out, run that workflow again."
        )
    sentences = sorted({skip.remedy for skip in review.verdict.undecided if skip.remedy})
    if not all(skip.remedy for skip in review.verdict.undecided):
        which = "Make the others readable, or list them" if sentences else "Make it readable, or list it"
        sentences.append(f"{which} under `generated` or `paths-ignore` in the team's policy.")
    return " ".join(sentences)


def questions(review: Review) -> list[str]:
    """What only the author can say, one line each; the first is the heading."""
    if review.agent is None or not review.agent.questions:
        return []
    lines = [
        f"- {f'{code(each.path, PATH)}: ' if each.path else ''}**{each.topic.value.capitalize()}:** {prose(each.text)}"
        f"{f' *{prose(each.why, REASON)}*' if each.why else ''}"
        for each in review.agent.questions
    ]
    return ["#### ❓ Questions for the author", *lines]


def footer(review: Review) -> str:
    """Who says this, of which commits, and by which measure."""
    base, head = review.changeset.merge_base[:7], review.changeset.head_sha[:7]
    said = (f"{words.NAME} {__version__}", f"{code(base)}…{code(head)}", words.gate(review))
    more = prose(words.asked(review), REASON) if review.agent is not None else words.asked(review)
    return f"<sub>{' · '.join((*said, more))}</sub>"
