"""A TaskFlow function is tied to others without being called.

### Why it matters
A function under `@task` becomes a task when it is called. Its bare name in `extract >> load` is the function, not a
task, and Airflow refuses to tie it: the file cannot be imported, and all of its DAGs are gone.

### Bad
```python
from airflow import DAG
from airflow.decorators import task

with DAG("orders_daily", schedule="@daily"):

    @task
    def extract(): ...

    @task
    def load(): ...

    extract >> load()
```

### Good
```python
from airflow import DAG
from airflow.decorators import task

with DAG("orders_daily", schedule="@daily"):

    @task
    def extract(): ...

    @task
    def load(): ...

    extract() >> load()
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import last_name
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG061",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)

_TIES = frozenset({"chain", "cross_downstream", "set_downstream", "set_upstream"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Names of functions under `@task`, bound to nothing else, as parts of what ties tasks together."""
    if "task" not in source.text:
        return
    found = model(source)
    for statement, place in found.placed:
        if not isinstance(statement, ast.Expr | ast.Assign):
            continue
        for name in _tied(statement.value):
            if found.decorated(name) is not None and not found.is_rebound(name):
                yield Hit(
                    line=name.lineno,
                    symbol=place.symbol,
                    evidence=f"{name.id} not called",
                    explanation=(
                        f"`{name.id}` is a function under `@task`, which is a task only once it is called. Airflow "
                        "cannot tie a function to a task: the file fails to import, and none of its DAGs runs."
                    ),
                    remediation=f"Call it: `{name.id}()`, once, and use what it gives wherever this task is meant.",
                )


def _tied(node: ast.expr) -> list[ast.Name]:
    """The bare names among the parts of a chain, or of a call that ties, in the order of the text."""
    if isinstance(node, ast.Call) and last_name(node) in _TIES:
        parts = list(node.args)
    elif isinstance(node, ast.BinOp):
        parts = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift | ast.LShift):
            parts.insert(0, node.right)
            node = node.left
        parts = [node, *parts] if parts else []
    else:
        parts = []
    flat = [each for part in parts for each in (part.elts if isinstance(part, ast.List | ast.Tuple) else [part])]
    return [each for each in flat if isinstance(each, ast.Name)]
