"""A test for "not true" leaves out the rows where it is not known.

### Why it matters
`passed <> true` is not true where `passed` is NULL. A flag that is made by comparing two columns, or that comes from an
outer join, is NULL for every row of which one side is missing: exactly the rows that were to be found are not, and a
test that looks for failures passes.

### Bad
```sql
with checks as (
    select e.order_id, e.amount = a.amount as is_equal
    from expected as e
    left join actual as a on a.order_id = e.order_id
)
select * from checks where is_equal != true
```

### Good
```sql
with checks as (
    select e.order_id, e.amount = a.amount as is_equal
    from expected as e
    left join actual as a on a.order_id = e.order_id
)
select * from checks where is_equal is distinct from true
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries, Query
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL016",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)


COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`x <> true` and `x <> false` in WHERE and the like, of a flag that is NULL in some rows as the file tells."""
    sql = source.sql
    for query in source.queries:
        for condition in (*query.where, *query.having, *query.qualify):
            if not isinstance(condition, exp.NEQ) or not is_written(sql, condition):
                continue
            flag, value = condition.left, condition.right
            why = _why_null(source.queries, query, flag) if isinstance(flag, exp.Column) else ""
            if why and isinstance(value, exp.Boolean):
                truth = str(bool(value.this)).lower()
                name = _sql.text(sql, flag)
                yield hit(
                    sql,
                    condition,
                    f"`{name}` is NULL where {why}; this is not true there either, so such rows are left out as if "
                    f"`{name}` were {truth}.",
                    f"Write `{name} IS DISTINCT FROM {truth}`.",
                )


def _why_null(queries: Queries, query: Query, flag: exp.Column) -> str:
    """When a flag is NULL, as the end of `where …`; empty where the file does not tell that it may be."""
    found = query.resolve(flag)
    if found is None:
        return ""
    relation, name = found
    if relation.null_extended:
        return f"the outer join finds no `{relation.alias}`"
    for _, expression in queries.definitions(relation, name):
        inner = expression.unnest()
        if isinstance(inner, COMPARISONS) and all(
            isinstance(each.unnest(), exp.Column) for each in (inner.left, inner.right)
        ):
            return f"either side of `{_sql.text(queries.sql, inner)}` is"
    return ""
