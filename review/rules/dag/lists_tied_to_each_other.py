"""Two lists of tasks are tied to each other by `>>`, which Python cannot do.

### Why it matters
`>>` belongs to tasks: a task takes a list on either side, but a list knows nothing of `>>`. `[a, b] >> [c, d]` is a
`TypeError` when the file is imported, and all of its DAGs are gone. A chain goes from left to right, so
`a >> [b, c] >> [d, e]` ends in the same way.

### Bad
```python
from airflow import DAG
from airflow.operators.empty import EmptyOperator

with DAG("orders_daily", schedule="@daily"):
    orders, payments, checks, report = (EmptyOperator(task_id=name) for name in ("o", "p", "c", "r"))
    [orders, payments] >> [checks, report]
```

### Good
```python
from airflow import DAG
from airflow.models.baseoperator import cross_downstream
from airflow.operators.empty import EmptyOperator

with DAG("orders_daily", schedule="@daily"):
    orders, payments, checks, report = (EmptyOperator(task_id=name) for name in ("o", "p", "c", "r"))
    cross_downstream([orders, payments], [checks, report])
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dag._model import Model, model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG060",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

_Lists = ast.List | ast.Tuple | ast.ListComp


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`>>` or `<<` with a list on either side, as it stands or by a name that is bound to nothing else."""
    if ">>" not in source.text and "<<" not in source.text:
        return
    found = model(source)
    for statement, place in found.placed:
        node = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift | ast.LShift):
            before = _value(node.left)
            if _is_list(found, before) and _is_list(found, node.right):
                yield _hit(node, before, place.symbol)
            node = node.left


def _value(node: ast.expr) -> ast.expr:
    """What a chain gives: its last part."""
    is_chain = isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift | ast.LShift)
    return node.right if is_chain and isinstance(node, ast.BinOp) else node


def _is_list(found: Model, node: ast.expr) -> bool:
    return isinstance(found.constant(node), _Lists)


def _hit(node: ast.BinOp, before: ast.expr, symbol: str) -> Hit:
    order = ">>" if isinstance(node.op, ast.RShift) else "<<"
    written = f"{ast.unparse(before)} {order} {ast.unparse(node.right)}"
    return Hit(
        line=before.lineno,
        end_line=node.end_lineno,
        symbol=symbol,
        evidence=written[:200],
        explanation=(
            f"Both sides of this `{order}` are lists, and lists have no `{order}`: `TypeError` when the file is "
            "imported, so none of its DAGs is there to run."
        ),
        remediation=(
            "Use `cross_downstream(before, after)` for each with each, `chain(...)` for pairs, or put one task between "
            "the two lists."
        ),
    )
