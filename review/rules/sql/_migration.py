"""What a migration does to tables that exist already, and which part of it is the way back."""

from collections.abc import Callable, Iterator

from sqlglot import exp

from review.rules import _sql
from review.rules.base import Hit
from review.rules.source import Source
from review.sql.parse import ParsedSql

BACK = frozenset({"down", "rollback", "rollbacks", "undo", "revert"})
SMALL = frozenset(
    "type types kind kinds status statuses state config configs configuration setting settings option options site "
    "role roles enum lookup language languages script currency currencies country countries version".split()
)
"""Last words in the names of tables with few rows."""
WAYS_BACK = frozenset({"-- +goose down", "-- +migrate down", "-- migrate:down", "-- //@undo"})
"""The line with which goose, sql-migrate, dbmate or MyBatis begins the part of a migration that undoes it."""


def forward(source: Source) -> Iterator[exp.Expression]:
    """The statements that are not the way back. Raises NotEvaluated where the file does not parse."""
    if takes_back(source.path):
        return
    sql, end = source.sql, way_back(source)
    for statement in sql.statements:
        if sql.lines(statement)[0] >= end:
            return
        yield statement


def empty(sql: ParsedSql) -> frozenset[str]:
    """The tables, in lower case, that a migration makes or empties: what it does to them is done at once."""
    found = set()
    for statement in sql.statements:
        if isinstance(statement, exp.Create):
            found.add(_sql.name(statement))
        elif isinstance(statement, exp.TruncateTable):
            found.update(table.name.lower() for table in statement.find_all(exp.Table))
        elif isinstance(statement, exp.Alter) and isinstance(statement.this, exp.Table):
            renamed = [rename.this.name.lower() for rename in statement.find_all(exp.AlterRename)]
            found.update(renamed if statement.this.name.lower() in found else ())
    return frozenset(found)


def is_small(table: str) -> bool:
    """Whether a table's name says that it never holds many rows: settings, a list of kinds, the one row of a site."""
    return table.lower().rpartition(".")[2].split("_")[-1] in SMALL


def changes(source: Source) -> Iterator[tuple[str, exp.Alter, exp.Expr]]:
    """Table in lower case, statement and action of each ALTER TABLE of a table that exists already."""
    known = empty(source.sql)
    for statement in forward(source):
        if isinstance(statement, exp.Alter) and isinstance(statement.this, exp.Table):
            table = statement.this.name.lower()
            for action in statement.args.get("actions") or () if table not in known else ():
                yield table, statement, action


def locked(
    source: Source, code: str, tell: Callable[[str, exp.Alter, exp.Expr], tuple[str, str] | None]
) -> Iterator[Hit]:
    """The first action on each table that keeps people waiting, unless its name says that it is small.

    `tell` is given what `changes` gives, and says who waits for what and what to do instead; None where nobody waits.
    `code` is the rule's, for those who know that the table stays small.
    """
    seen: set[str] = set()
    for table, statement, action in changes(source):
        told = None if table in seen or is_small(table) else tell(table, statement, action)
        if told is None:
            continue
        seen.add(table)
        line, end_line = _sql.lines(source.sql, action)
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=table,
            evidence=f"{table}: {_sql.text(source.sql, action)}",
            explanation=told[0],
            remediation=(
                f"{told[1]}; where the table is known to stay small, waive {code} for this file in the policy."
            ),
        )


def way_back(source: Source) -> int:
    """The line on which the part begins that undoes the migration; behind the last line where there is none."""
    lines = (number for number, line in enumerate(source.lines, 1) if line.strip().lower() in WAYS_BACK)
    return next(lines, len(source.lines) + 1)


def takes_back(path: str) -> bool:
    """Whether the file undoes a migration: `down.sql`, `7_x_down.sql`, `rollback/7.sql`, Flyway's `U7__x.sql`."""
    *folders, name = path.lower().split("/")
    parts = name.split(".")
    return (
        not BACK.isdisjoint((*parts, *folders))
        or parts[0].replace("-", "_").rpartition("_")[2] in BACK
        or name.startswith(("rollback", "undo", "revert"))
        or (name[:1] == "u" and name[1:2].isdigit() and "__" in name)
    )
