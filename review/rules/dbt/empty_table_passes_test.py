"""A test compares an aggregate that is NULL, and so passes, for an empty table.

### Why it matters
`max(loaded_at)` of no rows is NULL, `NULL < …` is not true, and a dbt test fails by the rows its query returns: it
returns none. The day the load delivers nothing at all, which is what such a test is there for, it is green.

### Bad
```sql
{% test is_recent(model, field, threshold) %}
with latest as (
    select max({{ field }}) as most_recent from {{ model }}
)
select most_recent from latest
where most_recent < {{ threshold }}
{% endtest %}
```

### Good
```sql
{% test is_recent(model, field, threshold) %}
with latest as (
    select max({{ field }}) as most_recent from {{ model }}
)
select most_recent from latest
where most_recent < {{ threshold }} or most_recent is null
{% endtest %}
```
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt._skeleton import Word
from review.rules.dbt._test_units import KINDS, MAX_WORDS, closing, test_units
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT044",
    standard=Standard.TESTING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=KINDS,
)

AGGREGATES = frozenset({"MAX", "MIN", "SUM", "AVG"})
"""Aggregates that are NULL without rows; `count` is 0."""

COMPARISONS = frozenset({"<", "<=", ">", ">=", "!=", "<>"})
MANY = 100
"""Aggregates and conditions of one test that are looked at."""

BEFORE_A_VALUE = (
    frozenset({"FROM", "JOIN", "(", ",", "SELECT", "AS", "BY", "+", "-", "*", "/", "=", "AND"}) | COMPARISONS
)
"""Words after which a tag prints a value or a table, and no clause."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`where most_recent < …` in a test, where `most_recent` is an aggregate over a whole table."""
    if not any(name in source.text.lower() for name in ("max(", "min(", "sum(", "avg(")):
        return
    for unit in test_units(source):
        words = list(unit.words())
        whole = dict(islice(_whole_table_aggregates(words), MANY))
        handled = _asked_for_null(words)
        compared = (
            at
            for at in range(1, len(words) - 2)
            if words[at - 1].upper == "WHERE" and words[at + 1].text in COMPARISONS and words[at].text.lower() in whole
        )
        for at in islice(compared, MANY):
            name = words[at].text.lower()
            if name not in handled and not _has_another_way(words, at):
                yield Hit(
                    line=words[at].line,
                    symbol=unit.name,
                    evidence=f"where {name} {words[at + 1].text}: {whole[name].lower()} of no rows",
                    explanation=(
                        f"`{name}` is a `{whole[name].lower()}` over the whole table. If the table is empty it is "
                        "NULL, the comparison is not true, no row is returned, and the test passes."
                    ),
                    remediation=f"Add `or {name} is null`, unless an empty table is fine.",
                )


def _whole_table_aggregates(words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Name and function of each aggregate that is named in a query without GROUP BY."""
    for at, word in enumerate(words[:-1]):
        if word.upper not in AGGREGATES or words[at + 1].text != "(":
            continue
        end = closing(words, at + 1)
        if [each.upper for each in words[end + 1 : end + 2]] == ["AS"] and len(words) > end + 2:
            rest = words[end + 3 : _end_of_query(words, end + 1)]
            if not _may_group(rest):
                yield words[end + 2].text.lower(), word.upper


def _end_of_query(words: Sequence[Word], start: int) -> int:
    """Where the query that goes on at `start` is closed; no further than any query that is read is long."""
    depth, end = 0, min(len(words), start + MAX_WORDS)
    for at in range(start, end):
        depth += (words[at].text == "(") - (words[at].text == ")")
        if depth < 0:
            return at
    return end


def _may_group(rest: Sequence[Word]) -> bool:
    """Whether what follows an aggregate in its query groups, or prints something that could."""
    previous = ["", *(word.upper for word in rest)]
    return any(
        word.upper.startswith("GROUP") or (word.is_printed and before not in BEFORE_A_VALUE)
        for word, before in zip(rest, previous, strict=False)
    )


def _has_another_way(words: Sequence[Word], at: int) -> bool:
    """Whether the condition that goes on at `at` can be met otherwise."""
    return any(word.upper == "OR" for word in words[at : _end_of_query(words, at)])


def _asked_for_null(words: Sequence[Word]) -> set[str]:
    """The names that anything asks to be NULL."""
    texts = [word.text.lower() for word in words]
    return {
        name for name, verb, null in zip(texts, texts[1:], texts[2:], strict=False) if (verb, null) == ("is", "null")
    }
