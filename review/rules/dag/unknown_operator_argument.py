"""An operator or a DAG is given an argument that it does not have.

### Why it matters
Since Airflow 2 an operator refuses what it has no parameter for, when the file is imported: not the one task fails, but
all DAGs of the file are gone from the scheduler, and what was to run tonight does not. No linter and no type checker
that does not have Airflow installed, in the right version, tells you so.

An argument counts as known where the class has it in any of the versions that were looked at, from 1.10 to 3.3.

### Bad
```python
from airflow import DAG
from airflow.operators.python import PythonOperator

with DAG("orders_daily", schedule="@daily") as dag:
    load = PythonOperator(task_id="load", python_callabe=print, op_args=["orders"])
```

### Good
```python
from airflow import DAG
from airflow.operators.python import PythonOperator

with DAG("orders_daily", schedule="@daily") as dag:
    load = PythonOperator(task_id="load", python_callable=print, op_args=["orders"])
```
"""

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.domain.wording import shorten
from review.rules._python import end_line
from review.rules.base import MAX_TITLE, Hit, Rule
from review.rules.dag._signatures import DAG, OPERATOR, OPERATORS
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG050",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

MODULES = ("airflow.operators", "airflow.sensors", "airflow.providers", "airflow.contrib", "airflow.models")
DAG_MODULES = ("airflow", "airflow.models", "airflow.models.dag", "airflow.sdk", "airflow.decorators")
"""Where the classes are imported from, and where `DAG` and `@dag` are."""
MAPPED = frozenset({"partial", "expand"})
"""`BashOperator.partial(…).expand(…)`: both take arguments of the operator (Airflow 2.3)."""
INTERNAL = frozenset({"context", "partial", "last_loaded", "full_filepath", "serialized_fields"})
"""Names in the signatures that nobody is to write by hand, so that none is ever meant."""
NEAR = 0.84
LONG = 80
"""Characters above which a name is no slip."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Keywords of calls of the classes that the file imports from Airflow by name, which no version of them takes."""
    if "airflow" not in source.text:
        return
    classes = _imported(source.python)
    if not classes:
        return
    hits: list[Hit] = []
    for node, symbol in source.scopes:
        if isinstance(node, ast.Call):
            name = _called(node)
            if name in classes and all(entry.arg is not None for entry in node.keywords):
                hits.extend(_unknown(node, classes[name], symbol, source))
    yield from sorted(hits, key=lambda hit: hit.line)


def _imported(tree: ast.Module) -> dict[str, str]:
    """Name in this file → class of Airflow, for those that the file gives no other meaning."""
    found: dict[str, str] = {}
    others: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name
                if (
                    _is_known(node.module or "", alias.name)
                    and not node.level
                    and found.get(name) in (None, alias.name)
                ):
                    found[name] = alias.name
                else:
                    others.add(name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            others.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            others.add(node.id)
        elif isinstance(node, ast.arg):
            others.add(node.arg)
    return {name: meant for name, meant in found.items() if name not in others}


def _is_known(module: str, name: str) -> bool:
    if name in ("DAG", "dag"):
        return module in DAG_MODULES
    return name in OPERATORS and module.startswith(MODULES)


def _called(call: ast.Call) -> str:
    """The name that is called, or whose `partial` or `expand` is; else the empty string."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr in MAPPED:
        function = function.value
        if isinstance(function, ast.Call):  # X.partial(…).expand(…)
            return _called(function)
    return function.id if isinstance(function, ast.Name) else ""


def _unknown(call: ast.Call, name: str, symbol: str, source: Source) -> Iterator[Hit]:
    is_dag = name in ("DAG", "dag")
    known = DAG if is_dag else OPERATOR | OPERATORS[name]
    given = {entry.arg for entry in call.keywords}
    for entry in call.keywords:
        if entry.arg is not None and entry.arg not in known:
            meant = _meant(entry.arg, known - given - INTERNAL)
            yield Hit(
                line=entry.lineno,
                symbol=symbol,
                evidence=f"{name}({entry.arg})",
                title=shorten(f"`{name}` has no argument `{entry.arg}`", MAX_TITLE),
                explanation=(
                    f"`{name}` has no argument `{entry.arg}` in any version of Airflow and its providers that was "
                    "looked at, from 1.10 to 3.3. Since Airflow 2 that is an error when the file is imported, so none "
                    "of the file's DAGs is there to run."
                ),
                remediation=_remedy(entry.arg, meant, is_dag),
                suggestion=_renamed(source, entry, meant),
            )


def _meant(name: str, known: frozenset[str]) -> str | None:
    """The one argument that a name resembles, or None."""
    near = get_close_matches(name, sorted(known), 2, NEAR) if len(name) <= LONG else []
    return near[0] if near and (len(near) == 1 or name.rstrip("s") == near[0].rstrip("s")) else None


def _remedy(name: str, meant: str | None, is_dag: bool) -> str:
    if meant is not None:
        return f"Rename it to `{meant}`."
    if is_dag and name in OPERATOR:
        return "It is an argument of tasks: put it into `default_args`, or give it to the tasks that it is for."
    if not is_dag and name in DAG:
        return "It is an argument of the DAG: give it to that."
    takers = [each for each, arguments in sorted(OPERATORS.items()) if name in arguments]
    if takers and len(takers) <= 3:
        return (
            f"It is an argument of {' and '.join(f'`{each}`' for each in takers)}: use that operator, or take it out."
        )
    return "Take it out, or use the operator that has it."


def _renamed(source: Source, entry: ast.keyword, meant: str | None) -> str | None:
    """The line with the name put right, where the name stands there just once."""
    line = source.lines[entry.lineno - 1]
    name = entry.arg or ""
    if meant is None or line.count(name) != 1 or end_line(entry) < entry.lineno:
        return None
    return line.replace(name, meant)
