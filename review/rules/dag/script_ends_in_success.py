"""A shell script's last command hides the failure of those before it.

### Why it matters
The shell goes on after a command that failed, and the script's status is that of its last command. `load; echo done`
is a success whatever `load` did: the task is green, nothing is retried, and what comes downstream reads what is not
there.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command="load-orders --day {{ ds }}; echo done")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="load", bash_command="load-orders --day {{ ds }} && echo done")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import end_line, keyword, name_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._model import model
from review.rules.dag._shell import Command, commands
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG078",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

_ARGUMENTS = {"BashOperator": "bash_command", "SSHOperator": "command"}
_ALWAYS = frozenset({"echo", "printf", "date"})
"""Programs that end well whatever came before; `rm` does with `-f`. Who ends with `true` says so on purpose."""
_PREPARING = _ALWAYS | {
    *("cd", "export", "mkdir", "source", ".", "set", "cat", "touch", "unset", "chmod", "ls", "pwd", "sleep", "rm"),
    *("whoami", "hostname", "env", "which", "id", "exit", "x", "pip", "true", ":"),
    *("df", "du", "free", "ps", "uname", "printenv", "head", "tail", "nproc", "ulimit", "activate", "deactivate"),
    *("conda", "kinit", "pkill", "kill", "killall", "wait", "shopt", "alias"),
}
"""Programs of which a failure is seen by what comes next, or is none."""
_CONTROL = frozenset(
    {"if", "for", "while", "until", "case", "function", "then", "do", "fi", "done", "else", "{", "}", "[", "[["}
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal scripts of several commands whose last is such a one, with neither `set -e` nor a look at `$?`."""
    if not any(name in source.text for name in _ARGUMENTS) or is_test(source.path, source.kind):
        return
    found = model(source)
    for task in found.tasks:
        given = keyword(task.call, _ARGUMENTS.get(task.operator, ""))
        lost = _lost(found.constant(given))
        if lost is not None and given is not None:
            yield _hit(given, task.place.symbol, *lost)


def _lost(given: ast.expr | None) -> tuple[Command, Command] | None:
    """The first command of a literal script whose failure does not count, and the one that hides it."""
    script = name_of(given) or ""
    if "$?" in script or "PIPESTATUS" in script:
        return None
    steps = commands(given)
    if script.lstrip().startswith("#!") and "-e" in script.lstrip().partition("\n")[0]:
        return None
    if "<<" in script or any(step.name == "trap" for step in steps):
        return None
    if len(steps) < 2 or any(step.name in _CONTROL or _stops(step) for step in steps):
        return None
    last = steps[-1]
    is_forced = last.name == "rm" and any(word.startswith("-") and "f" in word for word in last.words)
    is_sure = last.name in _ALWAYS or is_forced
    if not is_sure or steps[-2].end not in (";", "\n"):
        return None
    work = (step for step in steps[:-1] if step.name not in _PREPARING and "=" not in step.words[0])
    lost = next((step for step in work if step.end in (";", "\n")), None)
    return (lost, last) if lost is not None else None


def _stops(step: Command) -> bool:
    """Whether the script is told to end at the first failure."""
    options = step.words[1:] if step.name == "set" else ()
    return any(word == "errexit" or (word.startswith("-") and "e" in word) for word in options)


def _hit(given: ast.expr, symbol: str, work: Command, last: Command) -> Hit:
    return Hit(
        line=given.lineno,
        end_line=end_line(given),
        symbol=symbol,
        evidence=f"{work.text[:100]} then {last.name}",
        explanation=(
            f"The script goes on when `{work.text[:60]}` fails, and ends with `{last.name}`: the success of "
            "that is the task's."
        ),
        remediation="Begin the script with `set -e`, or join its commands by `&&`.",
    )
