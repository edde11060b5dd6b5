"""Whether real workers let an edit pass: only where the file parses before and after it."""

import json
from collections.abc import Iterator

import pytest

from review.domain.artifact import Artifact, Kind
from review.evidence.collect import HANDLER, LIMITS, Project
from review.evidence.describe import Edit, edits_parse
from review.sandbox.pool import Pool
from tests.unit.evidence.builders import artifact, prepared

pytestmark = pytest.mark.usefixtures("forked_workers")

PROJECTS = [
    Project("p", "snowflake", {"p/macros/m.sql": "{% macro month(x) %}{{ x }} >= 1 and {{ x }} < 2{% endmacro %}"})
]
BRANCHES = "select a from t\n{% if target.name == 'dev' %}\nlimit 10\n{% else %}\nwhere a = 1\n{% endif %}\n"
MODEL = "select a from {{ ref('t') }}\n"
WELL, BROKEN = "select a from t\n", "select a frm t where\n"

GOOD: list[tuple[Kind, str, str, str]] = [
    (Kind.DAG, "a.py", "a = 1\n", "a = 2\n"),
    (Kind.PYSPARK, "a.py", "a = 1\n", ""),
    (Kind.SQL_QUERY, "a.sql", WELL, "select a, b from t\n"),
    (Kind.SQL_DDL, "a.sql", "create table a (b int)\n", "create table a (b int not null)\n"),
    (Kind.SQL_QUERY, "a.sql", "call f();\n" + WELL, "call f();\nselect b from t\n"),
    (Kind.DBT_MODEL, "p/models/a.sql", MODEL, "select a from {{ ref('u') }} where {{ month('a') }}\n"),
    (Kind.DBT_MODEL, "p/models/a.sql", BRANCHES, BRANCHES.replace("a = 1", "a = 2")),
    (Kind.DBT_MACRO, "p/macros/a.sql", "{% macro a() %}1{% endmacro %}", "{% macro a() %}2 'it''s{% endmacro %}"),
    (Kind.DBT_PROPERTIES, "a.yml", "a: 1\n", "a: [1, 2]\n"),
    (Kind.SCALA_SPARK, "a.scala", "object A\n", "object B { val a = 1 }\n"),
]  # fmt: skip

BAD: list[tuple[Kind, str, str, str, str]] = [
    (Kind.DAG, "a.py", "a = 1\n", "a = (\n", "does not parse as Python"),
    (Kind.SQL_QUERY, "a.sql", WELL, BROKEN, "its SQL could not be analysed at line 1"),
    (Kind.SQL_QUERY, "a.sql", WELL, "-- all gone\n", "has no statement left"),
    (Kind.SQL_DDL, "a.sql", "create table a (b int)\n", "create tabel a (b int)\n", "has a statement that is beyond"),
    (Kind.SQL_DDL, "a.sql", "create table a (b int)\n", "create table a (b int,, c)\n", "sqlfluff's snowflake grammar"),
    (Kind.SQL_QUERY, "a.sql", WELL, "select a,, b from t\n", "sqlfluff's snowflake grammar cannot parse"),
    (Kind.DBT_MODEL, "p/models/a.sql", MODEL, f"{MODEL}where a = 1 and\n", "its SQL could not be analysed"),
    (Kind.DBT_MODEL, "p/models/a.sql", "select {{ a }}", "select {{ a }", "its Jinja cannot be rendered"),
    (Kind.DBT_MODEL, "p/models/a.sql", "select {{ a }}", "{{ config(x=1) }}", "nothing is left of it"),
    (Kind.DBT_MODEL, "p/models/a.sql", BRANCHES, BRANCHES.replace("a = 1", "a = ("), "its SQL could not be analysed"),
    (Kind.DBT_MODEL, "p/models/a.sql", BRANCHES, BRANCHES.replace("limit 10", "limit ("), "its SQL could not be anal"),
    (Kind.DBT_MACRO, "p/macros/a.sql", "{% macro a() %}{% endmacro %}", "{% macro a() %}", "its Jinja does not parse"),
    (Kind.DBT_PROPERTIES, "a.yml", "a: 1\n", "a: [1\n", "does not parse as YAML (line 2)"),
    (Kind.SCALA_SPARK, "a.scala", "object A\n", "object {{{\n", "does not parse as Scala"),
]  # fmt: skip

UNCHECKED: list[tuple[Kind, str, str, str, str]] = [
    (Kind.DAG, "a.py", "a = (\n", "a = 1\n", "does not parse as Python"),
    (Kind.SQL_QUERY, "a.sql", BROKEN, WELL, "its SQL could not be analysed at line 1, even before the edit"),
    (Kind.DBT_PROPERTIES, "a.yml", "a: [1\n", "a: 1\n", "does not parse as YAML (line 2), even before the edit"),
    (Kind.DBT_SEED, "a.csv", "a,b\n", "a,c\n", "a seed is data, not code"),
    (Kind.NOTEBOOK, "a.ipynb", json.dumps({"cells": []}), json.dumps({"cells": [{}]}), "a notebook is JSON, not code"),
]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(HANDLER, 1, LIMITS) as working:
        working.prepare(prepared("snowflake"))
        yield working


def file(kind: Kind, path: str, text: str | None) -> Artifact:
    return artifact(path, text, kind, dialect="snowflake" if path.endswith(".sql") else None, project="p", base="")


def refused(pool: Pool, kind: Kind, path: str, before: str, after: str) -> str:
    (clause,) = edits_parse([Edit(file(kind, path, before), after)], pool, PROJECTS)
    return clause


@pytest.mark.parametrize(("kind", "path", "before", "after"), GOOD)
def test_a_file_that_parses_as_before(pool: Pool, kind: Kind, path: str, before: str, after: str) -> None:
    assert refused(pool, kind, path, before, after) == ""


@pytest.mark.parametrize(("kind", "path", "before", "after", "said"), BAD)
def test_a_file_that_the_edit_breaks(pool: Pool, kind: Kind, path: str, before: str, after: str, said: str) -> None:
    assert refused(pool, kind, path, before, after).startswith(said)


@pytest.mark.parametrize(("kind", "path", "before", "after", "said"), UNCHECKED)
def test_what_cannot_be_checked(pool: Pool, kind: Kind, path: str, before: str, after: str, said: str) -> None:
    assert refused(pool, kind, path, before, after).startswith(f"could not be checked: {said}")


def test_each_edit_gets_its_own_answer_in_their_order(pool: Pool) -> None:
    query, gone = file(Kind.SQL_QUERY, "a.sql", WELL), file(Kind.SQL_QUERY, "b.sql", None)
    edits = [Edit(query, BROKEN), Edit(gone, WELL), Edit(query, WELL * 50), Edit(query, WELL), Edit(gone, "")]
    first, second, *rest = edits_parse(edits, pool, PROJECTS)
    assert first == "its SQL could not be analysed at line 1"
    assert second == "could not be checked: the change deletes the file"
    assert rest == ["its SQL could not be analysed at line 2", "", second]
    assert edits_parse([], pool) == ()
