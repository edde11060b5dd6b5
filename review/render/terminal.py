"""The review as a person reads it in a terminal: findings with their code, then the checklist, the verdict last.

A terminal shows the end of a text first, so what matters stands there. Nothing of the pull request reaches it raw: a
file's name could hold a colour, a title, or a link (`review.render.escape.plain`).
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TextIO

from review.domain.artifact import Artifact
from review.domain.changeset import Side
from review.domain.finding import Finding
from review.domain.redaction import redact_file
from review.domain.severity import Severity
from review.domain.verdict import Decision, ItemStatus, Review
from review.domain.wording import shorten
from review.render import words
from review.render.escape import PATH, REASON, TITLE, lines, plain
from review.render.parts import gap_groups
from review.render.tables import lacking, project_name, projects_shown

WIDTH = 100
"""Columns at most, and where the output is no terminal."""
CONTEXT = 1
"""Lines of code shown before and after a finding's own."""
EXCERPT = 7
"""Lines of code shown at most."""

_SEVERITY_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
}
_DECISION_STYLES = {Decision.PASS: "bold green", Decision.FAIL: "bold red", Decision.INCOMPLETE: "bold yellow"}
_STATUS = {
    ItemStatus.PASS: ("✓", "green"),
    ItemStatus.FAIL: ("✗", "bold red"),
    ItemStatus.ATTENTION: ("!", "yellow"),
    ItemStatus.NOT_APPLICABLE: ("-", "dim"),
    ItemStatus.NOT_REVIEWED: ("?", "yellow"),
}


@dataclass(frozen=True)
class Part:
    """A piece of one line, with its style in rich's words."""

    text: str
    style: str = ""


Line = list[Part]


def plain_text(review: Review) -> str:
    """The review without colour, for pipes and files, ending in a newline."""
    return "".join("".join(part.text for part in line).rstrip() + "\n" for line in _page(review, WIDTH))


def print_review(review: Review, stream: TextIO, columns: int) -> None:
    """Write the review to that stream: in colour and for that many columns where it is a terminal, plain elsewhere."""
    if not stream.isatty():
        stream.write(plain_text(review))
        return
    from rich.console import Console
    from rich.text import Text

    width = min(columns, WIDTH + 20)
    console = Console(file=stream, highlight=False, emoji=False, markup=False, soft_wrap=True)
    for line in _page(review, max(width, 40)):
        console.print(Text.assemble(*((part.text, part.style) for part in line)))


def _page(review: Review, width: int) -> Iterator[Line]:
    """The lines, none of which is a command should they land in the log of a workflow (see `review.log`)."""
    for line in _lines(review, width):
        parts = [Part(part.text.replace("##[", "## ["), part.style) for part in line]
        if "".join(part.text for part in parts).lstrip().startswith("::"):
            parts = [Part(part.text.replace("::", ": :"), part.style) for part in parts]
        yield parts


def _lines(review: Review, width: int) -> Iterator[Line]:
    if words.is_irrelevant(review):
        yield from _gaps(review, width)
        yield from _verdict(review, width)
        return
    artifacts = {artifact.path: artifact for artifact in review.artifacts}
    for path, group in groupby(review.findings, key=lambda finding: finding.location.path):
        yield [Part(shorten(plain(path, PATH), width), "bold underline")]
        yield []
        for finding in group:
            yield from _finding(finding, artifacts.get(path), review, width)
    yield from _questions(review, width)
    yield from _gaps(review, width)
    yield from _suppressed(review, width)
    yield from _checklist(review, width)
    yield from _lacking(review, width)
    yield from _projects(review, width)
    yield []
    yield from _verdict(review, width)


def _finding(finding: Finding, artifact: Artifact | None, review: Review, width: int) -> Iterator[Line]:
    style = _SEVERITY_STYLES[finding.severity]
    blocks = words.effect(finding, review)
    side = " before the change" if finding.location.side is Side.LEFT else ""
    yield [
        Part("  "),
        Part(f"{finding.severity.value.upper():<8}", style),
        Part(f" {words.place(finding)}{side}  "),
        Part(finding.code, "bold"),
        Part(f"  {words.standing(finding)}" if words.standing(finding) else "", "dim"),
        Part(f"  {blocks}" if blocks else "", "red"),
    ]
    yield from _wrapped(plain(finding.title, TITLE), width, "  ", "bold")
    yield from _excerpt(finding, artifact, width)
    yield from _wrapped(plain(finding.explanation), width, "  ")
    yield from _wrapped(f"Fix: {plain(finding.remediation)}", width, "  ", "green")
    for name, text in (("Cost", finding.cost), ("At scale", finding.scale)):
        if text:
            yield from _wrapped(f"{name}: {plain(text)}", width, "  ")
    yield []


def _excerpt(finding: Finding, artifact: Artifact | None, width: int) -> Iterator[Line]:
    """The finding's lines in their file, with a line before and after, where the text is at hand."""
    where = finding.location
    version = artifact and (artifact.head if where.side is Side.RIGHT else artifact.base)
    if not version:
        return
    text = redact_file(version.text).removesuffix("\n").split("\n")
    if where.line > len(text):
        return
    first = max(where.line - CONTEXT, 1)
    last = min(where.end_line + CONTEXT, first + EXCERPT - 1, len(text))
    shown = lines("\n".join(text[first - 1 : last]))
    for number, code in enumerate(shown, first):
        own = where.line <= number <= where.end_line
        if not (own or code):
            continue
        style = "" if own else "dim"
        gutter = f"  {number:>5} {'>' if own else ' '}│ "
        yield [Part(gutter, "dim"), Part(shorten(code, width - len(gutter)), style)]


def _questions(review: Review, width: int) -> Iterator[Line]:
    if review.agent is None or not review.agent.questions:
        return
    yield [Part("Questions for the author", "bold")]
    for question in review.agent.questions:
        where = f"{plain(question.path, PATH)}: " if question.path else ""
        why = f" ({plain(question.why, REASON)})" if question.why else ""
        yield from _wrapped(f"{where}{plain(question.text)}{why}", width, "  ")
    yield []


def _gaps(review: Review, width: int) -> Iterator[Line]:
    for title, skips, matters in gap_groups(review):
        yield [Part(title, "bold yellow" if matters else "bold")]
        for skip in skips:
            text = f"{plain(skip.subject, PATH)}: {plain(skip.reason, REASON)}"
            yield from _wrapped(text, width, "  ")
        yield []


def _suppressed(review: Review, width: int) -> Iterator[Line]:
    if not review.suppressed:
        return
    yield [Part(f"Suppressed: {len(review.suppressed)}", "bold")]
    for drop in review.suppressed:
        where = drop.finding.location
        text = f"{plain(where.path, PATH)}:{where.line} {drop.finding.code}: {plain(drop.reason, REASON)}"
        yield from _wrapped(text, width, "  ")
    yield []


def _checklist(review: Review, width: int) -> Iterator[Line]:
    yield [Part("Checklist", "bold")]
    indent = " " * 36
    for item in review.verdict.checklist:
        sign, style = _STATUS[item.status]
        text = plain(item.evidence, 200)
        evidence = textwrap.wrap(text, max(width - len(indent), 20), break_on_hyphens=False) or [""]
        yield [
            Part(f"  {sign} ", style),
            Part(f"{item.standard.title:<16}"),
            Part(f"{item.status.value:<16}", style),
            Part(evidence[0]),
        ]
        for rest in evidence[1:]:
            yield [Part(indent + rest)]


def _lacking(review: Review, width: int) -> Iterator[Line]:
    """What new files lack of what the standards ask; what they have is in the reports."""
    lacks = lacking(review)
    if lacks:
        yield []
        yield [Part("Missing in new or rewritten files", "bold")]
    for path, texts in lacks.items():
        yield [Part("  "), Part(shorten(plain(path, PATH), width - 2), "underline")]
        yield from _wrapped(plain("; ".join(texts), REASON), width, "    ")


def _projects(review: Review, width: int) -> Iterator[Line]:
    shown = projects_shown(review)
    if shown:
        yield []
        yield [Part("By project", "bold")]
    indent = " " * 16
    for part in shown:
        name = project_name(part, plain(part.name or ".", PATH))
        missed = f", {part.unseen:,} not checked" if part.unseen else ""
        text = f"{name}: {words.count(part.findings, 'finding')}, {part.blocking:,} blocking{missed}"
        first, *rest = textwrap.wrap(text, max(width - len(indent), 20), break_on_hyphens=False)
        yield [Part(f"    {part.decision.value:<12}", _DECISION_STYLES[part.decision]), Part(first)]
        for line in rest:
            yield [Part(indent + line)]


def _verdict(review: Review, width: int) -> Iterator[Line]:
    decision = review.verdict.decision
    for notice in review.notices:
        yield from _wrapped(f"Note: {plain(notice, REASON)}", width, "")
    name = f"{decision.value.upper()}  "
    first, *rest = textwrap.wrap(words.verdict(review), width - len(name), break_on_hyphens=False)
    yield [Part(name, _DECISION_STYLES[decision]), Part(first, "bold")]
    for line in rest:
        yield [Part(" " * len(name)), Part(line, "bold")]
    commits = f"{review.changeset.merge_base[:7]}..{review.changeset.head_sha[:7]}"
    seconds = sum(review.usage.seconds.values())
    took = f" in {seconds:.1f} s" if review.usage.seconds else ""
    yield from _wrapped(f"{words.numbers(review)}; {plain(review.target.repository)} {commits}{took}", width, "", "dim")
    if review.agent is not None:
        for text in filter(None, (words.asked(review), words.dropped(review))):
            yield from _wrapped(plain(text), width, "", "dim")


def _wrapped(text: str, width: int, indent: str, style: str = "") -> Iterator[Line]:
    for line in textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False):
        yield [Part(line, style)]
