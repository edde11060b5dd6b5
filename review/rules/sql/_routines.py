"""The statements inside routines: what PL/pgSQL and SQL functions keep between dollar signs, each parsed by itself."""

from collections.abc import Iterator, Sequence
from itertools import islice

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from review.rules import _tokens
from review.rules._tokens import CLOSING, OPENING, Word
from review.rules.source import Source
from review.sql.parse import ParsedSql, sqlglot_dialect

STATEMENTS = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE"})
CONDITIONS = frozenset({"IF", "ELSIF", "ELSEIF", "WHILE", "WHEN"})
"""What a condition follows, up to THEN or LOOP."""
RETURNS = frozenset({"PERFORM", "RETURN"})
"""What a query or an expression follows."""
_STUMBLES = (SqlglotError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
_LONGEST = 20_000
"""Characters of one statement that are parsed."""
_MOST = 2_000
"""Statements and conditions of one file that are parsed."""


def statements(source: Source) -> ParsedSql:
    """The queries, changes of rows and conditions in the file's routines that parse, with their places in the file.

    Raises NotEvaluated where the file cannot be rendered.
    """
    dialect = sqlglot_dialect(source.dialect)
    text = source.rendering.text
    pieces = (piece for words in islice(_tokens.bodies(source), 1, None) for piece in _fragments(words))
    found = [
        tree
        for prefix, start, end in islice(pieces, _MOST)
        if end - start <= _LONGEST and (tree := _tree(prefix + text[start:end], start - len(prefix), dialect))
    ]
    return ParsedSql(source.rendering, tuple(found), dialect)


def _tree(text: str, offset: int, dialect: str) -> exp.Expression | None:
    """One statement, its words' places counted from the beginning of the rendering; None where it does not parse."""
    try:
        tree = sqlglot.parse_one(text, dialect=dialect or None)
    except _STUMBLES:
        return None
    for node in tree.walk():
        if node._meta and "start" in node.meta:
            node.meta["start"] += offset
            node.meta["end"] += offset
    return tree if isinstance(tree, exp.Expression) and not isinstance(tree, exp.Command) else None


def _fragments(words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    """What to put before a piece of the body so that it is a statement, and where the piece starts and ends."""
    index = 0
    while index < len(words):
        word = words[index].word
        if word in STATEMENTS:
            end = _end(words, index, frozenset())
            yield "", words[index].start, words[end - 1].end + 1
            index = end
        elif word in CONDITIONS | RETURNS and not _leads_to_statement(words, index):
            end = _end(words, index + 1, frozenset({"THEN", "LOOP"}) if word in CONDITIONS else frozenset())
            if end > index + 1:
                yield "SELECT ", words[index + 1].start, words[end - 1].end + 1
            index = end
        else:
            index += 1


def _leads_to_statement(words: Sequence[Word], index: int) -> bool:
    return index + 1 < len(words) and words[index + 1].word in STATEMENTS | {"QUERY"}


def _end(words: Sequence[Word], start: int, closing: frozenset[str]) -> int:
    """Index of the word behind a piece: of the semicolon, or of a closing word outside brackets and CASE."""
    depth = 0
    for index in range(start, len(words)):
        word = words[index]
        if word.kind is TokenType.SEMICOLON:
            return index
        if depth == 0 and (word.word in closing or (word.word == "LOOP" and index > start)):
            return index
        if word.kind in OPENING or word.word == "CASE":
            depth += 1
        elif word.kind in CLOSING or word.word == "END":
            depth = max(0, depth - 1)
    return len(words)
