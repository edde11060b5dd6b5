"""The rows that fail a test leave out those whose comparison is NULL.

### Why it matters
`a = b` is NULL when either side is, and so are `NULL != true` and `not NULL`. A row that is missing on one side, the
worst mismatch there is, is therefore not among the failing rows: the test passes.

### Bad
```sql
with compared as (
    select o.id, (o.amount = e.amount) as is_equal
    from {{ ref('expected_orders') }} e
    left join {{ ref('orders') }} o on o.id = e.id
)
select * from compared where is_equal != true
```

### Good
```sql
with compared as (
    select o.id, (o.amount = e.amount) as is_equal
    from {{ ref('expected_orders') }} e
    left join {{ ref('orders') }} o on o.id = e.id
)
select * from compared where is_equal is distinct from true
```
"""

from collections.abc import Iterator, Sequence

from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt._skeleton import Word
from review.rules.dbt._test_units import KINDS, MAX_WORDS, test_units
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT045",
    standard=Standard.TESTING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=KINDS,
)

NEVER_NULL = frozenset({"CASE", "COALESCE", "IFNULL", "NVL", "COUNT", "DISTINCT", "IS", "<=>", "IF", "IIF"})
"""Words by which a comparison may be made one that is never NULL."""

NOT_TRUE = frozenset({("!=", "TRUE"), ("<>", "TRUE"), ("=", "FALSE")})
CONDITIONS = frozenset({"WHERE", "AND", "OR", "HAVING"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`where is_equal != true` in a test, where `is_equal` is a comparison of two columns."""
    for unit in test_units(source):
        words = list(unit.words())
        texts = [word.upper for word in words]
        asked = list(_asked(texts))
        nullable = _comparisons(texts) if asked else set()
        handled = {name for name, *rest in zip(texts, texts[1:], texts[2:], strict=False) if rest == ["IS", "NULL"]}
        for at, name in asked:
            if name in nullable and name not in handled:
                yield _hit(words, at, name, unit.name)


def _hit(words: Sequence[Word], at: int, name: str, symbol: str) -> Hit:
    named = name.lower()
    return Hit(
        line=words[at].line,
        symbol=symbol,
        evidence=f"{named} is asked for not being true",
        explanation=(
            f"`{named}` is a comparison of two values and NULL where one of them is missing. Such rows are neither "
            "true nor not true: they are not among the rows this query returns, so the test passes with them."
        ),
        remediation=f"Ask for `{named} is distinct from true`, or `coalesce({named}, false) = false`.",
    )


def _asked(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Index and name of what a condition wants not to be true."""
    for at, text in enumerate(texts):
        if text not in CONDITIONS:
            continue
        if texts[at + 1 : at + 2] == ["NOT"]:
            name, after = texts[at + 2 : at + 3], texts[at + 3 : at + 4]
            if name and after in ([], [")"], ["AND"], ["OR"], [";"]):
                yield at + 2, name[0]
        elif tuple(texts[at + 2 : at + 4]) in NOT_TRUE:
            yield at + 1, texts[at + 1]


def _comparisons(texts: Sequence[str]) -> set[str]:
    """The names that are given to `(a = b)` in brackets, where nothing says what NULL becomes."""
    found: set[str] = set()
    opened: list[int] = []
    for at, text in enumerate(texts):
        if text == "(":
            opened.append(at)
        elif text == ")" and opened:
            start = opened.pop()
            begins = start > 0 and texts[start - 1] in ("SELECT", ",") and at - start < MAX_WORDS
            if begins and texts[at + 1 : at + 2] == ["AS"]:
                inside = texts[start + 1 : at]
                if "=" in inside and NEVER_NULL.isdisjoint(inside):
                    found.update(texts[at + 2 : at + 3])
    return found
