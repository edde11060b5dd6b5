"""A name is missing before or after a dot.

### Why it matters
`max(.amount)` has no table before its dot, and `coalesce(o., 0)` no column after it. Such a statement does not parse,
so the model or job that holds it fails on its first run. Usually an alias was deleted, or forgotten in one line
of many.

### Bad
```sql
select
    max(o.paid_at) as paid_at,
    max(.amount) as amount
from orders as o
```

### Good
```sql
select
    max(o.paid_at) as paid_at,
    max(o.amount) as amount
from orders as o
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
    code="SQL041",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
SIGNS = frozenset(
    {TokenType.L_PAREN, TokenType.COMMA, TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT}
    | {TokenType.GTE, TokenType.PLUS, TokenType.DASH, TokenType.SLASH, TokenType.DPIPE}
)
"""Signs after which a name begins."""
WORDS = frozenset({"SELECT", "DISTINCT", "WHERE", "AND", "OR", "ON", "NOT", "WHEN", "THEN", "ELSE", "BY", "HAVING"})
"""Words after which a name begins."""
ENDS = frozenset({TokenType.COMMA, TokenType.R_PAREN})


MOST = 20
"""Findings of one file."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Dots between a bracket, a comma or an operator and a name, and names with a dot before a comma or a bracket."""
    yield from itertools.islice(_hits(source), MOST)


def _hits(source: Source) -> Iterator[Hit]:
    for words in _tokens.bodies(source):
        for before, dot, after in zip(words, words[1:], words[2:], strict=False):
            if dot.kind is not TokenType.DOT:
                continue
            headless = after.kind in NAMES and after.start == dot.end + 1 and _opens(before)
            endless = after.kind in ENDS and before.kind in NAMES and before.end + 1 == dot.start
            if not (headless or endless) or not _tokens.together(source.rendering, before, after):
                continue
            if _closes_a_placeholder(before, dot):
                continue
            if headless:
                yield _hit(source, dot, after, f"`.{after.text}` has no table or alias before its dot")
            else:
                yield _hit(source, before, dot, f"`{before.text}.` has no column after its dot")


def _opens(word: Word) -> bool:
    return word.kind in SIGNS or word.word in WORDS


def _closes_a_placeholder(before: Word, dot: Word) -> bool:
    """Whether it is `<database>.orders`, in which the reader is to put a name of their own."""
    return before.kind is TokenType.GT and before.end + 1 == dot.start


def _hit(source: Source, first: Word, last: Word, what: str) -> Hit:
    line, end_line = _tokens.lines(source.rendering, first, last)
    return Hit(
        line=line,
        end_line=end_line,
        evidence=source.rendering.text[first.start : last.end + 1],
        explanation=f"{what}, so the statement does not parse.",
        remediation="Write the missing name, as the lines around it do, or remove the dot.",
    )
