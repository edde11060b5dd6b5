"""Which columns a file reads from the models that it refs, and which of those these do not give."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from review.rules import _sql
from review.rules.project import columns, sides
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.queries import Queries, Query
from review.rules.relations import Relation
from review.rules.source import Source
from review.rules.trees import NotEvaluated

PSEUDO = ("_partition", "metadata$", "_table_", "rowid", "ctid", "_metadata", "_file", "$", "rownum", "level", "oid")
"""What columns begin with that a warehouse gives every table, and names that are none."""


MAX_CTES = 5
"""CTEs, each all of the next one, that are gone through to a model."""

UNITS = frozenset(
    f"{unit}{ending}"
    for unit in ("microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
    for ending in ("", "s")
) | {"dayofweek", "dayofyear", "isoweek", "isoyear", "epoch", "dow", "doy", "decade", "century"}
TIME_FUNCTIONS = ("date", "time", "trunc", "extract", "last_day", "ts_or_ds")
"""Words in the names of functions that take a unit of time, which another warehouse's grammar reads as a column."""


@dataclass(frozen=True)
class Missing:
    """A column that is read from a model which does not give it."""

    column: exp.Column
    name: str
    node: Node
    known: tuple[str, ...]


def missing(source: Source, node: Node | None = None) -> Iterator[Missing]:
    """Each read of a column that a ref'd model, all of whose columns are known, does not give; of one node or of all.

    What the file read already before the change, of nodes that give what they gave, is left out: it was missing then.
    So is, for one node, everything where that gives all columns that it gave. Raises NotEvaluated.
    """
    if node is not None and _gives_all_it_gave(source.dbt, node):
        return
    reads = [each for each in _reads(source) if node is None or each.node == node]
    settled = _settled(source, reads) if node is None else frozenset()
    for each in reads:
        if (each.node.name, each.name) in settled:
            continue
        known = source.project_queries.names(each.relation)
        if known is not None and each.name not in known and not stands_in(source, each.column):
            yield Missing(each.column, each.name, each.node, known)


@dataclass(frozen=True)
class _Read:
    """A column that can only be meant to be of a model."""

    column: exp.Column
    name: str
    node: Node
    relation: Relation

    @property
    def place(self) -> tuple[str, str, str]:
        """The model, the column, and the CTE in which it is read."""
        return self.node.name, self.name, _sql.symbol(self.column)


def _gives_all_it_gave(project: Project, node: Node) -> bool:
    """Whether no column of the node was taken away by the change."""
    if project.before is None or node.path not in project.changed:
        return False
    old, new = columns.outputs(project.before, node.name), columns.outputs(project, node.name)
    return old is not None and new is not None and set(old) <= set(new)


def _settled(source: Source, reads: list[_Read]) -> frozenset[tuple[str, str]]:
    """Model and column of the reads of which none is new, and whose model no change can have reached."""
    project = source.dbt
    before = project.before
    if before is None or not reads or not before.has(source.path):
        return frozenset()
    try:
        old = {each.place for each in _reads(before.source(source.path))}
    except NotEvaluated:
        return frozenset()
    new = {each.place[:2] for each in reads if each.place not in old}
    return frozenset(each.place[:2] for each in reads if sides.gives_the_same(project, each.node.name)) - new


def _reads(source: Source) -> Iterator[_Read]:
    """Every read of a column of a ref'd model. Raises NotEvaluated."""
    for query in source.project_queries:
        models = {
            id(relation): found
            for relation in query.relations
            if (found := _model_of_all(source, relation)) is not None
        }
        if models:
            own = {each.alias.lower() for each in query.select.find_all(exp.Alias)}
            for column in _columns(query.select):
                name = column.name.lower()
                if not name or name.startswith(PSEUDO) or _is_unit(column):
                    continue
                relation = _relation(query, column, own)
                if relation is not None and id(relation) in models:
                    yield _Read(column, name, models[id(relation)], relation)


def _model_of_all(source: Source, relation: Relation) -> Node | None:
    """The model that a relation is, itself or through CTEs that are no more than `select * from` it."""
    inner: Relation | None = relation
    for _ in range(MAX_CTES):
        if inner is None or inner.body is None:
            break
        inner = _only_all(source.project_queries, inner)
    return columns.model_of(source, inner) if inner is not None and inner.body is None else None


def read_from(source: Source, is_it: Callable[[Relation], bool], known: frozenset[str]) -> Iterator[str]:
    """Each column that is read of a table which has only the known ones, also through a CTE that selects all of it.

    `is_it` tells the table among the relations of the file. Raises NotEvaluated.
    """
    names = tuple(sorted(known))
    queries = Queries(source.sql, lambda relation: names if is_it(relation) else None)
    for query in queries:
        own = {each.alias.lower() for each in query.select.find_all(exp.Alias)}
        ours = {id(each) for each in query.relations if is_it(each) or _is_all_of(queries, each, is_it)}
        for column in _columns(query.select) if ours else ():
            name = column.name.lower()
            relation = _relation(query, column, own)
            if relation is None or id(relation) not in ours or not name or name.startswith(PSEUDO) or name in known:
                continue
            if not stands_in(source, column):
                yield name


def _is_all_of(queries: Queries, relation: Relation, is_it: Callable[[Relation], bool]) -> bool:
    """Whether a relation is a query of no more than `select * from` the table."""
    inner = _only_all(queries, relation)
    return inner is not None and is_it(inner)


def _only_all(queries: Queries, relation: Relation) -> Relation | None:
    """What a relation is all columns of, being `select * from` nothing else; else None."""
    inner = queries.of(relation.body) if isinstance(relation.body, exp.Select) else None
    if inner is None or len(inner.relations) != 1 or relation.columns:
        return None
    return inner.relations[0] if [type(each) for each in inner.select.expressions] == [exp.Star] else None


def stands_in(source: Source, column: exp.Column) -> bool:
    """Whether a column is only our word for what a template prints and we do not know."""
    stood_in = source.sql.rendering.stood_in
    if not stood_in or source.sql.is_literal(column):
        return False
    name = column.name.lower()
    words = (word.replace(".", "_").lower() for word in stood_in)
    return any(name.startswith(word) or word.endswith(name) for word in words)


def _is_unit(column: exp.Column) -> bool:
    """Whether a word is a unit of time that a function is given: `datediff(days, a, b)`."""
    function = column.parent
    if column.table or column.name.lower() not in UNITS or not isinstance(function, exp.Func):
        return False
    name = (function.name if isinstance(function, exp.Anonymous) else function.key).lower()
    return any(word in name for word in TIME_FUNCTIONS)


def _relation(query: Query, column: exp.Column, own: set[str]) -> Relation | None:
    """The relation that the column can only be meant to be of."""
    parts = [part.name.lower() for part in column.parts]
    if len(parts) == 2:
        relation = query.by_alias.get(parts[0])
        twins = [each for each in query.relations if each.alias == parts[0]]
        return relation if len(twins) == 1 else None
    only = len(query.relations) == 1 and len(parts) == 1 and not query.is_nested
    return query.relations[0] if only and parts[0] not in own else None


def _columns(select: exp.Select) -> Iterator[exp.Column]:
    """The columns of a SELECT, without those of queries within it and of functions' own variables."""
    stop = (exp.Query, exp.Lambda, exp.Lateral, exp.Unnest, exp.Pivot, exp.JSONExtract, exp.Kwarg, exp.PropertyEQ)
    for part in select.args.values():
        for node in part if isinstance(part, list) else [part]:
            if not isinstance(node, exp.Expr) or isinstance(node, (exp.With, exp.From)):
                continue
            for each in node.walk(bfs=False, prune=lambda inner: isinstance(inner, stop)):
                if isinstance(each, exp.Column) and not isinstance(each.this, exp.Star):
                    yield each
