"""A key of default_args is misspelled, so the setting does nothing.

### Why it matters
Airflow gives each key of `default_args` to the operators that have a parameter of that name and drops the others
without a word. A key that is one letter off is no error, in no log and in no test: the alert, the retry or the timeout
simply is not there, and you learn of it when a failed run has gone unnoticed for days.

### Bad
```python
from airflow import DAG

default_args = {
    "owner": "data-platform",
    "emails": ["data-platform@example.com"],
    "email_on_failure": True,
}

with DAG("orders_daily", default_args=default_args, schedule="@daily"):
    ...
```

### Good
```python
from airflow import DAG

default_args = {
    "owner": "data-platform",
    "email": ["data-platform@example.com"],
    "email_on_failure": True,
}

with DAG("orders_daily", default_args=default_args, schedule="@daily"):
    ...
```
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.domain.wording import shorten
from review.rules._yaml import scalar
from review.rules.base import MAX_TITLE, Hit, Rule
from review.rules.dag._configured import Setting, configured
from review.rules.dag._default_args import Argument, default_args
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG001",
    standard=Standard.MONITORING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG}),
)

EFFECTS = {
    "email": "nobody is mailed when a task fails",
    "email_on_failure": "whether failures are mailed is left to Airflow's default",
    "email_on_retry": "whether retries are mailed is left to Airflow's default",
    "on_failure_callback": "nothing is called when a task fails",
    "on_retry_callback": "nothing is called when a task is retried",
    "on_success_callback": "nothing is called when a task succeeds",
    "on_execute_callback": "nothing is called when a task starts",
    "on_skipped_callback": "nothing is called when a task is skipped",
    "retries": "a failed task is not retried unless Airflow's own default says so",
    "retry_delay": "retries wait for Airflow's default delay",
    "max_retry_delay": "the delay between retries has no upper bound of yours",
    "retry_exponential_backoff": "the delay between retries does not grow",
    "execution_timeout": "a task that hangs is never stopped",
    "depends_on_past": "a task does not wait for its own previous run",
    "wait_for_downstream": "a task does not wait for the previous run's downstream tasks",
    "start_date": "tasks get no start date from here",
    "end_date": "tasks get no end date from here",
    "trigger_rule": "tasks keep the default trigger rule",
    "priority_weight": "tasks keep the default priority",
    "max_active_tis_per_dag": "as many runs of one task may overlap as the DAG allows",
}
"""Parameters of `BaseOperator` (Airflow 2.10 and 3.0) that teams set as defaults → what their absence means."""

_FALSE_ANYWAY = frozenset({"depends_on_past", "wait_for_downstream"})
_SAME = "this value has no effect, nor will another that is put here one day"

OTHERS = frozenset(
    {"param", "params", "pool", "pools", "queue", "queues", "owner", "task_id", "weight_rule", "retry", "max_retries"}
)
"""More names that exist and are no misspellings: Google's operators have a `retry`, Amazon's a `max_retries`."""

SLIPS = {
    "retry_count": "retries",
    "retries_delay": "retry_delay",
    "email_to": "email",
    "email_on_error": "email_on_failure",
    "email_on_fail": "email_on_failure",
    "failure_callback": "on_failure_callback",
    "on_error_callback": "on_failure_callback",
    "on_fail_callback": "on_failure_callback",
    "success_callback": "on_success_callback",
    "depend_on_past": "depends_on_past",
}
"""Slips of more than a letter or two, none of them a parameter of Airflow's own or its providers' operators."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Keys that no operator takes, nor the file itself, and that are nearly one that every operator takes."""
    if "default_args" not in source.text.lower():
        return
    if source.is_yaml:
        yield from _in_yaml(source)
        return
    found = default_args(source)
    read_back, arguments = found.read_back(), list(found.arguments())
    claims = defaultdict(set)
    for argument in arguments:
        claims[argument.owner, _meant(argument) or argument.key].add(argument.key)
    for argument in arguments:
        meant = _meant(argument)
        if meant is not None and argument.key not in read_back:
            is_taken = len(claims[argument.owner, meant]) > 1
            yield _hit(
                source, (argument.key, argument.node.lineno, argument.symbol), meant, argument.value, is_taken=is_taken
            )


def _meant(argument: Argument) -> str | None:
    """`intended` of its key; a number of retries is no `retry` of Google's operators, which is an object."""
    is_count = isinstance(argument.value, ast.Constant) and type(argument.value.value) is int
    return "retries" if argument.key == "retry" and is_count else intended(argument.key)


def _meant_in_yaml(entry: Setting) -> str | None:
    """The same of a key of YAML."""
    is_count = entry.key == "retry" and (scalar(entry.value) or "").isdecimal()
    return "retries" if is_count else intended(entry.key)


def _in_yaml(source: Source) -> Iterator[Hit]:
    for dag in configured(source.yaml):
        found = [(entry, _meant_in_yaml(entry)) for entry in dag.default_args]
        given = Counter(meant or entry.key for entry, meant in found)
        for entry, meant in found:
            if meant is not None:
                yield _hit(source, (entry.key, entry.line, dag.name), meant, None, is_taken=given[meant] > 1)


def _hit(source: Source, place: tuple[str, int, str], meant: str, value: ast.expr | None, *, is_taken: bool) -> Hit:
    """`place` is key, line and symbol; `is_taken` says that another key means the same: renaming would lose a value."""
    key, line, symbol = place
    title = f"`{key}` in default_args is no setting of Airflow's"
    is_same = isinstance(value, ast.Constant) and value.value is False and meant in _FALSE_ANYWAY
    effect = f"this value is never used beside that of `{meant}`" if is_taken else _SAME if is_same else EFFECTS[meant]
    return Hit(
        line=line,
        symbol=symbol,
        evidence=key,
        title=shorten(title, MAX_TITLE),
        explanation=(
            "Airflow ignores keys of `default_args` that no operator has a parameter for, without a warning. "
            f"It knows `{meant}`, not `{key}`, so {effect}."
        ),
        remediation=f"Keep one of the two, as `{meant}`." if is_taken else f"Rename the key to `{meant}`.",
        suggestion=None if is_taken else _renamed(source, key, line, meant),
    )


def intended(key: str) -> str | None:
    """The setting that a key was meant to be, or None where it is right or nothing resembles it."""
    if key in EFFECTS or key in OTHERS:
        return None
    if key in SLIPS:
        return SLIPS[key]
    squeezed = _squeeze(key)
    for known in EFFECTS:
        allowed = 1 if len(known) < 10 else 2
        if squeezed == _squeeze(known) or _is_within(key.lower(), known, allowed):
            return known
    return None


def _squeeze(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _is_within(left: str, right: str, allowed: int) -> bool:
    """Whether that many insertions, deletions, substitutions or swaps of neighbours make one name of the other."""
    if abs(len(left) - len(right)) > allowed:
        return False
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        last, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if last and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1] <= allowed


def _renamed(source: Source, key: str, number: int, meant: str) -> str | None:
    """The key's line with the name put right, where the old name stands there just once."""
    line = source.lines[number - 1]
    return line.replace(key, meant) if line.count(key) == 1 else None
