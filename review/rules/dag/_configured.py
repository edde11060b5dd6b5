"""DAGs that a YAML file sets up: each mapping that has `default_args`, as gusty, dag-factory and the like read it.

The file's nodes are looked at as they are composed: custom tags (`!days_ago 1`) are left alone, an alias is its anchor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.rules._yaml import line, pairs

if TYPE_CHECKING:
    import yaml

_MAX_DEPTH = 4
"""As deep as `review.artifacts.yaml_file` looks for what makes the file one of a DAG."""


@dataclass(frozen=True)
class Setting:
    """One key of a mapping."""

    key: str
    line: int
    value: "yaml.Node"


@dataclass(frozen=True)
class Configured:
    """One mapping with `default_args`; what a DAG is given itself stands beside them."""

    name: str
    """The key that the mapping is the value of: the DAG's name, `default`; empty at the top of the file."""
    own: tuple[Setting, ...]
    default_args: tuple[Setting, ...]

    def default(self, key: str) -> Setting | None:
        """The entry of `default_args` with this key."""
        return next((each for each in self.default_args if each.key == key), None)

    def has(self, *keys: str) -> bool:
        """Whether the DAG itself is given one of these."""
        return any(each.key in keys for each in self.own)


def configured(root: "yaml.Node | None") -> Iterator[Configured]:
    """Each such mapping of a file once, the outer before the inner."""
    seen: set[int] = set()
    level: list[tuple[str, yaml.Node]] = [("", root)] if root is not None else []
    for _ in range(_MAX_DEPTH):
        below: list[tuple[str, yaml.Node]] = []
        for name, node in level:
            if id(node) in seen:
                continue
            seen.add(id(node))
            own = settings(node)
            below.extend((each.key, each.value) for each in own)
            given = next((each.value for each in own if each.key == "default_args"), None)
            if given is not None and id(given) not in seen:
                seen.add(id(given))
                yield Configured(name, own, settings(given))
        level = below


def with_shared_defaults(root: "yaml.Node | None") -> Iterator[tuple[str, tuple[Setting, ...]]]:
    """Name and entries of each DAG that has its `default_args` from `default` at the top, as dag-factory gives them."""
    top = settings(root)
    if not any(each.key == "default" for each in top):
        return
    for each in top:
        own = settings(each.value)
        if each.key != "default" and not any(entry.key == "default_args" for entry in own):
            yield each.key, own


def settings(node: "yaml.Node | None") -> tuple[Setting, ...]:
    """The entries of a mapping; nothing of any other node."""
    return tuple(Setting(key, line(name), value) for key, name, value in pairs(node))


def is_false(node: "yaml.Node") -> bool:
    """Whether a scalar is false to YAML 1.1: `False`, `no`, `off`; not the text `"False"`."""
    import yaml

    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":bool") and node.value.lower() in _FALSE


_FALSE = frozenset({"false", "no", "off"})
