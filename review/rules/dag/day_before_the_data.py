"""A daily task is given the day before the day that its run is about.

### Why it matters
A daily run that starts tonight at 00:00 is about the day that has just ended, and `{{ ds }}` is that day already.
`{{ yesterday_ds }}` is the day before it: the data is a day later than it need be, or the task reads a partition that
another run wrote. Where a day's delay is meant, `{{ macros.ds_add(ds, -1) }}` says so; `yesterday_ds` is deprecated
since Airflow 2.2 and gone in Airflow 3, where the task fails with an undefined variable.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command="load_orders --day {{ yesterday_ds }}")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command="load_orders --day {{ ds }}")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import text_of
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Dag
from review.rules.dag._schedule import hours_between
from review.rules.source import Source
from review.rules.trees import NotEvaluated, template

rule = Rule(
    module=__name__,
    code="DAG031",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_NAMES = frozenset({"yesterday_ds", "yesterday_ds_nodash"})
_BOUNDS = frozenset({"ds", "ds_nodash", "tomorrow_ds", "tomorrow_ds_nodash", "prev_ds", "next_ds"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Templates in a task's arguments that write `yesterday_ds`."""
    if "yesterday_ds" not in source.text:
        return
    found = model(source)
    said: set[Dag] = set()
    for task in found.tasks:
        if task.dag is None or task.dag in said or not _is_daily(found, task.dag):
            continue
        texts = [node for node in ast.walk(task.call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        used = [(node, _names(str(node.value))) for node in texts if "ds" in str(node.value)]
        if any(not names.isdisjoint(_BOUNDS) for _, names in used):
            continue  # the two ends of an interval
        for node, names in used:
            name = next(iter(sorted(names & _NAMES)), "")
            if name and task.dag not in said:
                said.add(task.dag)
                yield _hit(node, name, task.task_id or task.operator, task.place.symbol)


def _is_daily(found: Model, dag: Dag) -> bool:
    schedule = text_of(found.argument(dag, "schedule", "schedule_interval"))
    return schedule is not None and hours_between(schedule) == 24


def _names(text: str) -> set[str]:
    """The variables of a template; none for a piece of a template."""
    from jinja2 import nodes

    try:
        return {each.name for each in template(text).find_all(nodes.Name)}
    except NotEvaluated:
        return set()


def _hit(node: ast.Constant, name: str, task: str, symbol: str) -> Hit:
    good = name.removeprefix("yesterday_")
    text = str(node.value)
    is_as_written = text.count("\n") == (node.end_lineno or node.lineno) - node.lineno
    return Hit(
        line=node.lineno + (text.count("\n", 0, text.find(name)) if is_as_written else 0),
        symbol=symbol,
        evidence=f"{name} in {task}",
        explanation=(
            f"In a daily DAG `{good}` is yesterday already when `{task}` runs; `{name}` is the day before that. It is "
            "also gone in Airflow 3, where the template fails."
        ),
        remediation=f"Use `{{{{ {good} }}}}`; where a day's delay is meant, `{{{{ macros.ds_add(ds, -1) }}}}` says so.",
    )
