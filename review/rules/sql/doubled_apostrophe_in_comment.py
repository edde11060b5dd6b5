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

from collections.abc import Iterator

from sqlglot import TokenType

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _tokens
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


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """COMMENT and two strings without anything between them; the first such place of each comment."""
    if source.dialect not in ("hive", "sparksql") or "''" not in source.text:
        return
    for words in _tokens.bodies(source):
        for index in range(len(words) - 2):
            comment, first, second = words[index : index + 3]
            if comment.word == "COMMENT" and words[index + 1].kind is TokenType.EQ and index + 3 < len(words):
                first, second = words[index + 2 : index + 4]
            strings = first.kind is TokenType.STRING and second.kind is TokenType.STRING
            if comment.word != "COMMENT" or not strings or first.end + 1 != second.start:
                continue
            if not _tokens.together(source.rendering, first, second):
                continue
            if source.rendering.text[second.start] != "'":
                continue
            line, end_line = _tokens.lines(source.rendering, first, second)
            parts = [word.text for word in (first, second)]
            third = words[index + 3] if index + 3 < len(words) else None
            alone = third is None or third.kind is not TokenType.STRING
            _, mended = _tokens.edited(source, first.end, second.start + 1, "\\'")
            yield Hit(
                line=line,
                end_line=end_line,
                evidence="''".join(part[-40:] if part is parts[0] else part[:40] for part in parts),
                explanation=(
                    "Spark and Hive read the doubled apostrophe as the end of one string and the start of another, "
                    "and COMMENT takes only one, so the statement does not parse."
                ),
                remediation="Write `\\'`, or leave the apostrophe out.",
                suggestion=mended if alone and line == end_line else None,
            )
