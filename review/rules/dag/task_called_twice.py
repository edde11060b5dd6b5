"""A TaskFlow function is called a second time where the first call's task is meant.

### Why it matters
Each call of a function under `@task` makes a new task. `extract() >> transform()` and, on the next line,
`transform() >> load()` make two transform tasks: `transform`, which waits for the extract, and `transform__1`, which
waits for nothing. The load hangs on the second, so it runs at once, beside the extract, on yesterday's data, and the
transformation is done twice.

### Bad
```python
from airflow.decorators import dag, task


@dag(schedule="@daily")
def orders_daily():
    @task
    def extract(): ...

    @task
    def transform(): ...

    @task
    def load(): ...

    extract() >> transform()
    transform() >> load()
```

### Good
```python
from airflow.decorators import dag, task


@dag(schedule="@daily")
def orders_daily():
    @task
    def extract(): ...

    @task
    def transform(): ...

    @task
    def load(): ...

    transformed = transform()
    extract() >> transformed
    transformed >> load()
```
"""

import ast
from collections import Counter
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.dag._parts import Place
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG012",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

_ORDER = ast.RShift | ast.LShift


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Calls alike, of one TaskFlow function, of which one only comes last in a chain and the other only first."""
    if "task" not in source.text:
        return
    found = model(source)
    called = Counter(call.func.id for call, _ in found.calls if isinstance(call.func, ast.Name))
    ends: dict[tuple[object, ...], dict[str, tuple[ast.Call, Place]]] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    for statement, place in found.placed:
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.BinOp)) or place.loops:
            continue
        for call, end in _ends(statement.value):
            function = found.taskflow(call)
            if function is None:
                continue
            key = (function, place.dag, place.groups, place.functions, ast.dump(call))
            others = ends.setdefault(key, {})
            first = next((one for at, one in others.items() if at != end and not one[1].excludes(place)), None)
            seen[key] += 1
            if first is not None and end not in others and called[function.name] <= seen[key] + 1:
                yield _hit(call, first[0], function.name, end, place.symbol)
            others.setdefault(end, (call, place))


def _ends(chain: ast.BinOp) -> Iterator[tuple[ast.Call, str]]:
    """The calls at the two ends of `a() >> b() >> [c(), d()]`, each with `upstream` or `downstream`."""
    parts: list[ast.expr] = []
    node: ast.expr = chain
    order = type(chain.op)
    while isinstance(node, ast.BinOp) and isinstance(node.op, order):
        parts.append(node.right)
        node = node.left
    parts.append(node)
    if not issubclass(order, _ORDER):
        return
    first, last = ("upstream", "downstream") if order is ast.RShift else ("downstream", "upstream")
    for part, end in ((parts[-1], first), (parts[0], last)):
        for each in part.elts if isinstance(part, ast.List | ast.Tuple) else [part]:
            if isinstance(each, ast.Call):
                yield each, end


def _hit(call: ast.Call, first: ast.Call, name: str, end: str, symbol: str) -> Hit:
    missing = "does not wait for what" if end == "upstream" else "is not followed by what"
    stands = "stands before" if end == "upstream" else "stands after"
    return Hit(
        line=call.lineno,
        end_line=call.end_lineno,
        symbol=symbol,
        evidence=f"{name} {end}",
        explanation=(
            f"Each call of `{name}` makes a task of its own, so this one is not the task of line {first.lineno}: it "
            f"{missing} {stands} that one, and what `{name}` does is done twice."
        ),
        remediation=(
            f"Call it once, `{name}_task = {name}()`, and use that name in both places, or write one chain of the two."
        ),
    )
