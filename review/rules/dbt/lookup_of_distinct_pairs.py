"""A lookup made by SELECT DISTINCT over a join is taken to hold each key once.

### Why it matters
DISTINCT leaves each pair of two tables' rows once; it does not leave each key once. An order that belongs to two
campaigns is in the pairs twice, so a `left join` that only wants to look up the campaign gives the order twice, or one
of them at random once a later step removes the duplicates.

### Bad
```sql
with campaign_of_order as (
    select distinct clicks.order_id, campaigns.campaign_id
    from {{ ref('clicks') }} as clicks
    join {{ ref('campaigns') }} as campaigns on campaigns.code = clicks.code
)
select orders.order_id, campaign_of_order.campaign_id
from {{ ref('orders') }} as orders
left join campaign_of_order on campaign_of_order.order_id = orders.order_id
```

### Good
```sql
with campaign_of_order as (
    select clicks.order_id, max(campaigns.campaign_id) as campaign_id
    from {{ ref('clicks') }} as clicks
    join {{ ref('campaigns') }} as campaigns on campaigns.code = clicks.code
    group by clicks.order_id
)
select orders.order_id, campaign_of_order.campaign_id
from {{ ref('orders') }} as orders
left join campaign_of_order on campaign_of_order.order_id = orders.order_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, relations
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.outputs import Output
from review.rules.queries import Query
from review.rules.relations import Join, Relation, Side
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT025",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """LEFT JOINs by the columns of one table to distinct pairs of two, in a query that keeps every row."""
    text = source.text.lower()
    if "join" not in text or "distinct" not in text:
        return
    found = source.project_queries
    for query in found:
        if query.groups or query.distinct or query.qualify:
            continue
        for relation, join in query.joins:
            inner = found.of(relation.body) if isinstance(relation.body, exp.Select) else None
            if inner is None or relation.columns or join.side is not Side.LEFT:
                continue
            used = _used(query, relation, join)
            values = _values(inner, used)
            if values and not values.isdisjoint(query.spoken.get(relation.alias, ())):
                yield _hit(source, query, relation, join, used, values)


def _hit(
    source: Source, query: Query, relation: Relation, join: Join, used: frozenset[str], values: frozenset[str]
) -> Hit:
    places = [_sql.lines(source.sql, each) for each in join.on] or [_sql.lines(source.sql, join.node)]
    key, value = (" + ".join(f"`{name}`" for name in sorted(each)) for each in (used, values))
    return Hit(
        line=min(first for first, _ in places),
        end_line=max(last for _, last in places),
        evidence=f"{relation.alias} joined on {', '.join(sorted(used))} of distinct {', '.join(sorted(used | values))}",
        symbol=_sql.symbol(query.select) or _nodes.stem(source.path),
        explanation=(
            f"`{relation.alias}` holds each pair of {key} and {value} once, so a {key} with two of them is in it "
            "twice, and this join gives the row it looks up for twice."
        ),
        remediation=f"Reduce `{relation.alias}` to one row per {key}, or join on what tells the pairs apart too.",
    )


def _values(inner: Query, used: frozenset[str]) -> frozenset[str]:
    """The columns that come from another table than those used; empty where it is not certain that all others do."""
    if not inner.distinct or inner.groups or inner.qualify or not inner.complete or len(inner.relations) < 2:
        return frozenset()
    owners = {output.name: _owner(inner, output) for output in inner.outputs}
    if None in owners.values() or not used or not used < set(owners):
        return frozenset()
    mine = {id(owners[name]) for name in used}
    rest = frozenset(owners) - used
    return rest if all(id(owners[name]) not in mine for name in rest) else frozenset()


def _owner(inner: Query, output: Output) -> Relation | None:
    """The relation of a plain column; of a bare name also the only one that can have it, for the others do not."""
    if output.relation is not None or not output.column:
        return output.relation
    if not isinstance(output.expression, exp.Column) or output.expression.table:
        return None
    may = [each for each in inner.relations if output.column in (inner.names(each) or (output.column,))]
    return may[0] if len(may) == 1 else None


def _used(query: Query, relation: Relation, join: Join) -> frozenset[str]:
    """The relation's columns that the condition, or the WHERE around it, speaks of."""
    found = set(join.using)
    for condition in (*join.on, *query.where):
        for column in relations.columns(condition):
            resolved = query.resolve(column)
            if resolved is not None and resolved[0] is relation:
                found.add(resolved[1])
    return frozenset(found)
