"""A task's failure is logged and forgotten, so Airflow takes it for a success.

### Why it matters
Airflow knows that a Python task has failed by its exception only. When all that the task does stands in
`try: ... except Exception: log(...)`, the task is green whatever happens: no retry, no alert, and what comes downstream
reads data that was not loaded.

### Bad
```python
import logging

from airflow.decorators import task
from airflow.providers.postgres.hooks.postgres import PostgresHook


@task
def load_orders():
    try:
        PostgresHook("warehouse").run("CALL load_orders()")
    except Exception as error:
        logging.error("could not load orders: %s", error)
```

### Good
```python
import logging

from airflow.decorators import task
from airflow.providers.postgres.hooks.postgres import PostgresHook


@task
def load_orders():
    try:
        PostgresHook("warehouse").run("CALL load_orders()")
    except Exception as error:
        logging.error("could not load orders: %s", error)
        raise
```
"""

import ast
import builtins
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import end_line, last_name
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.source import Source
from review.rules.spark._actions import LOGGERS
from review.rules.spark._endings import tries_before_failure

rule = Rule(
    module=__name__,
    code="DAG025",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)

_BROAD = frozenset({"Exception", "BaseException", "AirflowException", "RuntimeError"})
_ACCEPTED = "BLE001"
"""The linters' name of a blind `except`: beside one, somebody has thought of it."""
_BUILTINS = frozenset(dir(builtins))
_UPKEEP = (
    "close",
    "remove",
    "unlink",
    "rmtree",
    "delete",
    "cleanup",
    "notify",
    "alert",
    "send",
    "rollback",
    "quit",
    "commit",
)
"""Beginnings of names of what may fail without harm to the data."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Broad handlers that only tell, around what a task's function does, where nothing after them can fail."""
    if "except" not in source.text or is_test(source.path, source.kind):
        return
    found = model(source)
    harmless = tries_before_failure(source.python)
    for function, symbol in found.callables():
        for attempt, later in _outermost(function.body, []):
            work = "" if attempt in harmless or attempt.orelse else _work(attempt)
            work = "" if work and any(_work(each) for each in later) else work
            for handler in attempt.handlers if work else ():
                caught = "" if _ACCEPTED in source.lines[handler.lineno - 1] else _caught(handler)
                if caught and all(map(_only_tells, handler.body)):
                    yield _hit(handler, symbol, caught, work)


def _outermost(block: list[ast.stmt], after: list[ast.stmt]) -> Iterator[tuple[ast.Try, list[ast.stmt]]]:
    """The `try` statements of a function that no loop is around, each with what runs after it.

    In a loop one failed element may be let go.
    """
    for number, statement in enumerate(block):
        later = [*block[number + 1 :], *after]
        if isinstance(statement, ast.Try):
            yield statement, later
        elif isinstance(statement, ast.If | ast.With):
            yield from _outermost(statement.body, later)


def _work(attempt: ast.stmt) -> str:
    """The last call that may do something, of a `try` in its body, as it is named; empty where there is none."""
    body = attempt.body if isinstance(attempt, ast.Try) else [attempt]
    calls = (node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call))
    names = [last_name(call.func) for call in calls]
    names = [name for name in names if name not in LOGGERS and not name.lower().startswith(_UPKEEP)]
    return next((name for name in names if name and name not in _BUILTINS), "")


def _caught(handler: ast.ExceptHandler) -> str:
    if handler.type is None:
        return "everything"
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return next((name for each in types if (name := last_name(each)) in _BROAD), "")


def _only_tells(statement: ast.stmt) -> bool:
    """`pass`, a log line, a print, or `return` of nothing."""
    if isinstance(statement, ast.Return):
        return statement.value is None or (isinstance(statement.value, ast.Constant) and not statement.value.value)
    if isinstance(statement, ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    is_call = isinstance(statement.value, ast.Call) and last_name(statement.value.func) in LOGGERS
    return is_call or isinstance(statement.value, ast.Constant)


def _hit(handler: ast.ExceptHandler, symbol: str, caught: str, work: str) -> Hit:
    return Hit(
        line=handler.lineno,
        end_line=end_line(handler),
        symbol=symbol,
        evidence=f"except {caught} around {work}",
        explanation=(
            f"Whatever goes wrong above (`{work}` and the rest of the `try`), this handler takes it and the task "
            f"`{symbol}` ends as a success: nothing is retried, nobody is alerted, and the tasks downstream run on."
        ),
        remediation=(
            "Log and raise again, or leave the handler out. Where one failure may be tolerated, catch that exception "
            "alone, or raise `AirflowSkipException` so that the run shows it."
        ),
    )
