"""A unique key is concatenated from a column that an outer join leaves NULL.

### Why it matters
Text put together with NULL is NULL. Every row for which the joined table has no match loses its whole key: a merge
matches none of them and inserts all of them again on every run, and a `unique` test passes over them.

### Bad
```sql
{{ config(materialized='incremental', unique_key='line_key') }}

select orders.order_id || '-' || lines.line_number as line_key, orders.ordered_at
from {{ ref('stg_orders') }} as orders
left join {{ ref('stg_lines') }} as lines on lines.order_id = orders.order_id
```

### Good
```sql
{{ config(materialized='incremental', unique_key='line_key') }}

select orders.order_id || '-' || coalesce(lines.line_number, 0) as line_key, orders.ordered_at
from {{ ref('stg_orders') }} as orders
left join {{ ref('stg_lines') }} as lines on lines.order_id = orders.order_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, relations
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _nodes
from review.rules.project import keys
from review.rules.queries import Query
from review.rules.relations import Relation
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT058",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT}),
)

SWALLOW_NULL = frozenset({"postgres", "duckdb", "tsql", "sqlite", "clickhouse"})
"""Dialects whose CONCAT leaves NULL out; `||` never does."""

HANDED_ON = (
    *(exp.DPipe, exp.Cast, exp.TryCast, exp.Paren, exp.Lower, exp.Upper, exp.Trim, exp.Hex, exp.LowerHex),
    *(exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2),
)
"""What is NULL where any of its parts is."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Projections named as the model's unique key, each with the first column that can be NULL."""
    text = source.text.lower()
    if "join" not in text or ("||" not in text and "concat" not in text):
        return
    names = _keys(source)
    for query in source.queries if names else ():
        for output in query.outputs:
            if output.name not in names or output.expression is None:
                continue
            found = next(_nullable(query, output.expression, source.queries.dialect), None)
            if found is not None:
                yield _hit(source, query, output.name, found[0], found[1])


def _hit(source: Source, query: Query, key: str, column: exp.Column, relation: Relation) -> Hit:
    line, end = _sql.lines(source.sql, column)
    return Hit(
        line=line,
        end_line=end,
        evidence=f"{key} of {column.sql().lower()}",
        symbol=_sql.symbol(query.select) or _nodes.stem(source.path),
        explanation=(
            f"`{column.sql()}` is NULL for each row without a match in `{relation.alias}`, and so is the whole "
            f"`{key}`, by which the rows of this model are told apart."
        ),
        remediation=f"Put `coalesce({column.sql()}, …)` into the key, or join so that there is always a match.",
    )


def _keys(source: Source) -> frozenset[str]:
    """The model's unique key by its own settings and its tests, as far as it is one column each."""
    said, _ = _jinja.config(source).get("unique_key", (None, 0))
    listed = said if isinstance(said, list) else [said]
    found = {each.lower() for each in listed if isinstance(each, str)}
    try:
        tested = keys.keys(source.dbt, _nodes.stem(source.path))
    except NotEvaluated:  # a model that stands alone has its settings only
        tested = ()
    return frozenset(found.union(*(key for key in tested if len(key) == 1)))


def _nullable(query: Query, expression: exp.Expr, dialect: str) -> Iterator[tuple[exp.Column, Relation]]:
    """The columns of a text put together that an outer join may leave NULL, and nothing in WHERE keeps out."""
    kept = {
        id(found[0])
        for condition in query.where
        if not isinstance(condition, exp.Is)
        for column in relations.columns(condition)
        if (found := query.resolve(column)) is not None
    }
    if expression.find(exp.DPipe, exp.Concat) is None:
        return
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Column):
            found = query.resolve(node)
            if found is not None and found[0].null_extended and id(found[0]) not in kept:
                yield node, found[0]
        elif isinstance(node, HANDED_ON) or _joins_null(node, dialect):
            stack += reversed([each for each in node.iter_expressions() if not isinstance(each, exp.DataType)])


def _joins_null(node: exp.Expr, dialect: str) -> bool:
    return isinstance(node, exp.Concat) and not isinstance(node, exp.ConcatWs) and dialect not in SWALLOW_NULL
