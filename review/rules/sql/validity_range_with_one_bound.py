"""A join to versions that are valid for a time asks for one end of that time only.

### Why it matters
A slowly changing dimension has a row per version, each with the time from which and to which it is valid. A join that
asks only whether the version had not ended yet (or only whether it had begun) matches all later (or all earlier)
versions too: each fact comes back once per version, and sums over it grow with every change of the dimension.

### Bad
```sql
select o.order_id, o.amount, c.segment
from orders as o
left join customer_versions as c
    on c.customer_id = o.customer_id
    and o.ordered_at < c.valid_to
```

### Good
```sql
select o.order_id, o.amount, c.segment
from orders as o
left join customer_versions as c
    on c.customer_id = o.customer_id
    and o.ordered_at >= c.valid_from
    and o.ordered_at < c.valid_to
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.relations import Relation, columns
from review.rules.source import Source
from review.rules.sql._hits import hit

rule = Rule(
    module=__name__,
    code="SQL015",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

ORDER = (exp.GT, exp.GTE, exp.LT, exp.LTE)
BEGINS = ("from", "start", "starts", "since", "begin", "effective")
ENDS = ("to", "end", "ends", "until", "till", "expiry", "expires", "expiration", "thru", "through")
VALIDITY = frozenset({"valid", "active", "effective", "validity", "version", "scd", "row", "record", "dbt"})
"""Words in the name of a column that say it is a version's time, not an event's."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Joins by a key and by one comparison with a column that ends, or begins, a version's validity."""
    for query in source.queries:
        if query.distinct or query.groups or query.qualify or any(query.find_all(exp.Window)):
            continue
        for relation, join in query.joins:
            keyed = any(isinstance(each, exp.EQ) and _of(query, relation, each) for each in join.on)
            about = _bounds(query, relation, join.on) if keyed else []
            if len(about) != 1 or _bounds(query, relation, query.where):
                continue
            condition, name = about[0]
            if condition.find(*ORDER) and _other(query, relation, condition):
                yield _hit(source, relation, condition, name)


def _bounds(query: Query, relation: Relation, conditions: tuple[exp.Expr, ...]) -> list[tuple[exp.Expr, str]]:
    """The conditions on a relation's columns that begin or end a version, each with the column."""
    return [(each, name) for each in conditions for name in _of(query, relation, each) if _bound(name)]


def _hit(source: Source, relation: Relation, condition: exp.Expr, name: str) -> Hit:
    open_end, missing = ("ended", "had begun") if _bound(name) == "end" else ("begun", "had not ended yet")
    which = "later" if open_end == "ended" else "earlier"
    return hit(
        source.sql,
        condition,
        f"`{name}` is the only bound of `{relation.alias}` that is asked for; whether the version {missing} is not, so "
        f"all {which} versions match too and each row comes back once per version.",
        "Ask for both ends of the version's time, so that exactly one version matches.",
    )


def _bound(name: str) -> str:
    """Whether a column's name says that a version begins or ends there; empty where it says neither."""
    words = name.lower().split("_")
    if VALIDITY.isdisjoint(words):
        return ""
    return "end" if not set(ENDS).isdisjoint(words) else "begin" if not set(BEGINS).isdisjoint(words) else ""


def _of(query: Query, relation: Relation, condition: exp.Expr) -> list[str]:
    """The columns of a relation in a condition."""
    found = (query.resolve(column) for column in columns(condition))
    return [each[1] for each in found if each is not None and each[0] is relation]


def _other(query: Query, relation: Relation, condition: exp.Expr) -> bool:
    """Whether a condition also speaks of a column of another relation."""
    found = (query.resolve(column) for column in columns(condition))
    return any(each is not None and each[0] is not relation for each in found)
