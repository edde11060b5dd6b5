"""Small questions about YAML nodes that rules ask."""

from collections.abc import Iterator

import yaml


def pairs(node: yaml.Node | None) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """Key, key node and value node of each entry of a mapping; nothing for any other node."""
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(key.value, key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def get(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a mapping's key, or None."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key and isinstance(name, yaml.ScalarNode):
                found: yaml.Node = value
                return found
    return None


def items(node: yaml.Node | None) -> list[yaml.Node]:
    """The entries of a sequence; nothing for any other node."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def scalar(node: yaml.Node | None) -> str | None:
    """The text of a scalar, or None."""
    return node.value if isinstance(node, yaml.ScalarNode) else None


def line(node: yaml.Node) -> int:
    """1-based line on which the node begins."""
    return int(node.start_mark.line) + 1


def last_line(node: yaml.Node) -> int:
    """1-based line on which the node's last scalar ends; libyaml ends a block only where the next thing begins."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return last_line(node.value[-1])
    end = node.end_mark
    return int(end.line) + (1 if end.column else 0)


def descend(node: yaml.Node | None, *path: str) -> Iterator[yaml.Node]:
    """Every node at a path of keys, sequences gone through: `descend(root, "models", "columns")` gives the columns."""
    if node is None:
        return
    if not path:
        yield from items(node) or [node]
        return
    for entry in items(node) or [node]:
        yield from descend(get(entry, path[0]), *path[1:])


def is_alike(one: yaml.Node, other: yaml.Node) -> bool:
    """Whether two nodes hold the same, wherever that stands: what an alias brings in counts."""
    pending, seen = [(one, other)], set[tuple[int, int]]()
    while pending:
        left, right = pending.pop()
        if (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        if type(left) is not type(right) or left.tag != right.tag:
            return False
        if isinstance(left, yaml.ScalarNode):
            if left.value != right.value:
                return False
            continue
        parts = [
            [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
            for node in (left, right)
        ]
        if len(parts[0]) != len(parts[1]):
            return False
        pending += zip(*parts, strict=True)
    return True
