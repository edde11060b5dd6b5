"""Two DAGs of one file have the same id.

### Why it matters
The id is the DAG's name to Airflow. Of two DAGs with one id only one is kept, at the import or in the database, without
an error: which of the two, and so which of the pipelines is never run, is chance.

### Bad
```python
from airflow import DAG

with DAG("orders", schedule="@daily") as orders:
    ...

with DAG("orders", schedule="@daily") as refunds:
    ...
```

### Good
```python
from airflow import DAG

with DAG("orders", schedule="@daily") as orders:
    ...

with DAG("refunds", schedule="@daily") as refunds:
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.dag._parts import Dag, Place
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG023",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal ids of DAGs made at the file's top that one run of it gives twice."""
    found = model(source)
    places: dict[ast.AST, Place] = dict(found.calls)
    places.update((statement, place) for statement, place in found.placed if isinstance(statement, ast.FunctionDef))
    by_id: dict[str, list[tuple[Dag, Place]]] = {}
    for dag in found.dags:
        where = places.get(dag.node)
        if dag.dag_id is None or where is None or where.functions or dag.call is None:
            continue
        alike = by_id.setdefault(dag.dag_id, [])
        twin = next((other for other, place in alike if not place.excludes(where)), None)
        if twin is not None and twin.call is not None:
            yield _hit(dag.call, dag.dag_id, twin.call.lineno)
        alike.append((dag, where))


def _hit(call: ast.Call, dag_id: str, line: int) -> Hit:
    return Hit(
        line=call.lineno,
        symbol=dag_id,
        evidence=dag_id,
        explanation=(
            f"This DAG is called `{dag_id}`, and so is that of line {line}. Airflow keeps one of the two without a "
            "word, so the tasks of the other are never run."
        ),
        remediation="Give each DAG an id of its own.",
    )
