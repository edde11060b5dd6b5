"""What the queries of a file read, join, keep and give: a view on the syntax trees that rules stand on.

A `Query` is one SELECT, wherever it stands. Names are in lower case and without quotes. What the text does not tell is
None or `complete = False`; nothing here guesses, and nothing changes the trees.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeVar

from sqlglot import exp

from review.rules.outputs import MAX_OUTPUTS, Output, expanded, may_print_others
from review.rules.relations import Join, Relation, Scope, conjuncts, relations_of, scope_of
from review.sql.parse import ParsedSql

Node = TypeVar("Node", bound=exp.Expr)

STANDS_ALONE = (type(None), exp.CTE, exp.From, exp.Join, exp.DDL, exp.DML)
"""What a query may be part of without being able to speak of another's relations."""

MAX_DEPTH = 60
"""Queries fed by queries that are followed."""


class Query:
    """One SELECT. Made by `Queries`; every view is made once, when asked for."""

    def __init__(self, queries: "Queries", select: exp.Select, is_nested: bool) -> None:
        self.select = select
        self.is_nested = is_nested
        """Whether it stands in an expression or beside FROM's other relations, so that it may speak of theirs."""
        self._queries = queries

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """What it reads, in the order of the text."""
        return tuple(relations_of(self.select, self._queries.cte))

    @cached_property
    def by_alias(self) -> dict[str, Relation]:
        """The relations by the name under which columns speak of them; the first of two alike."""
        found: dict[str, Relation] = {}
        for relation in self.relations:
            found.setdefault(relation.alias, relation)
        return found

    def find_all(self, *kinds: type[Node]) -> Iterator[Node]:
        """Every node of these kinds in the query and the queries in its expressions, without what feeds it."""
        for each in self.select.walk(bfs=False, prune=_feeds):
            if isinstance(each, kinds):
                yield each

    @cached_property
    def spoken(self) -> dict[str, frozenset[str]]:
        """Alias → the columns of that relation which the query speaks of; empty → those of nobody knows whose."""
        found: dict[str, set[str]] = {}
        for column in self.find_all(exp.Column):
            origin = self.resolve(column) if not isinstance(column.this, exp.Star) else None
            alias, name = (origin[0].alias, origin[1]) if origin is not None else ("", column.name.lower())
            found.setdefault(alias, set()).add(name)
        return {alias: frozenset(names) for alias, names in found.items()}

    @cached_property
    def qualifiers(self) -> frozenset[str]:
        """The words before the first dot of its columns."""
        return frozenset(each.parts[0].name.lower() for each in self.find_all(exp.Column) if len(each.parts) > 1)

    @property
    def joins(self) -> Iterator[tuple[Relation, Join]]:
        """Each joined relation with its join."""
        return ((relation, relation.join) for relation in self.relations if relation.join is not None)

    @cached_property
    def where(self) -> tuple[exp.Expr, ...]:
        """The conditions of WHERE, split at AND."""
        return _clause(self.select, "where")

    @cached_property
    def having(self) -> tuple[exp.Expr, ...]:
        """The conditions of HAVING, split at AND."""
        return _clause(self.select, "having")

    @cached_property
    def qualify(self) -> tuple[exp.Expr, ...]:
        """The conditions of QUALIFY, split at AND."""
        return _clause(self.select, "qualify")

    @cached_property
    def group(self) -> tuple[exp.Expr, ...]:
        """The keys of a plain GROUP BY, numbers replaced by the projection they stand for; see `groups`."""
        group = self.select.args.get("group")
        keys = group.expressions if isinstance(group, exp.Group) else []
        return tuple(self._by_number(key) for key in keys)

    @property
    def groups(self) -> bool:
        """Whether there is any GROUP BY: also ALL, ROLLUP, CUBE and GROUPING SETS, of which `group` says nothing."""
        return self.select.args.get("group") is not None

    @property
    def distinct(self) -> bool:
        """Whether it says SELECT DISTINCT, with ON too."""
        return self.select.args.get("distinct") is not None

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """Its columns in order, stars expanded where what they stand for is known; see `complete`."""
        return self._queries.outputs(self.select)[0]

    @property
    def complete(self) -> bool:
        """Whether `outputs` are all its columns."""
        return self._queries.outputs(self.select)[1]

    def names(self, relation: Relation) -> tuple[str, ...] | None:
        """The columns of one of its relations; None where not all are known."""
        return self._queries.names(relation)

    def resolve(self, column: exp.Column) -> tuple[Relation, str] | None:
        """The relation of this query that a column is of, and its name there; None where that is not certain.

        A field of a struct counts as the column that holds it.
        """
        parts = [part.name.lower() for part in column.parts]
        if len(parts) > 1:
            for at, part in enumerate(parts[:-1]):
                if part in self.by_alias:
                    return self.by_alias[part], parts[at + 1]
            if len(parts) > 2 or self._queries.dialect != "bigquery":
                return None
        return self._unqualified(parts[0])

    def _unqualified(self, name: str) -> tuple[Relation, str] | None:
        if len(self.relations) == 1 and not self.is_nested:
            return self.relations[0], name
        having = self._having.get(name) if self._having is not None else None
        return (having[0], name) if having is not None and len(having) == 1 else None

    @cached_property
    def _having(self) -> dict[str, list[Relation]] | None:
        """Name → the relations that have such a column; None where not all columns of all relations are known."""
        found: dict[str, list[Relation]] = {}
        for relation in self.relations:
            names = self.names(relation)
            if names is None:
                return None
            for name in set(names):
                found.setdefault(name, []).append(relation)
        return found

    def _by_number(self, key: exp.Expr) -> exp.Expr:
        if isinstance(key, exp.Literal) and key.is_int and 0 < int(key.name) <= len(self.select.expressions):
            projection: exp.Expr = self.select.expressions[int(key.name) - 1]
            return projection.unalias() if isinstance(projection, exp.Expression) else projection
        return key


class Queries:
    """All queries of a parsed file. `known` gives the columns of a table or model; None where not all are known."""

    def __init__(self, sql: ParsedSql, known: Callable[[Relation], tuple[str, ...] | None] | None = None) -> None:
        self.sql = sql
        self._known = known
        self.dialect = sql.dialect
        self._queries: dict[int, Query] = {}
        self._scopes: dict[int, Scope | None] = {}
        self._firsts: dict[int, exp.Expr] = {}
        self._outputs: dict[int, tuple[tuple[Output, ...], bool]] = {}
        self._busy: set[int] = set()
        nested: dict[int, bool] = {}
        for statement in sql.statements:
            for node in statement.walk(bfs=False):
                if isinstance(node, (exp.Query, exp.DML, exp.CTE, exp.DDL)):
                    self._scopes[id(node)] = scope_of(node, self._scopes)
                if isinstance(node, exp.Query):
                    nested[id(node)] = _is_nested(node, nested)
                if isinstance(node, exp.Select):
                    self._queries[id(node)] = Query(self, node, nested[id(node)])

    def __iter__(self) -> Iterator[Query]:
        """In the order of the text: a query comes before those within it."""
        return iter(self._queries.values())

    def of(self, select: exp.Expr) -> Query | None:
        """The query of a SELECT node of this file."""
        return self._queries.get(id(select))

    def around(self, node: exp.Expr) -> Query | None:
        """The innermost query that a node is part of; None outside of all."""
        select = node.parent_select if not isinstance(node, exp.Select) else node
        return self.of(select) if select is not None else None

    def branches(self, body: exp.Expr | None) -> Iterator[Query]:
        """The SELECTs that a query is made of: itself, or the branches of a UNION, in the order of the text."""
        stack = [body]
        while stack:
            node = stack.pop()
            if isinstance(node, exp.SetOperation):
                stack += [node.expression, node.this]
            elif isinstance(node, exp.Subquery):
                stack.append(node.this)
            elif isinstance(node, exp.Select):
                yield self._queries[id(node)]

    @property
    def final(self) -> exp.Query | None:
        """The query whose rows the file gives: its last statement, as in a model, or what CREATE or INSERT reads."""
        statements = [each for each in self.sql.statements if not isinstance(each, exp.Semicolon)]
        last: exp.Expr | None = statements[-1] if statements else None
        if isinstance(last, (exp.Create, exp.Insert)):
            last = last.expression
        return last if isinstance(last, exp.Query) else None

    def outputs(self, body: exp.Expr | None) -> tuple[tuple[Output, ...], bool]:
        """The columns of a SELECT, a UNION or a query in parentheses, and whether these are all."""
        while isinstance(body, (exp.Subquery, exp.SetOperation)):
            if isinstance(body, exp.SetOperation) and body.args.get("by_name"):
                return (), False
            if id(body) not in self._firsts:
                self._firsts[id(body)] = _first(body)
            body = self._firsts[id(body)]
        query = self.of(body) if body is not None else None
        if query is None or id(body) in self._busy or len(self._busy) > MAX_DEPTH:
            return (), False
        if id(body) not in self._outputs:
            self._busy.add(id(body))
            try:
                found = list(expanded(self, query))
            finally:
                self._busy.discard(id(body))
            complete = (
                0 < len(found) <= MAX_OUTPUTS
                and None not in found
                and not may_print_others(self.sql.rendering, query.select)
            )
            self._outputs[id(body)] = tuple(each for each in found[:MAX_OUTPUTS] if each is not None), complete
        return self._outputs[id(body)]

    def names(self, relation: Relation) -> tuple[str, ...] | None:
        """The columns of a relation; None where not all are known."""
        if relation.body is None and relation.table and self._known is not None:
            return self._known(relation)
        if relation.body is None:
            made = isinstance(relation.node, (exp.Unnest, exp.Lateral, exp.Values))
            return relation.columns if made and relation.columns and not _is_wider(relation) else None
        outputs, complete = self.outputs(relation.body)
        if not complete:
            return None
        names = tuple(output.name for output in outputs)
        return (*relation.columns, *names[len(relation.columns) :])

    def definitions(self, relation: Relation, name: str) -> Iterator[tuple[Query, exp.Expr]]:
        """The expressions that make a column of a relation, each with its query, through queries that hand it on.

        Of a UNION those of all branches; none where a column of a table is reached.
        """
        stack = [(relation, name)]
        seen: set[tuple[int, str]] = set()
        while stack and len(seen) < MAX_OUTPUTS:
            relation, name = stack.pop()
            if (id(relation), name) in seen:
                continue
            seen.add((id(relation), name))
            place: int | None = None
            for branch in self.branches(relation.body):
                names = [output.name for output in branch.outputs]
                place = (names.index(name) if name in names else -1) if place is None else place
                if not 0 <= place < len(names):
                    continue
                output = branch.outputs[place]
                if output.relation is not None and output.column:
                    stack.append((output.relation, output.column))
                elif output.expression is not None:
                    yield branch, output.expression

    def cte(self, table: exp.Table) -> exp.CTE | None:
        """The CTE that a name in FROM means; None for a table."""
        if table.args.get("db") is not None or not isinstance(table.this, exp.Identifier):
            return None
        node: exp.Expr | None = table
        while node is not None and id(node) not in self._scopes:
            node = node.parent
        scope = self._scopes.get(id(node))
        while scope is not None:
            found = scope.names.get(table.name.lower())
            if found is not None and found[0] < scope.limit:
                return found[1]
            scope = scope.outer
        return None


def _first(body: exp.Expr) -> exp.Expr:
    """The first branch of a UNION, or what is in parentheses, as far as nothing there pairs columns by name."""
    while isinstance(body, (exp.Subquery, exp.SetOperation)):
        if isinstance(body, exp.SetOperation) and body.args.get("by_name"):
            break
        body = body.this
    return body


def _feeds(node: exp.Expr) -> bool:
    """Whether a node holds the queries that another reads from."""
    return isinstance(node, exp.With) or (
        isinstance(node, exp.Subquery) and isinstance(node.parent, (exp.From, exp.Join))
    )


def _clause(select: exp.Select, name: str) -> tuple[exp.Expr, ...]:
    clause = select.args.get(name)
    return conjuncts(clause.this) if isinstance(clause, exp.Expr) else ()


def _is_wider(relation: Relation) -> bool:
    """Whether rows written on the spot have more values than their alias names: the rest is named by the engine."""
    rows = relation.node.expressions if isinstance(relation.node, exp.Values) else ()
    return any(isinstance(row, exp.Tuple) and len(row.expressions) > len(relation.columns) for row in rows[:1])


def _is_nested(node: exp.Query, nested: dict[int, bool]) -> bool:
    """Whether a query may speak of another's relations; `nested` says it of the queries around it."""
    parent = node.parent
    if isinstance(parent, exp.Query) and not isinstance(parent, exp.Select):
        return nested.get(id(parent), False)
    if not isinstance(parent, STANDS_ALONE):
        return True
    around = parent.find_ancestor(exp.Query) if parent is not None else None
    return nested.get(id(around), False)
