"""What a file's Jinja names of the project: its refs, its sources, the macros it defines and calls."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.domain.named import words

if TYPE_CHECKING:
    from jinja2 import nodes


@dataclass(frozen=True)
class Reference:
    """One `ref(…)` or `source(…)` whose names are constants."""

    names: tuple[str, ...]
    """Model, or package and model; source and table."""
    line: int
    is_source: bool = False

    @property
    def name(self) -> str:
        """The model's, or the table's."""
        return self.names[-1]


@dataclass(frozen=True)
class Macro:
    """One macro's name and what it takes."""

    name: str
    path: str
    line: int
    arguments: tuple[str, ...]
    required: int
    """How many of the arguments have no default."""
    takes_more: bool
    """Whether it reads `varargs` or `kwargs`."""


def references(tree: "nodes.Template") -> tuple[Reference, ...]:
    """Its refs and sources, in the order of the text."""
    from jinja2 import nodes

    return _references(tree.find_all(nodes.Call))


def certain_references(tree: "nodes.Template") -> tuple[Reference, ...]:
    """Those that dbt comes to whatever is true of a run: outside of conditions, loops and macros."""
    from jinja2 import nodes

    uncertain = (nodes.If, nodes.For, nodes.CondExpr, nodes.Macro, nodes.CallBlock)
    found: list[nodes.Call] = []
    pending: list[nodes.Node] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, nodes.Call):
            found.append(node)
        pending.extend(each for each in node.iter_child_nodes() if not isinstance(each, uncertain))
    return _references(found)


def _references(calls: "Iterable[nodes.Call]") -> tuple[Reference, ...]:
    from jinja2 import nodes

    found = []
    for call in calls:
        if not isinstance(call.node, nodes.Name) or call.node.name not in ("ref", "source"):
            continue
        names = [each.value for each in call.args if isinstance(each, nodes.Const) and isinstance(each.value, str)]
        is_source = call.node.name == "source"
        if len(names) == len(call.args) and len(names) in ((2,) if is_source else (1, 2)):
            found.append(Reference(tuple(names), call.lineno, is_source))
    return tuple(sorted(found, key=lambda each: each.line))


_TELLING = frozenset({"config", "var", "env_var", "ref", "source", "log"})
"""Calls that run no SQL."""
_SILENT = frozenset({"config", "log"})
"""Those that print nothing."""


def holds_sql(tree: "nodes.Template") -> bool:
    """Whether a template prints more than blanks, or calls what may print SQL or run it (`do run_query(…)`)."""
    from jinja2 import nodes

    if any(_prints(each) for output in tree.find_all(nodes.Output) for each in output.nodes):
        return True
    calls = tree.find_all(nodes.Call)
    return any(not isinstance(call.node, nodes.Name) or call.node.name not in _TELLING for call in calls)


def _prints(node: "nodes.Expr") -> bool:
    """Whether something may come of what a template puts out: not of blanks, `config(…)` or `log(…)`."""
    from jinja2 import nodes

    if isinstance(node, nodes.TemplateData):
        return bool(node.data.strip())
    return not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _SILENT)


def calls(tree: "nodes.Template") -> "Iterator[tuple[str, nodes.Call]]":
    """Every call with its dotted name: `config`, `dbt_utils.star`; the empty string where it has none."""
    from jinja2 import nodes

    for call in tree.find_all(nodes.Call):
        yield dotted(call.node), call


def dotted(node: "nodes.Node") -> str:
    """`a.b` of a chain of names, else the empty string."""
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        inside = dotted(node.node)
        return f"{inside}.{node.attr}" if inside else ""
    return ""


def bound(tree: "nodes.Template") -> frozenset[str]:
    """Names that a file gives a meaning of its own: `set`, `import`, a loop, a macro's arguments."""
    from jinja2 import nodes

    names = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    names.update(each.target for each in tree.find_all(nodes.Import))
    for each in tree.find_all(nodes.FromImport):
        names.update(name if isinstance(name, str) else name[1] for name in each.names)
    return frozenset(names)


def snapshots(text: str) -> Iterator[tuple[str, int]]:
    """The snapshot blocks in a text, each with its line: dbt's own grammar knows them by two words."""
    at = 0
    while True:
        begin, closing = _opening(text, at)
        if not closing:
            return
        end, _ = _tag(text, begin + 2, closing)
        said = text[begin + 2 : end].strip("-+ \t\r\n").split() if closing == "%}" else []
        if said[:1] == ["snapshot"] and len(said) > 1:
            yield said[1], text.count("\n", 0, begin) + 1
        at = end + 2


def doc_blocks(text: str) -> Iterator[str]:
    """The names of the `{% docs name %}` blocks in a text, which is prose: dbt, too, looks at its tags alone."""
    at = text.find("{%")
    while at >= 0:
        end = text.find("%}", at)
        words = text[at + 2 : end].strip("-+ \t\r\n").split() if end >= 0 else []
        if words[:1] == ["docs"]:
            yield from words[1:2]
        at = text.find("{%", end) if end >= 0 else -1


def macro_names(text: str) -> Iterator[str]:
    """The words that may name a macro which a text defines, without parsing it: no other can be one.

    A generic test `x` is the macro `test_x`.
    """
    from review.sql.macros import named

    yield from named(text, "macro")
    yield from (f"test_{name}" for name in named(text, "test"))


_CLOSING = {"{": "}}", "%": "%}", "#": "#}"}


def pieces(text: str) -> frozenset[str]:
    """The runs of letters, digits and underscores of which a template can put longer ones together.

    They stand in strings within its tags, or beside a tag with nothing between. The text is cut at its brackets and
    quotes alone, which Jinja's own lexer takes ten times as long for.
    """
    found: set[str] = set()
    at, tag = 0, ""
    while True:
        begin, closing = _opening(text, at)
        data = text[at:begin].lstrip() if tag.endswith("-") else text[at:begin]
        data = data.rstrip() if text[begin + 2 : begin + 3] == "-" else data
        found.update(run for run in words(data) if (at and data.startswith(run)) or (closing and data.endswith(run)))
        if not closing:
            return frozenset(found)
        end, strings = _tag(text, begin + 2, closing)
        at, tag = end + 2, text[begin + 2 : end]
        if closing != "#}":
            found.update(*map(words, strings))


def _opening(text: str, at: int) -> tuple[int, str]:
    """Where the next tag begins, and what closes it; the end of the text, and nothing, where there is none."""
    begin = text.find("{", at)
    while begin >= 0:
        closing = _CLOSING.get(text[begin + 1 : begin + 2])
        if closing:
            return begin, closing
        begin = text.find("{", begin + 1)
    return len(text), ""


def _tag(text: str, at: int, closing: str) -> tuple[int, list[str]]:
    """Where a tag ends, and the strings in it; what does not end goes on to the end of the text."""
    strings: list[str] = []
    while True:
        end = text.find(closing, at)
        end = end if end >= 0 else len(text)
        quotes = [place for quote in ("'", '"') if (place := text.find(quote, at, end)) >= 0] if closing != "#}" else []
        if not quotes:
            return end, strings
        begin = min(quotes)
        at = begin + 1
        while (at := text.find(text[begin], at)) >= 0 and text[at - 1] == "\\":
            at += 1
        at = at if at >= 0 else len(text)
        strings.append(text[begin + 1 : at])
        at += 1


def macros(tree: "nodes.Template", path: str) -> Iterator[Macro]:
    """The macros a file defines."""
    from jinja2 import nodes

    for macro in tree.find_all(nodes.Macro):
        names = {each.name for each in macro.find_all(nodes.Name)}
        yield Macro(
            name=macro.name,
            path=path,
            line=macro.lineno,
            arguments=tuple(each.name for each in macro.args),
            required=len(macro.args) - len(macro.defaults),
            takes_more=not names.isdisjoint({"varargs", "kwargs", "caller"}),
        )
