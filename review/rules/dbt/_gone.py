"""What a change takes away from a dbt project: nodes, sources and macros that were there before it and are not after.

What is not here may have come from a package instead: with packages that bring models, a change that touches the
project's settings or its list of packages is not judged.
"""

from review.rules.dbt._global_macros import GLOBAL_MACROS
from review.rules.project.model import HELPER_PACKAGES, Project
from review.rules.project.nodes import Node
from review.rules.project.uses import PROPERTIES, SQL

SETTINGS = ("dbt_project.yml", "packages.yml", "dependencies.yml", "package-lock.yml")


def nodes(project: Project, path: str) -> list[Node]:
    """The nodes that a file made before the change, enabled then, whose names nothing makes after it."""
    before = project.before
    if before is None or not is_certain(project):
        return []
    return [
        node
        for node in before.nodes_at(path)
        if not is_node(project, node.name) and before.config(node, "enabled") in (None, True, "true", "True")
    ]


def is_node(project: Project, name: str) -> bool:
    """Whether anything makes a node of that name, or may: also a model's version, or a snapshot of a property file."""
    if name in project.all_nodes:
        return True
    entries = project.entries(name, ("models", "snapshots"))
    return any(each.kind == "snapshots" or each.is_versioned for each in entries)


def tables(project: Project, path: str) -> dict[tuple[str, str], int]:
    """Source and table that a file declared before the change, and no file after it → the line of the declaration."""
    before = project.before
    if before is None or not is_certain(project):
        return {}
    still = {(each.source, each.name) for each in project.entries_in(path)}
    declared = {(each.source, each.name): each.line for each in before.entries_in(path) if each.kind == "sources"}
    left = {names: line for names, line in declared.items() if names not in still}
    if not left or project.has_templated_sources:
        return {}
    return {names: line for names, line in left.items() if names not in project.declared_sources}


def is_macro(project: Project, name: str) -> bool:
    """Whether the project or dbt itself defines a macro of that name, or a file that the change leaves there may."""
    return name in project.macros or name in GLOBAL_MACROS or not project.could_be_read(SQL)


def is_certain(project: Project) -> bool:
    """Whether what a change takes away is gone: no package may bring it now, nor a file that cannot be read."""
    prefix = f"{project.root}/" if project.root else ""
    touched = any(f"{prefix}{name}" in project.changed for name in SETTINGS)
    may_be_a_packages = touched and not project.settings.packages <= HELPER_PACKAGES
    return not may_be_a_packages and project.could_be_read((*PROPERTIES, *SQL))
