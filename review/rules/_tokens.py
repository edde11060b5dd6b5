"""The words of a SQL file as its dialect cuts them, also where the parser gives up: for slips that it fails on.

Only words the author wrote side by side count: what a template prints may be a stand-in of ours.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import TokenType

from review.rules.source import Source
from review.sql.parse import sqlglot_dialect, tokens
from review.sql.render import Rendering

_MAX_NESTING = 4
"""Dollar quotes within dollar quotes that are looked into."""

_BODIES = frozenset({TokenType.HEREDOC_STRING, TokenType.RAW_STRING})
_SQL_LANGUAGES = frozenset({"SQL", "PLPGSQL"})
_QUOTED = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.HEREDOC_STRING, TokenType.RAW_STRING})
OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


@dataclass(frozen=True)
class Word:
    """One token with its place in the rendering."""

    kind: TokenType
    text: str
    start: int
    end: int
    """Of its last character."""

    @property
    def word(self) -> str:
        """In upper case; empty for what is quoted."""
        return "" if self.kind in _QUOTED else self.text.upper()


def bodies(source: Source) -> tuple[list[Word], ...]:
    """The words of the file, and those of each dollar-quoted body of SQL in it, cut once. Raises NotEvaluated."""
    return source.derived("words", lambda: tuple(_bodies(source)))


def _bodies(source: Source) -> Iterator[list[Word]]:
    text = source.rendering.text
    pending = [(text, 0, 0)]
    dialect = sqlglot_dialect(source.dialect)
    while pending:
        body, offset, depth = pending.pop()
        words = [
            Word(each.token_type, each.text, each.start + offset, each.end + offset) for each in tokens(body, dialect)
        ]
        foreign = _in_other_languages(words)
        for index, each in enumerate(words):
            in_dollars = each.kind in _BODIES and text[each.start] == "$"
            if in_dollars and depth < _MAX_NESTING and index not in foreign:
                inside = text.find(each.text, each.start, each.end + 1)
                if inside >= 0 and each.text:
                    pending.append((each.text, inside, depth + 1))
        yield words


def _in_other_languages(words: Sequence[Word]) -> set[int]:
    """Indexes of the words of statements that say `LANGUAGE python` or the like."""
    found: set[int] = set()
    start = 0
    for index in range(len(words) + 1):
        if index == len(words) or words[index].kind is TokenType.SEMICOLON:
            statement = words[start:index]
            named = {
                after.text.strip("'\"").upper()
                for word, after in itertools.pairwise(statement)
                if word.word == "LANGUAGE"
            }
            if named - _SQL_LANGUAGES:
                found.update(range(start, index))
            start = index + 1
    return found


def together(rendering: Rendering, first: Word, last: Word) -> bool:
    """Whether the author wrote everything from one word to the other, with no tag between them."""
    start, end = rendering.source_offset(first.start), rendering.source_offset(last.end)
    return (
        rendering.is_literal(first.start) and rendering.is_literal(last.end) and end - start == last.end - first.start
    )


def lines(rendering: Rendering, first: Word, last: Word) -> tuple[int, int]:
    """First and last line of these words in the stored file."""
    return rendering.source_line(first.start), rendering.source_line(last.end)


def matching(words: Sequence[Word]) -> dict[int, int]:
    """Index of each opening bracket → index of the one that closes it."""
    opened: list[int] = []
    found: dict[int, int] = {}
    for index, word in enumerate(words):
        if word.kind in OPENING:
            opened.append(index)
        elif word.kind in CLOSING and opened:
            found[opened.pop()] = index
    return found


def edited(source: Source, start: int, end: int, text: str) -> tuple[int, str]:
    """The line with the characters of the rendering from `start` up to `end` replaced, and its number; on one line."""
    rendering = source.rendering
    line = rendering.source_line(start)
    offset, width = rendering.source_offset(start), end - start
    column = offset - source.text.rfind("\n", 0, offset) - 1
    before = source.lines[line - 1]
    return line, before[:column] + text + before[column + width :]
