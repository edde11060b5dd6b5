"""The strings of a Python module: literals, f-strings, and what `+`, `%` and `.format` make of them.

The syntax tree tells where a string begins and ends; the pieces between are cut by Python's own rules for literals and
then held against the tree's values, since before Python 3.12 it does not say where an f-string's parts are.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from review.rules import _python
from review.rules.embedded.literals import pieces_of
from review.rules.embedded.text import Piece, Text, may_be_sql, with_placeholders
from review.sql.render import line_starts

_PROSE = frozenset({"help", "description", "doc", "doc_md", "doc_json", "message", "msg", "label", "title", "reason"})
"""Arguments that hold text for people."""
_TELLING = frozenset({"print", "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "fail",
                      "skip"})  # fmt: skip
"""Functions and methods that are given text for people."""
_SQL_CALLS = {"BigQuery": "bigquery", "Postgres": "postgres", "Snowflake": "snowflake", "Redshift": "redshift",
              "Trino": "trino", "Presto": "trino", "SparkSql": "sparksql", "Athena": "trino"}  # fmt: skip
"""How names of Airflow's operators and hooks, and of client classes, begin → their dialect."""
_SQL_MODULES = {"psycopg2": "postgres", "psycopg": "postgres", "asyncpg": "postgres", "pyspark": "sparksql",
                "google.cloud.bigquery": "bigquery", "snowflake.connector": "snowflake", "trino": "trino",
                "redshift_connector": "redshift", "pandas_gbq": "bigquery"}  # fmt: skip
"""Modules by which a program speaks to one warehouse."""

_LONGEST_CHAIN = 20
"""Names before a call's brackets that are looked at."""


@dataclass(frozen=True)
class Found:
    """One string expression."""

    text: Text
    symbol: str
    dialect: str | None
    """By the call it is an argument of; None where that tells nothing."""


@dataclass(frozen=True)
class Code:
    """The text that a tree was parsed from."""

    text: str

    def offset(self, line: int, column: int) -> int:
        """The place of the tree's line and column, which counts bytes of UTF-8."""
        start = self._starts[line - 1]
        row = self.text[start : start + column]
        if not row.isascii():
            end = self._starts[line] if line < len(self._starts) else len(self.text)
            row = self.text[start:end].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace")
        return start + len(row)

    @cached_property
    def _starts(self) -> list[int]:
        return line_starts(self.text)


def strings(tree: ast.Module, text: str) -> Iterator[Found]:
    """Every string of a module that may be SQL, in the order of the text; no docstring and nothing that is logged."""
    code = Code(text)
    stack: list[tuple[ast.AST, str, str | None]] = [(tree, "", None)]
    sums: set[ast.expr] = set()
    while stack:
        node, symbol, dialect = stack.pop()
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and _is_text(node, sums):
            if may_be_sql(_beginning(node)):
                pieces = tuple(with_placeholders(_pieces(node, code)))
                if pieces:
                    yield Found(Text(pieces), symbol, dialect)
            continue
        if isinstance(node, _python.Scope):
            symbol = f"{symbol}.{node.name}".lstrip(".")
        elif isinstance(node, ast.Call):
            dialect = _of_call(node, dialect)
        stack.extend((child, symbol, dialect) for child in reversed(list(_children(node))))


def dialect_of(tree: ast.Module) -> str | None:
    """The one warehouse that a module's imports and names speak of; None for none or several."""
    found: set[str] = set()
    for node in ast.walk(tree):
        names: tuple[str, ...] = ()
        if isinstance(node, ast.Import):
            names = tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
            found.update(dialect for alias in node.names if (dialect := _by_name(alias.name)))
        found.update(spoken for name in names for module, spoken in _SQL_MODULES.items() if _is_in(name, module))
    return found.pop() if len(found) == 1 else None


def _is_in(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def _by_name(name: str) -> str | None:
    return next((dialect for start, dialect in _SQL_CALLS.items() if name.startswith(start)), None)


def _of_call(call: ast.Call, around: str | None) -> str | None:
    """The dialect that the names before a call's brackets speak of; the one around it where they speak of none."""
    names = list(islice(_chain(call.func), _LONGEST_CHAIN))
    if names[:1] == ["sql"] and len(names) > 1:
        before = [name.lower() for name in names[1:]]
        is_spark = before[0].endswith(("sqlcontext", "session")) or any("spark" in name for name in before)
        return "sparksql" if is_spark else around
    return next((dialect for name in names if (dialect := _by_name(name))), around)


def _chain(node: ast.expr) -> Iterator[str]:
    """The names of a chain of attributes and calls, the last one first."""
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            yield node.attr
            node = node.value
        else:
            if isinstance(node, ast.Name):
                yield node.id
            return


def _last(node: ast.expr) -> str:
    return next(_chain(node), "")


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that may hold SQL: no text for people."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Raise | ast.JoinedStr):
        return
    if isinstance(node, ast.Assert):
        yield node.test
    elif isinstance(node, ast.keyword) and node.arg in _PROSE:
        return
    elif isinstance(node, ast.Call) and _last(node.func) in _TELLING:
        yield node.func
    else:
        yield from ast.iter_child_nodes(node)


def _is_text(node: ast.expr, others: set[ast.expr]) -> bool:
    """Whether an expression makes a string by its own: its first part is one. `others` are known not to, and grow."""
    seen = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod) and node not in others:
        seen.append(node)
        node = node.left
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return True
    others.update(seen)
    return False


def _beginning(node: ast.expr) -> str:
    """What its first literal says, holes as a word, and a word behind it where more follows."""
    more = ""
    while isinstance(node, ast.BinOp):
        node, more = node.left, " x"
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return f"{node.value}{more}" if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _pieces(node: ast.expr, code: Code) -> list[Piece]:
    """The parts of a string expression in order; none where its literals are not what the tree says."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Add):
            parts.append(node.right)
        node = node.left
    found: list[Piece] = []
    for part in (node, *reversed(parts)):
        start = code.offset(part.lineno, part.col_offset)
        end = code.offset(part.end_lineno or part.lineno, part.end_col_offset or 0)
        if isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str)):
            cut = pieces_of(code.text, start, end)
            if cut is None or "".join(each.text for each in cut if not each.is_hole) != _value(part):
                return []
            holes = _names(part)
            found.extend(Piece(next(holes, "x"), each.start, each.end, True) if each.is_hole else each for each in cut)
        else:
            found.append(Piece(_name(part), start, end, is_hole=True))
    return found


def _value(node: ast.Constant | ast.JoinedStr) -> str:
    """What its literal parts say."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))


def _names(node: ast.expr) -> Iterator[str]:
    """The names of an f-string's holes, in order."""
    for part in node.values if isinstance(node, ast.JoinedStr) else ():
        if isinstance(part, ast.FormattedValue):
            yield _name(part.value)


def _name(node: ast.expr) -> str:
    return _last(node) or "x"
