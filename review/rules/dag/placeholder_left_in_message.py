"""A message shows a name in braces and not its value: the text is no f-string.

### Why it matters
`raise AirflowException("no rows for {day}")` says "no rows for {day}", whatever the day. The message is what somebody
has at night to find out which table, day or file it was about, and the one thing they need is not in it.

### Bad
```python
from airflow.decorators import task
from airflow.exceptions import AirflowException


@task
def check(day: str, rows: int):
    if rows == 0:
        raise AirflowException("no orders for {day}")
```

### Good
```python
from airflow.decorators import task
from airflow.exceptions import AirflowException


@task
def check(day: str, rows: int):
    if rows == 0:
        raise AirflowException(f"no orders for {day}")
```
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from string import Formatter

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import last_name
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._actions import LOGGERS

rule = Rule(
    module=__name__,
    code="DAG081",
    standard=Standard.MONITORING,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK}),
)

_FAILURES = ("Exception", "Error")


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Texts given alone to a logger, to `print` or to an exception, whose every field is a name that is bound there."""
    if "{" not in source.text or is_test(source.path, source.kind):
        return
    nodes = list(source.scopes)
    bound: defaultdict[str, set[str]] = defaultdict(set)
    for node, symbol in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound[symbol].add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = f"{symbol}.{node.name}".lstrip(".")
            bound[inside].update(each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg))
    for node, symbol in nodes:
        text = _message(node)
        fields = _fields(str(text.value)) if text is not None else frozenset()
        if text is not None and fields and fields <= bound[symbol] | bound[""] and not fields.isdisjoint(bound[symbol]):
            yield _hit(source, text, symbol)


def _message(node: ast.AST) -> ast.Constant | None:
    """The text that a call which tells something is given, and nothing else to be put into it."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return None
    name = last_name(node.func)
    is_failure = name.endswith(_FAILURES) and name[:1].isupper()
    text = node.args[0]
    is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
    return text if is_text and (is_failure or name in LOGGERS) and isinstance(text, ast.Constant) else None


def _fields(text: str) -> frozenset[str]:
    """The names that the fields of a text begin with; nothing where one is empty, or the braces are no fields."""
    try:
        fields = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return frozenset()
    names = [name.partition(".")[0].partition("[")[0] for name in fields]
    return frozenset(names) if "{{" not in text and all(name.isidentifier() for name in names) else frozenset()


def _is_one_literal(code: bytes) -> bool:
    """Whether it is one text without a prefix, in which an f-string would find what `format` does."""
    written = code.decode("utf-8", "replace")
    if written[:1] not in ("'", '"') or "[" in written or "\\" in written:
        return False
    quote = written[:3] if written[:3] in ('"""', "'''") else written[:1]
    return written.find(quote, len(quote)) == len(written) - len(quote)


def _first_field(text: str) -> str:
    """The first field of a text as it is written, with its braces; the text has one."""
    _, name, form, conversion = next(each for each in Formatter().parse(text) if each[1] is not None)
    return f"{{{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}}}"


def _hit(source: Source, text: ast.Constant, symbol: str) -> Hit:
    line = source.lines[text.lineno - 1]
    start = len(line.encode()[: text.col_offset].decode("utf-8", "replace"))
    is_plain = text.lineno == text.end_lineno and _is_one_literal(line.encode()[text.col_offset : text.end_col_offset])
    return Hit(
        line=text.lineno,
        end_line=text.end_lineno,
        symbol=symbol,
        evidence=str(text.value)[:200],
        explanation=(
            f"The message says `{_first_field(str(text.value))[:80]}` by name: without `f` before the quotes nothing "
            "is put in."
        ),
        remediation="Write `f` before the quotes.",
        suggestion=f"{line[:start]}f{line[start:]}" if is_plain else None,
    )
