"""A text that is meant as JSON lacks a comma between two strings.

### Why it matters
JSON inside YAML or inside a Python string is only text to YAML, to Python and to the scheduler: the DAG loads, and the
program that is given it fails with `Expecting ',' delimiter` when the task runs. One missing comma in a list of columns
is enough, and nothing before production looks at it.

### Bad
```python
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

clean = KubernetesPodOperator(
    task_id="clean",
    env_vars={
        "COLUMNS": \"\"\"
        [
          "order_id",
          "amount"
          "currency"
        ]
        \"\"\"
    },
)
```

### Good
```python
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

clean = KubernetesPodOperator(
    task_id="clean",
    env_vars={
        "COLUMNS": \"\"\"
        [
          "order_id",
          "amount",
          "currency"
        ]
        \"\"\"
    },
)
```
"""

import ast
import json
from collections.abc import Iterator
from dataclasses import replace

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import text_of
from review.rules._yaml import items, pairs
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG021",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG}),
)

_MOST = 10
"""Commas that are looked for in one text."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Texts in brackets or braces that would be JSON but for commas between two strings."""
    if source.is_yaml:
        yield from _in_yaml(source)
        return
    for node, symbol in source.scopes:
        text = text_of(node) if isinstance(node, ast.Constant) else None
        if text is None or not isinstance(node, ast.Constant):
            continue
        is_as_written = text.count("\n") == (node.end_lineno or node.lineno) - node.lineno
        for place in _missing(text):
            if is_as_written:
                yield _hit(node.lineno + text.count("\n", 0, place), text, place, symbol)
            else:
                yield _hit(node.lineno, text, place, symbol)
                break


def _in_yaml(source: Source) -> Iterator[Hit]:
    import yaml

    seen: set[int] = set()
    stack = [source.yaml]
    while stack:
        node = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        stack += [value for _, _, value in reversed(pairs(node))] + items(node)[::-1]
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            first = node.start_mark.line + 1
            text = "\n".join(source.lines[first : node.end_mark.line + 1])
            end = text.rfind(node.value.rstrip()[-1:] or "]") + 1
            for place in _missing(text[:end]):
                line = first + 1 + text.count("\n", 0, place)
                written = source.lines[line - 1]
                yield replace(_hit(line, text, place, ""), suggestion=f"{written},")


def _missing(text: str) -> Iterator[int]:
    """Where commas are missing: places right after the first string of each pair."""
    body = text.strip()
    if (body[:1], body[-1:]) not in (("[", "]"), ("{", "}")) or '"' not in body:
        return
    found: list[int] = []
    patched = text
    for _ in range(_MOST):
        try:
            json.loads(patched)
        except json.JSONDecodeError as error:
            place = _seam(patched, error)
            if place is None:
                return
            found.append(place - len(found))
            patched = f"{patched[:place]},{patched[place:]}"
        except RecursionError:
            return
        else:
            break
    yield from found


def _seam(text: str, error: json.JSONDecodeError) -> int | None:
    """The end of the string before the error, where a string follows it after blanks; else None."""
    before = text[: error.pos].rstrip()
    is_apart = "\n" in text[len(before) : error.pos]
    is_between = before.endswith('"') and text[error.pos : error.pos + 1] == '"'
    return len(before) if error.msg == "Expecting ',' delimiter" and is_apart and is_between else None


def _hit(line: int, text: str, place: int, symbol: str) -> Hit:
    left = text[:place].rpartition("\n")[2].strip()
    right = text[place:].strip().partition("\n")[0]
    return Hit(
        line=line,
        symbol=symbol,
        evidence=f"{left} {right}",
        explanation=(
            f"There is no comma between {left[-40:]} and {right[:40]}. To Airflow this is only text; the program that "
            "reads it as JSON fails with `Expecting ',' delimiter` when the task runs."
        ),
        remediation="Put a comma between the two.",
    )
