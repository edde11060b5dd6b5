"""A task behind both ways of a branch is skipped, whichever way is taken.

### Why it matters
A branch skips the tasks of the ways that it does not take. A task that comes after two of those ways has the trigger
rule `all_success` unless it is told otherwise, and a skipped task is no success: the task is skipped in every run, and
all that comes after it. The run is green, and its last part never happens.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import BranchPythonOperator

with DAG("orders_daily", schedule="@daily"):
    branch = BranchPythonOperator(task_id="branch", python_callable=lambda ds: "month" if ds[-2:] == "01" else "day")
    month = BashOperator(task_id="month", bash_command="load month")
    day = BashOperator(task_id="day", bash_command="load day")
    report = BashOperator(task_id="report", bash_command="report")
    branch >> [month, day] >> report
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import BranchPythonOperator

with DAG("orders_daily", schedule="@daily"):
    branch = BranchPythonOperator(task_id="branch", python_callable=lambda ds: "month" if ds[-2:] == "01" else "day")
    month = BashOperator(task_id="month", bash_command="load month")
    day = BashOperator(task_id="day", bash_command="load day")
    report = BashOperator(task_id="report", bash_command="report", trigger_rule="none_failed_min_one_success")
    branch >> [month, day] >> report
```
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import keyword, last_name
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._dependencies import Dependencies
from review.rules.dag._model import Model, model
from review.rules.dag._parts import Task
from review.rules.dag._signatures import OPERATORS
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG077",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG}),
)

_BRANCHES = frozenset({"BranchPythonOperator", "BranchDateTimeOperator", "BranchDayOfWeekOperator"})
_TEXTS = ast.Constant | ast.JoinedStr
_MARKS = frozenset({"EmptyOperator", "DummyOperator"})
"""Operators that do nothing: the last of a DAG may as well be skipped."""
_MOST, _MOST_EDGES, _MOST_WAYS = 200, 1_000, 20
"""Tasks of a file, edges between them and ways of one branch beyond which they are not followed."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Tasks right behind two ways of which a branch takes one, of a known operator with no trigger rule."""
    if "ranch" not in source.text or is_test(source.path, source.kind):
        return
    found = model(source)
    branches = [task for task in found.tasks if _takes_one_way(found, task)]
    if not branches or len(found.tasks) > _MOST or _is_set_later(found):
        return
    after = Dependencies(found).downstream
    if sum(map(len, after.values())) > _MOST_EDGES:
        return
    before: defaultdict[Task, set[Task]] = defaultdict(set)
    for task, each in after.items():
        for later in each:
            before[later].add(task)
    said: set[Task] = set()
    for branch in branches:
        ways = _ways(branch, after)
        for task in found.tasks:
            ends = [only for each in before[task] if len(only := ways.get(each, frozenset())) == 1]
            firsts = frozenset().union(*ends)
            is_mark = task.operator in _MARKS and not after.get(task)
            if len(firsts) > 1 and task not in said and not is_mark and _waits_for_all(found, task):
                said.add(task)
                yield _hit(branch, firsts, task)


def _is_set_later(found: Model) -> bool:
    """Whether some task gets its trigger rule after it was made."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "trigger_rule" and isinstance(node.ctx, ast.Store)
        for node in ast.walk(found.tree)
    )


def _ways(branch: Task, after: Mapping[Task, set[Task]]) -> dict[Task, frozenset[Task]]:
    """Each task behind a branch → the tasks right behind the branch by which it is reached; itself for one of those."""
    reached: defaultdict[Task, set[Task]] = defaultdict(set)
    firsts = after.get(branch, set())
    for first in firsts if len(firsts) <= _MOST_WAYS else ():
        pending, seen = [first], {first, branch}
        while pending:
            task = pending.pop()
            reached[task].add(first)
            new = after.get(task, set()) - seen
            seen |= new
            pending.extend(new)
    return {task: frozenset(each) for task, each in reached.items()}


def _takes_one_way(found: Model, task: Task) -> bool:
    """Whether it is a branch whose function, as far as it can be seen, returns one id and no list of them."""
    function: ast.AST | None = task.function
    if task.operator in _BRANCHES:
        given = keyword(task.call, "python_callable")
        named = {node.name: node for node in found.tree.body if isinstance(node, ast.FunctionDef)}
        function = named.get(given.id) if isinstance(given, ast.Name) else given
        if task.operator == "BranchPythonOperator" and not isinstance(function, ast.FunctionDef | ast.Lambda):
            return False
        followed = (entry.value for entry in task.call.keywords if (entry.arg or "").startswith("follow_task_ids"))
        if any(map(_may_be_several, followed)):
            return False
    elif task.function is None or not any(last_name(each) == "branch" for each in task.function.decorator_list):
        return False
    return function is None or not any(map(_may_be_several, _returned(function)))


def _returned(function: ast.AST) -> list[ast.expr]:
    if isinstance(function, ast.Lambda):
        return [function.body]
    returns = (node for node in ast.walk(function) if isinstance(node, ast.Return))
    return [node.value for node in returns if node.value is not None]


def _may_be_several(value: ast.expr) -> bool:
    """Whether what a branch returns may be a list of ids: it is not where it is seen to be one text, or nothing."""
    if isinstance(value, ast.IfExp):
        return any(not isinstance(each, _TEXTS) for each in (value.body, value.orelse))
    return not isinstance(value, _TEXTS)


def _waits_for_all(found: Model, task: Task) -> bool:
    """Whether its trigger rule is certainly the default: an operator of a team's own may set another."""
    if task.function is not None:
        calls = [each for each in task.function.decorator_list if isinstance(each, ast.Call)]
        is_known = len(task.function.decorator_list) == 1
    else:
        calls, is_known = [], task.operator in OPERATORS
    names = {entry.arg for call in (task.call, *calls) for entry in call.keywords}
    if not is_known or not names.isdisjoint({"trigger_rule", None}):
        return False
    if isinstance(task.call.func, ast.Attribute) and task.call.func.attr != task.operator:
        return False
    dag = task.dag
    if dag is None or dag.call is None or any(entry.arg is None for entry in dag.call.keywords):
        return False
    given = found.argument(dag, "default_args")
    return given is None or (isinstance(given, ast.Dict) and found.default(dag, "trigger_rule") is None)


def _hit(branch: Task, firsts: frozenset[Task], task: Task) -> Hit:
    names = sorted(each.task_id or each.operator for each in firsts)[:2]
    name = task.task_id or task.operator
    return Hit(
        line=task.call.lineno,
        symbol=task.place.symbol,
        evidence=f"{name} after {' and '.join(names)} of {branch.task_id}"[:200],
        explanation=(
            f"`{branch.task_id}` takes one of the ways by `{names[0]}` and `{names[1]}` and skips the other; `{name}` "
            "comes after both and asks both to succeed, so it is always skipped."
        ),
        remediation='Give it `trigger_rule="none_failed_min_one_success"`.',
    )
