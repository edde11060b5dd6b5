"""OR stands beside AND without parentheses and undoes the other conditions.

### Why it matters
AND binds more strongly than OR. `day = '2024-01-01' AND kind = 'a' OR kind = 'b'` is every row of kind b, of any day,
besides those of kind a on that day: the filter on the day holds for one of the two kinds only. Where the day is the
partition, the whole table is read.

### Bad
```sql
select * from events
where day = '2024-01-01' and kind = 'click' or kind = 'view'
```

### Good
```sql
select * from events
where day = '2024-01-01' and (kind = 'click' or kind = 'view')
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.relations import columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL030",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

TESTS = (exp.EQ, exp.Like, exp.ILike, exp.In, exp.RegexpLike)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`a AND x = 1 OR x = 2`, and `x = 1 OR x = 2 AND a`: the tests of one column have an AND at one of them only."""
    sql = source.sql
    for node in _sql.walk(sql, exp.Or):
        if isinstance(node.parent, exp.Connector) or not isinstance(node.parent, (exp.Where, exp.Join, exp.Having)):
            continue
        parts = _written_parts(node)
        mixed = [each for each in parts if isinstance(each, exp.And)]
        alone = [each for each in parts if isinstance(each, TESTS)]
        if len(mixed) != 1 or not alone or len(mixed) + len(alone) != len(parts):
            continue
        (both,) = mixed
        near = both.right if parts[0] is both else _first(both)
        asked = {_asked(each) for each in (*alone, near)}
        other = both.left if parts[0] is both else both.right
        if _is_constant(other):
            continue
        if isinstance(near, TESTS) and len(asked) == 1 and "" not in asked and is_written(sql, node):
            yield hit(
                sql,
                node,
                f"AND binds more strongly than OR, so `{_short(_sql.text(sql, other))}` holds only together with "
                f"`{_short(_sql.text(sql, near))}`, and not with `{_short(_sql.text(sql, alone[0]))}`.",
                "Put the alternatives that OR joins into parentheses, or into one IN list.",
            )


def _is_constant(condition: exp.Expr) -> bool:
    """Whether it is the `true` or `1 = 1` that a list of conditions begins with."""
    return condition.find(exp.Column) is None


def _written_parts(node: exp.Expr) -> list[exp.Expr]:
    """The operands of an OR as they are written, parentheses left alone."""
    parts: list[exp.Expr] = []
    while isinstance(node, exp.Or):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _first(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.And):
        node = node.left
    return node


def _asked(test: exp.Expr) -> str:
    """The one column that a test holds against constants; empty for any other."""
    if test.args.get("negate"):
        return ""
    found = {column.sql().lower() for column in columns(test)}
    return found.pop() if len(found) == 1 and isinstance(test.this, (exp.Column, exp.Func, exp.Cast)) else ""


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
