"""Which columns of `{{ this }}` a model has read while it is compiled: by a macro that queries the table for values."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.rules.dbt import _jinja, _macros
from review.rules.source import Source
from review.rules.trees import NotEvaluated

if TYPE_CHECKING:
    from jinja2 import nodes

READER = "get_column_values"
"""dbt_utils' macro that selects the values of one column (table, column, …)."""


def asked(source: Source) -> Iterator[tuple[int, str]]:
    """Line of the model and column: by its own calls, and by those in the project's macros that it calls."""
    for name, call in _jinja.calls(source):
        if name.rpartition(".")[2] == READER:
            yield from ((call.lineno, column) for column in _column(call, {}))
        elif name and "." not in name:
            yield from ((call.lineno, column) for column in _inside(source, name, call))


def _inside(source: Source, name: str, call: "nodes.Call") -> Iterator[str]:
    """The columns that a macro of the project asks for, called like this."""
    defined = source.dbt.macros.get(name, ())
    if len(defined) != 1 or call.dyn_args is not None or call.dyn_kwargs is not None:
        return
    try:
        others = source.dbt.source(defined[0].path)
        macro = next(each for each in _macros.macros(others) if each.name == name)
    except (NotEvaluated, StopIteration):  # what the macro asks for is then not known, and what the model does is
        return
    given = _given(macro, call)
    for part in macro.body:
        for inner in _macros.every(part, _call()):
            if _jinja.dotted(inner.node).rpartition(".")[2] == READER:
                yield from _column(inner, given)


def _given(macro: "nodes.Macro", call: "nodes.Call") -> "dict[str, nodes.Expr | None]":
    """What each parameter is in this call."""
    parameters = _macros.parameters(macro)
    found = {each.name: each.default for each in parameters}
    found.update({each.name: value for each, value in zip(parameters, call.args, strict=False)})
    found.update({each.key: each.value for each in call.kwargs})
    return found


def _column(call: "nodes.Call", given: "dict[str, nodes.Expr | None]") -> Iterator[str]:
    """The column that is read of `this`; none where either is not certain."""
    from jinja2 import nodes

    named = {each.key: each.value for each in call.kwargs}
    table, column = (
        named.get(name, call.args[at] if at < len(call.args) else None) for at, name in enumerate(("table", "column"))
    )
    if isinstance(column, nodes.Name):
        column = given.get(column.name)
    is_this = isinstance(table, nodes.Name) and table.name == "this"
    if is_this and isinstance(column, nodes.Const) and isinstance(column.value, str) and column.value.isidentifier():
        yield column.value.lower()


def _call() -> "type[nodes.Call]":
    from jinja2 import nodes

    return nodes.Call
