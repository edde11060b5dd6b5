"""A comma is typed where a dot was meant.

### Why it matters
`udf,parse(x)` is two entries of the SELECT list, a column `udf` and a call of `parse`, where `udf.parse(x)` was meant.
At best the query fails because there is no such column; at worst there is one, and every column behind it is shifted by
one for whoever reads or inserts by position.

### Bad
```sql
select
    order_id,
    udf,parse_note(max(note)) as note
from orders
group by order_id
```

### Good
```sql
select
    order_id,
    udf.parse_note(max(note)) as note
from orders
group by order_id
```
"""

import itertools
from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL042",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`name,other` without a blank in a SELECT list whose other commas have one, where `name` can be no column."""
    sql = source.sql
    text = sql.rendering.text
    for select in _sql.walk(sql, exp.Select):
        items = select.expressions
        spans = [_span(item) for item in items]
        close = [
            one is not None and other is not None and text[one[1] + 1 : other[0]] == ","
            for one, other in itertools.pairwise(spans)
        ]
        if close.count(True) != 1 or (len(close) == 1 and select.args.get("group") is None):
            continue
        at = close.index(True)
        name, other = items[at], items[at + 1]
        if isinstance(name, exp.Column) and not name.table and _is_no_column(select, name, other):
            yield _hit(sql, name, other)


def _span(node: exp.Expr) -> tuple[int, int] | None:
    """Offsets of the first and the last character of the names in a node; None without any."""
    places = [(part.meta["start"], part.meta["end"]) for part in node.walk() if part._meta and "start" in part.meta]
    return (min(start for start, _ in places), max(end for _, end in places)) if places else None


def _is_no_column(select: exp.Select, name: exp.Column, other: exp.Expr) -> bool:
    """Whether it is neither grouped by in a query that groups, with a call behind it, nor else than a table's alias."""
    group = select.args.get("group")
    value = other.unalias()
    if isinstance(value, exp.Anonymous) and group is not None and not group.args.get("all"):
        grouped = {each.name.lower() for each in group.find_all(exp.Column)}
        by_position = any(isinstance(each, exp.Literal) for each in group.expressions)
        return name.name.lower() not in grouped and not by_position
    aliases = {source.alias_or_name.lower() for source in _sources(select)}
    return isinstance(value, exp.Column) and not value.table and name.name.lower() in aliases


def _sources(select: exp.Select) -> Iterator[exp.Expr]:
    """What stands in FROM and behind each JOIN."""
    source = select.args.get("from_")
    if source is not None:
        yield source.this
    for join in select.args.get("joins") or ():
        yield join.this


def _hit(sql: ParsedSql, name: exp.Column, other: exp.Expr) -> Hit:
    line, _ = _sql.lines(sql, name)
    _, end_line = _sql.lines(sql, other)
    what = other.unalias().name
    return Hit(
        line=line,
        end_line=end_line,
        symbol=_sql.symbol(name),
        evidence=f"{name.name},{_sql.text(sql, other)}",
        explanation=(
            f"`{name.name},{what}` are two entries of the SELECT list, and `{name.name}` is no column here: a dot was "
            "most likely meant instead of the comma."
        ),
        remediation=f"Write `{name.name}.{what}`.",
    )
