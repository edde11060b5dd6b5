"""A task is asked for by an id that no task of the DAG has.

### Why it matters
`xcom_pull` of an id that does not exist gives None and says nothing: the query gets `None` for a number, the load is
told no file. A branch that returns such an id fails when it runs, and may do so on the one day it takes that way.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    count = BashOperator(task_id="count_orders", bash_command="count-orders")
    report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='get_count_orders') }}")
    count >> report
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily", schedule="@daily"):
    count = BashOperator(task_id="count_orders", bash_command="count-orders")
    report = BashOperator(task_id="report", bash_command="report {{ ti.xcom_pull(task_ids='count_orders') }}")
    count >> report
```
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword, last_name, scopes, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._dependencies import Dependencies
from review.rules.dag._model import Model, model
from review.rules.source import Source
from review.rules.trees import NotEvaluated, template

rule = Rule(
    module=__name__,
    code="DAG067",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_NEAR, _NEARLY_THE_SAME = 0.75, 0.9
"""The second where something that is not to be seen may make tasks as well."""
_SHORT, _LONG = 4, 80
_MOST, _MOST_STRANGE = 200, 50
"""Ids of a file beyond which none is compared with another, and those that are compared."""


_LISTED = 5
"""Other lines of an id that are named."""


@dataclass(frozen=True)
class Asked:
    """One id by which a task is asked for."""

    task_id: str
    node: ast.Constant
    symbol: str
    effect: str


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Such ids, where all tasks of the file and their ids can be seen and one of those ids is much like it."""
    text = source.text
    if not ("xcom_pull" in text or "ranch" in text) or is_test(source.path, source.kind):
        return
    found = model(source)
    ids = {task.task_id for task in found.tasks} | _given(source.python)
    asked = [each for each in (*_pulled(source), *_branches(found)) if _SHORT <= len(each.task_id) <= _LONG]
    if not asked or None in ids or len(ids) > _MOST:
        return
    is_whole = Dependencies(found).is_whole
    said = _said(source.python) - Counter(each.task_id for each in asked if each.node.value == each.task_id)
    known = {each for each in ids if each is not None}
    strange = [
        each
        for each in sorted(asked, key=lambda each: each.node.lineno)
        if each.task_id not in known and "." not in each.task_id and said[each.task_id] == 0
        if not _is_numbered(each.task_id, known)
    ]  # an id with a dot begins with that of a group
    places: dict[str, list[Asked]] = {}
    for each in strange[:_MOST_STRANGE]:
        places.setdefault(each.task_id, []).append(each)
    for task_id, alike in places.items():
        meant = _meant(task_id, known) if is_whole else _misspelt(task_id, known)
        if meant:
            yield _hit(alike, meant)


def _given(tree: ast.Module) -> set[str | None]:
    """Each `task_id=…` of whatever is called: a class of the team's own may be an operator by any name."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {text_of(value) for call in calls if (value := keyword(call, "task_id")) is not None}


def _said(tree: ast.Module) -> Counter[str]:
    """Every name and every text of the file: an id among them may be that of a task which something else makes."""
    said: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.FunctionDef | ast.alias):
            said[node.id if isinstance(node, ast.Name) else node.name] += 1
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            said[node.value] += 1
    return said


def _meant(task_id: str, known: set[str]) -> str:
    """The id that was meant: nearly the same, or the same with a word more or less at an end; empty for none."""
    for each in sorted(known):
        short, long = sorted((each, task_id), key=len)
        if len(short) >= 2 * _SHORT and (long.endswith(f"_{short}") or long.startswith(f"{short}_")):
            return each
    return next(iter(get_close_matches(task_id, sorted(known), 1, _NEAR)), "")


def _misspelt(task_id: str, known: set[str]) -> str:
    """The id of which this one is a slip of the pen: digits are none; empty for none."""
    near = get_close_matches(task_id, sorted(known), 1, _NEARLY_THE_SAME)
    return near[0] if near and _digits(near[0]) == _digits(task_id) else ""


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _is_numbered(task_id: str, known: set[str]) -> bool:
    """Whether it is `load__1`, as Airflow calls a function that is called a second time."""
    name, mark, number = task_id.rpartition("__")
    return bool(mark) and number.isdigit() and name in known


def _pulled(source: Source) -> Iterator[Asked]:
    """The ids of `xcom_pull(task_ids=…)`, in Python and in templates, where it is a task of this DAG."""
    for node, symbol in source.scopes:
        if isinstance(node, ast.Call) and last_name(node.func) == "xcom_pull" and keyword(node, "dag_id") is None:
            given = keyword(node, "task_ids") or (node.args[0] if node.args else None)
            for each in given.elts if isinstance(given, ast.List | ast.Tuple) else [given]:
                task_id = text_of(each)
                if task_id is not None and isinstance(each, ast.Constant):
                    yield Asked(task_id, each, symbol, "the pull gives None")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "xcom_pull" in node.value:
            for task_id in _of_template(node.value):
                yield Asked(task_id, node, symbol, "`None` stands in its place")


def _of_template(text: str) -> Iterator[str]:
    """The literal ids that a template pulls."""
    from jinja2 import nodes

    try:
        calls = list(template(text).find_all(nodes.Call))
    except NotEvaluated:
        return
    for call in calls:
        given = {each.key: each.value for each in call.kwargs}
        if not isinstance(call.node, nodes.Getattr) or call.node.attr != "xcom_pull" or "dag_id" in given:
            continue
        ids = given.get("task_ids") or (call.args[0] if call.args else None)
        for each in ids.items if isinstance(ids, nodes.List | nodes.Tuple) else [ids]:
            if isinstance(each, nodes.Const) and isinstance(each.value, str):
                yield each.value


def _branches(found: Model) -> Iterator[Asked]:
    """The literal ids that functions which choose a branch return."""
    named = {node.name: node for node in found.tree.body if isinstance(node, ast.FunctionDef)}
    for task in found.tasks:
        given = keyword(task.call, "python_callable")
        if task.operator == "BranchPythonOperator" and isinstance(given, ast.Name) and given.id in named:
            function: ast.AST = named[given.id]
        elif task.function is not None and any(map(_is_branch, task.function.decorator_list)):
            function = task.function
        else:
            continue
        for node, symbol in scopes(function, getattr(function, "name", "")):
            values = [node.value] if isinstance(node, ast.Return) and node.value is not None else []
            for value in (way for given in values for way in _ways(given)):
                for each in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield Asked(each.value, each, symbol, "the branch fails when it takes this way")


def _ways(value: ast.expr) -> Iterator[ast.expr]:
    """What an expression gives: either side of `one if condition else other`."""
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.IfExp):
            stack += (current.orelse, current.body)
        else:
            yield current


def _is_branch(decorator: ast.expr) -> bool:
    return last_name(decorator) == "branch"


def _line(asked: Asked) -> int:
    text = str(asked.node.value)
    is_as_written = text.count("\n") == (asked.node.end_lineno or asked.node.lineno) - asked.node.lineno
    return asked.node.lineno + (text.count("\n", 0, text.find(asked.task_id)) if is_as_written else 0)


def _hit(alike: list[Asked], meant: str) -> Hit:
    """One for all places of a file that ask for the id, in the first of them."""
    asked = alike[0]
    others = sorted({_line(each) for each in alike} - {_line(asked)})
    said = ", ".join(map(str, others[:_LISTED])) + (", …" if len(others) > _LISTED else "")
    return Hit(
        line=_line(asked),
        symbol=asked.symbol,
        evidence=f"{asked.task_id} for {meant}",
        explanation=(
            f"No task here has the id `{asked.task_id}`, so {asked.effect}; there is `{meant}`."
            + (f" The same is asked in line {said}." if others else "")
        ),
        remediation=f"Write `{meant}`, or give the task the id that is asked for.",
    )
