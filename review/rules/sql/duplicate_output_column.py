"""A query gives two columns of the same name.

### Why it matters
A table or view cannot have them, so that creating it fails; in a subquery the name is ambiguous from then on. Engines
and data frames that do take both let one of the two win, and which one is not what the author thought: often one is the
converted value and the other the raw one.

### Bad
```sql
select
    order_id,
    case when currency = 'JPY' then amount / 100 else amount end as amount,
    amount as amount
from orders
```

### Good
```sql
select
    order_id,
    case when currency = 'JPY' then amount / 100 else amount end as amount,
    amount as raw_amount
from orders
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS, Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.outputs import Output
from review.rules.queries import Query
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL022",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Names given twice in one SELECT, and columns of its only table that stand beside that table's star."""
    sql = source.sql
    for query in source.queries:
        if _names_do_not_count(query):
            continue
        first: dict[str, Output] = {}
        for output in query.outputs:
            if output.from_star or not output.name:
                continue
            before = first.setdefault(output.name, output)
            if before is output or not is_written(sql, output.node) or not is_written(sql, before.node):
                continue
            plain = isinstance(output.node, exp.Column) and isinstance(before.node, exp.Column)
            if not plain or not _is_only_shown(source, query) or _is_same(sql, output, before):
                yield _twice(sql, output, before)
        if not _is_only_shown(source, query):
            yield from _beside_star(sql, query)


def _is_only_shown(source: Source, query: Query) -> bool:
    """Whether a script's statement shows rows to a person, to whom two columns of a name are no harm.

    Not in BigQuery, which refuses such a result.
    """
    is_script = source.kind is Kind.SQL_QUERY and source.path.lower().endswith(".sql") and source.dialect != "bigquery"
    return is_script and query.select.parent is None


def _names_do_not_count(query: Query) -> bool:
    """Whether the query's columns go by their order, or nobody sees them: INSERT, EXISTS, a later branch of UNION."""
    parent = query.select.parent
    while isinstance(parent, exp.Subquery):
        parent = parent.parent
    if isinstance(parent, exp.SetOperation):
        return True
    return isinstance(parent, (exp.Insert, exp.Exists, exp.In)) or query.select.args.get("into") is not None


def _twice(sql: ParsedSql, output: Output, before: Output) -> Hit:
    line, _ = _sql.lines(sql, before.node)
    same = _is_same(sql, output, before)
    what = "the same column" if same else "another value"
    return hit(
        sql,
        output.node,
        f"`{output.name}` is already the name of {what}, on line {line}: a table or view made of this fails, or keeps "
        "one of the two.",
        "Take one of the two out." if same else "Give one of the two another name, or take it out.",
        f"{output.name}: {_sql.text(sql, output.node)}",
    )


def _is_same(sql: ParsedSql, output: Output, before: Output) -> bool:
    return _sql.text(sql, output.node) == _sql.text(sql, before.node)


def _beside_star(sql: ParsedSql, query: Query) -> Iterator[Hit]:
    """A star of the only table with columns of it beside it, unless the star leaves them out."""
    if len(query.relations) != 1:
        return
    stars = [each for each in query.select.expressions if isinstance(each, exp.Star)]
    plain = [
        each.name.lower()
        for each in query.select.expressions
        if isinstance(each, exp.Column) and len(each.parts) == 1 and not isinstance(each.this, exp.Star)
    ]
    for star in stars[:1]:
        handled = {each.name.lower() for each in (*(star.args.get("except_") or ()),)}
        handled |= {each.this.name.lower() for each in star.args.get("rename") or ()}
        twice = [name for name in plain if name not in handled]
        if twice and isinstance(star, exp.Star):
            names = ", ".join(f"`{name}`" for name in twice[:3])
            node = next(each for each in query.select.expressions if each.name.lower() == twice[0])
            if is_written(sql, node):
                yield hit(
                    sql,
                    node,
                    f"`*` gives {names} once more: a table or view made of this has two of a name, and fails.",
                    "Leave the column out here, or out of the star (`* EXCEPT (…)`).",
                    f"{twice[0]}, *",
                )
