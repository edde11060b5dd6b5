"""A suffix or prefix is cut off by `strip`, which takes letters and not words.

### Why it matters
`"sales_csv.csv".rstrip(".csv")` is `"sale"`: `strip`, `lstrip` and `rstrip` remove any of the given letters from the
end, as long as there are some. Most names come out right, so tests pass; the first one that ends with one of those
letters is cut too short, and a wrong file, table or address is used.

### Bad
```python
from airflow.decorators import task


@task
def table_of(path: str) -> str:
    return path.rstrip(".csv")
```

### Good
```python
from airflow.decorators import task


@task
def table_of(path: str) -> str:
    return path.removesuffix(".csv")
```
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import code_of, end_line, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._numbers import read_as_numbers
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG074",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.NOTEBOOK}),
)

_METHODS = {"rstrip": "removesuffix", "lstrip": "removeprefix", "strip": "removesuffix"}
_ENDS = {"rstrip": frozenset({"right"}), "lstrip": frozenset({"left"}), "strip": frozenset({"left", "right"})}
_LEAST = 3
"""Letters of a word; `strip("ab")` may well mean both letters."""
_VOWELS = frozenset("aeiou")
"""Letters of which a word has one at least, and letters alone have none or all: `KMGT`, `dhms`."""
_SETS = frozenset({"0123456789", "abc", "xyz", "acgtn"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Such calls with one literal that is a word: letters in no order, perhaps with a dot, slash, dash or the like."""
    if "strip(" not in source.text or is_test(source.path, source.kind):
        return
    nodes = list(source.scopes)
    numbers = read_as_numbers(nodes)
    for node, symbol in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) != 1:
            continue
        text = text_of(node.args[0])
        if node.func.attr in _METHODS and text is not None and _is_word(text):
            method = node.func.attr
            if _ENDS[method] <= numbers.get(node, frozenset()) and not any(letter.isdigit() for letter in text):
                continue
            yield Hit(
                line=node.lineno,
                end_line=end_line(node),
                symbol=symbol,
                evidence=code_of(node, 200),
                explanation=(
                    f"`{method}({text!r})` removes any of the letters `{''.join(sorted(set(text)))}` for as long as "
                    f"there are some, not the text `{text}`: a name that has one of them there is cut too short."
                ),
                remediation=f"Write `.{_METHODS[method]}({text!r})` (Python 3.9).",
            )


def _is_word(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) < _LEAST or len(set(letters)) < 2 or not text.isprintable() or text.lower() in _SETS:
        return False
    is_row = all(ord(after) - ord(before) == 1 for before, after in pairwise(letters))
    if all(letter.isalpha() for letter in text) and {*text.lower()} & _VOWELS in (set(), _VOWELS):
        return False
    return not is_row and all(letter.isalnum() or letter in "._-/: " for letter in text)
