"""Changes of a row are looked for with a comparison that is blind to NULL.

### Why it matters
`old.price = new.price` is not true where both are NULL, and `old.price <> new.price` is not true where one of them is.
Where current versions are compared with incoming rows, the first makes a new version of an unchanged row on every run,
and the second never sees that a value was filled in or taken away.

### Bad
```sql
select n.*
from new_prices as n
where not exists (
    select 1
    from price_history as h
    where h.product_id = n.product_id
        and h.is_current = true
        and coalesce(h.currency, '') = coalesce(n.currency, '')
        and h.discount = n.discount
)
```

### Good
```sql
select n.*
from new_prices as n
where not exists (
    select 1
    from price_history as h
    where h.product_id = n.product_id
        and h.is_current = true
        and coalesce(h.currency, '') = coalesce(n.currency, '')
        and h.discount is not distinct from n.discount
)
```
"""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries
from review.rules.relations import alternatives, conjuncts
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written

rule = Rule(
    module=__name__,
    code="SQL018",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

KEY_ENDINGS = ("id", "ids", "key", "pk", "sk", "fk", "uuid", "guid", "code")
"""Last words of a name that say the column tells which row it is, not what it says."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Plain comparisons of an attribute where the current version is looked for, or beside ones that mind NULL."""
    sql = source.sql
    keys = _keys(source.queries)
    for query in source.queries:
        if _is_not_exists(query.select) and any(_is_current(each) for each in query.where):
            yield from _blind(source, query.where, keys)
    for node in _sql.walk(sql, exp.Or):
        if not isinstance(node.parent, exp.Or):
            parts = alternatives(node)
            minding = [each for each in parts if _minds_null(each, exp.NEQ)]
            plain = [each for each in parts if _pair(each, exp.NEQ)]
            if minding and plain and len(minding) + len(plain) == len(parts):
                for each in plain:
                    yield from _say(source, each, "one of them is")


def _blind(source: Source, parts: Iterable[exp.Expr], keys: set[str]) -> Iterator[Hit]:
    for condition in parts:
        names = _pair(condition, exp.EQ)
        if names and not names & keys and not any(_is_key(name) for name in names):
            yield from _say(source, condition, "both are")


def _say(source: Source, condition: exp.Expr, when: str) -> Iterator[Hit]:
    sql = source.sql
    if not is_written(sql, condition):
        return
    effect = (
        "so an unchanged row without this value is taken for a changed one on every run"
        if isinstance(condition, exp.EQ)
        else "so a value that is filled in or taken away is not seen as a change"
    )
    yield hit(
        sql,
        condition,
        f"`{_sql.text(sql, condition)}` is not true where {when} NULL, {effect}.",
        "Compare with IS [NOT] DISTINCT FROM, or wrap both sides in COALESCE as for other columns.",
    )


def _keys(queries: Queries) -> set[str]:
    """The columns by which the file's queries join, partition or group: these tell which row it is."""
    keys: set[str] = set()
    for query in queries:
        for _, join in query.joins:
            keys.update(join.using)
            for each in join.on:
                keys |= _pair(each, exp.EQ)
        for window in query.select.find_all(exp.Window):
            keys.update(
                each.name.lower() for each in window.args.get("partition_by") or () if isinstance(each, exp.Column)
            )
    return keys


def _pair(condition: exp.Expr, kind: type[exp.Binary]) -> set[str]:
    """The names on both sides of a plain comparison of two tables' columns."""
    if not isinstance(condition, kind):
        return set()
    left, right = condition.left.unnest(), condition.right.unnest()
    if not isinstance(left, exp.Column) or not isinstance(right, exp.Column) or not (left.table and right.table):
        return set()
    return {left.name.lower(), right.name.lower()} if left.table.lower() != right.table.lower() else set()


def _minds_null(condition: exp.Expr, kind: type[exp.Binary]) -> bool:
    """Whether both sides of a comparison of two tables' columns are wrapped in COALESCE, or it is IS DISTINCT FROM."""
    if isinstance(condition, (exp.NullSafeNEQ, exp.NullSafeEQ)):
        return isinstance(condition.left, exp.Column) and isinstance(condition.right, exp.Column)
    return isinstance(condition, kind) and all(
        isinstance(each.unnest(), exp.Coalesce) and each.find(exp.Column) for each in (condition.left, condition.right)
    )


def _is_not_exists(select: exp.Select) -> bool:
    return isinstance(select.parent, exp.Exists) and isinstance(select.parent.parent, exp.Not)


def _is_current(condition: exp.Expr) -> bool:
    """Whether a condition picks the current version: a flag that is true, or an end that is not there."""
    parts = conjuncts(condition)
    if len(parts) != 1:
        return False
    if isinstance(condition, exp.Column):
        return "current" in condition.name.lower()
    if isinstance(condition, exp.EQ) and isinstance(condition.left, exp.Column):
        return "current" in condition.left.name.lower() and isinstance(condition.right, (exp.Boolean, exp.Literal))
    if isinstance(condition, exp.Is) and isinstance(condition.this, exp.Column):
        words = condition.this.name.lower().split("_")
        return isinstance(condition.expression, exp.Null) and not {"to", "end", "until"}.isdisjoint(words)
    return False


def _is_key(name: str) -> bool:
    return name.split("_")[-1] in KEY_ENDINGS
