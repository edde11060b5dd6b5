"""Default arguments are written down and no DAG is given them.

### Why it matters
`default_args` is only a dictionary until a DAG gets it. Retries, the owner, the address and the callback for failures
that stand in it are then not in force, and nothing says so: the first failed run is neither retried nor told.

### Bad
```python
from datetime import datetime

from airflow import DAG

default_args = {"owner": "sales", "retries": 3, "email": ["sales-data@shop.org"]}

with DAG("orders_daily", schedule="@daily", start_date=datetime(2024, 1, 1)):
    ...
```

### Good
```python
from datetime import datetime

from airflow import DAG

default_args = {"owner": "sales", "retries": 3, "email": ["sales-data@shop.org"]}

with DAG("orders_daily", schedule="@daily", start_date=datetime(2024, 1, 1), default_args=default_args):
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.dag._signatures import OPERATOR
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG071",
    standard=Standard.MONITORING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_LEAST = 2
"""Arguments of operators that make a dictionary one of default arguments, whatever its name."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Such dictionaries of a module that nothing reads, beside DAGs of which none gets any, or only another."""
    if "args" not in source.text.lower() or is_test(source.path, source.kind):
        return
    found = model(source)
    calls = [dag.call for dag in found.dags if dag.call is not None]
    if not calls or any(entry.arg is None for call in calls for entry in call.keywords):
        return
    read = {node.id for node in source.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    if any(isinstance(node, ast.Attribute) and node.attr == "default_args" for node in source.nodes):
        return
    told = {node.value for node in source.nodes if isinstance(node, ast.Constant)}
    lacking = next((call for call in calls if keyword(call, "default_args") is None), None)
    for statement in source.python.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        if not isinstance(statement, ast.Assign) or not isinstance(target, ast.Name) or lacking is None:
            continue
        if target.id in read or target.id in told or not _are_defaults(target.id, statement.value):
            continue
        yield Hit(
            line=statement.lineno,
            symbol=target.id,
            evidence=f"{target.id} is given to no DAG",
            explanation=(
                f"Nothing reads `{target.id}`: the DAG of line {lacking.lineno} has no `default_args`, so its tasks "
                "have none of these settings."
            ),
            remediation=f"Give the DAG `default_args={target.id}`, or remove the dictionary.",
        )


def _are_defaults(name: str, value: ast.expr) -> bool:
    """Whether a dictionary holds arguments of operators and is named as such."""
    if "args" not in name.lower():
        return False
    if isinstance(value, ast.Dict):
        keys = [text_of(key) for key in value.keys]
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
        keys = [entry.arg for entry in value.keywords]
    else:
        return False
    return sum(key in OPERATOR for key in keys) >= _LEAST
