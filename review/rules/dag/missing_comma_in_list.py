"""Two strings of a list are joined because the comma between them is missing.

### Why it matters
Python joins string literals that stand side by side. A comma forgotten at the end of a line makes one element of two: a
container gets `prod--api-key` as one argument, a failure e-mail goes to `ana@example.combo@example.com`, a task list
lacks two tables. Nothing complains; the list is only one shorter than it looks.

### Bad
```python
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

export = KubernetesPodOperator(
    task_id="export",
    arguments=[
        "export",
        "--env", "prod"
        "--table", "orders",
    ],
)
```

### Good
```python
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

export = KubernetesPodOperator(
    task_id="export",
    arguments=[
        "export",
        "--env", "prod",
        "--table", "orders",
    ],
)
```
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG003",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK}),
)

_BLANK = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})
_KINDS: dict[type[ast.expr], str] = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}
_FSTRING_START = getattr(tokenize, "FSTRING_START", -1)
_FSTRING_END = getattr(tokenize, "FSTRING_END", -1)


@dataclass(frozen=True)
class Piece:
    """One string literal as it is written; positions are (line, column) pairs as `tokenize` counts them."""

    text: str
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def content(self) -> str:
        """What stands between the quotes, escapes and placeholders as written."""
        body = self.text.lstrip("rRbBuUfF")
        quote = body[:3] if body[:3] in ('"""', "'''") else body[:1]
        return body[len(quote) : len(body) - len(quote)]


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Neighbouring literals in a list, tuple or set whose seam looks like a boundary between two elements."""
    lists = [(node, symbol) for node, symbol in source.scopes if isinstance(node, ast.List | ast.Tuple | ast.Set)]
    if not lists or source.kind is Kind.NOTEBOOK:
        return
    seams = list(_seams(source.text))
    for node, symbol in lists if seams else ():
        for element in node.elts:
            for left, right in _boundaries(_inside(element, seams, source.lines)):
                if _is_list_of_words(node, are_alike=_are_alike(left, right)):
                    yield _hit(source, left, right, symbol, _KINDS[type(node)])


def _hit(source: Source, left: Piece, right: Piece, symbol: str, kind: str) -> Hit:
    line = left.end[0]
    text = source.lines[line - 1]
    comma = f"{text[: left.end[1]]},{text[left.end[1] :]}"
    return Hit(
        line=line,
        symbol=symbol,
        evidence=f"{left.text} {right.text}",
        title=f"Two strings of a {kind} are joined because the comma between them is missing",
        explanation=(
            "There is no comma between these two literals, so Python makes one string of them: one element with "
            f"`{left.content[-30:]}{right.content[:30]}` in it, where two were meant."
        ),
        remediation="Put a comma after the first; where one string is meant, put parentheses around its parts.",
        suggestion=comma,
    )


def _seams(text: str) -> Iterator[tuple[Piece, Piece]]:
    """Pairs of literals with nothing but blanks, line ends and comments between them, unless parentheses say why."""
    before, run = "", list[Piece]()
    for token in _tokens(text):
        if isinstance(token, Piece):
            run.append(token)
            continue
        if (before, token) != ("(", ")"):
            yield from pairwise(run)
        before, run = token, []


def _tokens(text: str) -> Iterator[Piece | str]:
    """Each string literal, and the text of each other token. An f-string is one literal on every Python version."""
    lines = text.split("\n")
    depth, start = 0, (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == _FSTRING_START:
            start = token.start if depth == 0 else start
            depth += 1
        elif token.type == _FSTRING_END:
            depth -= 1
            if depth == 0:
                yield Piece(_between(lines, start, token.end), start, token.end)
        elif depth == 0 and token.type == tokenize.STRING:
            yield Piece(token.string, token.start, token.end)
        elif depth == 0 and token.type not in _BLANK:
            yield token.string


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    first, last = lines[start[0] - 1][start[1] :], lines[end[0] - 1][: end[1]]
    return "\n".join((first, *lines[start[0] : end[0] - 1], last))


def _inside(element: ast.expr, seams: list[tuple[Piece, Piece]], lines: tuple[str, ...]) -> list[tuple[Piece, Piece]]:
    """The seams inside one element that is a string."""
    if not isinstance(element, ast.Constant | ast.JoinedStr):
        return []
    first = _position(lines, element.lineno, element.col_offset)
    last = _position(lines, element.end_lineno or 0, element.end_col_offset or 0)
    return [(left, right) for left, right in seams if first <= left.start and right.end <= last]


def _position(lines: tuple[str, ...], line: int, offset: int) -> tuple[int, int]:
    """A place as `tokenize` counts it, in characters; `ast` counts columns in UTF-8's bytes."""
    return line, len(lines[line - 1].encode("utf-8", "replace")[:offset].decode("utf-8", "replace"))


def _boundaries(seams: list[tuple[Piece, Piece]]) -> Iterator[tuple[Piece, Piece]]:
    """Those of one element's seams where, it seems, an element ends.

    Two literals on one line are seldom meant to be one: a formatter leaves such where a sentence stood on two lines.
    """
    written = ""
    for left, right in seams:
        written += left.content
        is_plain = left.end[0] < right.start[0] or left.text[0] == right.text[0] in ("'", '"')
        if is_plain and _is_boundary(written, right.content):
            yield left, right
            written = ""


def _is_boundary(left: str, right: str) -> bool:
    """Whether the first looks finished and the second looks begun: no space, slash, comma or the like joins them."""
    if not left or not right or _is_broken_address(left, right):
        return False
    begins = right[0].isalnum() or right[0] in "-{"
    return (left[-1].isalnum() or left[-1] in "}%") and begins


def _is_broken_address(left: str, right: str) -> bool:
    """Whether the two may be one address or path, which authors break anywhere, and not two addresses."""
    scheme, mark, _ = right.partition("://")
    if mark and scheme.isalnum():
        return False
    return "://" in left + right or ("/" in left and "/" in right)


def _are_alike(left: Piece, right: Piece) -> bool:
    """Whether both are addresses of people, or both options: two elements, even where the list has no third."""
    return all("@" in each.content[1:] for each in (left, right)) or all(
        each.content.startswith("--") for each in (left, right)
    )


def _is_list_of_words(node: ast.List | ast.Tuple | ast.Set, *, are_alike: bool) -> bool:
    """Whether the list has several strings, and they are words: not sentences or statements, and not one long one."""
    words = [entry for entry in node.elts if isinstance(entry, ast.Constant | ast.JoinedStr)]
    texts = [
        part.value
        for entry in words
        for part in ast.walk(entry)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return (len(words) > 1 or are_alike) and all(len(text.split()) <= 4 for text in texts)
