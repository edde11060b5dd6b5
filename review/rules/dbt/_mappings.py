"""Every mapping of a dbt YAML file, with what it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.rules import _yaml
from review.rules.source import Source

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True)
class Place:
    """One mapping and where it stands."""

    node: "yaml.Node"
    owner: str
    """The `name:` of the innermost entry around it; empty where there is none."""
    key: str
    """The key that it, or the list it is in, is the value of; empty at the top."""


def mappings(source: Source) -> Iterator[Place]:
    """Each mapping once, in no order that matters; an alias of a node is not looked into again."""
    import yaml

    pending: list[tuple[yaml.Node, str, str]] = [] if source.yaml is None else [(source.yaml, "", "")]
    seen: set[int] = set()
    while pending:
        node, owner, key = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending.extend((entry, owner, key) for entry in node.value)
        elif isinstance(node, yaml.MappingNode):
            owner = _yaml.scalar(_yaml.get(node, "name")) or owner
            yield Place(node, owner, key)
            pending.extend((value, owner, name) for name, _, value in _yaml.pairs(node))
