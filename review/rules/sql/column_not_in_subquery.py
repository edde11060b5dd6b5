"""A query reads a column that its CTE or subquery does not give.

### Why it matters
All columns of the CTE are written in the same file, and this one is not among them: it was renamed or dropped there, it
is misspelt, or a comma is missing before it. The statement fails on its first run, and what depends on it is not built.

### Bad
```sql
with totals as (
    select customer_id, sum(amount) as amount
    from orders
    group by customer_id
)
select t.customer_id, t.total_amount
from totals as t
```

### Good
```sql
with totals as (
    select customer_id, sum(amount) as amount
    from orders
    group by customer_id
)
select t.customer_id, t.amount
from totals as t
```
"""

from collections.abc import Iterator
from difflib import get_close_matches

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries, Query
from review.rules.relations import Relation
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL068",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

MOST = 5
"""Findings of one file: what is missing once is read many times."""
ALIASES_ANYWHERE = frozenset({"clickhouse"})
"""Where a name may be any expression's alias, wherever that stands."""
FILLED = (exp.Placeholder, exp.Parameter)
"""In place of columns, what a program puts there."""
PLAIN = (exp.Query, exp.Create, exp.Insert, exp.Semicolon)
"""Statements beside which no variables are declared."""
ROUTINES = frozenset({"FUNCTION", "PROCEDURE"})
WITHIN = (
    *(exp.Lambda, exp.Anonymous, exp.Kwarg, exp.PropertyEQ, exp.Hint, exp.Table, exp.Lateral, exp.JSONTable),
    *(exp.JSONExtract, exp.JSONExtractScalar, exp.JSONObject, exp.JSONObjectAgg, exp.JSONArray, exp.JSONArrayAgg),
)
"""In which a bare name may be something other than a column."""
HIDDEN = frozenset(
    {"rownum", "rowid", "level", "ctid", "oid", "xmin", "tableoid", "value", "metadata", "sysdate"}
    | {"user", "col", "pos", "key", "sequential", "current_user", "systimestamp"}
)
"""Columns, and what looks like one, that rows have without anybody naming them: also those of a call of `explode`."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns of a CTE or subquery, all of whose columns the file names, that are not among them; each once."""
    queries = source.queries
    if queries.dialect in ALIASES_ANYWHERE or any(map(_adds_columns, _sql.walk(source.sql, exp.With))):
        return
    text = source.text.lower()
    bare = not source.has_variables and _has_no_variables(source.sql)
    told: set[tuple[str, str]] = set()
    for query in queries:
        for column in query.find_all(exp.Column) if len(told) < MOST else ():
            missing = None if isinstance(column.this, exp.Star) else _missing(queries, query, column, bare)
            if missing is None:
                continue
            relation, name, known = missing
            if (relation.alias, name) in told or name not in text or not is_written(source.sql, column):
                continue
            told.add((relation.alias, name))
            close = get_close_matches(name, known, 1, 0.75)
            meant = f" Perhaps `{close[0]}` is meant." if close else ""
            yield hit(
                source.sql,
                column,
                f"`{relation.alias}` gives no column `{name}`, so the query fails.{meant}",
                "Read a column that it gives, or select this one there.",
                f"{relation.alias}: {name}",
            )


def _adds_columns(with_: exp.Expr) -> bool:
    """Whether SEARCH or CYCLE gives a recursive CTE columns that its query does not have."""
    return bool(with_.args.get("search") or with_.args.get("cycle"))


def _missing(
    queries: Queries, query: Query, column: exp.Column, bare: bool
) -> tuple[Relation, str, tuple[str, ...]] | None:
    """The CTE or subquery that a column is certainly of, its name there, and the columns that it has instead."""
    if queries.around(column) is not query or not (len(column.parts) == 2 or (bare and len(column.parts) == 1)):
        return None
    origin = query.resolve(column)
    if origin is None or origin[0].body is None or not origin[0].alias or origin[0].node.args.get("pivots"):
        return None
    relation, name = origin
    if not name.isidentifier():
        return None
    known = queries.names(relation)
    if known is None or name in known or "" in known or name in HIDDEN or name.startswith("_"):
        return None
    if not _is_written_out(queries, relation):
        return None
    if len(column.parts) == 2:
        qualifier = column.parts[0].name.lower()
        others = [queries.names(each) for each in query.relations]
        return None if any(names is not None and qualifier in names for names in others) else (relation, name, known)
    aliases = {each.alias.lower() for each in query.select.expressions if isinstance(each, exp.Alias)}
    if (
        name in aliases
        or name in query.by_alias
        or name in _sql.DATE_PARTS
        or column.find_ancestor(*WITHIN) is not None
    ):
        return None
    return relation, name, known


def _is_written_out(queries: Queries, relation: Relation) -> bool:
    """Whether the author wrote its name and all its columns, through stars too, and no template prints any.

    A name that `ref` prints is a table's, also where a CTE is called like it.

    A star over rows of an array is not written out: BigQuery makes a column of each of their fields.
    """
    stack, seen = [relation], {id(relation)}
    while stack:
        relation = stack.pop()
        if isinstance(relation.node, exp.Table) and not is_written(queries.sql, relation.node):
            return False
        for output in queries.outputs(relation.body)[0]:
            if isinstance(output.expression, FILLED) or "$" in output.name or not is_written(queries.sql, output.node):
                return False
            if output.from_star and output.relation is not None and id(output.relation) not in seen:
                if isinstance(output.relation.node, exp.Unnest):
                    return False
                seen.add(id(output.relation))
                stack.append(output.relation)
    return True


def _has_no_variables(sql: ParsedSql) -> bool:
    """Whether a bare name can be nothing but a column: no routine has parameters, and no script declares any."""
    return all(
        isinstance(statement, PLAIN) and str(statement.args.get("kind") or "").upper() not in ROUTINES
        for statement in sql.statements
    ) and not any(_sql.walk(sql, exp.UserDefinedFunction))
