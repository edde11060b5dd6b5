"""A sensor waits for another DAG's run that may have failed, and for a week.

### Why it matters
`ExternalTaskSensor` waits for a success. When the run it waits for has failed, or is not scheduled at the same time, it
does not notice: without a `timeout` it looks on for seven days (Airflow's default) and holds its place, and only then
does it fail. With Airflow 2, `failed_states` makes it fail as soon as the other run has.

### Bad
```python
from airflow import DAG
from airflow.sensors.external_task import ExternalTaskSensor

with DAG("orders_report", schedule="@daily"):
    ExternalTaskSensor(task_id="wait_for_orders", external_dag_id="orders_daily")
```

### Good
```python
from airflow import DAG
from airflow.sensors.external_task import ExternalTaskSensor

with DAG("orders_report", schedule="@daily"):
    ExternalTaskSensor(
        task_id="wait_for_orders",
        external_dag_id="orders_daily",
        failed_states=["failed", "upstream_failed"],
        timeout=4 * 60 * 60,
    )
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Dag, Task
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG030",
    standard=Standard.MONITORING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_ENDS = ("timeout", "failed_states", "execution_timeout", "soft_fail", "deferrable", "check_existence")


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`ExternalTaskSensor` with nothing that ends its waiting, itself or in the DAG's default arguments."""
    if "ExternalTaskSensor" not in source.text:
        return
    found = model(source)
    said: set[Dag] = set()
    for task in found.tasks:
        if task.dag is None or task.dag in said:
            continue
        if task.operator == "ExternalTaskSensor" and not _ends(found, task):
            said.add(task.dag)
            yield Hit(
                line=task.call.lineno,
                symbol=task.place.symbol,
                evidence=f"{task.task_id} waits",
                explanation=(
                    f"`{task.task_id or task.operator}` waits for a success only: when the other DAG's run fails, or "
                    "has another logical date, it looks on for seven days before it fails itself."
                ),
                remediation=(
                    "Give it a `timeout` in seconds, or `execution_timeout`. With Airflow 2, "
                    '`failed_states=["failed"]` as well, so that it fails with the other run.'
                ),
            )


def _ends(found: Model, task: Task) -> bool:
    """Whether something ends the waiting, or may: arguments that cannot be seen count."""
    names = {entry.arg for entry in task.call.keywords}
    if None in names or not names.isdisjoint(_ENDS) or task.dag is None or task.dag.call is None:
        return True
    given = {entry.arg for entry in task.dag.call.keywords}
    if None in given or "dagrun_timeout" in given:
        return True
    if any(found.default(task.dag, key) is not None for key in _ENDS):
        return True
    return "default_args" in given and not isinstance(found.argument(task.dag, "default_args"), ast.Dict)
