"""A whole group is collected into an array of which one element is taken.

### Why it matters
`ARRAY_AGG(x ORDER BY y)[OFFSET(0)]` makes BigQuery hold and sort every row of the group in the memory of one worker,
and then throws all but one away. One large group is enough for "Resources exceeded during query execution", often
months after the query was written. With `LIMIT 1` inside the aggregate it keeps a single row while it reads.

### Bad
```sql
select
    customer_id,
    array_agg(o order by ordered_at desc)[offset(0)] as last_order
from orders as o
group by customer_id
```

### Good
```sql
select
    customer_id,
    array_agg(o order by ordered_at desc limit 1)[offset(0)] as last_order
from orders as o
group by customer_id
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

rule = Rule(
    module=__name__,
    code="SQL047",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

TURNED = (exp.Reverse, exp.ArrayReverse)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """In each SELECT the first place that takes one element, at either end, of ARRAY_AGG without LIMIT."""
    if source.dialect != "bigquery" or "array_agg" not in source.text.lower():
        return
    sql = source.sql
    told: set[int] = set()
    for bracket in _sql.walk(sql, exp.Bracket):
        turned = isinstance(bracket.this, TURNED)
        array = bracket.this.this if turned else bracket.this
        if len(bracket.expressions) != 1 or not _is_first(bracket) or not isinstance(array, exp.ArrayAgg):
            continue
        if array.find(exp.Limit) is not None or isinstance(array.parent, exp.Window):
            continue
        query = id(bracket.find_ancestor(exp.Select))
        if query in told:
            continue
        told.add(query)
        line, end_line = _sql.lines(sql, bracket)
        order = "the order turned round and " if turned else ""
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=_sql.symbol(bracket),
            evidence=_sql.text(sql, bracket),
            explanation=(
                "All rows of each group are collected in the memory of one worker, and only one of them is used: a "
                'large group ends in "Resources exceeded".'
            ),
            remediation=f"Put {order}`LIMIT 1` inside each such ARRAY_AGG, so that one row a group is kept.",
        )


def _is_first(bracket: exp.Bracket) -> bool:
    index = bracket.expressions[0]
    return isinstance(index, exp.Literal) and index.name == str(bracket.args.get("offset") or 0)
