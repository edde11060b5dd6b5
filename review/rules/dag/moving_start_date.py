"""The start date moves with the clock, faster than the DAG's schedule.

### Why it matters
A run starts when the interval that begins at the start date is over. A start date of `datetime.now()`, or of less than
one interval ago, is worked out anew each time the file is read, so the end of the first interval keeps running ahead of
the clock: the scheduler never starts the DAG, and nothing says why.

### Bad
```python
from datetime import datetime

from airflow import DAG

with DAG("orders_daily", schedule="@daily", start_date=datetime.now()):
    ...
```

### Good
```python
from datetime import datetime

from airflow import DAG

with DAG("orders_daily", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False):
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, text_of
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Dag
from review.rules.dag._schedule import hours_between
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG024",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)

_CLOCKS = frozenset({"now", "utcnow", "today"})
_CLOCK_OWNERS = frozenset({"datetime", "date", "pendulum", "timezone", "dt"})
_HOURS = {"weeks": 168.0, "days": 24.0, "hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3600}


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Start dates a known time before now, of DAGs whose schedule has at least that time between two runs."""
    if "start_date" not in source.text:
        return
    found = model(source)
    for dag in found.dags:
        start = found.argument(dag, "start_date") or found.default(dag, "start_date")
        back = _hours_back(start) if start is not None else None
        between = _between(found, dag)
        if start is not None and back is not None and between and back < between:
            yield _hit(start, dag.dag_id or "")


def _hours_back(node: ast.expr) -> float | None:
    """How long before now it is: of `datetime.now()`, `now() - timedelta(hours=1)`, `days_ago(1)`; None for others."""
    back = 0.0
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        delta = _hours_of(node.right)
        if delta is None:
            return None
        back += delta
        node = node.left
    if not isinstance(node, ast.Call):
        return None
    *owner, name = dotted(node.func).split(".")
    if name in _CLOCKS and owner and owner[-1] in _CLOCK_OWNERS:
        return back
    if name == "days_ago" and node.args and isinstance(node.args[0], ast.Constant):
        count = node.args[0].value
        return back + count * 24.0 if isinstance(count, int) else None
    return None


def _hours_of(node: ast.expr) -> float | None:
    """The hours of a literal `timedelta(...)`."""
    if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in ("timedelta", "duration"):
        return None
    total = 0.0
    given = [(entry.arg or "", entry.value) for entry in node.keywords] + [("days", each) for each in node.args[:1]]
    for unit, value in given:
        if unit not in _HOURS or not isinstance(value, ast.Constant) or not isinstance(value.value, int | float):
            return None
        total += _HOURS[unit] * value.value
    return total


def _between(found: Model, dag: Dag) -> float | None:
    """The fewest hours between two runs; None where there is no schedule, or none that can be told."""
    schedule = found.argument(dag, "schedule", "schedule_interval")
    if schedule is None:
        return None
    text = text_of(schedule)
    return hours_between(text) if text is not None else _hours_of(schedule)


def _hit(start: ast.expr, symbol: str) -> Hit:
    return Hit(
        line=start.lineno,
        symbol=symbol,
        evidence=ast.unparse(start),
        explanation=(
            f"`{ast.unparse(start)[:60]}` is worked out each time the file is read, and lies less than one "
            "interval of the schedule back: the first interval is never over, so the scheduler does not start the DAG "
            "by itself."
        ),
        remediation="Write a fixed date, `datetime(2024, 1, 1)`, and `catchup=False` where the past is not wanted.",
    )
