"""Jinja's syntax tree, walked: what a template prints and where each piece stands in it, without making code of it.

Jinja turns a template into Python and compiles that, which pays for a page that is served a thousand times. A model is
rendered once or twice, and its compilation was a third of all that our rules took (`tests/bench/rules_ratio.py`). Every
value is still Jinja's own: names are called, attributes read, and filters and tests applied, through the sandboxed
environment; loops and macros are its `LoopContext` and `Macro`. Only the statements are ours.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from jinja2 import nodes
from jinja2.compiler import find_undeclared
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import Namespace, missing

from review.sql.printed import NOWHERE, Piece, Span, Text, joined, kept, pieces_of
from review.sql.values import Scope, Values

SCOPED = (nodes.Scope, nodes.ScopedEvalContextModifier, nodes.Block)
"""What does nothing but to have names of its own."""


class _Break(Exception):
    """`{% break %}`."""


class _Continue(Exception):
    """`{% continue %}`."""


@contextmanager
def _within_loops() -> Iterator[None]:
    """A `break` or `continue` that is in no loop of its template or macro ends none around it."""
    try:
        yield
    except (_Break, _Continue) as error:
        raise TemplateRuntimeError("a break or continue outside of a loop") from error


class Interpreter:
    """One template's run. `find` gives the value of a name that the template itself does not bind.

    `spans` tells where what a node prints stands, and `forced` which branch of an `if` is taken whatever its test says:
    0 its own, then each `elif`, then `else`. Raises whatever the template makes fail.
    """

    def __init__(
        self,
        environment: SandboxedEnvironment,
        find: Callable[[str], Any],
        spans: Mapping[nodes.Node, Span] | None = None,
        forced: Mapping[nodes.Node, int] | None = None,
    ) -> None:
        self._environment = environment
        self._values = Values(environment, find)
        self._spans = spans or {}
        self._forced = forced or {}
        self._is_in_macro = False
        self._told: dict[nodes.For, bool] = {}
        self._spoken: dict[nodes.Node, frozenset[str]] = {}
        self._statements: dict[type[nodes.Node], Callable[[Any, Scope, list[Piece]], None]] = {
            nodes.Output: self._print,
            nodes.If: self._choose,
            nodes.For: self._loop,
            nodes.Assign: self._assign,
            nodes.AssignBlock: self._assign_block,
            nodes.Macro: self._define,
            nodes.CallBlock: self._call_block,
            nodes.FilterBlock: self._filter_block,
            nodes.With: self._with,
            nodes.ExprStmt: lambda node, scope, _out: self._values.of(node.node, scope),
            **dict.fromkeys(SCOPED, self._scoped),
            nodes.Break: _leave(_Break),
            nodes.Continue: _leave(_Continue),
        }

    def printed(self, tree: nodes.Template) -> list[Piece]:
        """What a template prints, piece by piece."""
        out: list[Piece] = []
        with _within_loops():
            self.run(tree.body, Scope(), out)
        return out

    def bound(self, tree: nodes.Template) -> dict[str, Any]:
        """The names that a template binds at its top: its macros, and what it sets."""
        scope = Scope()
        with _within_loops():
            self.run(tree.body, scope, [])
        return scope.names

    # statements

    def run(self, body: Iterable[nodes.Node], scope: Scope, out: list[Piece]) -> None:
        """Statements one after the other."""
        for node in body:
            statement = self._statements.get(type(node))
            if statement is None:  # import, include and extends: there is nowhere to load from
                raise TemplateRuntimeError("no loader for this environment specified")
            statement(node, scope, out)

    def _print(self, node: nodes.Output, scope: Scope, out: list[Piece]) -> None:
        for each in node.nodes:
            if isinstance(each, nodes.TemplateData):
                out.append((each.data, self._span(node), True))
            else:
                self._put(self._values.of(each, scope), self._span(node), out)

    def _put(self, value: Any, span: Span, out: list[Piece]) -> None:
        """Print a value in the place of a tag."""
        if not isinstance(value, Text):
            out.append((str(value), span, False))
            return
        if not value:
            out.append(("", span, False))
        for is_placed, pieces in groupby(pieces_of(value), key=lambda piece: piece[1] is not NOWHERE):
            run = [*pieces]
            out += run if is_placed else [("".join(text for text, _, _ in run), span, False)]

    def _span(self, node: nodes.Node) -> Span:
        """Where a node stands; what a macro prints of its own stands where it is called."""
        return self._spans.get(node, NOWHERE) if not self._is_in_macro else NOWHERE

    def _block(self, body: Iterable[nodes.Node], scope: Scope) -> Text:
        """What statements print, as one text."""
        inside: list[Piece] = []
        self.run(body, scope, inside)
        return joined(inside)

    def _choose(self, node: nodes.If, scope: Scope, out: list[Piece]) -> None:
        forced = self._forced.get(node)
        for at, branch in enumerate((node, *node.elif_)):
            if at == forced if forced is not None else self._values.of(branch.test, scope):
                return self.run(branch.body, scope, out)
        return self.run(node.else_, scope, out)

    def _loop(self, node: nodes.For, scope: Scope, out: list[Piece]) -> None:
        items = self._values.of(node.iter, scope)
        self._rounds(node, items, scope, out, depth=0)

    def _rounds(self, node: nodes.For, items: Any, scope: Scope, out: list[Piece], depth: int) -> None:
        def again(reciter: Any, loop_render_func: Any, depth: int = 0) -> str:
            inside: list[Piece] = []
            self._rounds(node, reciter, scope, inside, depth)
            return "".join(text for text, _, _ in inside)

        is_told = self._is_told(node)
        items = self._kept(node, items, scope) if node.test is not None else items
        rounds = LoopContext(items, self._environment.undefined, again if node.recursive else None, depth)
        is_empty = True
        for each in rounds if is_told else items:
            value, loop = each if is_told else (each, None)
            inner = Scope(scope, {"loop": loop} if is_told else None)
            self._bind(node.target, value, inner)
            try:
                self.run(node.body, inner, out)
            except _Break:
                break
            except _Continue:
                continue
            is_empty = False
        if is_empty and node.else_:  # also, in Jinja, where every round ended early
            self.run(node.else_, Scope(scope), out)

    def _is_told(self, node: nodes.For) -> bool:
        """Whether a loop's body speaks of `loop`; to know it may take a look ahead, which costs an iterator its end."""
        if node not in self._told:
            self._told[node] = node.recursive or "loop" in find_undeclared(node.body, ("loop",))
        return self._told[node]

    def _kept(self, node: nodes.For, items: Any, scope: Scope) -> Iterator[Any]:
        """Those for which the loop's own condition holds."""
        for each in items:
            inner = Scope(scope)
            self._bind(node.target, each, inner)
            if node.test is None or self._values.of(node.test, inner):
                yield each

    def _assign(self, node: nodes.Assign, scope: Scope, _out: list[Piece]) -> None:
        self._bind(node.target, self._values.of(node.node, scope), scope)

    def _assign_block(self, node: nodes.AssignBlock, scope: Scope, _out: list[Piece]) -> None:
        inner = Scope(scope)
        text: Any = self._block(node.body, inner)
        self._bind(node.target, self._values.piped(node.filter, text, inner) if node.filter else text, scope)

    def _bind(self, target: nodes.Node, value: Any, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.names[target.name] = value
        elif isinstance(target, nodes.NSRef):
            space = self._values.named(target.name, scope)
            if not isinstance(space, Namespace):
                raise TemplateRuntimeError("cannot assign attribute on non-namespace object")
            space[target.attr] = value
        elif isinstance(target, nodes.Tuple):
            for each, part in zip(target.items, _unpacked(value, len(target.items)), strict=True):
                self._bind(each, part, scope)

    def _define(self, node: nodes.Macro, scope: Scope, _out: list[Piece]) -> None:
        scope.names[node.name] = self._macro(node, scope, node.name)

    def _macro(self, node: nodes.Macro | nodes.CallBlock, scope: Scope, name: str) -> Macro:
        """The macro; like Jinja's it takes `caller`, more keywords and more values only where its body speaks of them.

        They are handed over behind the arguments, in this order.
        """
        names = [each.name for each in node.args]
        if node not in self._spoken:
            self._spoken[node] = frozenset(find_undeclared(node.body, ("caller", "kwargs", "varargs")))
        spoken = self._spoken[node]
        more = [each for each in ("caller", "kwargs", "varargs") if each in spoken and each not in names]
        first_default = len(names) - len(node.defaults)

        def call(*values: Any) -> str:
            inner = Scope(scope)
            for at, (each, value) in enumerate(zip((*names, *more), values, strict=True)):
                if value is missing and at >= first_default:
                    value = self._values.of(node.defaults[at - first_default], inner)
                elif value is missing:
                    value = self._environment.undefined(f"parameter {each!r} was not provided", name=each)
                inner.names[each] = value
            around, self._is_in_macro = self._is_in_macro, isinstance(node, nodes.Macro)
            try:
                with _within_loops():
                    return self._block(node.body, inner)
            finally:
                self._is_in_macro = around

        return Macro(self._environment, call, name, names, "kwargs" in more, "varargs" in more, "caller" in spoken)

    def _call_block(self, node: nodes.CallBlock, scope: Scope, out: list[Piece]) -> None:
        caller = self._macro(node, scope, "caller")
        self._put(self._values.call(node.call, scope, caller=caller), self._span(node), out)

    def _filter_block(self, node: nodes.FilterBlock, scope: Scope, out: list[Piece]) -> None:
        inner = Scope(scope)
        block = self._block(node.body, inner)
        value = str(self._values.piped(node.filter, str(block), inner))
        self._put(kept(block, value), self._span(node), out)

    def _scoped(self, node: Any, scope: Scope, out: list[Piece]) -> None:
        self.run(node.body, Scope(scope), out)

    def _with(self, node: nodes.With, scope: Scope, out: list[Piece]) -> None:
        inner = Scope(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            self._bind(target, self._values.of(value, scope), inner)
        self.run(node.body, inner, out)


def _leave(reason: type[Exception]) -> Callable[[Any, Scope, list[Piece]], None]:
    def leave(_node: Any, _scope: Scope, _out: list[Piece]) -> None:
        raise reason

    return leave


def _unpacked(value: Any, width: int) -> list[Any]:
    if not isinstance(value, Iterable):
        raise TypeError(f"cannot unpack non-iterable {type(value).__name__}")
    parts = [*value]
    if len(parts) != width:
        raise ValueError(f"cannot unpack {len(parts)} values into {width} names")
    return parts
