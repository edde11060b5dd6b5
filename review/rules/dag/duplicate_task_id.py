"""Two tasks of one DAG have the same task_id.

### Why it matters
A task's id is its name within the DAG, and Airflow takes each only once: it raises `DuplicateTaskIdFound` while the
file is imported, and the whole DAG disappears from the schedule, not only the task. Versions before 2.0 warned and kept
one of the two, so that the other load was never run. It happens when a task is copied and its id is not changed, or
when the id of a task made in a loop does not hold what the loop is over.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily") as dag:
    orders = BashOperator(task_id="load_orders", bash_command="load orders")
    refunds = BashOperator(task_id="load_orders", bash_command="load refunds")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily") as dag:
    orders = BashOperator(task_id="load_orders", bash_command="load orders")
    refunds = BashOperator(task_id="load_refunds", bash_command="load refunds")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Task
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG010",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal ids that a DAG or a group of it has twice, in places that one run of the file can both reach."""
    if "task_id" not in source.text:
        return
    found, by_id = model(source), dict[tuple[object, ...], list[Task]]()
    for task in found.tasks:
        if task.dag is None or task.function is not None or task.task_id is None:
            continue
        alike = by_id.setdefault((task.dag, task.place.groups, task.task_id), [])
        twin = next((each for each in alike if not each.place.excludes(task.place)), None)
        if twin is not None:
            yield _hit(task, f"so has the task made on line {twin.call.lineno}", "copy")
        elif _is_made_again(found, task):
            yield _hit(task, "and this loop makes the task anew each time round", "loop")
        alike.append(task)


def _is_made_again(found: Model, task: Task) -> bool:
    """Whether a loop inside the DAG's own block runs the call for each of several elements, as the file says."""
    if not task.place.loops or task.dag is not task.place.dag:
        return False
    loop = task.place.loops[-1]
    if isinstance(loop, ast.For):
        leaves = any(isinstance(node, ast.Break | ast.Continue | ast.Return) for node in ast.walk(loop))
        inside = any(isinstance(arm, ast.stmt) and arm.lineno >= loop.lineno for arm, _ in task.place.arms)
        return found.length(loop.iter) > 1 and not leaves and not inside
    return isinstance(loop, ast.ListComp) and not loop.generators[0].ifs and found.length(loop.generators[0].iter) > 1


def _hit(task: Task, how: str, evidence: str) -> Hit:
    given = keyword(task.call, "task_id") or task.call
    return Hit(
        line=given.lineno,
        end_line=given.end_lineno,
        symbol=task.place.symbol,
        evidence=f"{task.task_id} {evidence}",
        explanation=(
            f"This task has the id `{task.task_id}`, {how}. Airflow raises `DuplicateTaskIdFound` for the second, so "
            "the file cannot be imported and none of the DAG's tasks runs."
        ),
        remediation=(
            "Give each task an id that says what it does."
            if evidence == "copy"
            else "Put what the loop is over into the id."
        ),
    )
