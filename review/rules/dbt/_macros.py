"""Macros as their Jinja says: parameters with their defaults, and what the body reads and returns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from review.rules.dbt import _jinja
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

Node = TypeVar("Node", bound="nodes.Node")

RAISING = frozenset({"exceptions.raise_compiler_error", "exceptions.raise_not_implemented", "raise_compiler_error"})


@dataclass(frozen=True)
class Parameter:
    """One parameter of a macro."""

    name: str
    default: "nodes.Expr | None"
    line: int


def macros(source: Source) -> "Iterator[nodes.Macro]":
    """The macros and generic tests of a file; a `{% test x %}` is a macro named `test_x`."""
    from jinja2 import nodes

    yield from source.jinja.find_all(nodes.Macro)


def parameters(macro: "nodes.Macro") -> list[Parameter]:
    """The parameters in their order; defaults belong to the last of them."""
    without = len(macro.args) - len(macro.defaults)
    return [
        Parameter(arg.name, macro.defaults[at - without] if at >= without else None, arg.lineno)
        for at, arg in enumerate(macro.args)
    ]


def reads(macro: "nodes.Macro") -> set[str]:
    """Every name that the body reads."""
    from jinja2 import nodes

    return {name.name for part in macro.body for name in every(part, nodes.Name) if name.ctx == "load"} | {
        node.name for part in macro.body for node in part.find_all(nodes.NSRef)
    }


def every(node: "nodes.Node", kind: type[Node]) -> Iterator[Node]:
    """The node itself, if it is of that kind, and all below it that are."""
    if isinstance(node, kind):
        yield node
    yield from node.find_all(kind)


def returns(node: "nodes.Node") -> bool:
    """Whether a node, by itself, leaves the macro: `{% do return(x) %}`, `{{ return(x) }}`, or an error raised."""
    from jinja2 import nodes

    expressions = [node.node] if isinstance(node, nodes.ExprStmt) else getattr(node, "nodes", [])
    return any(
        isinstance(each, nodes.Call) and (_jinja.dotted(each.node) == "return" or _jinja.dotted(each.node) in RAISING)
        for each in expressions
    )
