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
from review.rules._python import dotted, keyword, text_of
from review.rules.base import Hit, Rule
from review.rules.dag._default_args import default_args
from review.rules.dag._model import model
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
_READERS = frozenset(
    {
        *("Variable.get", "models.Variable.get", "os.environ.get", "os.getenv", "environ.get", "getenv"),
        *("os.environ", "environ"),
    }
)
_SWITCHES = frozenset(
    {"catchup", "depends_on_past", "wait_for_downstream", "email_on_failure", "email_on_retry", "do_xcom_push"}
)
"""Arguments that are true or false: to Python the text `"False"` is true."""
_NUMBERS = frozenset({"int", "float"})
_SIBLINGS = 2
"""So many entries of a dictionary made numbers say that the reader gives texts."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Readers of texts as the value of such an argument, and of a dictionary's entry named like one that counts."""
    if not any(name in source.text for name in (*_COUNTS, *_SWITCHES)):
        return
    found = model(source)
    defaults = {id(argument.value) for argument in default_args(source).arguments()}
    for node, symbol in source.scopes:
        entries = _entries(node)
        converted = [reader for _, value in entries if (reader := _converted(value))]
        for key, value in entries:
            read = found.constant(value) if key in _COUNTS or key in _SWITCHES else value
            reader = _reader(read)
            is_airflows = _is_airflows(node) if isinstance(node, ast.Call) else id(value) in defaults
            is_setting = is_airflows and reader in _READERS and (key in _COUNTS or key in _SWITCHES)
            has_siblings = isinstance(node, ast.Dict) and converted.count(reader) >= _SIBLINGS
            if reader and (is_setting or (has_siblings and key.endswith(_COUNTS))):
                yield _hit(source, key, value, reader, symbol)


def _reader(value: ast.expr | None) -> str:
    """What reads a text: `Variable.get`, `os.environ`; empty for what is read as JSON, and for all else."""
    if isinstance(value, ast.Call) and keyword(value, "deserialize_json") is None:
        return dotted(value.func)
    return dotted(value.value) if isinstance(value, ast.Subscript) and dotted(value.value) in _READERS else ""


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


def _hit(source: Source, key: str, value: ast.expr, reader: str, symbol: str) -> Hit:
    is_switch = key in _SWITCHES
    what = (
        f"`{key}` is true or false: once the variable is set it is on, for the text `False` is true to Python."
        if is_switch
        else f"`{key}` has to be a number: once the variable is set, the comparison of the two raises `TypeError` "
        "where Airflow uses it."
    )
    return Hit(
        line=value.lineno,
        end_line=value.end_lineno,
        symbol=symbol,
        evidence=f"{key}={reader}",
        explanation=f"`{reader}` gives a text, and {what}",
        remediation=(
            'Compare it, `... == "true"`, or read it as JSON.'
            if is_switch
            else "Convert it: `int(...)`; where it may be missing, give it a default that is a number."
        ),
        suggestion=None if is_switch else _converting(source, value, reader),
    )


def _converting(source: Source, value: ast.expr, reader: str) -> str | None:
    """The line with the reader inside `int(...)`, where it cannot give None."""
    lines = source.lines[value.lineno - 1 : value.end_lineno]
    if not isinstance(value, ast.Call) or reader not in _READERS or len(lines) != 1 or not lines[0].isascii():
        return None
    if len(value.args) < 2 and not value.keywords:
        return None
    start, end = value.col_offset, value.end_col_offset or 0
    return f"{lines[0][:start]}int({lines[0][start:end]}){lines[0][end:]}"
