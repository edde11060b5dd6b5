"""A sensor that waits for the next end of a sync runs only after its start.

### Why it matters
Such a sensor looks for an end that comes after its own start; it is not told which sync is meant. Downstream of the
task that starts the sync it begins when a worker slot is free, and a short sync may be over by then: the sensor waits
for an end that has been, until its timeout or until the next sync, and everything behind it is late. Beside the trigger
it cannot miss it.

### Bad
```python
from airflow import DAG
from fivetran_provider_async.operators import FivetranOperator
from fivetran_provider_async.sensors import FivetranSensor

with DAG("orders_sync", schedule="@daily"):
    start = FivetranOperator(task_id="start", connector_id="orders")
    wait = FivetranSensor(task_id="wait", connector_id="orders")
    start >> wait
```

### Good
```python
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from fivetran_provider_async.operators import FivetranOperator
from fivetran_provider_async.sensors import FivetranSensor

with DAG("orders_sync", schedule="@daily"):
    start = FivetranOperator(task_id="start", connector_id="orders", priority_weight=1)
    wait = FivetranSensor(task_id="wait", connector_id="orders", priority_weight=2)
    EmptyOperator(task_id="begin") >> [wait, start]
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword
from review.rules.base import Hit, Rule
from review.rules.dag._dependencies import Dependencies, mentions_output, written
from review.rules.dag._model import model
from review.rules.dag._parts import Task
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG032",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_NAMES_IT = ("connector_id", "connection_id")
"""What a sync is known by, where sensors of it look for the next end and not for one run."""
_TELLS = ("completed_after_time", "wait_for_completion", "deferrable")
"""Arguments by which the provider closes the gap."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`XOperator >> XSensor` of one connector, where the sensor takes nothing from the operator's output."""
    if "Sensor" not in source.text or not any(name in source.text for name in _NAMES_IT):
        return
    for before, after in Dependencies(model(source)).edges():
        thing = _same_thing(before, after)
        if thing and not any(keyword(task.call, tell) for task in (before, after) for tell in _TELLS):
            yield _hit(before, after, thing)


def _same_thing(before: Task, after: Task) -> str:
    """The connector that both name; empty where they are no pair of trigger and sensor."""
    stem = after.operator.removesuffix("Sensor")
    if stem == after.operator or before.operator != f"{stem}Operator" or mentions_output(after.call, before):
        return ""
    return next(
        (text for name in _NAMES_IT if (text := written(after.call, name)) and text == written(before.call, name)), ""
    )


def _hit(before: Task, after: Task, thing: str) -> Hit:
    return Hit(
        line=after.call.lineno,
        end_line=after.call.end_lineno,
        symbol=after.place.symbol,
        evidence=f"{before.operator} then {after.operator} {thing}",
        explanation=(
            f"This sensor looks for an end of `{thing[:60]}` that comes after its own start, and it starts only after "
            f"the `{before.operator}` of line {before.call.lineno}: a sync that is over by then is missed, and the "
            "sensor waits on."
        ),
        remediation=(
            "Start the sensor beside the trigger, both after the same task, the sensor with the higher "
            "`priority_weight`; or hand it the trigger's output."
        ),
    )
