"""What a snapshot's settings say, wherever dbt takes them from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.rules import _yaml
from review.rules.dbt import _jinja
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.source import Source

if TYPE_CHECKING:
    import yaml
    from jinja2 import nodes


@dataclass(frozen=True)
class Snapshot:
    """The only snapshot of a file and its own `config(…)`."""

    node: Node
    settings: dict[str, tuple[Any, int]]
    """Setting → its value where it is a constant (else None), and its line."""
    elsewhere: frozenset[str]
    """The settings that property files or `dbt_project.yml` give it, or may."""

    def has(self, name: str) -> bool:
        """Whether the setting is made anywhere."""
        return name in self.settings or name in self.elsewhere

    def constant(self, name: str) -> Any:
        """Its value where the file itself gives it and it is a constant; else None."""
        return self.settings.get(name, (None, 0))[0]

    @property
    def line(self) -> int:
        """Where its settings begin, or the snapshot does."""
        return min((line for _, line in self.settings.values()), default=self.node.line)


def only(source: Source) -> Snapshot | None:
    """The snapshot of a file with one; None where there are several, or its settings are not all written out."""
    project = source.dbt
    node = project.node_at(source.path)
    calls = [call for name, call in _jinja.calls(source) if name == "config"]
    if node is None or node.kind != "snapshot" or not all(map(_is_written_out, calls)) or _depends(source):
        return None
    return Snapshot(node, _jinja.config(source), frozenset(_elsewhere(project, node)))


def _is_written_out(call: "nodes.Call") -> bool:
    from jinja2 import nodes

    return not call.dyn_kwargs and not call.dyn_args and all(isinstance(each, nodes.Dict) for each in call.args)


def _depends(source: Source) -> bool:
    """Whether a condition decides which settings hold."""
    from jinja2 import nodes

    calls = (call for each in source.jinja.find_all(nodes.If) for call in each.find_all(nodes.Call))
    return any(isinstance(call.node, nodes.Name) and call.node.name == "config" for call in calls)


def _elsewhere(project: Project, node: Node) -> Iterator[str]:
    for entry in project.entries(node.name, ("snapshots",)):
        yield from (name for name, _, _ in _yaml.pairs(_yaml.get(entry.node, "config")))
    yield from _keys(_yaml.get(project.settings.project, "snapshots"))


def _keys(root: "yaml.Node | None") -> Iterator[str]:
    """Every key at any depth below, without the plus that marks settings."""
    pending = [] if root is None else [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen.add(id(node))
            for name, _, value in _yaml.pairs(node):
                yield name.removeprefix("+")
                pending.append(value)
