"""An argument of a task has a value that Airflow refuses.

### Why it matters
Airflow looks at some arguments when the file is imported: a `trigger_rule` it does not know, a sensor's `mode` that is
none of the two, an `execution_timeout` that is a number. Each raises an error there, and not only the task is missing
but all DAGs of the file.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="clean_up", bash_command="rm -r /tmp/orders", trigger_rule="all_sucess")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    BashOperator(task_id="clean_up", bash_command="rm -r /tmp/orders", trigger_rule="all_success")
```
"""

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._default_args import default_args
from review.rules.dag._model import model
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG064",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

_TRIGGER_RULES = (
    *("all_success", "all_failed", "all_done", "all_done_setup_success", "all_done_min_one_success", "all_skipped"),
    *("one_success", "one_failed", "one_done", "always", "dummy"),
    *("none_failed", "none_failed_or_skipped", "none_failed_min_one_success", "none_skipped"),
)
_KNOWN = {
    "trigger_rule": _TRIGGER_RULES,
    "weight_rule": ("downstream", "upstream", "absolute"),
    "mode": ("poke", "reschedule"),
}
"""Argument → what it may be, in any version from 1.10 to 3.1."""
_NEAR = 0.75
_LONG = 40


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Such values of tasks, of functions under `@task` and of default arguments."""
    if is_test(source.path, source.kind) or not any(name in source.text for name in (*_KNOWN, "execution_timeout")):
        return
    for name, value, symbol, is_airflows in sorted(_given(source), key=lambda each: each[1].lineno):
        why = _problem(name, value, is_airflows=is_airflows)
        if why:
            meant = _meant(name, value)
            yield Hit(
                line=value.lineno,
                symbol=symbol,
                evidence=f"{name}={ast.unparse(value)}"[:200],
                explanation=f"{why}: that is an error when the file is imported, so none of its DAGs is there to run.",
                remediation=_remedy(name, meant),
                suggestion=_corrected(source, value, meant),
            )


def _given(source: Source) -> Iterator[tuple[str, ast.expr, str, bool]]:
    """Argument, value and symbol, and whether it is given to what Airflow itself defines."""
    found = model(source)
    airflows = _airflows(source.python)
    decorated = [
        (decorator, function.name)
        for function, _ in found.callables()
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
    ]
    for call, symbol in [*((task.call, task.place.symbol) for task in found.tasks), *decorated]:
        name = dotted(call.func)
        is_sensor, is_airflows = "sensor" in name.lower(), name.partition(".")[0] in airflows
        for entry in call.keywords:
            if entry.arg is not None and (entry.arg != "mode" or is_sensor):
                yield entry.arg, entry.value, symbol, is_airflows
    for argument in default_args(source).arguments():
        if argument.key != "mode":
            yield argument.key, argument.value, argument.symbol, True


def _airflows(tree: ast.Module) -> set[str]:
    """The names that stand for something of Airflow's: an operator of the team's own may do as it likes."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "airflow" and not node.level:
            names.update(each.asname or each.name for each in node.names)
        elif isinstance(node, ast.Import):
            names.update((each.asname or "airflow") for each in node.names if each.name.partition(".")[0] == "airflow")
    return names


def _problem(name: str, value: ast.expr, *, is_airflows: bool) -> str:
    """What is wrong with it; empty where nothing is, or where it cannot be told."""
    if name == "execution_timeout" and isinstance(value, ast.Constant):
        is_number = isinstance(value.value, int | float | str) and not isinstance(value.value, bool)
        return f"`execution_timeout` is `{ast.unparse(value)[:40]}` and has to be a `timedelta`" if is_number else ""
    if name in _KNOWN and (_meant(name, value) or (is_airflows and name == "trigger_rule" and _is_strange(value))):
        return f"`{ast.unparse(value)[:60]}` is no `{name}` of Airflow's"
    return ""


def _remedy(name: str, meant: str) -> str:
    if meant:
        return f"Write `{meant}`."
    if name == "trigger_rule":
        return "Write one of Airflow's rules, such as `all_success`, `all_done` or `none_failed_min_one_success`."
    return "Give it a `timedelta`, such as `timedelta(minutes=30)`."


def _is_strange(value: ast.expr) -> bool:
    """Whether it is a trigger rule that no version knows, however far from one that some version does."""
    text = text_of(value)
    owner, _, attribute = dotted(value).rpartition(".")
    if text is None and owner.rpartition(".")[2] == "TriggerRule":
        return attribute.isupper() and attribute.lower() not in _TRIGGER_RULES
    return text is not None and text not in _TRIGGER_RULES and "{" not in text and text != ""


def _meant(name: str, value: ast.expr) -> str:
    """The value that was meant, where it is near to one that is known; empty for one that is known itself."""
    known = _KNOWN.get(name, ())
    text = text_of(value)
    owner, _, attribute = dotted(value).rpartition(".")
    if text is None and name == "trigger_rule" and owner.rpartition(".")[2] == "TriggerRule":
        is_name = attribute.isupper() and attribute.lower() not in known
        near = get_close_matches(attribute.lower(), known, 1, _NEAR) if is_name and len(attribute) <= _LONG else []
        return near[0].upper() if near else ""
    if text is None or text in known or len(text) > _LONG or "{" in text:
        return ""
    return next(iter(get_close_matches(text.lower().replace(" ", "_"), known, 1, _NEAR)), "")


def _corrected(source: Source, value: ast.expr, meant: str) -> str | None:
    """The line with the value put right, where it stands there just once."""
    line = source.lines[value.lineno - 1]
    wrong = text_of(value) or dotted(value).rpartition(".")[2]
    return line.replace(wrong, meant) if meant and wrong and line.count(wrong) == 1 else None
