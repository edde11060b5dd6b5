"""Does a variable or a flag bound a model's rows? It does where it is printed in a condition, or decides on one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from review.rules.dbt import _jinja
from review.rules.source import Source
from review.sql.parse import sqlglot_dialect, tokens

if TYPE_CHECKING:
    from jinja2 import nodes

Node = TypeVar("Node", bound="nodes.Node")

CALLS = frozenset({"var", "env_var"})
FLAGS = frozenset({"flags", "invocation_args_dict"})

PRINTED, OPENED, CLOSED = "printed_setting", "opened_by_setting", "closed_by_setting"
"""What stands in the text of a model for a setting that is printed, and around what a setting decides on."""

FILTERS = frozenset({"WHERE", "HAVING", "QUALIFY", "PREWHERE"})
CONDITIONS = FILTERS | {"ON"}
OTHER_CLAUSES = frozenset({"SELECT", "FROM", "JOIN", "UNION", "GROUP", "ORDER", "LIMIT", ";"})
JOINS = frozenset({"LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "ASOF"})
"""Words a join begins with, some of which are functions inside a condition."""


def bound_rows(source: Source) -> bool:
    """Whether the author lets a variable, an environment variable or a flag say which rows the query takes."""
    text = "".join(_text(source.jinja.body, set()))
    if PRINTED not in text and OPENED not in text:
        return False
    words = tokens(text, sqlglot_dialect(source.dialect))
    return not words or _meet_condition([token.text for token in words])


def _meet_condition(words: Sequence[str]) -> bool:
    """Whether a setting stands in a condition, or a filter stands between the words around what a setting decides."""
    in_condition, decided = [False], 0
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if word == "(":
            in_condition.append(in_condition[-1])
        elif word == ")" and len(in_condition) > 1:
            in_condition.pop()
        elif word.upper() in CONDITIONS | OTHER_CLAUSES:
            in_condition[-1] = word.upper() in CONDITIONS
        decides = OPENED in word and following.upper() not in OTHER_CLAUSES | JOINS
        if (decided and word.upper() in FILTERS) or (in_condition[-1] and (PRINTED in word or decides)):
            return True
        decided += (word == OPENED) - (word == CLOSED)
    return False


def _text(body: "Iterable[nodes.Node]", names: set[str]) -> Iterator[str]:
    """The template's own text with that of every branch, and a word for each thing that is printed.

    `names` are those that have got their value from a setting so far; it grows.
    """
    from jinja2 import nodes

    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                word = PRINTED if _asks(part, names) else "printed"
                yield part.data if isinstance(part, nodes.TemplateData) else word
        elif isinstance(node, nodes.If):
            branches = [node, *node.elif_]
            decided = any(_asks(branch.test, names) for branch in branches)
            yield f" {OPENED} " if decided else " "
            for text in (*(branch.body for branch in branches), node.else_):
                yield from _text(text, names)
                yield " "
            yield f" {CLOSED} " if decided else " "
        else:
            names.update(_named(node, names))
            yield from _text(getattr(node, "body", ()), names)


def _named(node: "nodes.Node", names: set[str]) -> Iterator[str]:
    """The names that `set` or `for` gives a value taken from a setting."""
    from jinja2 import nodes

    if isinstance(node, nodes.Assign | nodes.AssignBlock | nodes.For):
        given = node.iter if isinstance(node, nodes.For) else node
        if _asks(given, names):
            yield from (name.name for name in _all(node.target, nodes.Name))


def _asks(node: "nodes.Node", names: set[str]) -> bool:
    """Whether a setting, or a name that has its value from one, is asked for anywhere in a node."""
    from jinja2 import nodes

    return any(name.name in names or name.name in FLAGS for name in _all(node, nodes.Name)) or any(
        _jinja.dotted(call.node) in CALLS for call in _all(node, nodes.Call)
    )


def _all(node: "nodes.Node", kind: type[Node]) -> Iterator[Node]:
    """The node itself, if it is of that kind, and all below it that are."""
    if isinstance(node, kind):
        yield node
    yield from node.find_all(kind)
