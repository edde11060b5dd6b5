"""The statements between dollar signs, in DO blocks and routines, laid open so that the parser reads them as any other.

What is no statement of SQL (variables, conditions, loops) becomes blanks: no offset and no line moves.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from review.sql.parse import sqlglot_dialect, tokens
from review.sql.render import Rendering

STATEMENTS = frozenset(
    "SELECT WITH INSERT UPDATE DELETE MERGE ALTER CREATE DROP TRUNCATE GRANT REVOKE COPY COMMENT".split()
)
_OPENERS = frozenset("BEGIN THEN ELSE LOOP DECLARE EXCEPTION".split())
"""What a statement may follow without a semicolon."""
_CONDITIONS = {
    **dict.fromkeys("IF ELSIF ELSEIF WHEN".split(), frozenset({"THEN"})),
    **dict.fromkeys("WHILE FOR FOREACH".split(), frozenset({"LOOP", "DO"})),
    "CASE": frozenset({"WHEN"}),
}
"""What begins a condition or the head of a loop → what follows it."""
_QUERIES = frozenset({"SELECT", "WITH"})
_BEFORE_QUERIES = frozenset({"FOR", "QUERY", "IS", "IN"})
_WRITES_INTO = frozenset({"INSERT", "MERGE", "COPY"})
_STRINGS = frozenset({TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING})
_QUOTED = _STRINGS | {TokenType.IDENTIFIER}
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET})
_SQL_LANGUAGES = frozenset({"SQL", "PLPGSQL"})
_STUMBLES = (SqlglotError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
_LONGEST = 20_000
"""Characters of one statement that are parsed."""
_MOST = 2_000
"""Statements of one file that are parsed."""


@dataclass(frozen=True)
class LaidOpen:
    """A file's rendering without what surrounds the statements in its bodies; offsets are those of the file."""

    at_once: Rendering
    """The file, its DO blocks replaced by the statements in them: they run where they stand."""
    in_routines: Rendering | None
    """Nothing but the statements of its routines; None where there are none."""
    lines: frozenset[int]
    """Lines of the file on which the statements of routines stand."""
    unread: tuple[tuple[int, int], ...]
    """First and last line of each statement in a body that does not parse."""


@dataclass(frozen=True)
class _Word:
    kind: TokenType
    word: str
    """In upper case; empty for what is quoted."""
    text: str
    start: int
    end: int
    """Behind its last character."""


@dataclass(frozen=True)
class _Body:
    """One body: where its statement and its text lie in the file."""

    statement: tuple[int, int]
    text: str
    start: int
    runs: bool
    """Whether it runs where it stands."""


@dataclass(frozen=True)
class _Piece:
    """What is parsed as a statement: from where to where, `text` of that very length."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=64)
def _opened(text: str, name: str) -> tuple[str, str, tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """The file with its DO blocks laid open, the statements of routines alone, their places, and what is unread."""
    at_once, _, unread = _without_wrapping(text, name, runs=True)
    kept = _blank(at_once)
    inner, routines, more = _without_wrapping(at_once, name, runs=False)
    for piece in routines:
        kept[piece.start : piece.end + 1] = inner[piece.start : piece.end] + ";"
    places = tuple((piece.start, piece.end) for piece in routines)
    return at_once, "".join(kept), places, (*unread, *more)


def laid_open(rendering: Rendering, dialect: str | None) -> LaidOpen:
    """The statements of the bodies of one rendering, in sqlfluff's dialect of that name."""
    if "$" not in rendering.text:
        return LaidOpen(rendering, None, frozenset(), ())
    at_once, routines, places, unread = _opened(rendering.text, sqlglot_dialect(dialect))
    line = rendering.source_line
    return LaidOpen(
        rendering if at_once == rendering.text else replace(rendering, text=at_once),
        replace(rendering, text=routines) if places else None,
        frozenset(number for start, end in places for number in range(line(start), line(end - 1) + 1)),
        tuple((line(start), line(end - 1)) for start, end in unread),
    )


def _blank(text: str) -> list[str]:
    return [character if character == "\n" else " " for character in text]


def _without_wrapping(text: str, name: str, *, runs: bool) -> tuple[str, list[_Piece], list[tuple[int, int]]]:
    """The text with bodies of one sort in the open, their statements that parse, and places of those that do not."""
    kept = list(text)
    pieces: list[_Piece] = []
    unread: list[tuple[int, int]] = []
    for body in _bodies(text, name):
        if body.runs is not runs:
            continue
        words = _words(body.text, body.start, name)
        if not words and body.text.strip():
            unread.append((body.start, body.start + len(body.text)))
            continue
        start, end = body.statement
        kept[start:end] = _blank(text[start:end])
        for piece in _pieces(text, words):
            if len(pieces) < _MOST and piece.end - piece.start <= _LONGEST and _parses(piece.text, name):
                kept[piece.start : piece.end + 1] = [*piece.text, ";"]
                pieces.append(piece)
            else:
                unread.append((piece.start, piece.end))
    return "".join(kept), pieces, unread


def _parses(text: str, name: str) -> bool:
    try:
        return isinstance(sqlglot.parse_one(text, dialect=name or None), exp.Expression)
    except _STUMBLES:
        return False


def _bodies(text: str, name: str) -> Iterator[_Body]:
    """What stands between dollar signs in statements that run it, or make a routine of SQL of it."""
    statement: list[Token] = []
    for token in (*tokens(text, name), None):
        if token is not None and token.token_type is not TokenType.SEMICOLON:
            statement.append(token)
            continue
        if statement:
            yield from _bodies_of(text, name, statement)
        statement = []


def _bodies_of(text: str, name: str, statement: Sequence[Token]) -> Iterator[_Body]:
    begins = statement[0].text.upper()
    runs = begins == "DO" or (begins == "EXECUTE" and "IMMEDIATE" in text[statement[0].start :][:40].upper())
    start = statement[0].start
    if not runs and begins != "CREATE":
        return
    if runs and len(statement) == 2 and statement[1].token_type is TokenType.STRING:
        inside = text.find(statement[1].text, statement[0].end)  # a command's words are one string to sqlglot
        words = _words(statement[1].text, inside, name) if inside >= 0 else []
    else:
        words = [_word(token, 0) for token in statement]
    languages = {after.text.upper() for each, after in itertools.pairwise(words) if each.word == "LANGUAGE"}
    quoted = [word for word in words if word.kind in _STRINGS and text[word.start] == "$" and word.text]
    if quoted and not languages - _SQL_LANGUAGES:
        body = max(quoted, key=lambda word: len(word.text))  # one a statement; a default may be quoted so as well
        inside = text.find(body.text, body.start, body.end)
        if inside >= 0:
            yield _Body((start, words[-1].end), body.text, inside, runs)


def _words(text: str, offset: int, name: str, nesting: int = 2) -> list[_Word]:
    """The words of a text that begins there; what follows a command (DECLARE) is one string to sqlglot, and is cut."""
    found: list[_Word] = []
    for token in tokens(text, name):
        at = _past_blanks(text, found[-1].end - offset) if found else 0
        is_swallowed = token.token_type is TokenType.STRING and text[at] not in "'$" and text.startswith(token.text, at)
        if is_swallowed and found and nesting:
            found += _words(token.text, at + offset, name, nesting - 1)
        else:
            found.append(_word(token, offset))
    return found


def _word(token: Token, offset: int) -> _Word:
    word = "" if token.token_type in _QUOTED else token.text.upper()
    return _Word(token.token_type, word, token.text, token.start + offset, token.end + 1 + offset)


def _pieces(text: str, words: Sequence[_Word]) -> Iterator[_Piece]:
    """The statements of a body, and the queries in what is no statement of SQL."""
    index = 0
    while index < len(words):
        word = words[index]
        if word.kind is TokenType.SEMICOLON or word.word in _OPENERS:
            index += 1
            continue
        end = _end(words, index + 1, _CONDITIONS.get(word.word, frozenset()))
        part = words[index:end]
        if word.word in STATEMENTS:
            yield _piece(text, part)
        elif word.word == "PERFORM" and len(part) > 1:
            piece = _piece(text, part)
            yield replace(piece, text="SELECT " + piece.text[len("PERFORM") :])
        elif word.word == "EXECUTE":
            yield from _written_out(text, part)
        else:
            yield from _queries(text, part)
        index = end


def _end(words: Sequence[_Word], start: int, closing: frozenset[str]) -> int:
    """Index of the semicolon behind a statement, or of a closing word outside brackets and CASE."""
    depth = 0
    for index in range(start, len(words)):
        word = words[index]
        if word.kind is TokenType.SEMICOLON or (depth == 0 and word.word in closing):
            return index
        if word.kind in _OPENING or word.word == "CASE":
            depth += 1
        elif word.kind in _CLOSING or word.word == "END":
            depth = max(0, depth - 1)
    return len(words)


def _queries(text: str, words: Sequence[_Word]) -> Iterator[_Piece]:
    """`RETURN QUERY SELECT …`, `FOR r IN SELECT … LOOP`, and queries in brackets."""
    index = 1
    while index < len(words):
        if words[index].word in _QUERIES:
            before = words[index - 1]
            if before.word in _BEFORE_QUERIES:
                yield _piece(text, words[index:])
                return
            if before.kind is TokenType.L_PAREN:
                close = _closing(words, index - 1)
                yield _piece(text, words[index - 1 : close + 1])
                index = close
        index += 1


def _written_out(text: str, words: Sequence[_Word]) -> Iterator[_Piece]:
    """The statement of an EXECUTE that is one string and nothing else: what is put together is nowhere written."""
    start = _past_blanks(text, words[0].end)
    close = text.find("'", start + 1)
    if text[start : start + 1] == "'" and close > start + 1 and text[_past_blanks(text, close + 1)] == ";":
        yield _Piece(start + 1, close, text[start + 1 : close])


def _past_blanks(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return min(at, len(text) - 1)


def _closing(words: Sequence[_Word], opening: int) -> int:
    depth = 0
    for index in range(opening, len(words)):
        depth += (words[index].kind in _OPENING) - (words[index].kind in _CLOSING)
        if depth == 0:
            return index
    return len(words) - 1


def _piece(text: str, words: Sequence[_Word]) -> _Piece:
    """These words, blanks in place of the variables that rows are put INTO, and of CURRENT OF before a cursor."""
    start, end = words[0].start, words[-1].end
    kept = list(text[start:end])
    depth = 0
    for index, word in enumerate(words):
        depth += (word.kind in _OPENING) - (word.kind in _CLOSING)
        if word.word == "OF" and words[index - 1].word == "CURRENT" and words[index - 2].word == "WHERE":
            first = words[index - 1].start
            kept[first - start : word.end - start] = _blank(text[first : word.end])
        fills = word.word == "INTO" and depth == 0 and index > 0 and words[index - 1].word not in _WRITES_INTO
        if fills and words[0].word in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE"):
            last = _targets_end(words, index + 1)
            kept[word.start - start : last - start] = _blank(text[word.start : last])
    return _Piece(start, end, "".join(kept))


def _targets_end(words: Sequence[_Word], index: int) -> int:
    """Where a list of variables ends: names with dots between their parts and commas between them."""
    if index < len(words) and words[index].word == "STRICT":
        index += 1
    while index + 1 < len(words) and words[index + 1].kind in (TokenType.DOT, TokenType.COMMA):
        index += 2
    return words[min(index, len(words) - 1)].end
