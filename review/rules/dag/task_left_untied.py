"""One task of a DAG is tied to nothing, where all the others are tied.

### Why it matters
A task without dependencies starts with the run, beside the first one, and nothing waits for it. Where its name is used
nowhere else, the line that ties it was forgotten or lost: it installs what is already needed, checks what is not there
yet, or ends what has just begun.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    deps = BashOperator(task_id="deps", bash_command="dbt deps")
    seed = BashOperator(task_id="seed", bash_command="dbt seed")
    run = BashOperator(task_id="run", bash_command="dbt run")
    test = BashOperator(task_id="test", bash_command="dbt test")
    seed >> run >> test
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    deps = BashOperator(task_id="deps", bash_command="dbt deps")
    seed = BashOperator(task_id="seed", bash_command="dbt seed")
    run = BashOperator(task_id="run", bash_command="dbt run")
    test = BashOperator(task_id="test", bash_command="dbt test")
    deps >> seed >> run >> test
```
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import end_line
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._dependencies import Dependencies
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Task
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG079",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_FEWEST = 4
"""Tasks of a DAG of which one may be called the one that is left out."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Lone tasks bound to a name that nothing reads, in a DAG whose other tasks are all tied to known ones."""
    if is_test(source.path, source.kind):
        return
    found = model(source)
    if len(found.tasks) < _FEWEST or found.groups:
        return
    ties = Dependencies(found)
    if not ties.is_whole:
        return
    tied = set(ties.downstream).union(*ties.downstream.values())
    names = _unread(found)
    for dag in found.dags:
        tasks = [task for task in found.tasks if task.dag is dag]
        lone = [task for task in tasks if task not in tied]
        if len(tasks) < _FEWEST or len(lone) != 1 or not _stands_alone(lone[0]):
            continue
        if lone[0].call in names and _are_one([task for task in tasks if task in tied], ties.downstream):
            yield _hit(lone[0], names[lone[0].call])


def _unread(found: Model) -> dict[ast.expr, str]:
    """What is bound to a name that the file reads nowhere → that name."""
    read = {node.id for node in ast.walk(found.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return {
        statement.value: statement.targets[0].id
        for statement, _ in found.placed
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        if statement.targets[0].id not in read and len(statement.targets) == 1
    }


def _stands_alone(task: Task) -> bool:
    """Whether it is an operator's own call, made once in every run: a function of the team's may tie what it makes."""
    return task.operator.endswith(("Operator", "Sensor")) and not task.place.loops and not task.place.arms


def _are_one(tasks: list[Task], downstream: Mapping[Task, set[Task]]) -> bool:
    """Whether the ties make one whole of these tasks: where there are several flows, a lone task is one as well."""
    beside: defaultdict[Task, set[Task]] = defaultdict(set)
    for task, after in downstream.items():
        beside[task] |= after
        for each in after:
            beside[each].add(task)
    pending, seen = tasks[:1], set(tasks[:1])
    while pending:
        new = beside[pending.pop()] - seen
        seen |= new
        pending.extend(new)
    return seen.issuperset(tasks)


def _hit(task: Task, name: str) -> Hit:
    return Hit(
        line=task.call.lineno,
        end_line=end_line(task.call),
        symbol=task.place.symbol,
        evidence=f"{name} is tied to nothing",
        explanation=(
            f"All other tasks of this DAG are tied to one another and `{name}` appears nowhere else, so "
            f"`{task.task_id or task.operator}` starts with the run and nothing waits for it."
        ),
        remediation=f"Tie `{name}` where it belongs, with `>>`.",
    )
