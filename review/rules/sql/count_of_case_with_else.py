"""COUNT counts the rows that its CASE turns into 0 just like the others.

### Why it matters
COUNT counts every value that is not NULL, and 0 is one: `COUNT(CASE WHEN status = 'paid' THEN 1 ELSE 0 END)` is the
number of all rows. The column bears the name of the condition, the query runs, and each such count is the same total.
SUM was meant, or no ELSE.

### Bad
```sql
select
    customer_id,
    count(case when status = 'paid' then 1 else 0 end) as paid_orders
from orders
group by customer_id
```

### Good
```sql
select
    customer_id,
    sum(case when status = 'paid' then 1 else 0 end) as paid_orders
from orders
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
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL065",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

NEVER_NULL = (exp.Literal, exp.Boolean)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """COUNT of a CASE, or IF, of which every branch gives a constant that is not NULL."""
    sql = source.sql
    for count in _sql.walk(sql, exp.Count):
        choice = count.this.unnest() if isinstance(count.this, exp.Expression) else count.this
        results = _results(choice)
        if results and all(isinstance(each, NEVER_NULL) for each in results) and is_written(sql, count):
            yield hit(
                sql,
                count,
                f"`{_sql.text(sql, results[-1])}` is not NULL, so COUNT counts the rows for which it stands as well: "
                "this is the number of all rows.",
                "Use SUM, or take the ELSE out.",
            )


def _results(choice: exp.Expr) -> list[exp.Expr]:
    """What a CASE with ELSE, or an IF with both branches, may give; nothing of anything else."""
    if isinstance(choice, exp.If):
        found = [choice.args.get("true"), choice.args.get("false")]
    elif isinstance(choice, exp.Case):
        found = [*(branch.args.get("true") for branch in choice.args["ifs"]), choice.args.get("default")]
    else:
        return []
    return [] if None in found else [each for each in found if each is not None]
