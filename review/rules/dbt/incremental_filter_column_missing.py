"""An incremental filter asks `{{ this }}` for a column that it does not have.

### Why it matters
`{{ this }}` is the table as the model itself built it. A first build, or `--full-refresh`, leaves the block out and is
green; the first incremental run then selects a column that the table does not have and fails. In a subquery it can be
worse: the name is taken from the query around it, and the filter compares a row with itself.

### Bad
```sql
{{ config(materialized='incremental', unique_key='order_id') }}

select order_id, ordered_at
from {{ ref('stg_orders') }}
{% if is_incremental() %}
where ordered_at > (select max(order_date) from {{ this }})
{% endif %}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='order_id') }}

select order_id, ordered_at
from {{ ref('stg_orders') }}
{% if is_incremental() %}
where ordered_at > (select max(ordered_at) from {{ this }})
{% endif %}
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, relations
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes, _of_this
from review.rules.project import columns, usage
from review.rules.queries import Query
from review.rules.relations import Relation
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT013",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns of `{{ this }}`, asked in SQL or by a macro, that the model, fully known, does not give."""
    if not _is_incremental(source):
        return
    asked = [
        (*_sql.lines(source.sql, column), name, f"this.{name}")
        for query in source.queries
        for this in query.relations
        if _is_this(source, this)
        for column, name in _asked(query, this)
        if not usage.stands_in(source, column)
    ]
    asked += [
        (line, line, name, f"this.{name} in {' '.join(source.lines[line - 1].split())}")
        for line, name in _of_this.asked(source)
    ]
    found = columns.of_file(source) if asked else None
    seen: set[tuple[int, str]] = set()
    for line, end, name, evidence in asked if found is not None else ():
        assert found is not None
        if name in found or name.startswith(usage.PSEUDO) or (line, name) in seen:
            continue
        seen.add((line, name))
        yield Hit(
            line=line,
            end_line=end,
            evidence=evidence,
            symbol=_nodes.stem(source.path),
            explanation=(
                f"`{{{{ this }}}}` is this model's own table, and its query gives no column `{name}`: a full build "
                f"passes, the next incremental run does not.{_nodes.alike(name, frozenset(found))}"
            ),
            remediation="Ask for the column under the name that the model's final query gives it.",
        )


def _is_incremental(source: Source) -> bool:
    node = source.dbt.node_at(source.path)
    return node is not None and source.dbt.config(node, "materialized") == "incremental"


def _is_this(source: Source, relation: Relation) -> bool:
    """Whether a template printed the model's own name."""
    name = relation.node.name if isinstance(relation.node, exp.Table) else ""
    return name == _nodes.stem(source.path) and not source.sql.is_literal(relation.node)  # type: ignore[arg-type]


def _asked(query: Query, this: Relation) -> Iterator[tuple[exp.Column, str]]:
    """The columns that a query takes from its own table: qualified, or the only ones there can be.

    A bare name in the condition of a subquery may be one of the query around it, and is left alone.
    """
    own = {each.alias.lower() for each in query.select.expressions if isinstance(each, exp.Alias)}
    is_alone = len(query.relations) == 1
    conditions_are_its_own = not query.is_nested
    places = [(place, is_alone) for place in query.select.expressions]
    places += [(place, is_alone and conditions_are_its_own) for place in query.where]
    for place, takes_bare in places:
        for column in relations.columns(place):
            name = column.name.lower()
            is_qualified = len(column.parts) == 2 and column.table.lower() == this.alias
            if is_qualified or (takes_bare and len(column.parts) == 1 and name not in own):
                yield column, name
