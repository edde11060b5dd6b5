"""The strings of a YAML file that sets up DAGs: the values of keys that hold SQL."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.rules._yaml import items, pairs, scalar
from review.rules.embedded.text import Piece, Text, may_be_sql, with_placeholders
from review.sql.render import line_starts

if TYPE_CHECKING:
    import yaml

KEYS = frozenset({"sql", "query", "view_query", "sql_query", "bql", "statement"})
"""Arguments of Airflow's operators, and of the teams', that are given SQL."""


def strings(root: "yaml.Node | None", text: str) -> Iterator[tuple[Text, str]]:
    """Each text that may be SQL, with the dotted keys above it, in the order of the file."""
    starts = line_starts(text)
    stack: list[tuple[yaml.Node | None, str]] = [(root, "")]
    seen: set[int] = set()
    while stack:
        node, symbol = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        for key, _, value in pairs(node):
            for each in [value, *items(value)] if key in KEYS else ():
                if may_be_sql(scalar(each) or ""):
                    pieces = _pieces(each, text, starts)
                    if pieces:
                        yield Text(tuple(with_placeholders(pieces))), symbol
        below = [(value, f"{symbol}.{key}".lstrip(".")) for key, _, value in pairs(node)]
        stack.extend(reversed([*below, *((each, symbol) for each in items(node))]))


def _pieces(node: "yaml.Node", text: str, starts: list[int]) -> list[Piece]:
    """The scalar's value as it is found again in the file, line by line, or word by word where lines are folded."""
    value = scalar(node) or ""
    at = starts[node.start_mark.line] + node.start_mark.column
    end = (starts[node.end_mark.line] if node.end_mark.line < len(starts) else len(text)) + node.end_mark.column
    is_literal = getattr(node, "style", None) == "|"
    found: list[Piece] = []
    done = 0
    for part in value.split("\n") if is_literal else value.split():
        part = part.strip()
        if not part:
            continue
        start, place = value.index(part, done), text.find(part, at, end)
        if place < 0:
            return []
        if start > done:
            found.append(Piece(value[done:start], place - (1 if place else 0), place))
        found.append(Piece(part, place, place + len(part)))
        at, done = place + len(part), start + len(part)
    return found
