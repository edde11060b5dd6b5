"""What tells the rows of a node apart, as its own tests say, and which relation of a query is such a node."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from review.rules.project import columns
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.project.properties import Entry, Test
from review.rules.queries import Queries, Query
from review.rules.relations import Relation
from review.rules.source import Source

_MAX_STEPS = 10


@dataclass(frozen=True)
class Rows:
    """A relation of a query that has the rows of one node, or some of them, each once."""

    node: Node
    names: dict[str, str] | None
    """Column of the relation → column of the node; None where they are called alike."""
    fixed: frozenset[str]
    """Columns of the node that a filter sets to one value."""

    def column(self, name: str) -> str:
        """The node's column behind one of the relation's; empty for one that is worked out."""
        return name if self.names is None else self.names.get(name, "")


def keys(project: Project, name: str) -> tuple[frozenset[str], ...]:
    """The sets of columns that unconditional tests of a node say are unique, in lower case."""
    return tuple(dict.fromkeys(key for entry in project.entries(name) for key in _keys(entry)))


def _keys(entry: Entry) -> Iterator[frozenset[str]]:
    for column in entry.columns:
        if any(test.name == "unique" and _is_of_all_rows(test) for test in column.tests):
            yield frozenset({column.name.lower()})
    for test in entry.tests:
        if test.unique_columns and _is_of_all_rows(test):
            yield frozenset(node.value.strip('"`').lower() for node in test.unique_columns)


def _is_of_all_rows(test: Test) -> bool:
    return test.setting("where") is None and test.setting("row_condition") is None


def rows_of(source: Source, queries: Queries, relation: Relation) -> Rows | None:
    """The node whose rows a relation has, through CTEs that only choose columns and filter; None for anything else."""
    filters: list[Query] = []
    named: list[dict[str, str] | None] = []
    for _ in range(_MAX_STEPS):
        node = columns.model_of(source, relation) if relation.body is None else None
        if node is not None:
            return _rows(node, filters, named)
        query = queries.of(relation.body) if isinstance(relation.body, exp.Select) else None
        if query is None or not _keeps_rows(query):
            return None
        filters.append(query)
        named.append(_names(query))
        relation = query.relations[0]
    return None


def _keeps_rows(query: Query) -> bool:
    """Whether a query gives each row that it reads once or not at all."""
    select = query.select
    return (
        len(query.relations) == 1
        and not (query.groups or query.distinct or query.qualify or query.having)
        and not any(select.args.get(each) for each in ("limit", "laterals", "pivots"))
        and not any(
            isinstance(each.unalias(), exp.AggFunc) for each in select.expressions if isinstance(each, exp.Alias)
        )
    )


def _names(query: Query) -> dict[str, str] | None:
    """Column → column of what is read; None for a bare star."""
    only = query.select.expressions
    if len(only) == 1 and isinstance(only[0], exp.Star) and not only[0].args.get("rename"):
        return None
    return {output.name: output.column for output in query.outputs if output.relation is query.relations[0]}


def _rows(node: Node, filters: list[Query], named: list[dict[str, str] | None]) -> Rows | None:
    fixed: set[str] = set()
    for at, query in enumerate(filters):
        below = named[at + 1 :]
        for condition in query.where:
            for name in _set_to_one(condition):
                inside = _through(name, below)
                if not inside:
                    return None
                fixed.add(inside)
    whole: dict[str, str] | None = None
    for step in named:
        if step is None:
            continue
        whole = dict(step) if whole is None else {name: step[inner] for name, inner in whole.items() if inner in step}
    return Rows(node, whole, frozenset(fixed))


def _through(name: str, steps: list[dict[str, str] | None]) -> str:
    for step in steps:
        name = name if step is None else step.get(name, "")
    return name


def _set_to_one(condition: exp.Expr) -> Iterator[str]:
    """The column that an equality sets to a value."""
    if isinstance(condition, exp.EQ):
        for side, other in ((condition.this, condition.expression), (condition.expression, condition.this)):
            if isinstance(side, exp.Column) and other.find(exp.Column) is None:
                yield side.name.lower()
    elif isinstance(condition, exp.Column):
        yield condition.name.lower()
