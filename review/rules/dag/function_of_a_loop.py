"""A function made in a loop sees the loop's last value when the task runs.

### Why it matters
A `lambda` or a nested function looks a name up when it runs, not where it is written. Tasks run long after the file has
been read to its end, and by then the loop's variable has its last value: every task of the loop does the last
element's work, and none does that of the others. No run fails.

### Bad
```python
from airflow import DAG
from airflow.operators.python import PythonOperator
from common import load

with DAG("orders_daily", schedule="@daily"):
    for table in ("orders", "payments"):
        PythonOperator(task_id=f"load_{table}", python_callable=lambda: load(table))
```

### Good
```python
from airflow import DAG
from airflow.operators.python import PythonOperator
from common import load

with DAG("orders_daily", schedule="@daily"):
    for table in ("orders", "payments"):
        PythonOperator(task_id=f"load_{table}", python_callable=load, op_args=[table])
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Place
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG063",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)

_CALLABLES = ("python_callable", "on_failure_callback", "on_success_callback", "on_retry_callback", "response_check")
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Callable = ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """What tasks are to run, made in a loop of a DAG's own, and reading a name that each round sets anew."""
    if "for " not in source.text or not any(name in source.text for name in (*_CALLABLES, "@task")):
        return
    found = model(source)
    inside: dict[tuple[ast.AST, str], _Function] = {}
    for statement, place in found.placed:
        if isinstance(statement, _Function) and place.loops:
            inside[place.loops[-1], statement.name] = statement
    told: set[ast.AST] = set()
    anew: dict[ast.AST, set[str]] = {}
    for made, place, _ in sorted(_made(found, inside), key=lambda each: each[2]):
        loop = place.loops[-1]
        if loop not in anew:
            is_loop = isinstance(loop, ast.For) and found.length(loop.iter) != 1
            anew[loop] = _set_anew(loop) if is_loop and isinstance(loop, ast.For) else set()
        names = _read(made) & anew[loop] if anew[loop] else set()
        if names and made not in told:
            told.add(made)
            yield _hit(made, min(names), place.symbol)


def _made(found: Model, inside: dict[tuple[ast.AST, str], _Function]) -> Iterator[tuple[_Callable, Place, int]]:
    """Functions and lambdas that a task made in the same loop is given to run, each with its place and line."""
    for task in found.tasks:
        if not task.place.loops:
            continue
        loop = task.place.loops[-1]
        if task.function is not None and inside.get((loop, task.function.name)) is task.function:
            yield task.function, task.place, task.function.lineno
        for entry in task.call.keywords:
            value: ast.expr | _Function | None = entry.value if entry.arg in _CALLABLES else None
            if isinstance(value, ast.Name):
                value = inside.get((loop, value.id))
            if isinstance(value, _Callable):
                yield value, task.place, value.lineno


def _read(made: _Callable) -> set[str]:
    """Names that its body reads and that are none of its own: parameters hold the value they were given."""
    own = {each.arg for each in ast.walk(made.args) if isinstance(each, ast.arg)}
    read: set[str] = set()
    for part in made.body if isinstance(made.body, list) else [made.body]:
        for node in ast.walk(part):
            if isinstance(node, ast.Name):
                (read if isinstance(node.ctx, ast.Load) else own).add(node.id)
            elif isinstance(node, ast.arg):
                own.add(node.arg)
    return read - own


def _set_anew(loop: ast.For) -> set[str]:
    """The loop's variables, and those that its block sets in each round from one of them."""
    names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    for statement in loop.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(node, ast.Name) and node.id in names for node in ast.walk(statement.value)
        ):
            names.update(each.id for each in statement.targets if isinstance(each, ast.Name))
    return names


def _hit(made: _Callable, name: str, symbol: str) -> Hit:
    what = "This `lambda`" if isinstance(made, ast.Lambda) else f"`{made.name}`"
    line = next((node.lineno for node in ast.walk(made) if isinstance(node, ast.Name) and node.id == name), made.lineno)
    return Hit(
        line=line,
        symbol=symbol,
        evidence=f"{what} reads {name}",
        explanation=(
            f"{what} looks `{name}` up when the task runs, after the loop is over: every task of this loop works with "
            f"the last `{name}`, and what the others were to do is not done."
        ),
        remediation=(
            f"Hand it over where the task is made: `op_kwargs={{'{name}': {name}}}`, an argument of the TaskFlow "
            f"function, or `partial`."
        ),
    )
