"""A setting of the DAG is put into default_args, where it does nothing.

### Why it matters
`default_args` are arguments for tasks. `catchup`, `schedule`, `max_active_runs` and their like are arguments of the DAG
itself; in `default_args` Airflow drops them without a word. A `catchup: False` that is not in force means that the DAG
runs once for every interval since its start date the first time it is switched on, with all that this costs in the
warehouse; a `max_active_runs: 1` that is not in force lets runs overlap that must not.

### Bad
```python
from datetime import datetime

from airflow import DAG

default_args = {"owner": "data-platform", "start_date": datetime(2021, 1, 1), "catchup": False}

with DAG("orders_daily", default_args=default_args, schedule="@daily"):
    ...
```

### Good
```python
from datetime import datetime

from airflow import DAG

default_args = {"owner": "data-platform", "start_date": datetime(2021, 1, 1)}

with DAG("orders_daily", default_args=default_args, schedule="@daily", catchup=False):
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword, last_name
from review.rules.base import Hit, Rule
from review.rules.dag._configured import configured
from review.rules.dag._default_args import dag_calls, default_args
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG002",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG}),
)

EFFECTS = {
    "catchup": "the DAG catches up, or does not, as Airflow's default says, whatever is written here",
    "schedule": "the DAG keeps the schedule of its own arguments, or none",
    "schedule_interval": "the DAG keeps the schedule of its own arguments, or Airflow's default",
    "timetable": "the DAG keeps the schedule of its own arguments, or none",
    "max_active_runs": "as many runs may overlap as Airflow's default allows (16)",
    "max_active_tasks": "as many tasks may run at once as Airflow's default allows (16)",
    "concurrency": "as many tasks may run at once as Airflow's default allows (16)",
    "dagrun_timeout": "a run that hangs is never ended",
    "sla_miss_callback": "nothing is called when an SLA is missed",
    "is_paused_upon_creation": "a new DAG starts, or stays paused, as Airflow's default says",
    "template_searchpath": "templates are not looked for there",
    "user_defined_macros": "templates cannot use those macros",
    "user_defined_filters": "templates cannot use those filters",
    "max_consecutive_failed_dag_runs": "a DAG that fails again and again is never paused",
}
"""Parameters of `airflow.models.dag.DAG` (2.10 and 3.0) that next to no operator has → what happens without them."""

TAKERS = {
    "concurrency": frozenset({"SFTPOperator"}),
    "schedule": frozenset(
        {
            "CloudDataTransferServiceGCSToGCSOperator",
            "CloudDataTransferServiceS3ToGCSOperator",
            "DatabricksCreateJobsOperator",
        }
    ),
}
"""Operators of Airflow's providers (August 2026) that do have a parameter of such a name."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Keys of default_args that belong to the DAG, where nothing in the file gives them to it or reads them."""
    if "default_args" not in source.text.lower():
        return
    if source.is_yaml:
        yield from _in_yaml(source)
        return
    calls = list(dag_calls(source.python))
    if any(entry.arg is None for call in calls for entry in call.keywords):
        return  # `DAG(**settings)`: what the DAG is given is not to be seen here
    found = default_args(source)
    read_back, given_away = found.read_back(), found.given_away()
    for argument in found.arguments():
        key = argument.key
        if key not in EFFECTS or key in read_back or argument.owner in given_away or _is_taken(key, source.python):
            continue
        if all(keyword(call, key) is None for call in calls):
            yield _hit(key, argument.node.lineno, argument.symbol)


def _in_yaml(source: Source) -> Iterator[Hit]:
    for dag in configured(source.yaml):
        for entry in dag.default_args:
            if entry.key in EFFECTS and not dag.has(entry.key) and not _is_named(entry.key, source.text):
                yield _hit(entry.key, entry.line, dag.name)


def _is_taken(key: str, tree: ast.Module) -> bool:
    """Whether the file makes a task that has this parameter itself."""
    takers = TAKERS.get(key, frozenset())
    return any(isinstance(node, ast.Call) and last_name(node.func) in takers for node in ast.walk(tree))


def _is_named(key: str, text: str) -> bool:
    return any(taker in text for taker in TAKERS.get(key, ()))


def _hit(key: str, line: int, symbol: str) -> Hit:
    return Hit(
        line=line,
        symbol=symbol,
        evidence=key,
        title=f"`{key}` has no effect in default_args",
        explanation=(
            f"`default_args` are handed to tasks, and no task here has a parameter `{key}`: it is the DAG's. Airflow "
            f"ignores it here without a warning, so {EFFECTS[key]}."
        ),
        remediation=f"Give `{key}` to the DAG itself, beside `default_args`, and remove it here.",
    )
