"""A callback cannot be called the way Airflow calls it, so nobody is told.

### Why it matters
Airflow calls `on_failure_callback` and its like with the context as one argument by its place. A function without a
parameter, with `**context` alone, or with a second one that has no default, raises `TypeError` there. Airflow logs that
and goes on: the alert is never sent, and that is noticed at the first failure.

### Bad
```python
from airflow import DAG


def alert(**context):
    print(context["task_instance"])


with DAG("orders_daily", schedule="@daily", default_args={"on_failure_callback": alert}):
    ...
```

### Good
```python
from airflow import DAG


def alert(context):
    print(context["task_instance"])


with DAG("orders_daily", schedule="@daily", default_args={"on_failure_callback": alert}):
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import last_name, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG069",
    standard=Standard.MONITORING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

_CALLBACKS = frozenset(
    {"on_failure_callback", "on_success_callback", "on_retry_callback", "on_execute_callback", "on_skipped_callback"}
)
"""Called with the context alone; `sla_miss_callback` is called with five arguments."""
_TAKERS = frozenset({"dag", "task", "task_group", "partial", "override", "dict"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Callbacks that are a function of the file, undecorated and bound once, or a lambda."""
    if "_callback" not in source.text or is_test(source.path, source.kind):
        return
    found = model(source)
    named = found.plain_functions()
    for node, symbol in source.scopes:
        for name, value in _entries(node):
            for each in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
                function: ast.AST | None = each if isinstance(each, ast.Lambda) else None
                if isinstance(each, ast.Name) and not found.is_rebound(each):
                    function = named.get(each.id)
                why = _refuses(function.args) if isinstance(function, ast.FunctionDef | ast.Lambda) else ""
                if why:
                    yield _hit(each, name, why, symbol)


def _entries(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Callbacks among the arguments of a call or the entries of a dictionary."""
    if isinstance(node, ast.Call) and _is_of_airflow(last_name(node)):
        yield from ((entry.arg, entry.value) for entry in node.keywords if entry.arg in _CALLBACKS)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            name = text_of(key)
            if name in _CALLBACKS:
                yield name, value


def _is_of_airflow(name: str) -> bool:
    """Whether a call by this name hands its callbacks to Airflow: what a team makes itself may call them otherwise."""
    return name.endswith(("Operator", "Sensor", "DAG", "TaskGroup")) or name in _TAKERS


def _refuses(taken: ast.arguments) -> str:
    """Why a function with these parameters cannot be called with one argument by its place; empty where it can."""
    places = [*taken.posonlyargs, *taken.args]
    needed = [each.arg for each in places[1 : len(places) - len(taken.defaults)]]
    needed += [each.arg for each, default in zip(taken.kwonlyargs, taken.kw_defaults, strict=True) if default is None]
    if not places and taken.vararg is None:
        return "takes no argument by its place"
    return f"needs `{needed[0]}` as well" if needed else ""


def _hit(value: ast.expr, callback: str, why: str, symbol: str) -> Hit:
    name = value.id if isinstance(value, ast.Name) else "the lambda"
    return Hit(
        line=value.lineno,
        symbol=symbol,
        evidence=f"{callback} {name} {why}",
        explanation=(
            f"Airflow calls `{callback}` with the context as its one argument, and `{name}` {why}: that is a "
            "`TypeError`, which Airflow only logs, so what the callback is for is not done."
        ),
        remediation="Let it take the context, `def alert(context)`, and give anything else a default.",
    )
