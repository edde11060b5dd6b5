"""The rows that fail a test leave out those whose comparison is NULL.

### Why it matters
`a = b` is NULL when either side is, and so are `NULL != true` and `not NULL`. A value that is missing on one side is
therefore not among the failing rows, and the test passes. In `a = b and c = d` that is so where no other pair differs:
one that does makes the whole false. Where a missing counterpart is legitimate, the test may say so instead.

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
    select o.id, (o.amount is not distinct from e.amount) as is_equal
    from {{ ref('expected_orders') }} e
    left join {{ ref('orders') }} o on o.id = e.id
)
select * from compared where is_equal != true
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
        nullable = _comparisons(texts) if asked else {}
        handled = {name for name, *rest in zip(texts, texts[1:], texts[2:], strict=False) if rest == ["IS", "NULL"]}
        for at, name in asked:
            if name in nullable and name not in handled:
                yield _hit(words[at], name.lower(), unit.name, nullable[name])


def _hit(word: Word, named: str, symbol: str, has_several: bool) -> Hit:
    what = (
        "joins several comparisons by AND, and is NULL where a value of one is missing and no other pair differs"
        if has_several
        else "is a comparison of two values and NULL where one of them is missing"
    )
    return Hit(
        line=word.line,
        symbol=symbol,
        evidence=f"{named} is asked for not being true",
        explanation=(
            f"`{named}` {what}. Such rows are neither true nor not true: they are not among the rows this query "
            "returns, so the test passes with them."
        ),
        remediation=(
            "Compare each pair null-safely, as with `a is not distinct from b`. Where a missing counterpart is "
            "legitimate, let such rows pass by a condition of their own that says so."
        ),
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


def _comparisons(texts: Sequence[str]) -> dict[str, bool]:
    """The names that are given to `(a = b)` in brackets, where nothing says what NULL becomes, and whether by AND."""
    found: dict[str, bool] = {}
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
                    found.update(dict.fromkeys(texts[at + 2 : at + 3], "AND" in inside))
    return found
