"""A surrogate key leaves out a column on which every join of its rows depends.

### Why it matters
Each join compares this column beside another one: an id alone does not tell rows apart, it does so for one day, one
tenant or one source system. A key that is hashed from the ids without that column is the same for every day or
tenant, so it is no key: tests fail, merges overwrite rows of another day.

### Bad
```sql
select
    {{ dbt_utils.generate_surrogate_key(['orders.order_id', 'lines.line_id']) }} as line_key,
    orders.shop_id
from {{ ref('orders') }} as orders
join {{ ref('lines') }} as lines on lines.shop_id = orders.shop_id and lines.order_id = orders.order_id
join {{ ref('taxes') }} as taxes on taxes.shop_id = lines.shop_id and taxes.line_id = lines.line_id
```

### Good
```sql
select
    {{ dbt_utils.generate_surrogate_key(['orders.shop_id', 'orders.order_id', 'lines.line_id']) }} as line_key,
    orders.shop_id
from {{ ref('orders') }} as orders
join {{ ref('lines') }} as lines on lines.shop_id = orders.shop_id and lines.order_id = orders.order_id
join {{ ref('taxes') }} as taxes on taxes.shop_id = lines.shop_id and taxes.line_id = lines.line_id
```
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, relations
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _nodes
from review.rules.queries import Queries, Query
from review.rules.relations import Join, Side
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT024",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
)

KEYS = frozenset({"surrogate_key", "generate_surrogate_key"})
MIN_JOINS = 2
MIN_PARTS = 2
"""Columns of a key: a single id may well stand for a row, whatever else the joins compare."""
MAX_STEPS = 10
COMPARED = frozenset({Side.INNER, Side.LEFT, Side.RIGHT, Side.FULL})


@dataclass(frozen=True)
class Key:
    """A surrogate key of plain columns."""

    first: int
    last: int
    names: frozenset[str]


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Keys of several columns over joined rows, where every join compares a column that is in the rows, not in it."""
    if "surrogate_key" not in source.text or "join" not in source.text.lower():
        return
    keys = list(_keys(source))
    for query in source.queries if keys else ():
        for key in keys:
            joined = _joined(source.queries, query) if _is_in(source, query, key) else None
            missing = _missing(query, joined, key) if joined is not None else ""
            if missing:
                yield Hit(
                    line=key.first,
                    end_line=key.last,
                    evidence=f"{missing} not in key of {', '.join(sorted(key.names))}",
                    symbol=_sql.symbol(query.select) or _nodes.stem(source.path),
                    explanation=(
                        f"Every join behind these rows compares `{missing}` beside an id, so the ids repeat for each "
                        f"`{missing}`. The key is hashed from the ids alone and repeats with them."
                    ),
                    remediation=f"Add `{missing}` to the columns of the key.",
                )


def _keys(source: Source) -> Iterator[Key]:
    from jinja2 import nodes

    for name, call in _jinja.calls(source):
        if name.rpartition(".")[2] not in KEYS or not call.args or not isinstance(call.args[0], nodes.List):
            continue
        parts = [each.value if isinstance(each, nodes.Const) else None for each in call.args[0].items]
        names = [each.rpartition(".")[2].lower() for each in parts if isinstance(each, str)]
        if len(names) == len(parts) >= MIN_PARTS and all(each.isidentifier() for each in names):
            last = max(each.lineno for each in call.args[0].items)
            yield Key(call.lineno, last, frozenset(names))


def _is_in(source: Source, query: Query, key: Key) -> bool:
    """Whether the key is printed as one of the projections."""
    for each in query.select.expressions:
        node = each.unalias()
        if isinstance(node, exp.Column) and node.name.lower().endswith("surrogate_key"):
            first, last = _sql.lines(source.sql, node)
            if first <= key.first <= last:
                return True
    return False


def _joined(queries: Queries, query: Query) -> Query | None:
    """The query that joins the rows, through those that only choose columns of it; None for anything else."""
    for _ in range(MAX_STEPS):
        if query.groups or query.distinct or query.qualify or query.having or query.is_nested:
            return None
        if len(query.relations) > 1:
            return query
        inner = query.relations[0].body if query.relations else None
        found = queries.of(inner) if isinstance(inner, exp.Select) else None
        if found is None:
            return None
        query = found
    return None


def _missing(query: Query, joined: Query, key: Key) -> str:
    """The column that every join compares by one name, that the rows have and the key does not; empty for none."""
    joins = [_compared(join) for _, join in joined.joins]
    if len(joins) < MIN_JOINS or any(each is None for each in joins):
        return ""
    pairs = [each for each in joins if each is not None]
    shared = frozenset.intersection(*(frozenset(a for a, b in each if a == b) for each in pairs))
    fixed = {column.name.lower() for condition in joined.where for column in relations.columns(condition)}
    given = {output.name for output in query.outputs}
    for name in sorted(shared - fixed):
        faces = _faces(joined, {name})
        beside = [_faces(joined, {part for pair in each for part in pair if pair != (name, name)}) for each in pairs]
        if faces & given and not faces & key.names and all(beside) and any(each & key.names for each in beside):
            return name
    return ""


def _compared(join: Join) -> frozenset[tuple[str, str]] | None:
    """The pairs of columns that a join compares, two at least; None where it does anything else."""
    found = {(name, name) for name in join.using}
    for condition in join.on:
        if not isinstance(condition, exp.EQ):
            return None
        if not isinstance(condition.this, exp.Column) or not isinstance(condition.expression, exp.Column):
            return None
        found.add((condition.this.name.lower(), condition.expression.name.lower()))
    return frozenset(found) if len(found) > 1 and join.side in COMPARED and not join.natural else None


def _faces(joined: Query, names: set[str]) -> set[str]:
    """The names of the outputs that are made of these columns, and the columns' own."""
    made = {
        output.name
        for output in joined.outputs
        if output.expression is not None
        and not names.isdisjoint(column.name.lower() for column in relations.columns(output.expression))
    }
    return made | names
