"""What the one who triggers a DAG types is put into a shell command as it is.

### Why it matters
`dag_run.conf` and text parameters come from whoever may trigger the DAG, in the web interface or by the API. Inside a
`bash_command` they are not data but shell: a value of `x; curl ... | sh` runs on the worker, with its connections and
credentials. Airflow's documentation warns of it and says how: by environment variables, which the shell does not parse.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_by_hand", schedule=None):
    BashOperator(task_id="load", bash_command="load_orders --day {{ dag_run.conf['day'] }}")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_by_hand", schedule=None):
    BashOperator(
        task_id="load",
        bash_command='load_orders --day "$DAY"',
        env={"DAY": "{{ dag_run.conf['day'] }}"},
        append_env=True,
    )
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.source import NotEvaluated, Source, template

rule = Rule(
    module=__name__,
    code="DAG028",
    standard=Standard.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG}),
)

_SHELLS = {"BashOperator": "bash_command", "SSHOperator": "command"}
_HARMLESS = frozenset({"int", "float", "abs", "round", "length", "tojson"})
"""Filters after which a value is no free text any more."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Shell commands with `{{ dag_run.conf… }}` in their text."""
    if "dag_run.conf" not in source.text:
        return
    for task in model(source).tasks:
        command = keyword(task.call, _SHELLS.get(task.operator, ""))
        for node in ast.walk(command) if command is not None else ():
            if (
                not isinstance(node, ast.Constant)
                or not isinstance(node.value, str)
                or "dag_run.conf" not in node.value
            ):
                continue
            hole = _hole(node.value)
            if hole:
                yield _hit(_line(source, node, hole), hole, task.task_id or task.operator, task.place.symbol)
                break


def _hole(text: str) -> str:
    """`dag_run.conf` with what is taken from it, where a template writes it out unfiltered; else empty."""
    from jinja2 import nodes

    try:
        tree = template(text)
    except NotEvaluated:
        return ""  # only a piece of a text: what stands around it is in another piece
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            filters = {each.name for each in part.find_all(nodes.Filter)}
            filters |= {part.name} if isinstance(part, nodes.Filter) else set()
            if filters.isdisjoint(_HARMLESS) and any(_is_conf(each) for each in (part, *part.find_all(nodes.Getattr))):
                return "dag_run.conf"
    return ""


def _is_conf(node: object) -> bool:
    from jinja2 import nodes

    is_attribute = isinstance(node, nodes.Getattr) and node.attr == "conf"
    return is_attribute and isinstance(node.node, nodes.Name) and node.node.name == "dag_run"  # type: ignore[attr-defined]


def _line(source: Source, node: ast.Constant, words: str) -> int:
    """The line of a text on which the words stand, else its first."""
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return next((line for line in lines if words in source.lines[line - 1]), node.lineno)


def _hit(line: int, hole: str, name: str, symbol: str) -> Hit:
    return Hit(
        line=line,
        symbol=symbol,
        evidence=f"{hole} in {name}",
        explanation=(
            f"Whoever triggers the DAG chooses `{hole}`, and the shell of `{name}` reads it as part of the command: a "
            "semicolon in it begins a command of theirs, run on the worker with its credentials."
        ),
        remediation='Hand the value over in `env` and write `"$NAME"` in the command; let `params` check its form.',
    )
