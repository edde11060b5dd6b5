"""A column or table comment doubles an apostrophe, which Spark and Hive refuse.

### Why it matters
Standard SQL writes an apostrophe inside a string twice. To Spark and Hive `'the month''s sum'` is two strings, which
they join in an expression, but behind COMMENT the grammar takes one: the whole CREATE TABLE is a syntax error, for a
comment.

### Bad
```sql
create table sums (
    total bigint comment 'The month''s sum'
)
```

### Good
```sql
create table sums (
    total bigint comment 'The month\\'s sum'
)
```
"""

import itertools
from collections.abc import Iterator

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
    code="SQL059",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)


MOST = 20
"""Findings of one file."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """COMMENT and two strings with nothing between them; the first such place of each comment."""
    if source.dialect not in ("hive", "sparksql") or "''" not in source.text:
        return
    yield from itertools.islice(_hits(source), MOST)


def _hits(source: Source) -> Iterator[Hit]:
    text = source.rendering.text
    for words in _tokens.bodies(source):
        for at in range(len(words) - 2):
            comment, first, second = words[at : at + 3]
            if comment.word != "COMMENT" or first.kind is not TokenType.STRING or second.kind is not TokenType.STRING:
                continue
            doubled = text[first.end : second.start + 1] == "''"
            if doubled and _tokens.together(source.rendering, first, second):
                third = words[at + 3] if at + 3 < len(words) else None
                yield _hit(source, first, second, is_all=third is None or third.kind is not TokenType.STRING)


def _hit(source: Source, first: Word, second: Word, is_all: bool) -> Hit:
    """`is_all` says whether there is no third string behind the two, which would have to be mended as well."""
    line, end_line = _tokens.lines(source.rendering, first, second)
    _, mended = _tokens.edited(source, first.end, second.start + 1, "\\'")
    return Hit(
        line=line,
        end_line=end_line,
        evidence=f"{first.text[-40:]}''{second.text[:40]}",
        explanation=(
            "Spark and Hive read the doubled apostrophe as the end of one string and the start of another, and COMMENT "
            "takes only one, so the statement does not parse."
        ),
        remediation="Write `\\'`, or leave the apostrophe out.",
        suggestion=mended if is_all and line == end_line else None,
    )
