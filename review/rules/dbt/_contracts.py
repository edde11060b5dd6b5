"""Models whose contract dbt enforces: their columns and types are compared with what is declared before they are built.

A contract that `dbt_project.yml` gives to a whole folder is not seen.
"""

from collections.abc import Iterator

from review.rules import _yaml
from review.rules.dbt import _jinja
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.project.properties import Entry
from review.rules.source import Source
from review.rules.trees import NotEvaluated

BUILT = (None, "view", "table", "incremental")
"""The materialisations whose contracts dbt enforces."""

ON = (None, True, "true", "True")
"""What `enabled` may be for a model that is there."""

_SQL = (".sql", ".jinja")


def entry_of(project: Project, node: Node) -> Entry | None:
    """The only entry of a model whose contract is enforced, in its own file or in that entry; else None."""
    entries = project.entries(node.name, ("models",)) if node.kind == "model" else ()
    if len(entries) != 1 or entries[0].is_versioned or not node.path.lower().endswith(_SQL):
        return None
    try:
        source = project.source(node.path)
        settings = _jinja.config(source)
        is_on = project.config(node, "materialized") in BUILT and project.config(node, "enabled") in ON
    except NotEvaluated:
        return None
    is_enforced = _is_enforced_here(source) if "contract" in settings else _is_enforced_in(entries[0])
    return entries[0] if is_on and is_enforced else None


def spoken_of(source: Source) -> Iterator[tuple[Node, Entry]]:
    """The models with an enforced contract that a property file speaks of."""
    project = source.dbt
    for entry in project.entries_in(source.path):
        node = project.node(entry.name) if entry.kind == "models" else None
        if node is not None and _may_be_enforced(project, node, entry) and entry_of(project, node) == entry:
            yield node, entry


def _may_be_enforced(project: Project, node: Node, entry: Entry) -> bool:
    """What is quickly asked: `entry_of` goes through all property files."""
    try:
        return _is_enforced_in(entry) or "contract" in project.source(node.path).text
    except NotEvaluated:
        return False


def _is_enforced_in(entry: Entry) -> bool:
    """Whether the model's properties enforce its contract."""
    said = _yaml.get(_yaml.get(_yaml.get(entry.node, "config"), "contract"), "enforced")
    return (_yaml.scalar(said) or "").lower() == "true"


def _is_enforced_here(source: Source) -> bool:
    """Whether `config(contract={'enforced': true})` stands in the model."""
    from jinja2 import nodes

    given = [pair for name, call in _jinja.calls(source) if name == "config" for pair in call.kwargs]
    said = [
        pair.value
        for each in given
        if each.key == "contract" and isinstance(each.value, nodes.Dict)
        for pair in each.value.items
        if isinstance(pair.key, nodes.Const) and pair.key.value == "enforced"
    ]
    return len(said) == 1 and isinstance(said[0], nodes.Const) and said[0].value is True
