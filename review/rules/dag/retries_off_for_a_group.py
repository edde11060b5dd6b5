"""Retries are switched off for all tasks of a group.

### Why it matters
`default_args={"retries": 0}` of a group overrides what the DAG says for every task in it. One lost connection, one full
slot of the warehouse, and the group has failed with all that depends on it, at the hour when nobody looks; the retries
that the DAG or the installation gives to everything else would have hidden it.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.utils.task_group import TaskGroup

with DAG("orders_daily", schedule="@daily", default_args={"retries": 2}):
    with TaskGroup("models", default_args={"retries": 0}):
        BashOperator(task_id="run", bash_command="dbt run")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.utils.task_group import TaskGroup

with DAG("orders_daily", schedule="@daily", default_args={"retries": 2}):
    with TaskGroup("models"):
        BashOperator(task_id="run", bash_command="dbt run")
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
from review.rules.dag._model import model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG080",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`TaskGroup(…, default_args={"retries": 0})` and its like, in DAGs that a clock starts: who starts one sees it."""
    if "retries" not in source.text or is_test(source.path, source.kind):
        return
    found = model(source)
    for call, place in found.calls:
        name = last_name(call.func)
        if not (name.endswith("TaskGroup") or name == "task_group"):
            continue
        schedules = [found.argument(dag, "schedule", "schedule_interval", "timetable") for dag in found.dags]
        if schedules and all(isinstance(each, ast.Constant) and each.value is None for each in schedules):
            continue
        given = found.constant(keyword(call, "default_args"))
        off = _switched_off(given) if isinstance(given, ast.Dict) else None
        if off is not None:
            yield Hit(
                line=off.lineno,
                symbol=place.symbol,
                evidence=f"retries 0 for {name}",
                explanation=(
                    "No task of this group is tried again, whatever the DAG's own default arguments say: what passes "
                    "by itself, such as a lost connection, fails the run."
                ),
                remediation="Leave `retries` out, or give the group a number; set 0 on a task that must not run twice.",
            )


def _switched_off(given: ast.Dict) -> ast.expr | None:
    """The value of `retries` where it is 0."""
    for key, value in zip(given.keys, given.values, strict=True):
        if text_of(key) == "retries" and isinstance(value, ast.Constant) and value.value == 0:
            return value
    return None
