"""The door to sqlglot: rendered SQL in, syntax trees out, every node with the lines of the file it came from."""

import importlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass

import sqlglot
import sqlglot.optimizer.canonicalize  # sqlglot imports these when a statement needs them: too late inside the jail
import sqlglot.optimizer.normalize
import sqlglot.optimizer.normalize_identifiers
from sqlglot import exp
from sqlglot.dialects import Dialects
from sqlglot.errors import ErrorLevel, SqlglotError

from review.sql.render import Rendering

_NAMES = {"ansi": "", "sparksql": "spark", "vertica": "postgres", "greenplum": "postgres", "mariadb": "mysql",
          "impala": "hive", "flink": "", "soql": "", "db2": "", "starrocks": "starrocks", "doris": "doris"}  # fmt: skip
"""sqlfluff's names of dialects that sqlglot calls otherwise; the rest are called alike, or are generic here."""

_KNOWN = frozenset(dialect.value for dialect in Dialects)
"""By this list and not by `Dialect.classes`, which loads all thirty-odd of them: an eighth of a second."""

_STUMBLES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What sqlglot 30 raises on some texts, beside its own errors."""

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class CannotParse(Exception):
    """The SQL does not parse; the text is a clause for the reader."""


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
        """Whether the author wrote every word of the node, rather than a template."""
        starts, _ = self._offsets(node)
        return all(self.rendering.is_literal(start) for start in starts)

    def text(self, node: exp.Expression) -> str:
        """The node as normalised SQL: same meaning, same text, whatever the spacing and case of keywords.

        Where sqlglot fails to write what it has read, as it was rendered.
        """
        try:
            return node.sql(dialect=self.dialect or None, comments=False)
        except (*_STUMBLES, SqlglotError, RecursionError):
            starts, ends = self._offsets(node)
            return " ".join(self.rendering.text[min(starts) : max(ends) + 1].split()) if starts else ""

    @staticmethod
    def _offsets(node: exp.Expression) -> tuple[list[int], list[int]]:
        metas = [part.meta for part in node.walk() if part._meta and "start" in part.meta]
        return [meta["start"] for meta in metas], [meta["end"] for meta in metas]


def parse(rendering: Rendering, dialect: str | None) -> ParsedSql:
    """The statements of a rendering in sqlfluff's dialect of that name. Raises CannotParse."""
    name = sqlglot_dialect(dialect)
    try:
        found = sqlglot.parse(rendering.text, dialect=name or None, error_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        line = (getattr(error, "errors", None) or [{}])[0].get("line")
        where = f" at line {_source_line(rendering, line)}" if line else ""
        raise CannotParse(f"its SQL could not be analysed{where}") from error
    except RecursionError as error:
        raise CannotParse("its SQL is nested too deeply") from error
    except _STUMBLES as fault:
        raise CannotParse(f"its SQL makes the parser fail ({type(fault).__name__})") from fault
    return ParsedSql(rendering, tuple(each for each in found if isinstance(each, exp.Expression)), name)


def sqlglot_dialect(dialect: str | None) -> str:
    """sqlglot's name for sqlfluff's; empty for its generic dialect."""
    name = _NAMES.get(dialect or "", dialect or "")
    return name if name in _KNOWN else ""


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
