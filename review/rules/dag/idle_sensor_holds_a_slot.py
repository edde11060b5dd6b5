"""A sensor that looks every few minutes keeps its worker slot in between.

### Why it matters
A sensor in the default mode, `poke`, occupies a worker slot from its first look to its last, asleep nearly all of the
time. A handful that wait for a late file fill the pool, and the tasks that would make progress are queued behind them.
With `mode="reschedule"` (or `deferrable=True`) the slot is free between two looks; Airflow's documentation advises it
for all intervals of more than a minute.

### Bad
```python
from airflow import DAG
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

with DAG("orders_daily", schedule="@daily"):
    S3KeySensor(task_id="wait", bucket_key="s3://lake/orders/{{ ds }}/_SUCCESS", poke_interval=600)
```

### Good
```python
from airflow import DAG
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

with DAG("orders_daily", schedule="@daily"):
    S3KeySensor(task_id="wait", bucket_key="s3://lake/orders/{{ ds }}/_SUCCESS", poke_interval=600, mode="reschedule")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, keyword, text_of
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG029",
    standard=Standard.SCALABILITY,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

_LONG = 300
"""Seconds between two looks from which on holding the slot is plainly waste: rescheduling costs a few."""
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Sensors with a long literal `poke_interval` and neither `mode` nor `deferrable`."""
    if "poke_interval" not in source.text:
        return
    found = model(source)
    for task in found.tasks:
        if not task.operator.endswith("Sensor") or any(entry.arg is None for entry in task.call.keywords):
            continue
        interval = keyword(task.call, "poke_interval")
        seconds = _seconds(found.constant(interval))
        mode, deferrable = keyword(task.call, "mode"), keyword(task.call, "deferrable")
        is_poke = mode is None or text_of(mode) == "poke"
        has_default = task.dag is None or any(found.default(task.dag, key) for key in ("mode", "deferrable"))
        if interval is not None and seconds >= _LONG and is_poke and deferrable is None and not has_default:
            yield Hit(
                line=interval.lineno,
                symbol=task.place.symbol,
                evidence=f"{task.operator} {task.task_id} pokes",
                explanation=(
                    f"`{task.task_id or task.operator}` looks every {seconds / 60:.0f} minutes and holds a worker slot "
                    "all the time between, since the default mode is `poke`; a few such sensors fill the pool."
                ),
                remediation='Add `mode="reschedule"`, or `deferrable=True` where the sensor can.',
            )


def _seconds(node: ast.expr | None) -> float:
    """A literal number of seconds, a product of such, or a literal timedelta; 0 for anything else."""
    factor = 1.0
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        factor *= _number(node.right)
        node = node.left
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in ("timedelta", "duration"):
        return factor * sum(_UNITS.get(entry.arg or "", 0) * _number(entry.value) for entry in node.keywords)
    return factor * _number(node)


def _number(node: ast.expr | None) -> float:
    return float(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, int | float) else 0.0
