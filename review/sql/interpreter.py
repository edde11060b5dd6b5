"""Jinja's syntax tree, walked: what a template prints and where each piece stands in it, without making code of it.

Jinja turns a template into Python and compiles that, which pays for a page that is served a thousand times. A model is
rendered once or twice, and its compilation was a third of all that our rules took (`tests/bench/rules_ratio.py`). Every
value is still Jinja's own: names are called, attributes read, and filters and tests applied, through the sandboxed
environment; loops and macros are its `LoopContext` and `Macro`. Only the statements are ours.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.compiler import find_undeclared
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import Namespace, missing

Span = tuple[int, int]
"""First offset in the template, and the one behind the last."""

Piece = tuple[str, Span, bool]
"""What was printed, where that stands, and whether the author wrote these very characters."""

NOWHERE = (0, 0)

_BINARY: Mapping[type[nodes.BinExpr], Callable[[Any, Any], Any]] = {
    nodes.Add: operator.add,
    nodes.Sub: operator.sub,
    nodes.Mul: operator.mul,
    nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv,
    nodes.Mod: operator.mod,
    nodes.Pow: operator.pow,
}
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda each, all_: each in all_,
    "notin": lambda each, all_: each not in all_,
}


class _Break(Exception):
    """`{% break %}`."""


class _Continue(Exception):
    """`{% continue %}`."""


class Scope:
    """Names that a part of a template binds; what it does not bind is asked of the part around it."""

    __slots__ = ("names", "outer")

    def __init__(self, outer: "Scope | None" = None, names: "dict[str, Any] | None" = None) -> None:
        self.outer = outer
        self.names: dict[str, Any] = {} if names is None else names


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
        self._find = find
        self._spans = spans or {}
        self._forced = forced or {}
        self._context = Context(environment, {}, None, {})
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
            nodes.ExprStmt: lambda node, scope, _out: self.value(node.node, scope),
            nodes.Scope: lambda node, scope, out: self.run(node.body, Scope(scope), out),
            nodes.ScopedEvalContextModifier: lambda node, scope, out: self.run(node.body, Scope(scope), out),
            nodes.Block: lambda node, scope, out: self.run(node.body, Scope(scope), out),
            nodes.Break: _leave(_Break),
            nodes.Continue: _leave(_Continue),
        }
        self._expressions: dict[type[nodes.Node], Callable[[Any, Scope], Any]] = {
            nodes.Name: self._name,
            nodes.Const: lambda node, _scope: node.value,
            nodes.TemplateData: lambda node, _scope: node.data,
            nodes.Call: self._call,
            nodes.Getattr: lambda node, scope: environment.getattr(self.value(node.node, scope), node.attr),
            nodes.Getitem: self._item,
            nodes.Slice: lambda node, scope: slice(*(self._maybe(each, scope) for each in _ends(node))),
            nodes.Filter: self._filter,
            nodes.Test: self._test,
            nodes.List: lambda node, scope: [self.value(each, scope) for each in node.items],
            nodes.Tuple: lambda node, scope: tuple(self.value(each, scope) for each in node.items),
            nodes.Dict: lambda node, scope: {
                self.value(each.key, scope): self.value(each.value, scope) for each in node.items
            },
            nodes.CondExpr: self._conditional,
            nodes.Concat: lambda node, scope: "".join(str(self.value(each, scope)) for each in node.nodes),
            nodes.Compare: self._compare,
            nodes.And: lambda node, scope: self.value(node.left, scope) and self.value(node.right, scope),
            nodes.Or: lambda node, scope: self.value(node.left, scope) or self.value(node.right, scope),
            nodes.Not: lambda node, scope: not self.value(node.node, scope),
            nodes.Neg: lambda node, scope: -self.value(node.node, scope),
            nodes.Pos: lambda node, scope: +self.value(node.node, scope),
        }

    def printed(self, tree: nodes.Template) -> list[Piece]:
        """What a template prints, piece by piece."""
        out: list[Piece] = []
        self.run(tree.body, Scope(), out)
        return out

    def bound(self, tree: nodes.Template) -> dict[str, Any]:
        """The names that a template binds at its top: its macros, and what it sets."""
        scope = Scope()
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
                out.append((str(self.value(each, scope)), self._span(node), False))

    def _span(self, node: nodes.Node) -> Span:
        return self._spans.get(node, NOWHERE)

    def _text(self, body: Iterable[nodes.Node], scope: Scope) -> str:
        """What statements print, as one text, which stands where it is used."""
        inside: list[Piece] = []
        self.run(body, scope, inside)
        return "".join(text for text, _, _ in inside)

    def _choose(self, node: nodes.If, scope: Scope, out: list[Piece]) -> None:
        forced = self._forced.get(node)
        for at, branch in enumerate((node, *node.elif_)):
            if at == forced if forced is not None else self.value(branch.test, scope):
                return self.run(branch.body, scope, out)
        return self.run(node.else_, scope, out)

    def _loop(self, node: nodes.For, scope: Scope, out: list[Piece]) -> None:
        items = self.value(node.iter, scope)
        self._rounds(node, items, scope, out, depth=0)

    def _rounds(self, node: nodes.For, items: Any, scope: Scope, out: list[Piece], depth: int) -> None:
        def again(reciter: Any, loop_render_func: Any, depth: int = 0) -> str:
            inside: list[Piece] = []
            self._rounds(node, reciter, scope, inside, depth)
            return "".join(text for text, _, _ in inside)

        is_told = node.recursive or "loop" in find_undeclared(node.body, ("loop",))
        items = self._kept(node, items, scope) if node.test is not None else items
        loop = LoopContext(items, self._environment.undefined, again if node.recursive else None, depth)
        is_empty = True
        for each in loop if is_told else items:
            value, context = each if is_told else (each, None)
            inner = Scope(scope, {"loop": context} if is_told else None)
            self._bind(node.target, value, inner)
            try:
                self.run(node.body, inner, out)
            except _Break:
                break
            except _Continue:
                continue
            is_empty = False
        else:
            if is_empty and node.else_:
                self.run(node.else_, Scope(scope), out)

    def _kept(self, node: nodes.For, items: Any, scope: Scope) -> Iterator[Any]:
        """Those for which the loop's own condition holds."""
        for each in items:
            inner = Scope(scope)
            self._bind(node.target, each, inner)
            if node.test is None or self.value(node.test, inner):
                yield each

    def _assign(self, node: nodes.Assign, scope: Scope, _out: list[Piece]) -> None:
        self._bind(node.target, self.value(node.node, scope), scope)

    def _assign_block(self, node: nodes.AssignBlock, scope: Scope, _out: list[Piece]) -> None:
        inner = Scope(scope)
        text: Any = self._text(node.body, inner)
        self._bind(node.target, self._piped(node.filter, text, inner) if node.filter else text, scope)

    def _bind(self, target: nodes.Node, value: Any, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.names[target.name] = value
        elif isinstance(target, nodes.NSRef):
            space = self._named(target.name, scope)
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
        spoken = find_undeclared(node.body, ("caller", "kwargs", "varargs"))
        more = [each for each in ("caller", "kwargs", "varargs") if each in spoken and each not in names]
        first_default = len(names) - len(node.defaults)

        def call(*values: Any) -> str:
            inner = Scope(scope)
            for at, (each, value) in enumerate(zip((*names, *more), values, strict=True)):
                if value is missing and at >= first_default:
                    value = self.value(node.defaults[at - first_default], inner)
                elif value is missing:
                    value = self._environment.undefined(f"parameter {each!r} was not provided", name=each)
                inner.names[each] = value
            return self._text(node.body, inner)

        return Macro(self._environment, call, name, names, "kwargs" in more, "varargs" in more, "caller" in spoken)

    def _call_block(self, node: nodes.CallBlock, scope: Scope, out: list[Piece]) -> None:
        caller = self._macro(node, scope, "caller")
        out.append((str(self._call(node.call, scope, caller=caller)), self._span(node), False))

    def _filter_block(self, node: nodes.FilterBlock, scope: Scope, out: list[Piece]) -> None:
        inner = Scope(scope)
        out.append((str(self._piped(node.filter, self._text(node.body, inner), inner)), self._span(node), False))

    def _with(self, node: nodes.With, scope: Scope, out: list[Piece]) -> None:
        inner = Scope(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            self._bind(target, self.value(value, scope), inner)
        self.run(node.body, inner, out)

    # expressions

    def value(self, node: nodes.Node, scope: Scope) -> Any:
        """That of an expression."""
        binary = _BINARY.get(type(node))  # type: ignore[arg-type]
        if binary is not None and isinstance(node, nodes.BinExpr):
            return binary(self.value(node.left, scope), self.value(node.right, scope))
        return self._expressions[type(node)](node, scope)

    def _maybe(self, node: nodes.Expr | None, scope: Scope) -> Any:
        return None if node is None else self.value(node, scope)

    def _name(self, node: nodes.Name, scope: Scope) -> Any:
        return self._named(node.name, scope)

    def _named(self, name: str, scope: Scope) -> Any:
        at: Scope | None = scope
        while at is not None:
            if name in at.names:
                return at.names[name]
            at = at.outer
        return self._find(name)

    def _call(self, node: nodes.Call, scope: Scope, **more: Any) -> Any:
        called = self.value(node.node, scope)
        args, kwargs = self._arguments(node, scope)
        return self._environment.call(self._context, called, *args, **kwargs, **more)

    def _arguments(
        self, node: nodes.Call | nodes.Filter | nodes.Test, scope: Scope
    ) -> tuple[list[Any], dict[str, Any]]:
        args = [self.value(each, scope) for each in node.args or ()]
        kwargs: dict[str, Any] = {}
        for each in node.kwargs or ():
            kwargs[str(each.key)] = self.value(each.value, scope)
        if node.dyn_args is not None:
            args.extend(self.value(node.dyn_args, scope))
        if node.dyn_kwargs is not None:
            kwargs.update(self.value(node.dyn_kwargs, scope))
        return args, kwargs

    def _item(self, node: nodes.Getitem, scope: Scope) -> Any:
        value = self.value(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            return value[self.value(node.arg, scope)]
        return self._environment.getitem(value, self.value(node.arg, scope))

    def _filter(self, node: nodes.Filter, scope: Scope) -> Any:
        return self._filtered(node, self._maybe(node.node, scope), scope)

    def _piped(self, node: nodes.Filter, text: str, scope: Scope) -> Any:
        """A block's text through its filters, the first of which is the innermost."""
        value = self._piped(node.node, text, scope) if isinstance(node.node, nodes.Filter) else text
        return self._filtered(node, value, scope)

    def _filtered(self, node: nodes.Filter, value: Any, scope: Scope) -> Any:
        args, kwargs = self._arguments(node, scope)
        return self._environment.call_filter(node.name, value, args, kwargs, self._context, self._context.eval_ctx)

    def _test(self, node: nodes.Test, scope: Scope) -> Any:
        value = self.value(node.node, scope)
        args, kwargs = self._arguments(node, scope)
        return self._environment.call_test(node.name, value, args, kwargs, self._context, self._context.eval_ctx)

    def _conditional(self, node: nodes.CondExpr, scope: Scope) -> Any:
        if self.value(node.test, scope):
            return self.value(node.expr1, scope)
        if node.expr2 is not None:
            return self.value(node.expr2, scope)
        return self._environment.undefined(
            "the inline if-expression evaluated to false and no else section was defined."
        )

    def _compare(self, node: nodes.Compare, scope: Scope) -> Any:
        left = self.value(node.expr, scope)
        result: Any = True
        for each in node.ops:
            right = self.value(each.expr, scope)
            result = _COMPARISONS[each.op](left, right)
            if not result:
                return result
            left = right
        return result


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


def _ends(node: nodes.Slice) -> tuple[nodes.Expr | None, nodes.Expr | None, nodes.Expr | None]:
    return node.start, node.stop, node.step
