"""The ways through a template's branches that its first rendering did not take."""

from collections.abc import Iterable, Iterator

from jinja2 import nodes

from review.sql.interpreter import SCOPED
from review.sql.pieces import Placed
from review.sql.printed import Span

_BODIES = (
    *SCOPED,
    *(nodes.With, nodes.AssignBlock, nodes.CallBlock, nodes.FilterBlock),
)
"""What prints where it stands, or what was written there where it is printed."""

Way = dict[nodes.Node, int]
"""Of an `if`, which of its branches is taken: 0 its own, then each `elif`, then `else`."""


def ways(tree: Placed, left_out: Iterable[Span]) -> Iterator[Way]:
    """For each run of text that was left out the way that leads to it, in the order of the text, each way once.

    To what stands in no branch, as in a macro or a loop of no rounds, no way leads.
    """
    wanted = {*left_out}
    seen: set[frozenset[tuple[nodes.Node, int]]] = set()
    for output, way in _outputs(tree.tree.body, {}):
        key = frozenset(way.items())
        if way and tree.spans.get(output) in wanted and key not in seen:
            seen.add(key)
            yield way


def _outputs(body: Iterable[nodes.Node], way: Way) -> Iterator[tuple[nodes.Output, Way]]:
    """Everything that prints where it stands, with the way to it."""
    for node in body:
        if isinstance(node, nodes.Output):
            yield node, way
        elif isinstance(node, nodes.If):
            for at, branch in enumerate((node.body, *(each.body for each in node.elif_), node.else_)):
                yield from _outputs(branch, {**way, node: at})
        elif isinstance(node, nodes.For):
            yield from _outputs([*node.body, *node.else_], way)
        elif isinstance(node, _BODIES):
            yield from _outputs(node.body, way)
