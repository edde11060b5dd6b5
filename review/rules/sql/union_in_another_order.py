"""A UNION's branches give the same columns in different orders.

### Why it matters
UNION pairs columns by their place, not by their name. Where one branch selects `city, country` and the next `country,
city`, the types fit, nothing fails, and half of the rows have the two values swapped.

### Bad
```sql
select order_id, billing_city, billing_country from web_orders
union all
select order_id, billing_country, billing_city from shop_orders
```

### Good
```sql
select order_id, billing_city, billing_country from web_orders
union all
select order_id, billing_city, billing_country from shop_orders
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries, Query
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL024",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns of a later branch whose names the first branch has in other places, two at least; a missing column."""
    queries = source.queries
    for union in _sql.walk(source.sql, exp.SetOperation):
        if isinstance(union.parent, exp.SetOperation) or union.args.get("by_name"):
            continue
        first, *later = queries.branches(union)
        if not first.complete:
            continue
        names = [output.name for output in first.outputs]
        place = {name: at for at, name in enumerate(names) if name}
        told: set[str] = set()
        others = [[output.name for output in query.outputs] for query in later]
        is_odd = len(later) > 1 and all(each == others[0] for each in others) and len(others[0]) == len(names)
        odd = _sql.lines(source.sql, first.select)[0] if is_odd else 0
        for query in later:
            is_same = _turns_pairs(query) and _reads(queries, query) == _reads(queries, first)
            if not query.complete or (is_same and len(query.outputs) == len(names)):
                continue
            for slip in _compare(queries, query, names, place, odd):
                if slip.evidence not in told:  # where the first branch is the odd one, all others are alike
                    told.add(slip.evidence)
                    yield slip


def _reads(queries: Queries, query: Query) -> frozenset[str]:
    return frozenset(each.table or _sql.text(queries.sql, each.node) for each in query.relations)


def _turns_pairs(query: Query) -> bool:
    """Whether it names no column anew: `select home, away … union all select away, home …` is each pair both ways."""
    return not any(isinstance(output.node, exp.Alias) for output in query.outputs)


def _compare(queries: Queries, query: Query, names: list[str], place: dict[str, int], odd: int) -> Iterator[Hit]:
    """`odd` is the line of the first branch where all others are alike, else 0."""
    outputs = query.outputs
    if len(outputs) != len(names):
        node = query.select.expressions[0]
        if is_written(queries.sql, node):
            yield hit(
                queries.sql,
                node,
                f"This branch gives {len(outputs)} columns and the first one {len(names)}, so the UNION fails.",
                "Give both the same columns, with NULL where one has none.",
                f"{len(outputs)} of {len(names)}: {_sql.text(queries.sql, node)}",
            )
        return
    moved = [
        (at, place[output.name])
        for at, output in enumerate(outputs)
        if place.get(output.name, at) != at and output.name != names[at]
    ]
    swapped = [(at, where) for at, where in moved if at < where and outputs[where].name == names[at]]
    for at, where in swapped or moved[: len(moved) > 1]:
        output = outputs[at]
        if not is_written(queries.sql, output.node):
            continue
        where_wrong = "all later branches" if odd else "this branch"
        first = f"`{output.name}` stands where the first branch has `{names[at]}`"
        second = (
            f", and `{names[at]}` where it has `{output.name}`: UNION goes by the order, so the two are swapped in the "
            f"rows of {where_wrong}."
            if swapped
            else f": it is column {at + 1} here and {where + 1} there. UNION goes by the order, so the values of "
            f"{where_wrong} end up under other names."
        )
        blame = f" All the other branches agree: the first one, on line {odd}, is the odd one." if odd else ""
        yield hit(
            queries.sql,
            output.node,
            f"{first}{second}{blame}",
            "Put the first branch into the order of the others."
            if odd
            else "Select the columns in the same order in all branches.",
            f"{output.name}, {names[at]}",
        )
        return
