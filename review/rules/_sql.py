"""Small questions about SQL syntax trees (sqlglot) that rules ask."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlglot import exp

from review.rules.trees import Unread
from review.sql.parse import Opaque, ParsedSql

Node = TypeVar("Node", bound=exp.Expr)

DATE_PARTS = frozenset(
    word
    for unit in ("second", "minute", "hour", "day", "week", "month", "quarter", "year", "millisecond", "microsecond")
    for word in (unit, f"{unit}s")
) | {"dow", "doy", "dayofweek", "dayofyear", "isoweek", "isoyear", "weekday", "epoch", "decade", "century"}
"""Words that functions of dates take, in dialects that sqlglot is not told as well."""


def symbol(node: exp.Expr) -> str:
    """The CTE, table, view or function the node is part of; empty at the top of a query."""
    current: exp.Expr | None = node.parent
    while current is not None:
        if isinstance(current, exp.CTE):
            return current.alias
        if isinstance(current, exp.Create):
            return name(current)
        current = current.parent
    return ""


def name(create: exp.Create) -> str:
    """The name of what a CREATE makes, in lower case, without quotes and schema; empty for a nameless index."""
    made = create.find(exp.Table) if create.kind != "INDEX" else None
    return made.name.lower() if made is not None else ""


def lines(sql: ParsedSql, node: exp.Expr) -> tuple[int, int]:
    """First and last line of a node that has a name in it; see `ParsedSql.lines`."""
    return sql.lines(node) if isinstance(node, exp.Expression) else (1, 1)


def text(sql: ParsedSql, node: exp.Expr) -> str:
    """The node as normalised SQL; see `ParsedSql.text`."""
    return sql.text(node) if isinstance(node, exp.Expression) else ""


def walk(sql: ParsedSql, *kinds: type[Node]) -> Iterator[Node]:
    """Every node of these kinds in all statements, in the order of the text, as the author wrote it."""
    for statement in sql.statements:
        yield from statement.find_all(*kinds, bfs=False)


def refuse_opaque(sql: ParsedSql, may_hide: Callable[[Opaque], bool]) -> None:
    """Raise Unread where a statement that the parser leaves as it is may hide what a rule looks for."""
    for statement in sql.opaque:
        if may_hide(statement):
            raise Unread(f"a statement (line {statement.lines[0]}) is beyond the parser")
