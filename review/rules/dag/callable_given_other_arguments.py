"""A task's function is given other arguments than it takes.

### Why it matters
`op_kwargs` are matched with the function's parameters when the task runs, not before. A parameter that nothing fills is
a `TypeError` then. A key that no parameter takes is dropped by Airflow 2 without a word: the function goes on with its
default, or without the value.

### Bad
```python
from airflow import DAG
from airflow.operators.python import PythonOperator


def load(table, day=None):
    print(table, day)


with DAG("orders_daily", schedule="@daily"):
    PythonOperator(task_id="load", python_callable=load, op_kwargs={"table": "orders", "date": "{{ ds }}"})
```

### Good
```python
from airflow import DAG
from airflow.operators.python import PythonOperator


def load(table, day=None):
    print(table, day)


with DAG("orders_daily", schedule="@daily"):
    PythonOperator(task_id="load", python_callable=load, op_kwargs={"table": "orders", "day": "{{ ds }}"})
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword, last_name, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._context import CONTEXT
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Function, Task
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG068",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_OPERATORS = frozenset({"PythonOperator", "BranchPythonOperator", "ShortCircuitOperator"})
"""Those that hand a function the context by the names of its parameters; a virtual environment has less of it."""
_CHANGES = frozenset({"update", "setdefault", "pop", "clear", "append", "extend", "insert", "remove"})
"""Methods of dictionaries and lists that change them."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Functions of the file, undecorated and bound once, whose arguments are written out."""
    if "python_callable" not in source.text or is_test(source.path, source.kind):
        return
    found = model(source)
    named = found.plain_functions()
    changed = _changed(found.tree)
    for task in found.tasks:
        is_whole = task.operator in _OPERATORS and last_name(task.call.func) != "partial"
        given = keyword(task.call, "python_callable") if is_whole else None
        filled = (keyword(task.call, "op_kwargs"), keyword(task.call, "op_args"))
        if any(isinstance(each, ast.Name) and each.id in changed for each in filled):
            continue
        if isinstance(given, ast.Name) and given.id in named and not found.is_rebound(given):
            yield from _compared(found, task, named[given.id])


def _changed(tree: ast.Module) -> frozenset[str]:
    """Names of what is given items, or asked to change itself, after it was made."""
    owners = (
        node.value
        for node in ast.walk(tree)
        if (isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Attribute) and node.attr in _CHANGES)
    )
    return frozenset(owner.id for owner in owners if isinstance(owner, ast.Name))


def _compared(found: Model, task: Task, function: Function) -> Iterator[Hit]:
    names = _keys(found.constant(keyword(task.call, "op_kwargs")))
    count = _count(found.constant(keyword(task.call, "op_args")))
    if names is None or count is None or any(entry.arg is None for entry in task.call.keywords):
        return
    if task.dag is not None and found.default(task.dag, "op_kwargs") is not None:
        return
    taken = function.args
    places = [each.arg for each in (*taken.posonlyargs, *taken.args)]
    alone = [each.arg for each in taken.kwonlyargs]
    extra = sorted(names - {*places, *alone}) if taken.kwarg is None else []
    required = places[count : len(places) - len(taken.defaults)]
    required += [name for name, default in zip(alone, taken.kw_defaults, strict=True) if default is None]
    missing = [name for name in required if name not in names and name not in CONTEXT]
    unfilled = [name for name in (*places[count:], *alone) if name not in names and name not in CONTEXT]
    if extra and unfilled:  # where all is filled, or there is nothing to fill, nothing lacks the dropped value
        yield _hit(task, function.name, f"no parameter {extra[0]}", _dropped(function.name, extra, missing))
    elif missing:
        yield _hit(task, function.name, f"nothing for {missing[0]}", _lacking(function.name, missing))


def _keys(node: ast.expr | None) -> frozenset[str] | None:
    """The keys of a dictionary that is written out; None where they cannot all be seen."""
    if node is None:
        return frozenset()
    if not isinstance(node, ast.Dict):
        return None
    names = [text_of(key) for key in node.keys]
    return None if None in names else frozenset(name for name in names if name is not None)


def _count(node: ast.expr | None) -> int | None:
    """The length of a list that is written out; None where it cannot be told."""
    if node is None:
        return 0
    is_plain = isinstance(node, ast.List | ast.Tuple) and not any(isinstance(each, ast.Starred) for each in node.elts)
    return len(node.elts) if is_plain and isinstance(node, ast.List | ast.Tuple) else None


def _dropped(function: str, extra: list[str], missing: list[str]) -> str:
    lost = f" and `{missing[0]}`, which it needs, is given by nothing" if missing else ""
    return (
        f"`{function}` has no parameter `{extra[0]}`{lost}: Airflow 2 drops the value without a word, older versions "
        "raise `TypeError` when the task runs."
    )


def _lacking(function: str, missing: list[str]) -> str:
    return (
        f"`{function}` needs `{missing[0]}`, which is in neither `op_args`, `op_kwargs` nor Airflow's context: "
        "`TypeError` when the task runs."
    )


def _hit(task: Task, function: str, what: str, explanation: str) -> Hit:
    given = keyword(task.call, "op_kwargs") or keyword(task.call, "op_args") or keyword(task.call, "python_callable")
    return Hit(
        line=given.lineno if given is not None else task.call.lineno,
        symbol=task.place.symbol,
        evidence=f"{function}: {what}",
        explanation=explanation,
        remediation="Make the names of `op_kwargs` those of the function's parameters.",
    )
