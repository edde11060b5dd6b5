"""A template uses a name that Airflow does not give it.

### Why it matters
A template is filled in when the task runs, with the names of Airflow's context and no others. `{{ ds_nodsh }}`, or
`{{ table }}` where `params.table` is meant, passes every import and every test of the DAG; at night the task fails with
`UndefinedError`, or, where the DAG allows undefined names, loads from a path with a hole in it.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command="load --day {{ ds_nodsh }}")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command="load --day {{ ds_nodash }}")
```
"""

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._context import CONTEXT
from review.rules.dag._model import model
from review.rules.dag._parts import Task
from review.rules.source import Source
from review.rules.trees import NotEvaluated, template

rule = Rule(
    module=__name__,
    code="DAG065",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_SLIPS = {
    "ds_add": "macros.ds_add",
    "ds_format": "macros.ds_format",
    "xcom_pull": "ti.xcom_pull",
    "dag_id": "dag.dag_id",
    "task_id": "task.task_id",
    "dagrun": "dag_run",
}
_NOT_TEMPLATES = frozenset({"doc", "doc_md", "doc_json", "task_id", "description", "default_args"})
_NEAR = 0.85
_SHORT, _LONG = 5, 40


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Names in literal templates of a task that are nearly one of Airflow's, or a key of its own `params`."""
    text = source.text
    if "{{" not in text or "user_defined_macros" in text or is_test(source.path, source.kind):
        return
    for task in model(source).tasks:
        own = _params(task)
        for constant in _constants(task):
            for name in sorted(_names(str(constant.value))):
                meant = f"params.{name}" if name in own else _meant(name)
                if meant:
                    yield _hit(constant, name, meant, task)


def _params(task: Task) -> frozenset[str]:
    """The keys of the `params` that the task is given as they are written."""
    given = keyword(task.call, "params")
    keys = given.keys if isinstance(given, ast.Dict) else []
    return frozenset(name for key in keys if (name := text_of(key)) is not None) - CONTEXT


def _constants(task: Task) -> Iterator[ast.Constant]:
    """The literal texts with a template among the arguments of a task; pieces of f-strings are none."""
    stack: list[ast.AST] = [entry.value for entry in task.call.keywords if entry.arg not in _NOT_TEMPLATES]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "{{" in node.value:
            yield node
        if not isinstance(node, ast.JoinedStr | ast.Lambda | ast.BinOp | ast.Call):
            stack.extend(ast.iter_child_nodes(node))


def _names(text: str) -> set[str]:
    """Names that a template reads and does not set itself; none of a piece of a template."""
    from jinja2 import nodes

    try:
        found = list(template(text).find_all(nodes.Name))
    except NotEvaluated:
        return set()
    return {each.name for each in found if each.ctx == "load"} - {each.name for each in found if each.ctx != "load"}


def _meant(name: str) -> str:
    """The name of Airflow's that was meant; empty for one of them, and for one that resembles none."""
    if name in CONTEXT or name in _SLIPS:
        return _SLIPS.get(name, "")
    if not _SHORT <= len(name) <= _LONG:
        return ""
    near = get_close_matches(name.lower(), sorted(CONTEXT), 1, _NEAR)
    return near[0] if near and len(near[0]) >= _SHORT else ""


def _hit(constant: ast.Constant, name: str, meant: str, task: Task) -> Hit:
    text = str(constant.value)
    is_as_written = text.count("\n") == (constant.end_lineno or constant.lineno) - constant.lineno
    return Hit(
        line=constant.lineno + (text.count("\n", 0, text.find(name)) if is_as_written else 0),
        symbol=task.place.symbol,
        evidence=f"{name} in {task.task_id or task.operator}",
        explanation=(
            f"Airflow gives a template no `{name}`, so `{task.task_id or task.operator}` fails with `UndefinedError` "
            f"when it runs, or has nothing in this place; `{meant}` is there."
        ),
        remediation=f"Write `{{{{ {meant} }}}}`.",
    )
