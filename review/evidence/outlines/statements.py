"""Rendered SQL: its CTEs and statements, and the tables it reads and writes.

Only `review/sql` and the rules import sqlglot, so its trees are walked by the names it gives its kinds of nodes
(`Expr.key`).
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from review.domain.outline import Part
from review.evidence.outlines.base import Names, table
from review.rules._sql import lines
from review.sql.parse import ParsedSql, tokens
from review.sql.render import Rendering

Node: TypeAlias = Any
"""A node of sqlglot's."""
Word: TypeAlias = Any
"""A token of sqlglot's."""

_TARGETS: Mapping[str, tuple[str, ...]] = {
    "insert": ("this",),
    "create": ("this",),
    "merge": ("this",),
    "update": ("this",),
    "delete": ("this", "tables"),
    "alter": ("this",),
    "truncatetable": ("expressions",),
    "drop": ("this", "tables"),
    "copy": ("this",),
}
"""Kind of statement → its arguments that hold the tables it changes."""

_VERBS = {"insert": "insert into", "merge": "merge into", "delete": "delete from", "truncatetable": "truncate table",
          "copy": "copy", "update": "update", "create": "create", "alter": "alter", "drop": "drop"}  # fmt: skip

_QUERIES = frozenset({"select", "union", "except", "intersect", "subquery", "values"})
_SILENT = frozenset({"use", "comment", "grant", "revoke", "describe", "show", "set", "command", "semicolon"})
"""Statements that neither read nor write rows."""
_NO_TABLES = frozenset({"joinhint", "userdefinedfunction", "alterrename"})
"""What holds the name of something else where a table's would stand."""
_RECURSIVE = frozenset({"tsql", "oracle", "teradata", "fabric"})
"""Dialects in which a CTE may name itself without the word RECURSIVE."""


def names(sql: ParsedSql) -> Names:
    """The tables read and written by name: no CTEs, no temporary tables, none whose name a template printed."""
    found, local = Names(), set[str]()
    for statement in sql.statements:
        if statement.key in _SILENT:
            continue
        nodes = list(statement.walk(bfs=False))
        changed, apart = _changed(nodes)
        local.update(_named(node) for node in nodes if node.key == "create" and _is_temporary(node))
        aliases = {node.alias.lower() for node in nodes if node.key in ("table", "subquery") and node.alias}
        others = [node for node in nodes if node.key == "table" and id(node) not in changed and id(node) not in apart]
        reads = [node for node in others if _is_read(node, aliases, sql.dialect)]
        writes = [node for node in nodes if id(node) in changed]
        found |= Names(frozenset(_written(sql.rendering, reads)), frozenset(_written(sql.rendering, writes)))
    return found.without_tables(local)


def parts(sql: ParsedSql) -> Iterator[Part]:
    """Every CTE, and the statements where there are several."""
    statements = [statement for statement in sql.statements if statement.key != "semicolon"]
    ctes = [node for each in statements for node in each.walk(bfs=False) if node.key == "cte"]
    if not ctes and len(statements) < 2:
        return
    words = tokens(sql.rendering.text, sql.dialect)
    if len(statements) > 1:
        runs = list(_runs(words))
        for number, statement in enumerate(statements):
            placed = _lines(sql, *runs[number]) if len(runs) == len(statements) else sql.lines(statement)
            yield Part("statement", _title(statement), *placed)
    starts = [word.start for word in words]
    for cte in ctes:
        yield _cte(sql, cte, words, starts)


def _changed(nodes: list[Node]) -> tuple[set[int], set[int]]:
    """The ids of the table nodes that statements change, and of those that name what is no table (a function)."""
    changed, apart = set[int](), set[int]()
    for node in nodes:
        for argument in _TARGETS.get(node.key, ()):
            held = node.args.get(argument)
            tables = [found for each in (held if isinstance(held, list) else [held]) if (found := _table(each))]
            is_target = node.key not in ("create", "copy", "drop", "alter") or _is_of_table(node)
            (changed if is_target else apart).update(map(id, tables))
    return changed, apart


def _table(held: Any) -> Node | None:
    """The first table in what an argument holds."""
    if not hasattr(held, "walk"):
        return None
    return next((node for node in held.walk() if node.key == "table"), None)


def _is_of_table(node: Node) -> bool:
    """Whether what is created, altered or dropped is a table, a view or a table's index; `COPY` only where it loads."""
    kind = node.args.get("kind")
    return kind is True or str(kind).upper().endswith(("TABLE", "VIEW", "INDEX"))


def _is_temporary(create: Node) -> bool:
    properties = create.args.get("properties")
    return properties is not None and any(each.key == "temporaryproperty" for each in properties.expressions)


def _is_read(node: Node, aliases: set[str], dialect: str) -> bool:
    """Whether a table node names a table; `orders.items` beside `orders` is a column of it, and `f(x)` a function."""
    named = node.args.get("this")
    if getattr(named, "key", "") != "identifier" or node.parent is None or node.parent.key in _NO_TABLES:
        return False
    schema = node.text("db").lower()
    if schema:
        return schema not in aliases or bool(node.text("catalog"))
    return not _is_cte(node, dialect)


def _is_cte(node: Node, dialect: str) -> bool:
    """Whether a CTE of that name is in sight: one before it in the same list, or any of a statement around it."""
    name = node.name.lower()
    child, current = node, node.parent
    while current is not None:
        if current.key == "with":
            recursive = bool(current.args.get("recursive")) or dialect in _RECURSIVE
            for cte in current.expressions:
                if cte is child and not recursive:
                    break
                if cte.alias.lower() == name:
                    return True
                if cte is child:
                    break
        else:
            held = current.args.get("with_")
            if held is not None and held is not child and any(each.alias.lower() == name for each in held.expressions):
                return True
        child, current = current, current.parent
    return False


def _written(rendering: Rendering, nodes: list[Node]) -> Iterator[str]:
    """The names of those tables whose name the author wrote; a schema that a template printed is left out."""
    for node in nodes:
        if _is_literal(rendering, node.args.get("this")):
            schema = node.text("db") if _is_literal(rendering, node.args.get("db")) else ""
            yield table(schema, node.name)


def _is_literal(rendering: Rendering, identifier: Any) -> bool:
    """Whether the author wrote the identifier; inside a quoted `a.b.c` each word is looked at by itself."""
    meta = getattr(identifier, "meta", {})
    if "start" not in meta:
        return False
    end = meta["end"] + 1
    start = rendering.text.rfind(identifier.name, meta["start"], end)
    if start < 0:
        start = meta["start"]
    else:
        end = start + len(identifier.name)
    return all(rendering.is_literal(offset) for offset in range(start, end))


def _named(node: Node) -> str:
    """The name of the first table in it, with its schema, in lower case."""
    found = _table(node)
    return table(found.text("db"), found.name).removeprefix("table:").lower() if found is not None else ""


def _title(statement: Node) -> str:
    """The verb and its object: `create table shop.orders`."""
    if statement.key in _QUERIES:
        return "select"
    if statement.key not in _VERBS:
        return str(statement.name if statement.key == "command" else statement.key).lower()
    kind = statement.args.get("kind")
    words = (_VERBS[statement.key], kind.lower() if isinstance(kind, str) else "", _named(statement))
    return " ".join(word for word in words if word)


def _cte(sql: ParsedSql, cte: Node, words: list[Word], starts: list[int]) -> Part:
    """A CTE from its name to the bracket that closes it; to the last name in it where that is not found."""
    alias = getattr(cte.args.get("alias"), "this", None)
    offset = getattr(alias, "meta", {}).get("start")
    if offset is not None:
        end = _closing(sql.rendering.text, words, bisect_left(starts, offset))
        if end is not None:
            return Part("cte", cte.alias.lower(), *_lines(sql, offset, end))
    return Part("cte", cte.alias.lower(), *lines(sql, cte))


def _closing(text: str, words: list[Word], at: int) -> int | None:
    """Where the bracket closes that opens behind the next AS; None where a name is not followed by one."""
    depth, body = 0, False
    for index in range(at, len(words)):
        start: int = words[index].start
        sign = text[start]
        body = body or (not depth and sign in "aA" and words[index].text.upper() == "AS")
        depth += (sign == "(") - (sign == ")")
        if depth < 0 or (sign == "," and not depth and not body):
            return None
        if body and not depth and sign == ")":
            return start
    return None


def _runs(words: list[Word]) -> Iterator[tuple[int, int]]:
    """First and last offset of each statement: what stands between semicolons."""
    run: list[Word] = []
    for word in (*words, None):
        if word is None or word.token_type.name == "SEMICOLON":
            if run:
                yield run[0].start, run[-1].end
            run = []
        else:
            run.append(word)


def _lines(sql: ParsedSql, start: int, end: int) -> tuple[int, int]:
    """The stored file's lines of two rendered offsets."""
    first = sql.rendering.source_line(start)
    return first, max(first, sql.rendering.source_line(end))
