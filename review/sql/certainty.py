"""Whether a template's branches and loops hang on nothing but what is written in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import nodes

KNOWN = frozenset({"loop", "range", "dict", "namespace", "zip", "true", "false", "none", "null"})
"""Names that mean the same in every run."""

_APART = (nodes.Macro, nodes.CallBlock)
"""What prints where it is called."""


@dataclass(frozen=True)
class Certainty:
    """What a template says itself, whatever a run knows."""

    is_certain: bool
    """Whether each test of an `if` and each list of a `for` outside of macros is made of constants alone.

    Then every run goes through the template as ours did.
    """
    open: frozenset[nodes.Node]
    """What prints something that is not made of constants alone."""


def certainty(tree: nodes.Template) -> Certainty:
    """The same of its tree."""
    every = [*_statements(tree.body)]
    printed = [node for node in every if isinstance(node, nodes.Output)]
    decided = [node for node in every if isinstance(node, (nodes.If, nodes.For))]
    known = KNOWN if len(printed) == len(every) else _constants(tree) | KNOWN
    asked = (part for node in decided for part in _asked(node))
    return Certainty(
        all(_is_constant(part, known) for part in asked),
        frozenset(node for node in printed if not _is_constant(node, known)),
    )


def _statements(body: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    for node in body:
        if isinstance(node, nodes.Stmt) and not isinstance(node, _APART):
            yield node
            yield from _statements(node.iter_child_nodes())


def _asked(node: nodes.If | nodes.For) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.If):
        yield node.test
        return
    yield node.iter
    if node.test is not None:
        yield node.test


def _constants(tree: nodes.Template) -> frozenset[str]:
    """The names that are bound to constants wherever the template binds or changes them."""
    bound = _bound(tree)
    users: dict[str, list[str]] = {}
    pending = [name for name, values in bound.items() if None in values]
    for name, values in bound.items():
        for used in {each.name for value in values if value is not None for each in _names(value)} - KNOWN:
            users.setdefault(used, []).append(name)
    pending += [name for used in users.keys() - bound.keys() for name in users[used]]
    unsure: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in unsure:
            unsure.add(name)
            pending += users.get(name, ())
    return frozenset(bound) - unsure


def _bound(tree: nodes.Template) -> dict[str, list[nodes.Node | None]]:
    """Name → all that it is made of; None for what cannot be told, as for a block, or a name beyond its loop."""
    bound: dict[str, list[nodes.Node | None]] = {}
    of_loops: dict[str, set[int]] = {}
    for node in tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.For, nodes.Macro, nodes.CallBlock, nodes.With)):
        value = node.node if isinstance(node, nodes.Assign) else node.iter if isinstance(node, nodes.For) else None
        target = node.target if isinstance(node, (nodes.Assign, nodes.AssignBlock, nodes.For)) else node
        for name in _names(target):
            if name.ctx in ("store", "param"):
                bound.setdefault(name.name, []).append(value)
                if isinstance(node, nodes.For):
                    inside = {id(each) for part in (*node.body, node.test) if part is not None for each in _names(part)}
                    of_loops.setdefault(name.name, set()).update(inside)
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in of_loops and id(name) not in of_loops[name.name]:
            bound[name.name].append(None)
    for statement in tree.find_all(nodes.ExprStmt):  # `do names.append(…)`
        for name in _names(statement.node):
            if name.name in bound:
                bound[name.name].append(statement.node)
    return bound


def _names(node: nodes.Node) -> Iterator[nodes.Name]:
    return iter([node]) if isinstance(node, nodes.Name) else node.find_all(nodes.Name)


def _is_constant(node: nodes.Node, known: frozenset[str]) -> bool:
    return all(name.name in known for name in _names(node))
