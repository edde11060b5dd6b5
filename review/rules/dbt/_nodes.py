"""What rules say of the nodes of a project."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import TYPE_CHECKING

from review.rules.project import columns
from review.rules.project.model import Project
from review.rules.project.properties import NODES, Entry
from review.rules.trees import NotEvaluated, template

if TYPE_CHECKING:
    import yaml


def known_columns(project: Project, entry: Entry) -> frozenset[str] | None:
    """The columns of the model, seed or snapshot that an entry speaks of; None where not all are known."""
    if entry.kind not in NODES or entry.is_versioned:
        return None
    found = columns.outputs(project, entry.name)
    return frozenset(found) if found is not None else None


def plain(name: str) -> str:
    """A column's name as it is compared: without quotes and fields, in lower case."""
    return name.strip('"`[] ').partition(".")[0].lower()


def is_named(name: str) -> bool:
    """Whether a property file names a column there: no expression, as tests of some packages take for one."""
    return not set(name) & set("(){}'|")


def alike(name: str, known: frozenset[str], entry: Entry | None = None) -> str:
    """A clause that names the column that is meant, where one is nearly called so; else empty.

    A column that `entry` has documented already is not what another of its names means.
    """
    told = {plain(column.name) for column in entry.columns} if entry is not None else set()
    close = get_close_matches(plain(name), sorted(known), 1, 0.75)
    return f" Perhaps `{close[0]}` is meant." if close and close[0] not in told else ""


def listed(names: Collection[str], most: int) -> str:
    """`a`, `b` and 2 more."""
    shown = ", ".join(f"`{name}`" for name in list(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def is_written_in(entry: Entry, node: "yaml.Node") -> bool:
    """Whether a part of an entry stands on its own lines, and is not brought in by a YAML alias from elsewhere."""
    return bool(entry.node.start_mark.index <= node.start_mark.index < entry.node.end_mark.index)


def given_before(project: Project, entry: Entry) -> frozenset[str]:
    """The columns that the node's file, which the change touches, gave before it; nothing where that is not known."""
    node = project.node(entry.name)
    if project.before is None or node is None or node.path not in project.changed:
        return frozenset()
    return known_columns(project.before, entry) or frozenset()


def stem(path: str) -> str:
    """The model's name by its file's."""
    return path.rpartition("/")[2].partition(".")[0]


def ref_of(text: str) -> str:
    """The model of `ref('orders')`, as property files write it; empty for anything else."""
    from review.rules.project.jinja import references

    try:
        found = references(template(f"{{{{ {text} }}}}" if "{{" not in text else text))
    except NotEvaluated:
        return ""
    return found[0].name if len(found) == 1 and not found[0].is_source else ""
