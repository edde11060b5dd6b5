"""A test for "not true" leaves out the rows where it is not known.

### Why it matters
`passed <> true` is not true where `passed` is NULL. Here the flag is the result of a comparison with an outer-joined
table, so NULL is what it is for every row that has no match: exactly the rows that were to be found are not.

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


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`x <> true` and `x <> false` in a condition."""
    sql = source.sql
    for query in source.queries:
        for condition in (*query.where, *query.having, *query.qualify):
            if not isinstance(condition, exp.NEQ) or not is_written(sql, condition):
                continue
            flag, value = condition.left, condition.right
            if isinstance(flag, exp.Column) and isinstance(value, exp.Boolean):
                yield hit(
                    sql,
                    condition,
                    f"Where `{_sql.text(sql, flag)}` is NULL this is NULL too, so such rows are left out, as if it were "
                    f"{str(bool(value.this)).lower()}.",
                    f"Write `{_sql.text(sql, flag)} IS DISTINCT FROM {str(bool(value.this)).lower()}`.",
                )
