"""Two inequalities are joined by OR, of which one is always true.

### Why it matters
`status <> 'paid' OR status <> 'void'` is true for every status: what is the one is not the other. The filter filters
nothing, and the rows that it names are all there. AND, or NOT IN, was meant.

### Bad
```sql
select * from orders where status <> 'paid' or status <> 'void'
```

### Good
```sql
select * from orders where status not in ('paid', 'void')
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.relations import alternatives
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL029",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """OR of `x <> 'a'` and `x <> 'b'`, of NOT LIKE or of NOT IN."""
    sql = source.sql
    for node in _sql.walk(sql, exp.Or):
        if isinstance(node.parent, exp.Or):
            continue
        seen: dict[str, tuple[exp.Expr, frozenset[str]]] = {}
        for part in alternatives(node):
            operand, values = _excluded(part)
            if operand is None or not is_written(sql, part):
                continue
            key = _sql.text(sql, operand).lower()
            if key in seen and not values & seen[key][1]:
                name = _sql.text(sql, operand)
                yield hit(
                    sql,
                    part,
                    f"`{_sql.text(sql, seen[key][0])}` is joined with this by OR, and every `{name}` meets one of the "
                    "two: the condition is always true.",
                    "Join the two with AND, or write NOT IN.",
                )
                break
            seen.setdefault(key, (part, values))


def _excluded(part: exp.Expr) -> tuple[exp.Expr | None, frozenset[str]]:
    """What a condition asks of, and the values it excludes."""
    if isinstance(part, exp.NEQ) and isinstance(part.left, exp.Column) and isinstance(part.right, exp.Literal):
        return part.left, frozenset({part.right.name.lower()})
    inner = part.this.unnest() if isinstance(part, exp.Not) else None
    values = inner.expressions if isinstance(inner, exp.In) and isinstance(inner.this, exp.Column) else []
    if inner is not None and values and all(isinstance(each, exp.Literal) for each in values):
        return inner.this, frozenset(each.name.lower() for each in values)
    return None, frozenset()
