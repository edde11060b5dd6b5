"""A shell command is put together from what whoever triggers the DAG sends.

### Why it matters
`dag_run.conf` is what comes with a trigger: by hand, from another DAG, or through Airflow's API. In `bash_command` it
becomes part of the command before the shell reads it, so that a `;` or a `$(…)` in the value runs any other command,
with the worker's rights and all its connections. A space in a file's name is enough to break it by accident. Airflow's
documentation of BashOperator warns of it; a value in the environment is never read as a command.

### Bad
```python
from airflow.operators.bash import BashOperator

load = BashOperator(
    task_id="load",
    bash_command="load-orders {{ dag_run.conf['path'] }}",
)
```

### Good
```python
from airflow.operators.bash import BashOperator

load = BashOperator(
    task_id="load",
    bash_command='load-orders "$ORDERS_PATH"',
    env={"ORDERS_PATH": "{{ dag_run.conf['path'] }}"},
    append_env=True,
)
```
"""

import ast
from collections.abc import Iterator

import jinja2.nodes as jinja

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import end_line, keyword, last_name, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trees import template

rule = Rule(
    module=__name__,
    code="DAG051",
    standard=Standard.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

COMMANDS = {"BashOperator": "bash_command", "BashSensor": "bash_command", "SSHOperator": "command"}
"""Operator → its argument that a shell reads (`airflow.providers.standard`, `airflow.providers.ssh`)."""
OLD = ("airflow.contrib.", "airflow.operators.bash_operator.", "airflow.operators.python_operator.")
"""Modules of Airflow 1."""
HARMLESS = frozenset({"int", "float", "length", "count", "bool"})
"""Filters whose result is no text."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first template of a command in the file that prints a part of `dag_run.conf`."""
    if "dag_run" not in source.text or is_test(source.path, source.kind):
        return
    for node, symbol in source.scopes:
        name = COMMANDS.get(last_name(node.func)) if isinstance(node, ast.Call) else None
        command = keyword(node, name) if isinstance(node, ast.Call) and name is not None else None
        if name is not None and command is not None and _prints_conf(_text(command)):
            yield Hit(
                line=command.lineno,
                end_line=end_line(command),
                symbol=symbol,
                evidence=f"{name}: {' '.join(_text(command).split())[:200]}",
                explanation=(
                    f"What comes with a trigger of the DAG stands in `{name}` as part of the command: a `;`, a "
                    "`$(…)` or a space in it is read by the shell, with all rights of the worker."
                ),
                remediation=_remediation(name, _is_of_airflow_1(source.python)),
            )
            return  # its team writes them all so


def _remediation(name: str, is_old: bool) -> str:
    if is_old:
        return (
            "Check the value in a task before, against the values or the pattern that are allowed, or quote it for "
            "the shell with `shlex.quote`, as a filter among the DAG's `user_defined_filters`."
        )
    if name == "bash_command":
        return 'Hand it over in `env`, with `append_env=True`, and write `"$NAME"`, in quotes, in the command.'
    return 'Hand it over in `environment`, and write `"$NAME"`, in quotes, in the command.'


def _is_of_airflow_1(tree: ast.Module) -> bool:
    """Whether it imports what only Airflow 1 has: its operators have no `append_env`."""
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(f"{module}.".startswith(OLD) for module in modules)


def _text(node: ast.expr) -> str:
    """The literal text of a command, with `x` for what is not written out."""
    parts: list[str] = []
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Add):
            pending.extend((each.right, each.left))
        else:
            text = text_of(each)
            parts.append("x" if text is None else text)
    return "".join(parts)


def _prints_conf(text: str) -> bool:
    if "dag_run" not in text:
        return False
    outputs = template(text).find_all(jinja.Output)
    return any(_gives_conf(each) for output in outputs for each in output.nodes)


def _gives_conf(node: jinja.Node) -> bool:
    """Whether the value of this expression is, or holds, one of `dag_run.conf`; to ask for one does no harm."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, jinja.Getattr | jinja.Getitem) and _is_conf(each):
            return True
        if isinstance(each, jinja.Filter):
            is_safe = each.name in HARMLESS or "quote" in each.name
            pending.extend([] if is_safe or each.node is None else [each.node])
        elif isinstance(each, jinja.CondExpr):
            pending.extend([each.expr1] if each.expr2 is None else [each.expr1, each.expr2])
        elif isinstance(each, jinja.Getattr | jinja.Getitem | jinja.Call):
            pending.extend(each.iter_child_nodes(only=("node",)))
        elif isinstance(each, jinja.And | jinja.Or | jinja.Add | jinja.Concat):
            pending.extend(each.iter_child_nodes())
    return False


def _is_conf(node: jinja.Getattr | jinja.Getitem) -> bool:
    """Whether it is `dag_run.conf` or `dag_run["conf"]`."""
    owner = node.node
    if not (isinstance(owner, jinja.Name) and owner.name == "dag_run"):
        return False
    if isinstance(node, jinja.Getattr):
        return bool(node.attr == "conf")
    return isinstance(node.arg, jinja.Const) and node.arg.value == "conf"
