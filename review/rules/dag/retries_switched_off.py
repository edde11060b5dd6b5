"""All tasks that share these default_args are told never to retry.

### Why it matters
Most failures of a nightly run are gone a minute later: a warehouse that restarts, a pod that is evicted, an API that
answers 503. A `retry_delay` beside `retries: 0` waits for nothing, and `default_args={"retries": 0}` on a group takes
the DAG's retries away from every task in it: each such failure ends the run and calls a person at night.

### Bad
```python
from datetime import timedelta

from airflow import DAG

with DAG(
    "orders_daily",
    schedule="@daily",
    default_args={"owner": "data-platform", "retries": 0, "retry_delay": timedelta(minutes=5)},
):
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
from review.rules._python import keyword, last_name
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
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG}),
)

_CONTRADICTED = "`retry_delay` beside it says how long to wait for a retry, and `retries` is 0, so none ever comes"
_GROUP = "This takes the retries of the DAG, or of the installation, away from every task of `{}`"


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`retries` of zero in default arguments, where it contradicts what stands beside or around it.

    Zero alone is Airflow's default and many a team's convention.
    """
    if "retries" not in source.text or is_test(source.path, source.kind):
        return
    if source.is_yaml:
        for dag in configured(source.yaml):
            entry = dag.default("retries")
            if entry is not None and entry.value.value == "0" and dag.default("retry_delay") is not None:
                yield _hit(entry.line, dag.name, _CONTRADICTED)
        return
    if _is_started_by_hand(model(source)):
        return
    overriding = _overriding(source.python)
    arguments = list(DefaultArgs(source.python).arguments())
    waiting = {argument.owner for argument in arguments if argument.key == "retry_delay"}
    for argument in arguments:
        if argument.key != "retries" or id(argument.node) in overriding or not _is_zero(argument.value):
            continue
        if argument.owner in waiting:
            yield _hit(argument.node.lineno, argument.symbol, _CONTRADICTED)
        elif isinstance(argument.owner, ast.Call) and "group" in last_name(argument.owner).lower():
            yield _hit(argument.node.lineno, argument.symbol, _GROUP.format(last_name(argument.owner)))


def _is_zero(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value == 0


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


def _hit(line: int, symbol: str, here: str) -> Hit:
    return Hit(
        line=line,
        symbol=symbol,
        evidence="retries 0",
        explanation=f"{here}: the first network error, evicted pod or busy warehouse fails the run.",
        remediation=(
            "Give them a retry or two with a `retry_delay`; set `retries=0` only on a task that must not run twice."
        ),
    )
