"""The door to sqlglot: rendered SQL in, syntax trees out, every node with the lines of the file it came from."""

import importlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sqlglot
import sqlglot.optimizer.canonicalize  # sqlglot imports these when a statement needs them: too late inside the jail
import sqlglot.optimizer.normalize
import sqlglot.optimizer.normalize_identifiers
from sqlglot import Token, TokenType, exp
from sqlglot.dialects import Dialect, Dialects
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

from review.sql.render import Rendering

_NAMES = {"ansi": "", "sparksql": "spark", "vertica": "postgres", "greenplum": "postgres", "mariadb": "mysql",
          "impala": "hive", "flink": "", "soql": "", "db2": "", "starrocks": "starrocks", "doris": "doris"}  # fmt: skip
"""sqlfluff's names of dialects that sqlglot calls otherwise; the rest are called alike, or are generic here."""

_KNOWN = frozenset(dialect.value for dialect in Dialects)
"""By this list and not by `Dialect.classes`, which loads all thirty-odd of them: an eighth of a second."""

_STUMBLES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, NameError)
"""What sqlglot 30 raises on some texts, beside its own errors."""

_COMPLAINTS = ("Expected DISTINCT or ALL for",)
"""Beginnings of messages about what is understood all the same: a plain UNION in BigQuery."""

TOO_DEEP = "its SQL is nested too deeply"

_QUOTED = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.HEREDOC_STRING, TokenType.RAW_STRING})

_MAX_NESTING = 8
"""Commands within commands, or dollar quotes within dollar quotes, that are looked into."""

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class CannotParse(Exception):
    """The SQL does not parse; the text is a clause for the reader, `line` the stored file's where it is known."""

    def __init__(self, clause: str, line: int | None = None) -> None:
        super().__init__(clause)
        self.line = line


@dataclass(frozen=True)
class Opaque:
    """A statement that sqlglot takes for a `Command`: it is known to be there, and by its words alone."""

    text: str
    """As it was rendered."""
    words: tuple[str, ...]
    """In upper case, also those of code between dollar signs; what is quoted is an empty one."""
    lines: tuple[int, int]
    """First and last line in the file as it is stored; (1, 1) where its words are not found there."""

    def says(self, *words: str) -> bool:
        """Whether these words stand in it one after the other."""
        return any(self.words[at : at + len(words)] == words for at in range(len(self.words)))


@dataclass(frozen=True)
class ParsedSql:
    """The statements of one version of one file."""

    rendering: Rendering
    statements: tuple[exp.Expression, ...]
    dialect: str
    """sqlglot's name of the dialect; empty is its generic one."""

    def lines(self, node: exp.Expression) -> tuple[int, int]:
        """First and last line of a node in the file as it is stored; (1, 1) for a node without any word in it."""
        starts, ends = self._offsets(node)
        if not starts:
            return 1, 1
        first = self.rendering.source_line(min(starts))
        return first, max(first, self.rendering.source_line(max(ends)))

    def is_literal(self, node: exp.Expression) -> bool:
        """Whether the author wrote all of the node, from its first word to its last, rather than a template."""
        starts, ends = self._offsets(node)
        return not starts or self.rendering.is_all_literal(min(starts), max(ends))

    def text(self, node: exp.Expression) -> str:
        """The node as normalised SQL: same meaning, same text, whatever the spacing and case of keywords.

        Where sqlglot fails to write what it has read, as it was rendered.
        """
        try:
            return node.sql(dialect=self.dialect or None, comments=False)
        except (*_STUMBLES, SqlglotError, RecursionError):
            starts, ends = self._offsets(node)
            return " ".join(self.rendering.text[min(starts) : max(ends) + 1].split()) if starts else ""

    @cached_property
    def opaque(self) -> tuple[Opaque, ...]:
        """The statements that sqlglot reads as a `Command`, in the order of the text; those it parses are not there."""
        commands = [node for statement in self.statements for node in statement.find_all(exp.Command, bfs=False)]
        places = iter(_places(self.rendering.text, self.dialect) if commands else ())
        return tuple(self._opaque(command, places) for command in commands)

    @cached_property
    def rows(self) -> int:
        """How many rows its INSERT statements write out: they are data that stands in code."""
        return sum(len(each.expression.expressions) for each in self.statements if _is_data(each))

    @property
    def is_data(self) -> bool:
        """Whether all of it are such statements."""
        return bool(self.statements) and all(map(_is_data, self.statements))

    def _opaque(self, command: exp.Command, places: Iterator[tuple[int, int]]) -> Opaque:
        """A command with its words and its place, which is looked for behind the command before it."""
        argument = command.args.get("expression")
        said = f"{command.name} {argument.name if isinstance(argument, exp.Expr) else argument or ''}"
        for start, end in places:
            if self.rendering.text[start : start + len(command.name)].upper() == command.name.upper():
                text = self.rendering.text[start:end]
                if text.upper().split() == said.upper().split():
                    first, last = self.rendering.source_line(start), self.rendering.source_line(end - 1)
                    return Opaque(text, tuple(_words(text, self.dialect)), (first, max(first, last)))
        return Opaque(said, tuple(_words(said, self.dialect)), (1, 1))

    @staticmethod
    def _offsets(node: exp.Expression) -> tuple[list[int], list[int]]:
        metas = [part.meta for part in node.walk() if part._meta]
        places = [(meta.get("start"), meta.get("end")) for meta in metas]
        known = [(start, end) for start, end in places if start is not None and end is not None]
        return [start for start, _ in known], [end for _, end in known]


def _is_data(statement: exp.Expression) -> bool:
    return isinstance(statement, exp.Insert) and isinstance(statement.expression, exp.Values)


def parse(rendering: Rendering, dialect: str | None) -> ParsedSql:
    """The statements of a rendering in sqlfluff's dialect of that name, made once. Raises CannotParse."""
    name = sqlglot_dialect(dialect)
    if name not in rendering.parsed:
        try:
            rendering.parsed[name] = _parsed(rendering, name)
        except CannotParse as problem:
            rendering.parsed[name] = problem
    found = rendering.parsed[name]
    if isinstance(found, ParsedSql):
        return found
    raise CannotParse(str(found), found.line)


def _parsed(rendering: Rendering, name: str) -> ParsedSql:
    try:
        found = _trees(rendering.text, name)
    except SqlglotError as error:
        line = (getattr(error, "errors", None) or [{}])[0].get("line")
        stored = _source_line(rendering, line) if line else None
        where = f" at line {stored}" if line else ""
        raise CannotParse(f"its SQL could not be analysed{where}", stored) from error
    except RecursionError as error:
        raise CannotParse(TOO_DEEP) from error
    except _STUMBLES as fault:
        raise CannotParse(f"its SQL makes the parser fail ({type(fault).__name__})") from fault
    return ParsedSql(rendering, tuple(each for each in found if isinstance(each, exp.Expression)), name)


def _trees(text: str, name: str) -> list[exp.Expr | None]:
    """sqlglot's trees. What it only complains about, though it reads it, is no reason to see nothing of a file."""
    try:
        return list(sqlglot.parse(text, dialect=name or None, error_level=ErrorLevel.RAISE))
    except ParseError as error:
        if not error.errors or any(not each["description"].startswith(_COMPLAINTS) for each in error.errors):
            raise
        return list(sqlglot.parse(text, dialect=name or None, error_level=ErrorLevel.IGNORE))


def sqlglot_dialect(dialect: str | None) -> str:
    """sqlglot's name for sqlfluff's; empty for its generic dialect."""
    name = _NAMES.get(dialect or "", dialect or "")
    return name if name in _KNOWN else ""


def tokens(text: str, dialect: str) -> list[Token]:
    """The words of a text in sqlglot's dialect of that name; none where it cannot be cut into words."""
    try:
        return list(Dialect.get_or_raise(dialect or None).tokenize(text))
    except (*_STUMBLES, SqlglotError):
        return []


def load_dialects(dialects: Iterable[str]) -> None:
    """Load what a jailed worker will need: sqlglot imports a dialect when it is first used."""
    for dialect in dialects:
        name = sqlglot_dialect(dialect)
        sqlglot.parse("select a.b from a as a where a.b = 1", dialect=name or None)
        if name == "tsql":
            importlib.import_module("sqlglot.optimizer.qualify_columns")


def _source_line(rendering: Rendering, line: int) -> int:
    """The stored file's line of a rendered one."""
    offset = 0
    for _ in range(line - 1):
        offset = rendering.text.find("\n", offset) + 1
    return rendering.source_line(offset)


def _places(text: str, dialect: str) -> Iterator[tuple[int, int]]:
    """Where each word starts and where its statement ends: at a semicolon, as for sqlglot."""
    starts: list[int] = []
    end = 0
    for token in (*tokens(text, dialect), None):
        if token is None or token.token_type is TokenType.SEMICOLON:
            yield from ((start, end) for start in starts)
            starts = []
        else:
            starts.append(token.start)
            end = token.end + 1


def _words(text: str, dialect: str, nesting: int = _MAX_NESTING) -> Iterator[str]:
    """See `Opaque.words`. What follows a command's first word is one string to sqlglot, and is cut up here."""
    tokenizer = Dialect.get_or_raise(dialect or None).tokenizer_class
    begins, swallows = True, False
    for token in tokens(text, dialect):
        if nesting and (swallows or text[token.start] == "$") and token.token_type in _QUOTED:
            yield from _words(token.text, dialect, nesting - 1)
        else:
            yield "" if token.token_type in _QUOTED else token.text.upper()
        swallows = begins and token.token_type in tokenizer.COMMANDS
        begins = token.token_type in tokenizer.COMMAND_PREFIX_TOKENS
