"""A FULL JOIN compares many dimensions with `=`, which NULL never matches.

### Why it matters
Two aggregates by the same dimensions are put side by side. A row in which any dimension is NULL (no campaign, no
referrer) matches nothing, not even the row of the other side that has the same NULL: both are kept, each with NULL in
the other's measures, and every ratio between the two is wrong for them. The more dimensions, the more rows.

### Bad
```sql
select v.day, v.country, v.source, v.medium, v.campaign, v.visits, s.signups
from visits as v
full outer join signups as s
    on v.day = s.day
    and v.country = s.country
    and v.source = s.source
    and v.medium = s.medium
    and v.campaign = s.campaign
    and v.browser = s.browser
```

### Good
```sql
select v.day, v.country, v.source, v.medium, v.campaign, v.visits, s.signups
from visits as v
full outer join signups as s
    on v.day = s.day
    and v.country = s.country
    and coalesce(v.source, '') = coalesce(s.source, '')
    and coalesce(v.medium, '') = coalesce(s.medium, '')
    and coalesce(v.campaign, '') = coalesce(s.campaign, '')
    and coalesce(v.browser, '') = coalesce(s.browser, '')
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.relations import Join, Relation, Side
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL019",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

MANY = 5
"""Equalities of what is no key from which on a join is one of dimensions."""

KEY_ENDINGS = ("id", "key", "uuid", "code", "email", "date", "day", "hour", "month", "year", "version")
FLAGS = ("is", "are", "has", "was")
"""Last and first words in the names of columns that are rarely NULL."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The file's first FULL JOIN by many plain equalities, none of which minds NULL."""
    for query in source.queries:
        for relation, join in query.joins:
            if join.side is not Side.FULL or not all(_is_plain(each) for each in join.on):
                continue
            if sum(not _is_key(each) for each in join.on) >= MANY:
                yield _hit(source, relation, join)
                return


def _is_plain(condition: exp.Expr) -> bool:
    return (
        isinstance(condition, exp.EQ)
        and isinstance(condition.left, exp.Column)
        and isinstance(condition.right, exp.Column)
        and condition.left.table.lower() != condition.right.table.lower()
    )


def _is_key(condition: exp.Expr) -> bool:
    words = condition.this.name.lower().split("_")
    return words[-1] in KEY_ENDINGS or not set(FLAGS).isdisjoint(words)


def _hit(source: Source, relation: Relation, join: Join) -> Hit:
    sql = source.sql
    places = [_sql.lines(sql, each) for each in join.on]
    names = [each.this.name for each in join.on]
    return Hit(
        line=min(first for first, _ in places),
        end_line=max(last for _, last in places),
        symbol=_sql.symbol(join.node),
        evidence=f"{relation.alias}: {', '.join(names)}",
        explanation=(
            f"A row in which any of these {len(names)} columns is NULL finds no match in `{relation.alias}`, even "
            "where the same NULL is there: the two rows stay apart, each with NULL in the other's measures."
        ),
        remediation=(
            "Compare the columns that may be NULL with IS NOT DISTINCT FROM, or wrap both sides in COALESCE with a "
            "value such as 'unknown'."
        ),
    )
