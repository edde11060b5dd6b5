"""A join uses only part of the other model's key, so rows are multiplied.

### Why it matters
The joined model's own uniqueness test says that its rows are told apart by several columns. Joined on some of them,
each row meets every row that agrees on those: counts and sums grow, and a `left join` that should only look something
up is where it happens unseen. Both sides have the missing column; it was forgotten in the condition.

### Bad
```sql
select orders.order_id, orders.shop_id, customers.name
from {{ ref('stg_orders') }} as orders
left join {{ ref('dim_customers') }} as customers
    on orders.customer_id = customers.customer_id
```

```yaml
# models/schema.yml
models:
  - name: dim_customers
    tests:
      - dbt_utils.unique_combination_of_columns:
          combination_of_columns: [shop_id, customer_id]
```

```sql
-- models/dim_customers.sql
select customer_id, shop_id, name
from {{ source('shop', 'customers') }}
```

```sql
-- models/stg_orders.sql
select id as order_id, shop_id, customer_id
from {{ source('shop', 'orders') }}
```

### Good
```sql
select orders.order_id, orders.shop_id, customers.name
from {{ ref('stg_orders') }} as orders
left join {{ ref('dim_customers') }} as customers
    on orders.customer_id = customers.customer_id and orders.shop_id = customers.shop_id
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
from review.rules.project import keys
from review.rules.queries import Queries, Query
from review.rules.relations import Join, Relation, Side
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT016",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
)

GENERIC = frozenset({"id", "key", "uuid", "name", "type", "date", "index", "code", "value", "number", "version"})
"""Names that mean something else in every table: two columns of one need not be the same thing."""

MULTIPLYING = frozenset({Side.INNER, Side.LEFT, Side.FULL, Side.RIGHT})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Joins whose condition names some columns of a tested key, where the rest is there on both sides."""
    if "join" not in source.text.lower() or "ref(" not in source.text:
        return
    found = source.project_queries
    for query in found:
        if query.groups or query.distinct or query.qualify:
            continue
        for relation, join in query.joins:
            if join.side in MULTIPLYING and not join.natural:
                yield from _checked(source, found, query, relation, join)


def _checked(source: Source, found: Queries, query: Query, relation: Relation, join: Join) -> Iterator[Hit]:
    rows = keys.rows_of(source, found, relation)
    known = keys.keys(source.dbt, rows.node.name) if rows is not None else ()
    if rows is None or not known:
        return
    used = {rows.column(name) for name in _used(query, relation, join)} | rows.fixed
    if any(key <= used for key in known):
        return
    partners = list(_partners(query, relation, join))
    if any((other := keys.rows_of(source, found, each)) and other.node == rows.node for each in partners):
        return  # pairs of a model's own rows are meant
    partial = [key for key in known if key & used]
    if len(partial) != 1 or len(known) != len(partial):
        return
    (key,) = partial
    if not used < key:  # another column may tell apart what the key's do, also one that the query works out
        return
    missing = sorted(key - used)
    if not GENERIC.isdisjoint(missing):
        return
    beside = [names for each in partners if (names := query.names(each)) is not None]
    if not all(any(name in names for names in beside) for name in missing):
        return
    first, last = _lines(source, join)
    told = " and ".join(f"`{name}`" for name in missing)
    yield Hit(
        line=first,
        end_line=last,
        evidence=f"{rows.node.name} joined on {', '.join(sorted(key & used))} of {', '.join(sorted(key))}",
        symbol=_sql.symbol(query.select) or _nodes.stem(source.path),
        explanation=(
            f"`{rows.node.name}` is tested to be unique by {' + '.join(f'`{name}`' for name in sorted(key))}, and this "
            f"join leaves out {told}, which both sides have: a row meets every row of it that agrees on the rest."
        ),
        remediation=f"Join on {told} too, or reduce the model to one row per joined key before.",
    )


def _partners(query: Query, relation: Relation, join: Join) -> Iterator[Relation]:
    """The relations that the condition compares this one with; for USING all that stand before it."""
    compared = {
        id(resolved[0])
        for condition in join.on
        for column in relations.columns(condition)
        if (resolved := query.resolve(column)) is not None
    }
    for each in query.relations:
        if each is relation:
            return
        if join.using or id(each) in compared:
            yield each


def _lines(source: Source, join: Join) -> tuple[int, int]:
    """The lines of the condition; of the join where it has none of its own."""
    places = [_sql.lines(source.sql, each) for each in join.on] or [_sql.lines(source.sql, join.node)]
    return min(first for first, _ in places), max(last for _, last in places)


def _used(query: Query, relation: Relation, join: Join) -> set[str]:
    """The relation's columns that the condition, or the WHERE around it, compares with anything."""
    found = set(join.using)
    for condition in (*join.on, *query.where):
        for column in relations.columns(condition):
            resolved = query.resolve(column)
            if resolved is not None and resolved[0] is relation:
                found.add(resolved[1])
            elif resolved is None and isinstance(column, exp.Column):
                found.add(column.name.lower())
    return found
