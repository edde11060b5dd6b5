"""A changed file as a model reads it: every line with a gutter that says side, number and mark.

The gutter gives exact line references for free, and marks each line as data: nothing of the pull request begins a line
of the request. Deletions stay, since a dropped filter, test or key is as much a defect as a wrong new line.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from review.domain.artifact import Artifact, Version
from review.domain.changeset import Side
from review.domain.outline import Outline, Part
from review.domain.redaction import redact_file

CONTEXT = 10
"""Unchanged lines shown around a change."""
LEAST_CONTEXT = 3
"""The same in a file too long for its share."""
WHOLE = 150
"""A file of at most so many lines at head is shown whole."""
LINE = 400
"""Characters shown of one line."""
MAX_HEADERS = 3
"""Enclosing parts named above a block, the innermost ones."""


@dataclass(frozen=True)
class Row:
    """One line of either version: `number` counts in the version that `side` names."""

    side: Side
    number: int
    mark: str
    """`+` added, `-` removed, a blank for both."""
    text: str

    @property
    def is_change(self) -> bool:
        """Whether the change adds or removes it."""
        return self.mark != " "

    def __str__(self) -> str:
        text = self.text.rstrip("\r")
        shown = text if len(text) <= LINE else f"{text[:LINE]} …"
        return f"{self.side.value[0]} {self.number:>5} {self.mark} | {visible(shown)}"


@dataclass(frozen=True)
class Shown:
    """A file as it is sent."""

    artifact: Artifact
    text: str
    """Headline, then blocks of rows."""
    left_out: int
    """Changed lines that did not fit."""


def rows(artifact: Artifact) -> list[Row]:
    """Both versions merged into one listing, removed lines before those that replace them."""
    base, head = _lines(artifact.base), _lines(artifact.head)
    added, removed = artifact.file.added, artifact.file.removed
    found: list[Row] = []
    left = right = 0
    while left < len(base) or right < len(head):
        if left < len(base) and (left + 1 in removed or right >= len(head)):
            found.append(Row(Side.LEFT, left + 1, "-", base[left]))
            left += 1
        elif right < len(head) and (right + 1 in added or left >= len(base)):
            found.append(Row(Side.RIGHT, right + 1, "+", head[right]))
            right += 1
        else:
            found.append(Row(Side.RIGHT, right + 1, " ", head[right]))
            left, right = left + 1, right + 1
    return found


def show(artifact: Artifact, outline: Outline, limit: int) -> Shown:
    """The file in at most `limit` characters: whole where it is short, else its changes with what surrounds them."""
    listing = rows(artifact)
    is_short = artifact.head is not None and artifact.head.text.count("\n") <= WHOLE
    attempts = ([len(listing)] if is_short else []) + [CONTEXT, LEAST_CONTEXT, 0]
    for context in attempts:
        text = _text(artifact, outline, listing, context)
        if len(text) <= limit:
            return Shown(artifact, text, 0)
    return _cut(artifact, outline, listing, limit)


def headline(artifact: Artifact) -> str:
    """`=== FILE models/a.sql | dbt model | modified | project analytics | snowflake ===`."""
    file = artifact.file
    facts = [visible(artifact.path), artifact.kind.noun, file.status.value]
    if file.old_path and file.old_path != file.path:
        facts.append(f"was {visible(file.old_path)}")
    if artifact.project is not None:
        facts.append(f"dbt project {visible(artifact.project or '.')}")
    if artifact.dialect:
        facts.append(artifact.dialect)
    return f"=== FILE {' | '.join(facts)} ==="


def excerpt(text: str, first: int, last: int, side: Side = Side.RIGHT) -> str:
    """Lines of one version with the gutter, 1-based, both ends included, as far as they exist."""
    lines = _redacted(text)
    chosen = range(max(first, 1), min(last, len(lines)) + 1)
    return "\n".join(str(Row(side, number, " ", lines[number - 1])) for number in chosen)


def around(listing: Sequence[Row], side: Side, line: int, end_line: int, context: int) -> list[Row]:
    """The rows of a place with so many before and after it."""
    own = [index for index, row in enumerate(listing) if row.side is side and line <= row.number <= end_line]
    if not own:
        return []
    return list(listing[max(own[0] - context, 0) : own[-1] + context + 1])


def _text(artifact: Artifact, outline: Outline, listing: Sequence[Row], context: int) -> str:
    blocks = list(_blocks(listing, context))
    parts = [headline(artifact)]
    if artifact.base is not None and artifact.head is not None and artifact.base.text == artifact.head.text:
        parts.append("(renamed without a change of its text)")
    unchanged = {row.number: row for row in listing if not row.is_change}
    for number, block in enumerate(blocks, 1):
        parts.append(_heading(number, len(blocks), block, outline))
        parts += _enclosing(block, outline, unchanged)
        parts += map(str, block)
    return "\n".join(parts)


def _cut(artifact: Artifact, outline: Outline, listing: Sequence[Row], limit: int) -> Shown:
    """As many changed lines as fit, and how many do not."""
    kept: list[Row] = []
    changes = [row for row in listing if row.is_change]
    size = len(headline(artifact)) + len(_heading(1, 1, changes, outline)) + 60
    for row in changes:
        size += len(str(row)) + 1
        if size > limit:
            break
        kept.append(row)
    left = len(changes) - len(kept)
    text = _text(artifact, outline, kept, len(kept))
    return Shown(artifact, f"{text}\n({left} more changed lines are not shown)", left)


def _blocks(listing: Sequence[Row], context: int) -> Iterator[list[Row]]:
    """Runs of rows that lie within `context` rows of a change."""
    near: set[int] = set()
    for index, row in enumerate(listing):
        if row.is_change:
            near.update(range(max(index - context, 0), min(index + context + 1, len(listing))))
    block: list[Row] = []
    last = -2
    for index in sorted(near):
        if index != last + 1 and block:
            yield block
            block = []
        block.append(listing[index])
        last = index
    if block:
        yield block


def _heading(number: int, total: int, block: Sequence[Row], outline: Outline) -> str:
    chain = _parts_of(block, outline)[-MAX_HEADERS:]
    inside = " > ".join(map(named, chain))
    return f"@@ block {number} of {total}{f' | in {inside}' if inside else ''} @@"


def named(part: Part) -> str:
    """`cte daily`; `config` where its name says no more."""
    return part.kind if part.name == part.kind else f"{part.kind} {visible(part.name)}"


def _enclosing(block: Sequence[Row], outline: Outline, unchanged: Mapping[int, Row]) -> Iterator[str]:
    """The first line of each enclosing part that the block does not show; `unchanged` by its number at head."""
    shown = {row.number for row in block if row.side is Side.RIGHT}
    wanted = {part.line for part in _parts_of(block, outline)[-MAX_HEADERS:]} - shown
    for number in sorted(wanted & unchanged.keys()):
        yield str(unchanged[number])
        yield "        ⋮"


def _parts_of(block: Sequence[Row], outline: Outline) -> tuple[Part, ...]:
    """What encloses the block's first change at head."""
    first = next((row.number for row in block if row.is_change and row.side is Side.RIGHT), None)
    if first is None:
        first = next((row.number for row in block if row.side is Side.RIGHT), None)
    return outline.around(first) if first is not None else ()


def _lines(version: Version | None) -> list[str]:
    """The lines as git counts them (the end of the last one begins no other), without secrets: those stay here."""
    if version is None or not version.text:
        return []
    lines = _redacted(version.text)
    return list(lines[:-1] if version.text.endswith("\n") else lines)


def _redacted(text: str) -> tuple[str, ...]:
    """The lines without secrets."""
    return tuple(redact_file(text).split("\n"))


def visible(text: str) -> str:
    """The text with each character that a reader would not see named in its place, as `<U+202E>`."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\t" else f"<U+{ord(sign):04X}>" for sign in text)


def changed_lines(artifacts: Iterable[Artifact]) -> int:
    """Lines added and removed together."""
    return sum(len(artifact.file.added) + len(artifact.file.removed) for artifact in artifacts)
