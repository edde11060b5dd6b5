"""A query reads from a project or a database of another environment by its name.

### Why it matters
A table written with the staging project's name keeps being read from there when the query runs in production: the
numbers come from test data, or are a mix of both, nothing fails, and the day staging is rebuilt or its access is taken
away the production job breaks. It is nearly always left over from trying the query out.

### Bad
```sql
select order_id, amount
from `shop-data-staging.sales.orders`
```

### Good
```sql
select order_id, amount
from sales.orders
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, _tests
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL045",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

ENVIRONMENTS = frozenset(
    {"staging", "stage", "stg", "dev", "develop", "development", "sandbox", "test", "qa", "uat", "preprod", "nonprod"}
)
"""What teams call a place that is not production, as a part of its name."""

READ_BY = (exp.From, exp.Join)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Tables of three parts in FROM or JOIN, the first of which has an environment's word in it."""
    if _tests.is_test(source.path, source.kind) or not any(word in source.text.lower() for word in ENVIRONMENTS):
        return
    sql = source.sql
    path = _words(source.path)
    seen: set[str] = set()
    for table in _sql.walk(sql, exp.Table):
        catalog = table.catalog
        named = ENVIRONMENTS & _words(catalog)
        if not named or catalog in seen or not isinstance(table.parent, READ_BY) or not table.name:
            continue
        if not named.isdisjoint(path) or not sql.is_literal(table):
            continue
        seen.add(catalog)
        line, end_line = _sql.lines(sql, table)
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=_sql.symbol(table),
            evidence=f"{catalog}.{table.db}.{table.name}",
            explanation=(
                f"`{table.name}` is read from `{catalog}` wherever this runs, also in production: its numbers are "
                f"those of {min(named)}, and the query fails when that is rebuilt or closed."
            ),
            remediation="Leave the project out, or take it from the setting that tells the environments apart.",
        )


def _words(text: str) -> set[str]:
    """The words of a name or a path, in lower case."""
    return set("".join(each if each.isalnum() else " " for each in text.lower()).split())
