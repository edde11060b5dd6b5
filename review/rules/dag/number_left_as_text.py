"""A variable's text is passed on where a number is needed.

### Why it matters
Airflow variables and environment variables are texts: `Variable.get("retries")` gives `"3"`, not `3`. Handed to an
argument that counts, it raises `TypeError: '<' not supported between instances of 'str' and 'int'` in the scheduler,
far from the line that is wrong, and only from the day on which somebody sets the variable: until then the default,
often a number or None, goes through.

### Bad
```python
from airflow import DAG
from airflow.models import Variable

with DAG("orders_daily", schedule="@daily", max_active_runs=Variable.get("orders_max_active_runs", 1)):
    ...
```

### Good
```python
from airflow import DAG
from airflow.models import Variable

with DAG("orders_daily", schedule="@daily", max_active_runs=int(Variable.get("orders_max_active_runs", 1))):
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, keyword, scopes, text_of
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG020",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

_COUNTS = (
    "max_active_runs",
    "max_active_tasks",
    "max_active_tis_per_dag",
    "max_consecutive_failed_dag_runs",
    "retries",
    "pool_slots",
    "priority_weight",
    "poke_interval",
    "concurrency",
)
"""Arguments of DAGs and tasks that are numbers (Airflow 2.10 and 3.0)."""
_READERS = frozenset({"Variable.get", "models.Variable.get", "os.environ.get", "os.getenv", "environ.get", "getenv"})
_NUMBERS = frozenset({"int", "float"})
_SIBLINGS = 2
"""So many entries of a dictionary made numbers say that the reader gives texts."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Readers of texts as the value of a counting argument, and of a dictionary's entry named like one."""
    for node, symbol in scopes(source.python):
        entries = _entries(node)
        converted = [reader for _, value in entries if (reader := _converted(value))]
        for key, value in entries:
            if not isinstance(value, ast.Call) or keyword(value, "deserialize_json") is not None:
                continue
            reader = dotted(value.func)
            is_setting = isinstance(node, ast.Call) and reader in _READERS and key in _COUNTS and _is_airflows(node)
            has_siblings = isinstance(node, ast.Dict) and converted.count(reader) >= _SIBLINGS
            if is_setting or (has_siblings and key.endswith(_COUNTS)):
                yield _hit(source, key, value, reader, symbol)


def _entries(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """The keywords of a call, or the entries of a dictionary with literal keys."""
    if isinstance(node, ast.Call):
        return [(entry.arg, entry.value) for entry in node.keywords if entry.arg is not None]
    if isinstance(node, ast.Dict):
        return [(key, value) for name, value in zip(node.keys, node.values, strict=True) if (key := text_of(name))]
    return []


def _is_airflows(call: ast.Call) -> bool:
    """Whether a DAG, an operator, a sensor or default arguments are made: other functions may convert it themselves."""
    name = dotted(call.func).rpartition(".")[2]
    return name in ("DAG", "dag", "dict") or name.endswith(("Operator", "Sensor"))


def _converted(value: ast.expr) -> str:
    """The reader in `int(read(...))`; empty for anything else."""
    if not isinstance(value, ast.Call) or dotted(value.func) not in _NUMBERS or len(value.args) != 1:
        return ""
    inner = value.args[0]
    return dotted(inner.func) if isinstance(inner, ast.Call) else ""


def _hit(source: Source, key: str, value: ast.Call, reader: str, symbol: str) -> Hit:
    lines = source.lines[value.lineno - 1 : value.end_lineno]
    suggestion = None
    if len(lines) == 1 and lines[0].isascii():
        start, end = value.col_offset, value.end_col_offset or 0
        suggestion = f"{lines[0][:start]}int({lines[0][start:end]}){lines[0][end:]}"
    has_default = len(value.args) > 1 or bool(value.keywords)
    return Hit(
        line=value.lineno,
        end_line=value.end_lineno,
        symbol=symbol,
        evidence=f"{key}={reader}",
        explanation=(
            f"`{reader}` gives a text, and `{key}` has to be a number: once the variable is set, the comparison of the "
            "two raises `TypeError` where Airflow uses it."
        ),
        remediation="Convert it: `int(...)`; where it may be missing, give it a default that is a number.",
        suggestion=suggestion if has_default and reader in _READERS else None,
    )
