"""An exception is made and not raised, so the failure it names is no failure.

### Why it matters
`AirflowException("no rows")` as a statement of its own builds an object and drops it. The check that it stands for has
no effect: the task or the job goes on with what it was to refuse, and ends as a success.

### Bad
```python
from airflow.decorators import task
from airflow.exceptions import AirflowException


@task
def check(rows: int):
    if rows == 0:
        AirflowException("no orders today")
```

### Good
```python
from airflow.decorators import task
from airflow.exceptions import AirflowException


@task
def check(rows: int):
    if rows == 0:
        raise AirflowException("no orders today")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import code_of, dotted, end_line, last_name
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG070",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.NOTEBOOK}),
)

_ENDS = ("Exception", "Error")
_TELLS = ("Log", "Report", "Handle", "Print", "Write", "Show", "Send", "Set", "Raise", "Throw", "Notify", "On")
"""What a method is called that does something with an error, in the style of .NET."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Statements that are a call of a class named as exceptions are."""
    if not any(end in source.text for end in _ENDS) or is_test(source.path, source.kind):
        return
    for node, symbol in source.scopes:
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or not dotted(call.func):
            continue
        name = last_name(call.func)
        if name.endswith(_ENDS) and name[:1].isupper() and not _is_told(dotted(call.func)):
            line = source.lines[call.lineno - 1]
            is_whole = call.lineno == end_line(call)
            yield Hit(
                line=call.lineno,
                end_line=end_line(call),
                symbol=symbol,
                evidence=code_of(call, 200),
                explanation=f"`{name}(…)` only makes the exception; without `raise` the code below goes on.",
                remediation="Write `raise` before it.",
                suggestion=_raised(line, call) if is_whole and source.kind is not Kind.NOTEBOOK else None,
            )


def _is_told(name: str) -> bool:
    """Whether it is a method that tells or handles an error: `logger.Error`, `self.LogError`."""
    owner, _, last = name.rpartition(".")
    rest = next((last.removeprefix(each) for each in _TELLS if last.startswith(each)), "")
    return "log" in owner.lower() or owner.partition(".")[0] == "self" or rest in _ENDS


def _raised(line: str, call: ast.Call) -> str | None:
    """The line with `raise` in front, where the statement stands alone on it."""
    start = line.encode()[: call.col_offset].decode("utf-8", "replace")
    return f"{start}raise {line[len(start) :]}" if not start.strip() else None
