"""A task is given the date on which its file was read, not that of its data.

### Why it matters
Code at the top of a DAG file and in a DAG's block runs each time the scheduler or a worker reads the file. A
`date.today()` there is the day of the reading: a retry after midnight, a run that is cleared next week and a backfill
of last month all load today. The day that a run is about is `{{ ds }}` (or `data_interval_start`), which is put in when
the task runs and is the same each time.

### Bad
```python
from datetime import date

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command=f"load_orders --day {date.today()}")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command="load_orders --day {{ ds }}")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Task
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG026",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_CLOCKS = frozenset({"now", "today", "utcnow"})
_OWNERS = frozenset({"datetime", "date", "dt", "pendulum"})
_NOT_DATA = frozenset(
    {
        "start_date",
        "end_date",
        "default_args",
        "task_id",
        "doc_md",
        "doc",
        "params",
        "dag",
        "name",
        "job_name",
        "labels",
    }
)
"""Arguments that say nothing of which data the task is about; a moving start date is another rule's."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Clock calls that run when the file is read and end up in the arguments of a task."""
    if not any(f".{clock}(" in source.text for clock in _CLOCKS) or is_test(source.path, source.kind):
        return
    found = model(source)
    seen: set[ast.AST] = set()
    for task in found.tasks:
        if any(isinstance(each, ast.FunctionDef) and not _is_dag(task, each) for each in task.place.functions):
            continue
        for entry in task.call.keywords:
            if entry.arg is None or entry.arg in _NOT_DATA:
                continue
            clock = _clock(found, entry.value)
            if clock is not None and clock not in seen:
                seen.add(clock)
                yield _hit(clock, entry.arg, task)


def _is_dag(task: Task, function: ast.FunctionDef) -> bool:
    return task.dag is not None and task.dag.node is function


def _clock(found: Model, value: ast.expr) -> ast.Call | None:
    """The first clock call that an expression is made of, names that are bound once followed; lambdas run later."""
    stack: list[ast.AST] = [value]
    followed: set[ast.AST] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Lambda) or _is_coarse(node):
            continue
        if isinstance(node, ast.Call):
            *owner, name = dotted(node.func).split(".")
            if name in _CLOCKS and owner and owner[-1] in _OWNERS:
                return node
        bound = found.value_of(node) if isinstance(node, ast.Name) else None
        if bound is not None and bound not in followed:
            followed.add(bound)
            stack.append(bound)
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
    return None


def _is_coarse(node: ast.AST) -> bool:
    """Whether it is but the year of now, or a bound that lies ahead of now: a day does not change what is loaded."""
    if isinstance(node, ast.Attribute):
        return node.attr == "year"
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and any(
            isinstance(side, ast.Call)
            and dotted(side.func).rpartition(".")[2] in ("timedelta", "duration", "relativedelta")
            and not any(isinstance(part, ast.USub) for part in ast.walk(side))
            for side in (node.left, node.right)
        )
    )


def _hit(clock: ast.Call, argument: str, task: Task) -> Hit:
    written = ast.unparse(clock)
    name = task.task_id or task.operator
    return Hit(
        line=clock.lineno,
        symbol=task.place.symbol,
        evidence=f"{written} in {argument}",
        explanation=(
            f"`{written}` runs when the file is read, and its value goes into `{argument}` of the task `{name}`: a "
            "retry after midnight, a cleared run or a backfill gets the day of the reading, not the day it is about."
        ),
        remediation="Use a template, such as `{{ ds }}` or `{{ data_interval_start }}`, or the task's context.",
    )
