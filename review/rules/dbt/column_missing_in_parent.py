"""A query reads a column that the model it refs does not have.

### Why it matters
The parent's query gives no such column: it was renamed or dropped there, or a macro asks for its default one. dbt
parses the project without complaint; the model fails when it is run, and everything downstream of it is skipped.

### Bad
```sql
select orders.order_id, orders.amount_usd
from {{ ref('stg_orders') }} as orders
```

### Good
```sql
select orders.order_id, orders.amount
from {{ ref('stg_orders') }} as orders
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import usage
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT017",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns of ref'd models whose columns are all known; each model's column once a file."""
    if "ref(" not in source.text:
        return
    seen: set[tuple[str, str]] = set()
    for found in usage.missing(source):
        if (found.node.name, found.name) in seen:
            continue
        seen.add((found.node.name, found.name))
        line, end = _sql.lines(source.sql, found.column)
        yield Hit(
            line=line,
            end_line=end,
            evidence=f"{found.node.name}.{found.name}",
            symbol=_sql.symbol(found.column) or _nodes.stem(source.path),
            explanation=(
                f"`{found.node.name}` gives no column `{found.name}`, so this query fails when it is run."
                + _nodes.alike(found.name, frozenset(found.known))
            ),
            remediation=f"Read the column under the name that `{found.node.name}` gives it, or add it there.",
        )
