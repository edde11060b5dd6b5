"""A function is called where Airflow is to be given the function itself.

### Why it matters
`python_callable=load()` runs `load` each time the scheduler reads the file, and hands on what it returns. Where that is
nothing, Airflow says that `python_callable` must be callable and the file's DAGs are gone; an `on_failure_callback`
is simply none, and a failed task tells nobody.

### Bad
```python
from airflow import DAG
from airflow.operators.python import PythonOperator


def load():
    print("loading orders")


with DAG("orders_daily", schedule="@daily"):
    PythonOperator(task_id="load", python_callable=load())
```

### Good
```python
from airflow import DAG
from airflow.operators.python import PythonOperator


def load():
    print("loading orders")


with DAG("orders_daily", schedule="@daily"):
    PythonOperator(task_id="load", python_callable=load)
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import end_line
from review.rules.base import Hit, Rule
from review.rules.dag._default_args import default_args
from review.rules.dag._model import model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG062",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)

_CALLABLES = frozenset(
    {
        "python_callable",
        "on_failure_callback",
        "on_success_callback",
        "on_retry_callback",
        "on_execute_callback",
        "sla_miss_callback",
        "response_check",
        "execution_date_fn",
    }
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_APART = _Function | ast.ClassDef | ast.Lambda
_DATA = (
    ast.Constant
    | ast.JoinedStr
    | ast.Dict
    | ast.List
    | ast.Tuple
    | ast.Set
    | ast.ListComp
    | ast.DictComp
    | ast.SetComp
    | ast.Compare
)
"""What nobody can call."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Calls of a function of this file that returns nothing, or plain data, given for one of these arguments."""
    if not any(name in source.text for name in _CALLABLES):
        return
    named: dict[str, list[_Function]] = {}
    for node in source.nodes:
        if isinstance(node, _Function):
            named.setdefault(node.name, []).append(node)
    for argument, value, symbol in sorted(_given(source), key=lambda each: each[1].lineno):
        called = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
        functions = named.get(called, [])
        if len(functions) == 1 and not functions[0].decorator_list and _gives_data(functions[0]):
            yield _hit(source, argument, value, called, symbol)


def _given(source: Source) -> Iterator[tuple[str, ast.expr, str]]:
    """Argument, value and symbol of each such keyword of a call, and of each such key of default arguments."""
    for call, place in model(source).calls:
        for entry in call.keywords:
            if entry.arg in _CALLABLES:
                yield entry.arg, entry.value, place.symbol
    for argument in default_args(source).arguments():
        if argument.key in _CALLABLES and not isinstance(argument.node, ast.keyword):
            yield argument.key, argument.value, argument.symbol


def _gives_data(function: _Function) -> bool:
    """Whether every `return` of its own gives plain data or nothing; a generator gives something else."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, _DATA):
            return False
        if not isinstance(node, _APART):
            stack.extend(ast.iter_child_nodes(node))
    return True


def _hit(source: Source, argument: str, value: ast.expr, called: str, symbol: str) -> Hit:
    line = source.lines[value.lineno - 1]
    is_plain = end_line(value) == value.lineno and line.count(f"{called}()") == 1
    return Hit(
        line=value.lineno,
        end_line=value.end_lineno,
        symbol=symbol,
        evidence=f"{argument}={ast.unparse(value)}"[:200],
        explanation=(
            f"`{called}` runs here, each time the file is read, and `{argument}` gets what it returns, which nobody "
            "can call."
        ),
        remediation=f"Give the function: `{argument}={called}`; its arguments go into `op_kwargs` or a `partial`.",
        suggestion=line.replace(f"{called}()", called) if is_plain else None,
    )
