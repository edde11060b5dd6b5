"""What the view of a DAG file says: which DAG a task is in, what can be looked up, what comes before what."""

import ast

import pytest

from review.domain.artifact import Kind, Version
from review.rules.dag._dependencies import Dependencies
from review.rules.dag._model import Model, model
from review.rules.dag._schedule import fields, hours_between, never
from review.rules.source import Source
from review.rules.trees import NotEvaluated

FILE = """
from airflow import DAG
from airflow.decorators import dag, task
from airflow.utils.task_group import TaskGroup

BASE = {"retries": 2, "owner": "x"}
ARGS = dict(BASE, owner="y")

with DAG("orders", schedule="@daily", default_args={**ARGS, "pool": "p"}) as orders:
    a = BashOperator(task_id="a")
    with TaskGroup("group") as group:
        for table in ["b", "c"]:
            BashOperator.partial(task_id=table).expand(x=[])
outside = BashOperator(task_id="d", dag=orders)
unknown = BashOperator(task_id="e", dag=other)

@dag(schedule="@daily", dag_id="refunds")
def make():
    @task
    def load(): ...

    load()
"""


def made(text: str) -> Model:
    return model(Source(Version("dags/a.py", text), Kind.DAG))


def edges(text: str) -> list[tuple[str | None, str | None]]:
    return [(before.task_id, after.task_id) for before, after in Dependencies(made(text)).edges()]


def test_dags_tasks_and_groups() -> None:
    found = made(FILE)
    assert [each.dag_id for each in found.dags] == ["orders", "refunds"]
    assert [(task.task_id, task.dag and task.dag.dag_id) for task in found.tasks] == [
        ("a", "orders"),
        (None, "orders"),
        ("d", "orders"),
        ("e", None),
        ("load", "refunds"),
    ]
    assert [len(task.place.groups) for task in found.tasks] == [0, 1, 0, 0, 0]
    assert [len(task.place.loops) for task in found.tasks] == [0, 1, 0, 0, 0]
    assert found.callables()[0][1] == "load"


def test_default_arguments_are_followed() -> None:
    found = made(FILE)
    given = {key: found.default(found.dags[0], key) for key in ("retries", "owner", "pool", "email")}
    assert {key: value and ast.literal_eval(value) for key, value in given.items()} == {
        "retries": 2,
        "owner": "y",
        "pool": "p",
        "email": None,
    }


@pytest.mark.parametrize("text", ["a = {**a}", "a = b\nb = a", "a = dict(a, **a)", "a = a | a", "a = a.copy()"])
def test_names_that_go_round_in_circles(text: str) -> None:
    found = made(f"{text}\nd = DAG('x', default_args=a)")
    assert found.default(found.dags[0], "retries") is None
    assert found.length(ast.parse("a.items()", mode="eval").body) == 0


TASKS = "a = BashOperator(task_id='a')\nb = BashOperator(task_id='b')\nc = BashOperator(task_id='c')\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a >> b >> c", [("a", "b"), ("b", "c")]),
        ("c << [a, b]", [("a", "c"), ("b", "c")]),
        ("a >> (b >> c)", [("a", "c"), ("b", "c")]),
        ("both = [a, b]\nboth >> c", [("a", "c"), ("b", "c")]),
        ("a.set_downstream([b, c])", [("a", "b"), ("a", "c")]),
        ("b.set_upstream(a)", [("a", "b")]),
        ("chain(a, [b, c])", [("a", "b"), ("a", "c")]),
        ("d = XOperator(task_id='d', data=a.output)", [("a", "d")]),
        ("x = x >> x", []),
    ],
)
def test_dependencies(text: str, expected: list[tuple[str, str]]) -> None:
    assert edges(TASKS + text) == expected


def test_what_is_tied_to_something_unknown() -> None:
    tied = Dependencies(made(TASKS + "a >> b >> other"))
    assert not tied.is_whole
    assert {task.task_id for task in tied.open_ends} == {"b"}


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("@daily", 24),
        ("0 6 * * *", 24),
        ("0 */6 * * *", 6),
        ("0 6 * * 1", 168),
        ("0 6 * * 1,4", 72),
        ("0 6 1 * *", 672),
        ("0 6 1 1 *", 8760),
        ("*/5 * * * *", 5 / 60),
        ("@once", None),
        ("0 0 L * *", None),
        ("x", None),
    ],
)
def test_hours_between_two_runs(text: str, hours: float | None) -> None:
    assert hours_between(text) == hours


def test_fields_of_a_cron_text() -> None:
    found = fields("0-10/5,30 6 * JAN,mar sun-tue")
    assert found is not None
    assert [sorted(field.values or ()) for field in found[:2]] == [[0, 5, 10, 30], [6]]
    assert [sorted(field.values or ()) for field in found[3:]] == [[1, 3], [0, 1, 2]]
    assert never(found) == ""
    assert fields("0 0 * *") is None
    broken = fields("61 24 0 13 8")
    assert broken is not None
    assert all(field.problem for field in broken)


def test_a_file_that_is_nested_too_deeply() -> None:
    text = "if a: pass\n" + "elif a: pass\n" * 900
    with pytest.raises(NotEvaluated, match=r"deep|parse"):
        model(Source(Version("dags/a.py", text), Kind.DAG))
