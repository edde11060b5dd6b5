"""Every rule on texts that are made to cost time or to break a parser: no rule fails, and none takes the square."""

import time
from collections.abc import Callable, Iterator

import pytest

from review.domain.artifact import Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.rules.evaluate import evaluate
from review.rules.registry import load
from review.rules.source import Source
from review.sql.guesses import rendered
from review.sql.render import Renderer
from tests.unit.rules.hostile import JINJA, MACRO, PYTHON, SCALA, SQL, YAML

SECONDS = 4
"""Of CPU, for every rule on one text: tens of times what it takes."""

FILES: dict[str, tuple[Kind, dict[str, Callable[[], str]]]] = {
    "sql/orders.sql": (Kind.SQL_QUERY, {name: SQL[name] for name in ("statements", "inserts", "unions")}),
    "models/orders.sql": (Kind.DBT_MODEL, {**SQL, **JINJA}),
    "macros/orders.sql": (Kind.DBT_MACRO, {**MACRO, "open": JINJA["open"]}),
    "models/orders.yml": (Kind.DBT_PROPERTIES, YAML),
    "dags/orders.py": (Kind.DAG, PYTHON),
    "jobs/orders.py": (Kind.PYSPARK, PYTHON),
    "jobs/Orders.scala": (Kind.SCALA_SPARK, SCALA),
}


def cases() -> Iterator[object]:
    for path, (kind, texts) in FILES.items():
        for name, make in texts.items():
            yield pytest.param(path, kind, make, id=f"{kind.value}: {name}")


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    evaluate(
        load(),
        None,
        source("models/warm.sql", Kind.DBT_MODEL, "select {{ a() }} from t"),
        ChangedFile("a", Status.ADDED),
    )


def source(path: str, kind: Kind, text: str) -> Source:
    renderer = Renderer()
    return Source(
        Version(path, text),
        kind,
        "snowflake",
        render=lambda path, text: rendered(path, text, "snowflake", renderer),
        branches=renderer.branches,
    )


@pytest.mark.parametrize(("path", "kind", "make"), list(cases()))
def test_no_text_makes_a_rule_fail_or_take_long(path: str, kind: Kind, make: Callable[[], str]) -> None:
    text = make()
    added = frozenset(range(1, text.count("\n") + 2))
    started = time.process_time()
    found = evaluate(load(), None, source(path, kind, text), ChangedFile(path, Status.ADDED, added=added))
    assert time.process_time() - started < SECONDS
    assert not [skip.reason for skip in found.skipped if "made the rule fail" in skip.reason]
