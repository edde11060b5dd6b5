"""IS NOT NULL is asked of a raw column that the same query turns into NULL.

### Why it matters
WHERE looks at the stored column, whatever the SELECT calls its result. `nullif(name, '') as name ... where name is not
null` lets the empty names through and turns them into NULL afterwards: the rows that the filter was to keep out are
there, as one large group of NULL.

### Bad
```sql
select nullif(city, '') as city, count(*) as orders
from orders
where city is not null
group by 1
```

### Good
```sql
select city, count(*) as orders
from orders
where nullif(city, '') is not null
group by 1
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
from review.rules.sql._nulls import asks_not_null

rule = Rule(
    module=__name__,
    code="SQL017",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`x is not null` in WHERE where the same SELECT gives `nullif(x, …)` and not `x` itself."""
    sql = source.sql
    for query in source.queries:
        emptied = {}
        for output in query.outputs:
            inner = output.expression
            while isinstance(inner, (exp.Cast, exp.Paren)):
                inner = inner.this
            if isinstance(inner, exp.Nullif) and isinstance(column := _bare(inner.this), exp.Column):
                emptied[_sql.text(sql, column).lower()] = (inner, output.name)
        for condition in query.where if emptied else ():
            asked = asks_not_null(condition)
            known = emptied.get(_sql.text(sql, asked).lower()) if isinstance(asked, exp.Column) else None
            if known is None or not is_written(sql, condition):
                continue
            nullif, name = known
            yield hit(
                sql,
                condition,
                f"This looks at the stored value. `{_sql.text(sql, nullif)}` makes NULL of more of them only after "
                f"that, so `{name or 'the result'}` is NULL in rows that the condition let through.",
                f"Ask `{_sql.text(sql, nullif)} IS NOT NULL`.",
            )


def _bare(node: exp.Expr) -> exp.Expr:
    """An expression without what only trims or casts it."""
    while isinstance(node, (exp.Trim, exp.Cast, exp.Paren)):
        node = node.this
    return node
