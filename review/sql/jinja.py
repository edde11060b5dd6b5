"""dbt's Jinja: its blocks, what it forgives, and how a stand-in is unpacked. It reads no file."""

import html  # noqa: F401 - `striptags` imports it when it is first asked: too late inside the jail
from collections.abc import Callable, Iterable
from functools import cache
from types import CodeType
from typing import Any

import jinja2.constants
import jinja2.debug  # noqa: F401 - Jinja imports both when a template first asks or fails: too late inside the jail
from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension
from jinja2.filters import do_items
from jinja2.parser import Parser
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment

from review.sql.builtins import Relation, Returned
from review.sql.standins import StandIn


class _Block(Extension):
    """`{% snapshot name %}…{% endsnapshot %}`: its body is SQL; `{% docs %}` is prose and prints nothing."""

    tags = {"snapshot", "docs"}  # noqa: RUF012 - Jinja's own attribute

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """The block's body, in a scope of its own."""
        token = next(parser.stream)
        while parser.stream.current.type != "block_end":
            next(parser.stream)
        body = parser.parse_statements((f"name:end{token.value}",), drop_needle=True)
        scope = nodes.Scope(lineno=token.lineno)
        scope.body = body if token.value == "snapshot" else []
        return scope


class _MacroBlock(Extension):
    """`{% test name(…) %}` and `{% materialization name, … %}`: macros by other names, as dbt makes them."""

    tags = {"test", "materialization"}  # noqa: RUF012 - Jinja's own attribute

    def parse(self, parser: Parser) -> nodes.Macro:
        """The macro. Of what a materialization says of itself only the adapter counts: no template calls one."""
        token = next(parser.stream)
        made = nodes.Macro(lineno=token.lineno)
        made.name = f"{token.value}_{parser.parse_assign_target(name_only=True).name}"
        made.args, made.defaults = [], []
        if token.value == "test":
            parser.parse_signature(made)
        else:
            made.name += f"_{_adapter(parser)}"
        made.body = parser.parse_statements((f"name:end{token.value}",), drop_needle=True)
        return made


def _adapter(parser: Parser) -> str:
    """The string that the rest of a tag gives as its adapter."""
    adapter, said = "default", ""
    while parser.stream.current.type != "block_end":
        token = next(parser.stream)
        if token.type == "string" and said == "adapter":
            adapter = token.value
        said = token.value if token.type == "name" else said
    return adapter


class _Filters(dict[str, Any]):
    """Jinja's filters; one it does not have (dbt's `as_bool`, Airflow's `ds_nodash`) gives the value back."""

    def get(self, name: str, default: Any = None) -> Any:
        """As dict's, never without an answer."""
        return super().get(name, _unchanged)

    def __getitem__(self, name: str) -> Any:
        return super().get(name, _unchanged)

    def __contains__(self, name: object) -> bool:
        return True


class DbtParser(Parser):
    """Jinja's parser; where several names are bound at once, a stand-in is unpacked into as many as are wanted."""

    def parse_for(self) -> nodes.For:
        """`{% for key, value in unknown.items() %}`."""
        loop = super().parse_for()
        if isinstance(loop.target, nodes.Tuple):
            loop.iter = _filtered(loop.iter, _ROWS, loop.target)
        return loop

    def parse_set(self) -> nodes.Assign | nodes.AssignBlock:
        """`{% set low, high = unknown() %}`."""
        node = super().parse_set()
        if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Tuple):
            node.node = _filtered(node.node, _ROW, node.target)
        return node


class Compiled:
    """The code of the templates that were compiled last: sqlfluff renders one file several times over."""

    MOST = 16

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}

    def code(self, text: str, compile_: Callable[[str], CodeType]) -> CodeType:
        """What `compile_` makes of the text, or has made of it."""
        found = self._codes.pop(text, None)
        if found is None:
            found = compile_(text)
            while len(self._codes) >= self.MOST:
                del self._codes[next(iter(self._codes))]
        self._codes[text] = found
        return found


class _Environment(SandboxedEnvironment):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._compiled = Compiled()

    @staticmethod
    def concat(pieces: Iterable[Any]) -> str:
        """As Jinja's; a `call` block puts what its macro gives among the pieces as it is."""
        return "".join(map(_text, pieces))

    def compile(  # type: ignore[override] # of Jinja's overloads the one that makes code
        self,
        source: str | nodes.Template,
        name: str | None = None,
        filename: str | None = None,
        raw: bool = False,
        defer_init: bool = False,
    ) -> str | CodeType:
        """As Jinja's; the code of a nameless text is made once."""
        if not isinstance(source, str) or name or filename or raw or defer_init:
            return super().compile(source, name, filename, raw, defer_init)  # type: ignore[call-overload,no-any-return]
        return self._compiled.code(source, super().compile)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """As Jinja's, with dbt's `return`; a string's own methods (`', '.join(unknown)`) get the text of a stand-in."""
        if isinstance(getattr(obj, "__self__", None), str):
            if obj.__name__ == "join" and len(args) == 1 and isinstance(args[0], Iterable):
                args = ([_text(each) for each in args[0]],)
            args = tuple(_text(each) for each in args)
        try:
            return super().call(context, obj, *args, **kwargs)
        except Returned as returned:
            if isinstance(obj, Macro):
                return returned.value
            raise

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return DbtParser(self, source, name, filename).parse()


_ROW, _ROWS = "_row", "_rows"


def _filtered(node: nodes.Node, name: str, target: nodes.Tuple) -> nodes.Filter:
    return nodes.Filter(node, name, [nodes.Const(len(target.items))], [], None, None, lineno=node.lineno)


def _row(value: Any, width: int) -> Any:
    return (value,) * width if isinstance(value, StandIn) else value


def _rows(value: Any, width: int) -> Any:
    return [_row(each, width) for each in value] if isinstance(value, Iterable) else value


def _items(value: Any) -> Any:
    """As Jinja's; of what is unknown the rows are as wide as a loop wants them (`_rows`)."""
    return value if isinstance(value, StandIn) else do_items(value)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, (StandIn, Relation)) else value


def _unchanged(value: Any, *_args: Any, **_kwargs: Any) -> Any:
    return value


@cache
def grammar() -> Environment:
    """dbt's Jinja, to parse with: nothing is rendered by it."""
    return environment()


def strings(text: str) -> frozenset[str]:
    """The strings in a text's tags, in lower case; none where its Jinja does not parse."""
    if "{{" not in text and "{%" not in text:
        return frozenset()
    try:
        tree = grammar().parse(text)
    except (TemplateError, RecursionError):
        return frozenset()
    return frozenset(each.value.lower() for each in tree.find_all(nodes.Const) if isinstance(each.value, str))


def environment() -> SandboxedEnvironment:
    """One to render with, with filters of its own."""
    made = _Environment(
        keep_trailing_newline=True,
        autoescape=False,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", _MacroBlock, _Block],
        loader=None,
    )
    made.filters = _Filters(made.filters)
    made.filters.update({_ROW: _row, _ROWS: _rows, "random": made.filters["first"]})
    made.filters["items"] = _items
    made.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": str}
    made.globals["lipsum"] = lambda *_args, **_kwargs: "lipsum"
    return made
