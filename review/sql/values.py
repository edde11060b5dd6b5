"""What Jinja's expressions are worth: names, calls, attributes, filters and tests, all by its own environment."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

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


class Scope:
    """Names that a part of a template binds; what it does not bind is asked of the part around it."""

    __slots__ = ("names", "outer")

    def __init__(self, outer: "Scope | None" = None, names: "dict[str, Any] | None" = None) -> None:
        self.outer = outer
        self.names: dict[str, Any] = {} if names is None else names


class Values:
    """The values of one template's expressions. `find` gives that of a name which the template itself does not bind."""

    def __init__(self, environment: SandboxedEnvironment, find: Callable[[str], Any]) -> None:
        self.environment = environment
        self._find = find
        self._context = Context(environment, {}, None, {})
        self._expressions: dict[type[nodes.Node], Callable[[Any, Scope], Any]] = {
            nodes.Name: self._name,
            nodes.Const: lambda node, _scope: node.value,
            nodes.TemplateData: lambda node, _scope: node.data,
            nodes.Call: self.call,
            nodes.Getattr: lambda node, scope: environment.getattr(self.of(node.node, scope), node.attr),
            nodes.Getitem: self._item,
            nodes.Slice: lambda node, scope: slice(*(self._maybe(each, scope) for each in _ends(node))),
            nodes.Filter: self._filter,
            nodes.Test: self._test,
            nodes.List: lambda node, scope: [self.of(each, scope) for each in node.items],
            nodes.Tuple: lambda node, scope: tuple(self.of(each, scope) for each in node.items),
            nodes.Dict: lambda node, scope: {
                self.of(each.key, scope): self.of(each.value, scope) for each in node.items
            },
            nodes.CondExpr: self._conditional,
            nodes.Concat: lambda node, scope: "".join(str(self.of(each, scope)) for each in node.nodes),
            nodes.Compare: self._compare,
            nodes.And: lambda node, scope: self.of(node.left, scope) and self.of(node.right, scope),
            nodes.Or: lambda node, scope: self.of(node.left, scope) or self.of(node.right, scope),
            nodes.Not: lambda node, scope: not self.of(node.node, scope),
            nodes.Neg: lambda node, scope: -self.of(node.node, scope),
            nodes.Pos: lambda node, scope: +self.of(node.node, scope),
        }

    def of(self, node: nodes.Node, scope: Scope) -> Any:
        """The value of an expression."""
        binary = _BINARY.get(type(node))  # type: ignore[arg-type]
        if binary is not None and isinstance(node, nodes.BinExpr):
            return binary(self.of(node.left, scope), self.of(node.right, scope))
        return self._expressions[type(node)](node, scope)

    def _maybe(self, node: nodes.Expr | None, scope: Scope) -> Any:
        return None if node is None else self.of(node, scope)

    def _name(self, node: nodes.Name, scope: Scope) -> Any:
        return self.named(node.name, scope)

    def named(self, name: str, scope: Scope) -> Any:
        """The value of a name."""
        at: Scope | None = scope
        while at is not None:
            if name in at.names:
                return at.names[name]
            at = at.outer
        return self._find(name)

    def call(self, node: nodes.Call, scope: Scope, **more: Any) -> Any:
        """What a call gives, with `more` arguments."""
        called = self.of(node.node, scope)
        args, kwargs = self._arguments(node, scope)
        return self.environment.call(self._context, called, *args, **kwargs, **more)

    def _arguments(
        self, node: nodes.Call | nodes.Filter | nodes.Test, scope: Scope
    ) -> tuple[list[Any], dict[str, Any]]:
        args = [self.of(each, scope) for each in node.args or ()]
        kwargs: dict[str, Any] = {}
        for each in node.kwargs or ():
            kwargs[str(each.key)] = self.of(each.value, scope)
        if node.dyn_args is not None:
            args.extend(self.of(node.dyn_args, scope))
        if node.dyn_kwargs is not None:
            kwargs.update(self.of(node.dyn_kwargs, scope))
        return args, kwargs

    def _item(self, node: nodes.Getitem, scope: Scope) -> Any:
        value = self.of(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            return value[self.of(node.arg, scope)]
        return self.environment.getitem(value, self.of(node.arg, scope))

    def _filter(self, node: nodes.Filter, scope: Scope) -> Any:
        return self._filtered(node, self._maybe(node.node, scope), scope)

    def piped(self, node: nodes.Filter, text: str, scope: Scope) -> Any:
        """A block's text through its filters, the first of which is the innermost."""
        value = self.piped(node.node, text, scope) if isinstance(node.node, nodes.Filter) else text
        return self._filtered(node, value, scope)

    def _filtered(self, node: nodes.Filter, value: Any, scope: Scope) -> Any:
        args, kwargs = self._arguments(node, scope)
        return self.environment.call_filter(node.name, value, args, kwargs, self._context, self._context.eval_ctx)

    def _test(self, node: nodes.Test, scope: Scope) -> Any:
        value = self.of(node.node, scope)
        args, kwargs = self._arguments(node, scope)
        return self.environment.call_test(node.name, value, args, kwargs, self._context, self._context.eval_ctx)

    def _conditional(self, node: nodes.CondExpr, scope: Scope) -> Any:
        if self.of(node.test, scope):
            return self.of(node.expr1, scope)
        if node.expr2 is not None:
            return self.of(node.expr2, scope)
        return self.environment.undefined(
            "the inline if-expression evaluated to false and no else section was defined."
        )

    def _compare(self, node: nodes.Compare, scope: Scope) -> Any:
        left = self.of(node.expr, scope)
        result: Any = True
        for each in node.ops:
            right = self.of(each.expr, scope)
            result = _COMPARISONS[each.op](left, right)
            if not result:
                return result
            left = right
        return result


def _ends(node: nodes.Slice) -> tuple[nodes.Expr | None, nodes.Expr | None, nodes.Expr | None]:
    return node.start, node.stop, node.step
