"""The SQL words of a template as written, with the branches around them, before anything is rendered.

Macros are fragments that no renderer can finish; of a model the renderer shows one branch at a time. What a rule asks
about all ways through a template it asks here: the text between the tags is cut into words, and each word knows its
line.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from review.rules.source import Source
from review.sql.parse import sqlglot_dialect, tokens

if TYPE_CHECKING:
    from jinja2 import nodes

PRINTED = "jinja_printed"
"""Stands for whatever a tag prints; a word that is printed in part holds it."""

QUOTES = frozenset("\"'`")

_OPEN, _NEXT, _CLOSE = "jinja_open_", "jinja_next_", "jinja_close_"


@dataclass(frozen=True)
class Word:
    """One word, sign or quoted text of the SQL between the tags."""

    text: str
    line: int
    is_quoted: bool = False
    """Whether it is a name or a text in quotes, which `text` is without."""

    @property
    def upper(self) -> str:
        """In upper case, as keywords are compared; in quotes where it is no keyword for them."""
        return f'"{self.text.upper()}"' if self.is_quoted else self.text.upper()

    @property
    def is_printed(self) -> bool:
        """Whether a tag prints all of it."""
        return self.text == PRINTED


@dataclass(frozen=True)
class Choice:
    """An `if` with its ways, or a loop, whose body is one way and nothing the other."""

    ways: "tuple[tuple[Word | Choice, ...], ...]"
    """Each `if`, `elif` and `else`; without an `else` the last is empty."""
    loop: bool = False


@dataclass(frozen=True)
class Unit:
    """The text of one macro or generic test, or of a file outside of them."""

    name: str
    """The macro's; empty for what stands outside of macros."""
    parts: "tuple[Word | Choice, ...]"

    def words(self) -> Iterator[Word]:
        """Every word in the order of the text, of all ways."""
        yield from _words(self.parts)


def units(source: Source) -> Iterator[Unit]:
    """Each part of a template that makes a text of its own, with its words in the dialect of the source."""
    from jinja2 import nodes

    dialect = sqlglot_dialect(source.dialect)
    bodies = [("", source.jinja.body), *((each.name, each.body) for each in source.jinja.find_all(nodes.Macro))]
    for name, body in bodies:
        flat = _Flat()
        flat.add(body)
        yield Unit(name, _tree(flat, dialect))


def _words(parts: "Iterable[Word | Choice]") -> Iterator[Word]:
    for part in parts:
        if isinstance(part, Word):
            yield part
        else:
            for way in part.ways:
                yield from _words(way)


@dataclass
class _Flat:
    """A body written out as one text: tags that print are a word, tags that decide are marks."""

    pieces: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    length: int = 0
    loops: set[str] = field(default_factory=set)
    """The numbers of the marks that are loops."""
    marks: int = 0

    def add(self, body: "Iterable[nodes.Node]") -> None:
        """Write out these nodes and what is in them; macros are units, and a `set` block prints nothing."""
        from jinja2 import nodes

        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    self._write(part.data if isinstance(part, nodes.TemplateData) else PRINTED, part.lineno)
            elif isinstance(node, nodes.If):
                ways = (node.body, *(each.body for each in node.elif_), node.else_)
                self._choose(ways, node.lineno)
            elif isinstance(node, nodes.For):
                self.loops.add(str(self.marks))
                self._choose((node.body, node.else_), node.lineno)
            elif isinstance(node, nodes.CallBlock):
                self._write(PRINTED, node.lineno)
            elif not isinstance(node, nodes.Macro | nodes.AssignBlock):
                self.add(getattr(node, "body", ()))

    def line(self, offset: int, breaks: Sequence[int]) -> int:
        """The line of the file that a character of the text stands on; `breaks` are the offsets of its line ends."""
        at = bisect_right(self.starts, offset) - 1
        return self.lines[at] + bisect_left(breaks, offset) - bisect_left(breaks, self.starts[at])

    def _choose(self, ways: "Sequence[Iterable[nodes.Node]]", line: int) -> None:
        number = self.marks
        self.marks += 1
        for at, way in enumerate(ways):
            self._write(f" {_NEXT if at else _OPEN}{number} ", line)
            self.add(way)
        self._write(f" {_CLOSE}{number} ", line)

    def _write(self, text: str, line: int) -> None:
        if text:
            self.pieces.append(text)
            self.starts.append(self.length)
            self.lines.append(line)
            self.length += len(text)


def _tree(flat: _Flat, dialect: str) -> "tuple[Word | Choice, ...]":
    """The words under their choices. What a comment or a quote has swallowed one mark of is no choice."""
    text = "".join(flat.pieces)
    found = tokens(text, dialect)
    breaks = [at for at, character in enumerate(text) if character == "\n"]
    seen = {token.text for token in found}
    stack: list[tuple[str, list[list[Word | Choice]]]] = [("", [[]])]
    for token in found:
        kind, number = _mark(token.text)
        if not kind or f"{_OPEN}{number}" not in seen or f"{_CLOSE}{number}" not in seen:
            if not kind:
                is_quoted = text[token.start : token.start + 1] in QUOTES
                stack[-1][1][-1].append(Word(token.text, flat.line(token.start, breaks), is_quoted))
        elif kind == _OPEN:
            stack.append((number, [[]]))
        elif stack[-1][0] == number and kind == _NEXT:
            stack[-1][1].append([])
        elif stack[-1][0] == number:
            _, ways = stack.pop()
            stack[-1][1][-1].append(Choice(tuple(map(tuple, ways)), number in flat.loops))
    while len(stack) > 1:
        _, ways = stack.pop()
        stack[-1][1][-1].extend(part for way in ways for part in way)
    return tuple(stack[0][1][0])


def _mark(text: str) -> tuple[str, str]:
    """A mark's kind and number; two empty strings for any other word."""
    for kind in (_OPEN, _NEXT, _CLOSE):
        if text.startswith(kind) and text[len(kind) :].isdigit():
            return kind, text[len(kind) :]
    return "", ""
