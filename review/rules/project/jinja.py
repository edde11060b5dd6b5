"""What a file's Jinja names of the project: its refs, its sources, the macros it defines and calls."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.domain.named import words
from review.rules.project.tags import cuts

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
    line, counted = 1, 0
    for cut in cuts(text):
        said = cut.tag.split(None, 2)[:2] if text.startswith("{%", cut.begin) else []
        if said[:1] == ["snapshot"] and len(said) > 1:
            line += text.count("\n", counted, cut.begin)
            counted = cut.begin
            yield said[1], line


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


def pieces(text: str) -> frozenset[str]:
    """The runs of letters, digits and underscores of which a template can put longer ones together.

    They stand in strings within its tags, or beside a tag with nothing between.
    """
    found: set[str] = set()
    for cut in cuts(text):
        found.update(
            run
            for run in words(cut.data)
            if (cut.is_behind and cut.data.startswith(run)) or (cut.is_before and cut.data.endswith(run))
        )
        found.update(*map(words, cut.strings))
    return frozenset(found)


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
