"""A comma is missing between two CTEs or two values of a list.

### Why it matters
Without its comma a second CTE is a syntax error, and the query fails on its first run. Two string literals side by side
are worse: PostgreSQL, MySQL and Spark join them into one, so `IN ('paid' 'shipped')` asks for `paidshipped`, finds
nothing, and says nothing. A comment behind the value, or an entry added at the end of a list, is where it gets lost.

### Bad
```sql
select order_id
from orders
where status in (
    'paid' -- since 2021
    'shipped'
)
```

### Good
```sql
select order_id
from orders
where status in (
    'paid', -- since 2021
    'shipped'
)
```
"""

import itertools
from collections.abc import Iterator, Sequence

from sqlglot import TokenType

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _tokens
from review.rules._tokens import Word
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL040",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

MOST = 20
"""Findings of one file."""

VALUES = frozenset({TokenType.STRING, TokenType.NUMBER})
LISTED = VALUES | {TokenType.COMMA}
NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
QUERY = frozenset({"SELECT", "WITH"})
HINTS = frozenset({"NOT", "MATERIALIZED"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Bodies of CTEs, rows of VALUES, and values in the brackets of IN or of an array that follow without a comma."""
    bodies = _tokens.bodies(source)
    paired = ((words, _tokens.matching(words)) for words in bodies)
    hits = (hit for words, pairs in paired for found in (_ctes, _values) for hit in found(source, words, pairs))
    yield from sorted(itertools.islice(hits, MOST), key=lambda hit: hit.line)


def _ctes(source: Source, words: Sequence[Word], pairs: dict[int, int]) -> Iterator[Hit]:
    """`) next AS (SELECT` behind a CTE."""
    for index, word in enumerate(words):
        if word.word != "WITH":
            continue
        at = index + 1 + (words[index + 1 : index + 2] != [] and words[index + 1].word == "RECURSIVE")
        while (closed := _closing(words, pairs, at)) is not None:
            following = words[closed + 1] if closed + 1 < len(words) else None
            if following is not None and following.kind is TokenType.COMMA:
                at = closed + 2
                continue
            if following is None or _closing(words, pairs, closed + 1) is None:
                break
            if _tokens.together(source.rendering, words[closed], following):
                yield _hit(source, words[closed], following, f"the CTE `{following.text}`")
            at = closed + 1


def _closing(words: Sequence[Word], pairs: dict[int, int], at: int) -> int | None:
    """The index of the bracket that ends a CTE which begins at this word; None where none does."""
    if at >= len(words) or words[at].kind not in NAMES:
        return None
    at += 1
    if at < len(words) and words[at].kind is TokenType.L_PAREN and at in pairs:
        at = pairs[at] + 1
    if at >= len(words) or words[at].word != "AS":
        return None
    at += 1
    while at < len(words) and words[at].word in HINTS:
        at += 1
    if at not in pairs or at + 1 >= len(words) or words[at + 1].word not in QUERY:
        return None
    return pairs[at]


def _values(source: Source, words: Sequence[Word], pairs: dict[int, int]) -> Iterator[Hit]:
    """Two literals side by side in the brackets of IN or of an array, and two rows side by side behind VALUES."""
    unsure = source.dialect in (None, "ansi") and "\\" in source.rendering.text
    for opened, closed in sorted(pairs.items()) if not unsure else ():
        if opened and words[opened - 1].word == "VALUES":
            yield from _rows(source, words, pairs, opened)
        inside = _literals(words, opened, closed)
        for one, other in itertools.pairwise(inside):
            side_by_side = one.kind in VALUES and other.kind in VALUES and one.end + 1 < other.start
            if side_by_side and _tokens.together(source.rendering, one, other):
                yield _hit(source, one, other, f"`{_shown(source, other)}`")


def _literals(words: Sequence[Word], opened: int, closed: int) -> Sequence[Word]:
    """What a bracket of IN, or of an array of several, holds, if it is literals and commas alone; else nothing."""
    is_array = words[opened].kind is TokenType.L_BRACKET
    if not is_array and (opened == 0 or words[opened - 1].word != "IN"):
        return ()
    others = (index for index in range(opened + 1, closed + 1) if words[index].kind not in LISTED)
    if next(others, closed) != closed:
        return ()
    inside = words[opened + 1 : closed]
    return inside if not is_array or any(word.kind is TokenType.COMMA for word in inside) else ()


def _rows(source: Source, words: Sequence[Word], pairs: dict[int, int], opened: int) -> Iterator[Hit]:
    """`(1, 'a') (2, 'b')` behind VALUES."""
    while (closed := pairs.get(opened)) is not None and closed + 1 < len(words):
        following = words[closed + 1]
        if following.kind is TokenType.COMMA:
            opened = closed + 2
            continue
        if following.kind is not TokenType.L_PAREN or closed + 1 not in pairs:
            return
        if _tokens.together(source.rendering, words[closed], following):
            yield _hit(source, words[closed], following, "the next row of VALUES")
        opened = closed + 1


def _shown(source: Source, word: Word) -> str:
    return source.rendering.text[word.start : word.end + 1]


def _hit(source: Source, before: Word, after: Word, what: str) -> Hit:
    line, end_line = _tokens.lines(source.rendering, before, after)
    edited, with_comma = _tokens.edited(source, before.end + 1, before.end + 1, ",")
    bracket = before.kind is TokenType.R_PAREN
    effect = (
        "so the query does not parse"
        if bracket
        else "so the two are read as one value, or the query fails, depending on the database"
    )
    return Hit(
        line=line,
        end_line=end_line,
        evidence=" ".join(source.rendering.text[before.start : after.end + 1].split()),
        explanation=f"No comma stands before {what}, {effect}.",
        remediation="Put the comma in.",
        suggestion="\n".join((with_comma, *source.lines[edited:end_line])) if edited == line else None,
    )
