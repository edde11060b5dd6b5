"""All tasks that share these default_args are told never to retry.

### Why it matters
Most failures of a nightly run are gone a minute later: a warehouse that restarts, a pod that is evicted, an API that
answers 503. With `retries: 0` in `default_args` each of them ends the run and calls a person at night; with a retry or
two after a few minutes nobody notices. Airflow's own default is 0 as well, which is why teams set another for the whole
installation: this line takes that away again.

### Bad
```python
from airflow import DAG

with DAG("orders_daily", schedule="@daily", default_args={"owner": "data-platform", "retries": 0}):
    ...
```

### Good
```python
from datetime import timedelta

from airflow import DAG

with DAG(
    "orders_daily",
    schedule="@daily",
    default_args={"owner": "data-platform", "retries": 2, "retry_delay": timedelta(minutes=5)},
):
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._configured import configured
from review.rules.dag._default_args import DefaultArgs
from review.rules.dag._model import Model, model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG013",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`retries` of zero in a dictionary of default arguments."""
    if "retries" not in source.text or is_test(source.path, source.kind):
        return
    if source.is_yaml:
        for dag in configured(source.yaml):
            entry = dag.default("retries")
            if entry is not None and entry.value.value == "0":
                yield _hit(entry.line, dag.name)
        return
    if _is_started_by_hand(model(source)):
        return
    overriding = _overriding(source.python)
    for argument in DefaultArgs(source.python).arguments():
        if id(argument.node) in overriding:
            continue
        if argument.key == "retries" and isinstance(argument.value, ast.Constant) and argument.value.value == 0:
            yield _hit(argument.node.lineno, argument.symbol)


def _overriding(tree: ast.Module) -> set[int]:
    """Keys that change a copy, `args["retries"] = 0`, `{**args, "retries": 0}`: exceptions that someone thought of."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            found.add(id(node.slice))
        elif isinstance(node, ast.Dict) and None in node.keys:
            found.update(map(id, node.keys))
    return found


def _is_started_by_hand(found: Model) -> bool:
    """Whether no DAG of the file has a schedule: someone starts it and looks on."""
    schedules = [
        keyword(dag.call, "schedule") or keyword(dag.call, "schedule_interval") for dag in found.dags if dag.call
    ]
    none = [isinstance(each, ast.Constant) and each.value in (None, "@once") for each in schedules]
    return bool(none) and all(none)


def _hit(line: int, symbol: str) -> Hit:
    return Hit(
        line=line,
        symbol=symbol,
        evidence="retries 0",
        explanation=(
            "`retries` is 0 here for every task that these `default_args` are given to, so the first network error, "
            "evicted pod or busy warehouse fails the run, whatever the installation's own default is."
        ),
        remediation=(
            "Give them a retry or two with a `retry_delay`; set `retries=0` only on a task that must not run twice."
        ),
    )
