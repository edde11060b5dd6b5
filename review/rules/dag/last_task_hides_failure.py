"""The last task runs whatever happened before, so a failed run counts as a success.

### Why it matters
Airflow takes the state of a run from its last tasks. With `trigger_rule="all_done"` on the only one, such as the task
that deletes the cluster, it succeeds although the load before it has failed, and the run is green: DAGs and sensors
that wait for this one go on with data that is not there, and the overview shows nothing.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    load = BashOperator(task_id="load", bash_command="load")
    clean = BashOperator(task_id="clean_up", bash_command="rm -r /tmp/orders", trigger_rule="all_done")
    load >> clean
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    load = BashOperator(task_id="load", bash_command="load")
    clean = BashOperator(task_id="clean_up", bash_command="rm -r /tmp/orders")
    load >> clean.as_teardown()
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, keyword, text_of
from review.rules.base import Hit, Rule
from review.rules.dag._dependencies import Dependencies
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Dag, Task
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG027",
    standard=Standard.MONITORING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_WHATEVER = frozenset({"all_done", "always", "dummy", "none_skipped"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """DAGs, wired in full view, of which every last task has such a rule and has others before it."""
    if "trigger_rule" not in source.text or "teardown" in source.text:
        return
    found = model(source)
    if not any(_runs_whatever(task) for task in found.tasks):
        return
    tied = Dependencies(found)
    if not tied.is_whole or found.groups:
        return
    for dag in found.dags:
        last = _last(found, tied, dag)
        if last and all(_runs_whatever(task) and not _may_fail_itself(found, task) for task in last):
            yield _hit(last[0], len(last))


def _last(found: Model, tied: Dependencies, dag: Dag) -> list[Task]:
    """The tasks with nothing after them; none where the DAG cannot be seen whole, or where one stands alone."""
    mine = [task for task in found.tasks if task.dag is dag]
    after = {later for task in mine for later in tied.downstream.get(task, ())}
    last = [task for task in mine if not tied.downstream.get(task)]
    is_seen = all(task in after for task in last) and not any(task.function or task.dag is None for task in found.tasks)
    return last if is_seen and len(last) < len(mine) else []


def _runs_whatever(task: Task) -> bool:
    given = keyword(task.call, "trigger_rule")
    name = text_of(given) or (dotted(given).rpartition(".")[2].lower() if given is not None else "")
    return name in _WHATEVER


def _may_fail_itself(found: Model, task: Task) -> bool:
    """Whether it may look at the others and raise: Python code that raises, or that is not to be seen."""
    called = keyword(task.call, "python_callable")
    if called is None:
        return "Python" in task.operator
    functions = [
        each for each in ast.walk(found.tree) if isinstance(each, ast.FunctionDef) and each.name == dotted(called)
    ]
    return not functions or any(isinstance(node, ast.Raise) for each in functions for node in ast.walk(each))


def _hit(task: Task, count: int) -> Hit:
    given = keyword(task.call, "trigger_rule") or task.call
    name = task.task_id or task.operator
    where = "the last task" if count == 1 else f"one of {count} last tasks, all with such a rule,"
    return Hit(
        line=given.lineno,
        symbol=task.place.symbol,
        evidence=f"{name} ends the run",
        explanation=(
            f"`{name}` is {where} and runs whatever happened, and the run has the state of its last tasks: when "
            "a task before it fails, the run still counts as a success for all that wait for it or watch it."
        ),
        remediation=(
            "Make it a teardown (`.as_teardown()`), or put beside it a last task with the default rule, so that the "
            "run fails with its tasks."
        ),
    )
