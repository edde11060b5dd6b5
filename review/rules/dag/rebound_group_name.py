"""The name of a task group or DAG is bound to something else inside its block.

### Why it matters
`with TaskGroup(...) as load:` calls the group `load` so that dependencies can be set on all of it. An assignment to
`load` inside the block takes the name away: after the block it means the last task made there, and
`load >> report` lets the report start when that one task is done, while the others still run or have failed. Nothing
fails; the report is computed on incomplete data now and then.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.utils.task_group import TaskGroup

with DAG("orders_daily", schedule="@daily") as dag:
    with TaskGroup("load") as load:
        for table in ("orders", "refunds"):
            load = BashOperator(task_id=table, bash_command=f"load {table}")
    load >> BashOperator(task_id="report", bash_command="report")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.utils.task_group import TaskGroup

with DAG("orders_daily", schedule="@daily") as dag:
    with TaskGroup("load") as load:
        for table in ("orders", "refunds"):
            BashOperator(task_id=table, bash_command=f"load {table}")
    load >> BashOperator(task_id="report", bash_command="report")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.dag._scope import Variable
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG011",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Assignments, inside the block of a group or DAG, to the name after its `as`, where that is used afterwards."""
    if "TaskGroup" not in source.text and "DAG" not in source.text:
        return
    found = model(source)
    reads = _last_reads(found)
    for statement, place in found.placed:
        if not isinstance(statement, ast.With | ast.AsyncWith):
            continue
        for item in statement.items:
            name = item.optional_vars
            variable = found.variables.get(name) if isinstance(name, ast.Name) else None
            kind = found.context(item.context_expr)
            if variable is None or kind is None:
                continue
            rebound = _rebound(found, statement, variable)
            if rebound is not None and reads.get(variable, 0) > (statement.end_lineno or 0):
                yield _hit(rebound, variable[1], kind, statement.lineno, place.symbol)


def _last_reads(found: Model) -> dict[Variable, int]:
    """Variable → the last line on which it is read."""
    last: dict[Variable, int] = {}
    for node, variable in found.variables.items():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            last[variable] = max(last.get(variable, 0), node.lineno)
    return last


def _rebound(found: Model, block: ast.With | ast.AsyncWith, variable: Variable) -> ast.Assign | None:
    """The first statement of the block that binds the variable anew; a nested `with ... as` apart."""
    assignments = (node for statement in block.body for node in ast.walk(statement) if isinstance(node, ast.Assign))
    return next(
        (node for node in assignments for target in node.targets if found.variables.get(target) == variable), None
    )


def _hit(node: ast.Assign, name: str, kind: str, line: int, symbol: str) -> Hit:
    return Hit(
        line=node.lineno,
        symbol=symbol,
        evidence=f"{name} of {kind}",
        title=f"The name of a {kind} is bound to something else inside its block",
        explanation=(
            f"`{name}` is the {kind} that begins on line {line}, until this assignment takes the name. What is set on "
            f"`{name}` after the block is set on what is assigned here last, not on the {kind}, so whatever waits for "
            f"it may start before the rest of the {kind} is done."
        ),
        remediation=f"Give what is assigned here a name of its own; keep `{name}` for the {kind}.",
    )
