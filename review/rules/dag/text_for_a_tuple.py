"""A value is looked for in a text that stands in brackets, where a tuple is meant.

### Why it matters
`("GET")` is a text, not a tuple: the comma makes the tuple. `method in ("GET")` asks whether the one is a part of the
other, so `"G"`, `"ET"` and the empty text are in it too. As long as the values are the expected ones nothing shows.

### Bad
```python
from airflow.decorators import task


@task
def columns(names: list[str]) -> list[str]:
    return [name for name in names if name not in ("loaded_at")]
```

### Good
```python
from airflow.decorators import task


@task
def columns(names: list[str]) -> list[str]:
    return [name for name in names if name not in ("loaded_at",)]
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import code_of, end_line, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG075",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK}),
)

_LEAST = 2
"""Letters: in a single one there is no part but itself."""
_CHARACTERS = frozenset({"c", "ch", "char", "character", "letter", "symbol", "sign"})
"""What is called so is compared with characters."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`x in ("text")` on one line, the brackets around the text alone."""
    if is_test(source.path, source.kind):
        return
    for node, symbol in source.scopes:
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[-1], ast.In | ast.NotIn):
            continue
        text, where = node.comparators[-1], node.comparators[-1]
        value = text_of(text)
        if (
            value is None
            or not isinstance(where, ast.Constant)
            or len(value) < _LEAST
            or where.lineno != end_line(where)
            or _is_one_character(node.left, value)
        ):
            continue
        line = source.lines[where.lineno - 1].encode()
        start, end = where.col_offset, where.end_col_offset or 0
        before, after = line[:start].rstrip(), line[end:].lstrip()
        if before.endswith(b"in (") and after.startswith(b")"):
            gap = len(line[end:]) - len(after)
            yield _hit(node, symbol, value, _with_comma(line, end, gap))


def _is_one_character(asked: ast.expr, text: str) -> bool:
    """Whether it is asked whether one character is among those of the text, as far as names and signs tell."""
    name = asked.id if isinstance(asked, ast.Name) else ""
    is_item = isinstance(asked, ast.Subscript) and not (
        isinstance(asked.slice, ast.Constant) and isinstance(asked.slice.value, str)
    )
    are_letters = any(sign.isalnum() for sign in text) and len(set(text.lower())) * 2 > len(text)
    return is_item or name in _CHARACTERS or not are_letters or text.lower() == "aeiou"


def _with_comma(line: bytes, end: int, gap: int) -> str:
    return (line[:end] + b"," + line[end + gap :]).decode("utf-8", "replace")


def _hit(node: ast.Compare, symbol: str, text: str, suggestion: str) -> Hit:
    where = node.comparators[-1]
    return Hit(
        line=where.lineno,
        symbol=symbol,
        evidence=code_of(node, 200),
        explanation=(
            f"Brackets alone make no tuple, so this asks whether the value is a part of the text `{text[:40]}`: "
            f"`{text[1:][:40]}` and the empty text are."
        ),
        remediation="Put a comma before the closing bracket, or compare by `==`.",
        suggestion=suggestion,
    )
