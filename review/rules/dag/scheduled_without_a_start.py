"""A DAG has a schedule but no start date, or two schedules, and Airflow refuses it.

### Why it matters
Airflow 2 counts the runs of a schedule from `start_date`: a DAG with a `schedule_interval` and no start date, neither
its own nor in its `default_args`, is an error when the file is imported. So are `schedule` and `schedule_interval` side
by side. In both cases all DAGs of the file are gone.

### Bad
```python
from airflow import DAG

with DAG("orders_daily", schedule_interval="@daily", catchup=False):
    ...
```

### Good
```python
from datetime import datetime

from airflow import DAG

with DAG("orders_daily", schedule_interval="@daily", start_date=datetime(2024, 1, 1), catchup=False):
    ...
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
from review.rules.dag._default_args import default_args
from review.rules.dag._model import Model, model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG066",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)

_SCHEDULES = ("schedule", "schedule_interval", "timetable")
_BY_POSITION = 2
"""Arguments before the schedule and the start date: the id and the description."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Calls of `DAG` whose arguments can all be seen; `schedule_interval` says that it is Airflow 2."""
    if "schedule_interval" not in source.text or is_test(source.path, source.kind):
        return
    found = model(source)
    defaults = default_args(source).arguments()
    starts = _may_start_themselves(source.python, found) or any(each.key == "start_date" for each in defaults)
    for dag in found.dags:
        if dag.call is None or any(entry.arg is None for entry in dag.call.keywords):
            continue
        given = {name: keyword(dag.call, name) for name in _SCHEDULES}
        two = [name for name, value in given.items() if value is not None and not _is_none(value)]
        if len(two) > 1:
            yield _twice(dag.call, two, dag.dag_id or "")
        elif not starts and _is_plain(given["schedule_interval"]) and _has_no_start(found, dag.call):
            yield _missing(dag.call, given["schedule_interval"], dag.dag_id or "")


def _may_start_themselves(tree: ast.Module, found: Model) -> bool:
    """Whether a task of the file has a start date, or is of a class that is not Airflow's and may give it one."""
    airflow = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "airflow"
        for alias in node.names
    }
    return any(
        keyword(task.call, "start_date") is not None or (task.function is None and task.operator not in airflow)
        for task in found.tasks
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_plain(node: ast.expr | None) -> bool:
    """Whether a schedule is certainly one: a text, or a `timedelta`."""
    return bool(text_of(node)) or (isinstance(node, ast.Call) and last_name(node) == "timedelta")


def _has_no_start(found: Model, call: ast.Call) -> bool:
    if keyword(call, "start_date") is not None or len(call.args) > _BY_POSITION:
        return False
    given = keyword(call, "default_args")
    defaults = found.constant(given)
    return given is None or (isinstance(defaults, ast.Dict) and all(text_of(key) for key in defaults.keys))


def _twice(call: ast.Call, names: list[str], symbol: str) -> Hit:
    second = next(entry for entry in reversed(call.keywords) if entry.arg in names)
    return Hit(
        line=second.lineno,
        symbol=symbol,
        evidence=" and ".join(names),
        explanation=(
            f"The DAG is given `{names[0]}` and `{names[1]}`, of which Airflow takes at most one: the file cannot be "
            "imported, and none of its DAGs runs."
        ),
        remediation="Keep the one that is meant.",
    )


def _missing(call: ast.Call, schedule: ast.expr | None, symbol: str) -> Hit:
    return Hit(
        line=schedule.lineno if schedule is not None else call.lineno,
        symbol=symbol,
        evidence="no start_date",
        explanation=(
            "The DAG has this schedule and no `start_date`, neither its own nor in its `default_args`: Airflow 2 says "
            "that the parameter is missing when the file is imported, and none of the file's DAGs runs."
        ),
        remediation="Give it a fixed `start_date`, and `catchup=False` where the past is not wanted.",
    )
