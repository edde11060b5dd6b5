"""What is the same before and after a change, of a project of which both sides are known."""

from review.rules import _yaml
from review.rules.project.model import PROPERTIES, Project
from review.rules.project.properties import Entry


def is_settled(project: Project, entry: Entry) -> bool:
    """Whether an entry stands in its file word for word on both sides, of a node that no change can have reached.

    So what is wrong with it was wrong before. False where that is not known.
    """
    other = project.other
    if other is None:
        return False
    said = project.said(entry)
    is_there = other.is_read(entry.path)
    paths = [entry.path] if is_there else [path for path, text in other.ending(PROPERTIES) if said in text]
    return any(
        other.said(each) == said and ("*" not in said or _yaml.is_alike(each.node, entry.node))
        for path in paths
        for each in other.entries_in(path)
        if (each.kind, each.name) == (entry.kind, entry.name)
    ) and gives_the_same(project, entry.name)


def is_untouched(project: Project, name: str) -> bool:
    """Whether neither a node nor anything that it may be made of is touched. False where that is not known."""
    return project.lineage is not None and project.lineage.is_same(name)


def gives_the_same(project: Project, name: str) -> bool:
    """Whether a node gives the same columns, or none that are known, on both sides. False where that is not known.

    Of a node that is touched they are worked out.
    """
    return project.lineage is not None and project.lineage.is_same(name, lambda each: _gave_the_same(project, each))


def _gave_the_same(project: Project, name: str) -> bool:
    """The same of a node that is touched itself, by its columns; False where a limit kept them from being told."""
    from review.rules.project.columns import outputs

    other = project.other
    if other is None or project.node(name) is None or other.node(name) is None:
        return False
    same = outputs(other, name) == outputs(project, name)
    return same and project.work.knows(name) and other.work.knows(name)


def adopt(project: Project, name: str) -> None:
    """Take what is known of a node's columns from the other side, where they can be no others."""
    other = project.other
    if other is not None and not project.work.knows(name) and other.work.knows(name) and is_untouched(project, name):
        project.work.adopt(name, other.work)
