"""The columns that the nodes of a project give, stars followed through CTEs and refs; None where not all are known."""

import csv
from collections.abc import Callable

from review.rules.project import jinja, sides
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.relations import Relation
from review.rules.source import Source
from review.rules.trees import NotEvaluated

_SQL = (".sql", ".jinja")
SNAPSHOT_COLUMNS = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted")
PLAIN = frozenset({"view", "table", "incremental", "ephemeral", "materialized_view", "dynamic_table", "snapshot"})
"""Materialisations that keep a query's columns as they are; one of a team's own may add some."""


def of_source(source: Source) -> tuple[str, ...] | None:
    """What the file under review gives, in lower case, through whichever branch of its template.

    Raises NotEvaluated where it cannot be rendered or parsed.
    """
    first = _names(source)
    found = dict.fromkeys(first or ())
    for branch, _ in source.branches if first is not None else ():
        try:
            names = _names(branch)
        except NotEvaluated:  # then it may give others
            return None
        if names is None:
            return None
        found.update(dict.fromkeys(names))
    return tuple(found) if first is not None else None


def of_file(source: Source) -> tuple[str, ...] | None:
    """`of_source` of the model or snapshot under review, with what dbt adds; None where more may be added."""
    node = source.dbt.node_at(source.path)
    return _with_added(source.dbt, node, of_source(source)) if node is not None else None


def outputs(project: Project, name: str) -> tuple[str, ...] | None:
    """The columns of the node of that name; None where they are not known, or there is no such node here."""
    node = project.node(name)
    if node is None:
        return None
    sides.adopt(project, name)
    if node.kind == "seed":
        return project.work.once(name, lambda: _of_seed(project, node))
    if not node.path.lower().endswith(_SQL):
        return None
    return project.work.of(name, lambda: _worked_out(project, node))


def _worked_out(project: Project, node: Node) -> tuple[str, ...] | None:
    """The columns of a model or snapshot, by what can be told of its parents now: nothing of that is kept."""
    try:
        source = project.source(node.path)
    except NotEvaluated:
        return None
    source.forget_project_queries()
    try:
        return _with_added(project, node, of_source(source))
    except NotEvaluated:
        return None
    finally:
        source.forget_project_queries()


def model_of(source: Source, relation: Relation) -> Node | None:
    """The node of the project that a relation stands for: a template prints its name, as `ref` does."""
    if not relation.table or "." in relation.table or source.sql.is_literal(relation.node):  # type: ignore[arg-type]
        return None
    name = _printed(relation)
    return None if _may_be_a_source(source, name) else source.dbt.node(name)


def _may_be_a_source(source: Source, name: str) -> bool:
    """Whether a source of the file prints this name, `shop_orders` for `source('shop', 'orders')`: it may be a model's
    name as well.

    That is one of its own text, or, in a macro that it calls, any that is declared, where it does not ref the name.
    """
    own, reffed = source.derived("references", lambda: _references(source))
    if name in own:
        return True
    if name in reffed or source.dbt.node(name) is None:
        return False
    cuts = (at for at, sign in enumerate(name) if sign == "_")
    return any((name[:at], name[at + 1 :]) in source.dbt.declared_sources for at in cuts)


def _references(source: Source) -> tuple[frozenset[str], frozenset[str]]:
    """What the sources of a file's own text print, and the nodes that it refs."""
    try:
        found = jinja.references(source.jinja)
    except NotEvaluated:
        found = ()
    own = frozenset("_".join(each.names) for each in found if each.is_source)
    return own, frozenset(each.name for each in found if not each.is_source)


def known_columns(source: Source) -> Callable[[Relation], tuple[str, ...] | None]:
    """For `Queries`: the columns of what a relation of this file refs."""

    def known(relation: Relation) -> tuple[str, ...] | None:
        node = model_of(source, relation)
        return outputs(source.dbt, node.name) if node is not None and node.path != source.path else None

    return known


def _of_seed(project: Project, node: Node) -> tuple[str, ...] | None:
    """The names in a seed's first line; None where that was not read, or is not plainly a line of names."""
    heading = project.heading(node)
    if heading is None or project.config(node, "delimiter") is not None:
        return None
    try:
        names = [name.strip().lower() for name in next(csv.reader([heading], strict=True), [])]
    except csv.Error:
        return None
    is_plain = len(set(names)) == len(names) and all(name.isidentifier() for name in names)
    return tuple(names) if names and is_plain else None


def _names(source: Source) -> tuple[str, ...] | None:
    found = source.project_queries
    final = found.final
    if final is None or len([each for each in source.sql.statements if each.key != "semicolon"]) > 1:
        return None
    columns, is_complete = found.outputs(final)
    names = tuple(column.name for column in columns)
    return names if is_complete and all(names) else None


def _with_added(project: Project, node: Node, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if names is None or node.kind == "snapshot":
        return (*names, *SNAPSHOT_COLUMNS) if names is not None else None
    return names if project.config(node, "materialized") in (None, *PLAIN) else None


def _printed(relation: Relation) -> str:
    """The name in its own letters: a model's name is of one case, and SQL's are not."""
    return str(relation.node.name)
