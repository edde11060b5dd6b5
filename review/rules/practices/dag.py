"""What a new DAG has of what the standards ask."""

import ast
from collections.abc import Iterator

from review.domain.finding import Standard
from review.rules._python import dotted, last_name
from review.rules.dag._default_args import dag_calls, default_args
from review.rules.dag._model import Model, model
from review.rules.practices.base import Seen, asked, found
from review.rules.source import Source
from review.rules.trees import NotEvaluated

NOTIFIES = frozenset({"on_failure_callback", "email_on_failure", "sla_miss_callback"})
CHECKS = ("Check", "Test", "Validat", "Quality", "Expectations", "Soda")
"""Parts of the names of operators and functions that look at the data itself."""
SECRETS = frozenset({"BaseHook.get_connection", "Variable.get", "Secret", "get_connection"})
LIMITS = frozenset(
    {"execution_timeout", "dagrun_timeout", "max_active_runs", "max_active_tasks", "pool", "concurrency"}
)
MANY = 1_000
DOCUMENTS = frozenset({"doc_md", "description", "doc"})


def practices(source: Source) -> Iterator[Seen]:
    """Of its DAGs, their default arguments and their tasks; raises NotEvaluated where it makes no DAG itself."""
    tree = source.python
    made = model(source)
    settings = _settings(source, made)
    if not made.dags:
        raise NotEvaluated("its DAGs are made elsewhere")
    retries, line = settings.get("retries", (None, None))
    yield asked(Standard.ERROR_HANDLING, None if _is_none(retries) else line, _retries(retries), "no retries")
    yield asked(Standard.MONITORING, _notified(settings), "failure notification", "no failure notification")
    yield asked(
        Standard.DOCUMENTATION,
        next((settings[name][1] for name in DOCUMENTS if name in settings), None) or _docstring(tree, made),
        "a description",
        "no description",
    )
    yield from found(
        Standard.DATA_QUALITY,
        next((task.call.lineno for task in made.tasks if any(word in task.operator for word in CHECKS)), None),
        "a task that checks the data",
    )
    yield asked(
        Standard.COST,
        next((settings[name][1] for name in sorted(LIMITS) if name in settings), None),
        "a limit on time or parallel runs",
        "no timeout and no limit on parallel runs",
    )
    yield from found(
        Standard.SECURITY,
        next((call.lineno for call, _ in made.calls if _reads_secret(call)), None),
        "credentials read from Airflow",
    )
    yield from found(
        Standard.SCALABILITY,
        next((call.lineno for call, _ in made.calls if last_name(call.func) in ("expand", "expand_kwargs")), None)
        or settings.get("deferrable", (None, None))[1],
        "mapped or deferrable tasks",
    )


def _settings(source: Source, made: Model) -> dict[str, tuple[ast.expr, int]]:
    """Argument → value and line, of the default arguments, the DAGs and the tasks; the first that sets it."""
    written = {
        entry.key: (entry.value, entry.node.lineno) for entry in reversed(list(default_args(source).arguments()))
    }
    calls = [*dag_calls(source.python), *(task.call for task in made.tasks)]
    for entry in (entry for call in calls for entry in call.keywords):
        if entry.arg is not None:
            written.setdefault(entry.arg, (entry.value, entry.value.lineno))
    return written


def _is_none(retries: ast.expr | None) -> bool:
    return isinstance(retries, ast.Constant) and retries.value in (0, None)


def _retries(given: ast.expr | None) -> str:
    """`3 retries`; without the number where it is written out as none, or is one that nobody means."""
    value = given.value if isinstance(given, ast.Constant) else None
    return f"{value} retries" if type(value) is int and 1 < value < MANY else "retries"


def _notified(settings: dict[str, tuple[ast.expr, int]]) -> int | None:
    for name in sorted(NOTIFIES & settings.keys()):
        value, line = settings[name]
        if not (isinstance(value, ast.Constant) and value.value in (False, None)):
            return line
    return None


def _docstring(tree: ast.Module, made: Model) -> int | None:
    """The line of the module's docstring, or of that of a function under `@dag`."""
    for node in (tree, *(each.node for each in made.dags)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            return node.body[0].lineno
    return None


def _reads_secret(call: ast.Call) -> bool:
    return dotted(call.func) in SECRETS or last_name(call.func) == "get_connection"
