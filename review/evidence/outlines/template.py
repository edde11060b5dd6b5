"""Jinja as it is written: refs, sources and macros it calls, and the blocks it consists of. Nothing is rendered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from review.domain.outline import Part
from review.evidence.outlines.base import Names
from review.rules.dbt._jinja import dotted
from review.rules.trees import NotEvaluated, template
from review.sql.builtins import builtins
from review.sql.jinja import grammar
from review.sql.prepare import prepare

if TYPE_CHECKING:
    from jinja2 import nodes

_BLOCKS = {"macro": "macro", "test": "test", "data_test": "test", "snapshot": "snapshot",
           "materialization": "materialization"}  # fmt: skip
"""First word of a block that is a part → the part's kind."""

_DBT = frozenset(
    (
        "dbt api run_query statement noop_statement load_result store_result store_raw_result graph model flags"
        " selected_resources thread_id invocation_args_dict dbt_metadata_envs get_where_subquery make_temp_relation"
        " load_relation drop_relation_if_exists hooks pre_hooks post_hooks submit_python_job"
        " loop caller self super varargs kwargs"
    ).split()
)
"""What dbt and Jinja put beside the context (docs.getdbt.com, "About dbt Jinja functions", "Global macros")."""

_MAX_VALUES = 100
"""Of a list that a template goes through."""
_MAX_NESTING = 2
"""Templates within strings of a template that are looked into: hooks of a model."""


@dataclass(frozen=True)
class Tag:
    """One `{{ … }}` or `{% … %}`."""

    words: tuple[str, ...]
    line: int
    end_line: int
    is_block: bool


def names(text: str, is_dbt: bool = True) -> Names:
    """Refs and sources whose names are written, in every branch; of dbt's files the macros called and defined too.

    Raises NotEvaluated where the Jinja does not parse.
    """
    tree = template(prepare(text))
    reads = frozenset(_reads(tree, is_dbt))
    return Names(reads, frozenset(f"macro:{name}" for name in _macros(tree)) if is_dbt else frozenset())


def parts(text: str) -> Iterator[Part]:
    """Macros, tests, snapshots and materializations, and what calls `config`."""
    opened: list[tuple[str, str, int]] = []
    for tag in tags(prepare(text)):
        first = tag.words[0] if tag.words else ""
        if tag.words[tag.is_block and first == "do" :][:2] == ("config", "("):
            yield Part("config", "config", tag.line, tag.end_line)
        elif tag.is_block and first in _BLOCKS and len(tag.words) > 1:
            opened.append((first, tag.words[1], tag.line))
        elif tag.is_block and opened and first == f"end{opened[-1][0]}":
            word, name, line = opened.pop()
            yield Part(_BLOCKS[word], name, line, tag.end_line)


def tags(text: str) -> Iterator[Tag]:
    """The tags in order, by Jinja's own lexer. Raises NotEvaluated where it cannot read on."""
    words: list[str] = []
    begun = 0
    for line, token, value in lexed(text):
        if token in ("variable_begin", "block_begin"):
            words, begun = [], line
        elif token in ("variable_end", "block_end"):
            yield Tag(tuple(words), begun, line, token == "block_end")
        elif token not in ("whitespace", "data"):
            words.append(value)


def lexed(text: str) -> list[tuple[int, str, str]]:
    """Line, kind and text of every piece of a template, its SQL among them. Raises NotEvaluated."""
    from jinja2 import TemplateSyntaxError

    try:
        return list(grammar().lex(text))
    except TemplateSyntaxError as error:
        raise NotEvaluated(f"its Jinja does not parse ({type(error).__name__})") from error


def _reads(tree: "nodes.Template", is_dbt: bool, nesting: int = _MAX_NESTING) -> Iterator[str]:
    from jinja2 import nodes

    known, own = _values(tree), _own(tree) | _builtin()
    for call in tree.find_all(nodes.Call):
        name = dotted(call.node)
        arguments = [_texts(argument, known) for argument in call.args]
        if name in ("ref", "builtins.ref") and arguments:
            yield from (f"ref:{each}" for each in arguments[-1])
        elif name in ("source", "builtins.source") and len(arguments) == 2:
            yield from (f"source:{schema}.{table}" for schema in arguments[0] for table in arguments[1])
        elif name == "config" and nesting:
            for text in (each.value for each in call.find_all(nodes.Const) if isinstance(each.value, str)):
                if "{{" in text or "{%" in text:
                    yield from _within(text, is_dbt, nesting - 1)
        elif is_dbt and name and name.partition(".")[0] not in own:
            yield f"macro:{name}"


def _within(text: str, is_dbt: bool, nesting: int) -> Iterator[str]:
    """What a string that is itself a template reads; nothing where it is none."""
    try:
        yield from _reads(template(text), is_dbt, nesting)
    except NotEvaluated:
        return


def _macros(tree: "nodes.Template") -> Iterator[str]:
    from jinja2 import nodes

    return (macro.name for macro in tree.find_all(nodes.Macro))


def _own(tree: "nodes.Template") -> frozenset[str]:
    """The names that the template itself gives a value: by `set`, `for`, as a parameter."""
    from jinja2 import nodes

    return frozenset(name.name for name in tree.find_all(nodes.Name) if name.ctx != "load")


@cache
def _builtin() -> frozenset[str]:
    """What no macro file has to define."""
    return _DBT | frozenset(builtins(str, {}, "", "")) | frozenset(grammar().globals)


def _values(tree: "nodes.Template") -> Mapping[str, tuple[str, ...]]:
    """Name → the strings it may stand for, where `set` or `for` gives it written ones."""
    from jinja2 import nodes

    found: dict[str, tuple[str, ...]] = {}
    for bound in tree.find_all((nodes.Assign, nodes.For)):
        if isinstance(bound, nodes.Assign | nodes.For) and isinstance(bound.target, nodes.Name):
            value = bound.iter if isinstance(bound, nodes.For) else bound.node
            name = bound.target.name
            found[name] = (*found.get(name, ()), *_texts(value, found))[:_MAX_VALUES]
    return found


def _texts(node: "nodes.Node", known: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The strings that an argument may be: itself, those of a list, those of a name."""
    from jinja2 import nodes

    if isinstance(node, nodes.Const):
        return (node.value,) if isinstance(node.value, str) else ()
    if isinstance(node, nodes.Name):
        return tuple(known.get(node.name, ()))
    if isinstance(node, nodes.List | nodes.Tuple):
        return tuple(item.value for item in node.items if isinstance(item, nodes.Const) and isinstance(item.value, str))
    return ()
