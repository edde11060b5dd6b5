"""Changed files to artifacts: both sides, what is left out and why, what is none of ours."""

import itertools
import json
from typing import Any

import pytest

from review.artifacts.classify import MAX_CHARACTERS, PATIENCE, Options, classify
from review.artifacts.relevance import is_sql, may_matter
from review.domain.artifact import SQL_KINDS, Kind, Stack
from review.domain.changeset import ChangedFile, Entry, Status
from review.domain.evidence import Skipped
from tests.unit.artifacts.builders import (
    MemoryTree,
    added,
    change,
    classified,
    deleted,
    kind,
    kinds,
    modified,
)

DAG = "from airflow import DAG\nDAG('x')\n"
EVERYTHING: dict[str, tuple[str, Kind | None]] = {
    "dbt/dbt_project.yml": ("name: x\nprofile: bigquery\n", Kind.DBT_PROJECT),
    "dbt/packages.yml": ("packages: []", Kind.DBT_PACKAGES),
    "dbt/models/a.sql": ("select 1", Kind.DBT_MODEL),
    "dbt/models/a.yml": ("models: []", Kind.DBT_PROPERTIES),
    "dbt/models/b.py": ("def model(dbt, session):\n    return 1\n", Kind.DBT_PYTHON_MODEL),
    "dbt/macros/m.sql": ("{% macro m() %}1{% endmacro %}", Kind.DBT_MACRO),
    "dbt/seeds/s.csv": ("a\n1\n", Kind.DBT_SEED),
    "dbt/snapshots/s.sql": ("{% snapshot s %}select 1{% endsnapshot %}", Kind.DBT_SNAPSHOT),
    "dbt/tests/t.sql": ("select 1", Kind.DBT_TEST),
    "dbt/tests/generic/t.sql": ("{% test t(m) %}select 1{% endtest %}", Kind.DBT_GENERIC_TEST),
    "dbt/analyses/a.sql": ("select 1", Kind.DBT_ANALYSIS),
    "dbt/README.md": ("# dbt", None),
    "dbt/models/docs.md": ("{% docs orders %}One row.{% enddocs %}", Kind.DBT_DOCS),
    "dbt/models/notes.md": ("prose", None),
    "dbt/docs/out.md": ("{% docs orders %}One row.{% enddocs %}", None),
    "anywhere/d.py": (DAG, Kind.DAG),
    "anywhere/helper.py": ("from airflow.models import BaseOperator\n", Kind.DAG_HELPER),
    "dags/orders/METADATA.yml": ("schedule_interval: '@daily'\ndefault_args:\n  owner: x\n", Kind.DAG_CONFIG),
    "dags/plain.yml": ("schedule_interval: '@daily'\n", None),
    "dags/plain.py": ("import sys\n", None),
    "airflow/dags/common/parse.py": ("import json\ndef parse(text):\n    return json.loads(text)\n", Kind.DAG_HELPER),
    "lib/parse.py": ("import json\ndef parse(text):\n    return json.loads(text)\n", None),
    "jobs/j.py": ("from pyspark.sql import SparkSession\n", Kind.PYSPARK),
    "jobs/J.scala": ("import org.apache.spark.sql.SparkSession\n", Kind.SCALA_SPARK),
    "jobs/Web.scala": ("import play.api.mvc._\n", None),
    "jobs/n.ipynb": (json.dumps({"cells": [{"cell_type": "code", "source": "import pyspark"}]}), Kind.NOTEBOOK),
    "jobs/p.ipynb": (json.dumps({"cells": [{"cell_type": "code", "source": "import pandas"}]}), None),
    "sql/q.sql": ("select 1", Kind.SQL_QUERY),
    "sql/Q.SQL": ("select 1", Kind.SQL_QUERY),
    "sql/q.hql": ("select 1", Kind.SQL_QUERY),
    "sql/q.sql.jinja": ("select {{ x }}", Kind.SQL_QUERY),
    "sql/q.sql.j2": ("select {{ x }}", Kind.SQL_QUERY),
    "sql/t.ddl": ("create table a (b int)", Kind.SQL_DDL),
    "sql/t.hql": ("create table a (b int)", Kind.SQL_DDL),
    "db/migrations/1.sql": ("select 1", Kind.SQL_MIGRATION),
    "web/app.py": ("from flask import Flask\napp = Flask(__name__)\n", None),
    "web/config.yml": ("a: 1", None),
    "web/rows.csv": ("a\n", None),
    "docs/index.md": ("select 1", None),
    "docs/sql.txt": ("select 1", None),
    "web/app.js": ("from 'airflow'", None),
    "Makefile": ("dbt:\n\tdbt run\n", None),
    ".github/workflows/x.sql": ("select 1", None),
    "web/node_modules/x/a.sql": ("select 1", None),
}


def test_every_kind_at_once() -> None:
    found = classified({path: text for path, (text, _) in EVERYTHING.items()})
    assert kinds(found) == {path: expected for path, (_, expected) in EVERYTHING.items() if expected}
    assert found.skipped == ()
    assert [each.path for each in found.artifacts] == sorted(kinds(found))
    assert [project.root for project in found.projects] == ["dbt"]
    assert {each.kind for each in found.artifacts} == set(Kind)


def test_kinds_know_their_stack() -> None:
    stacks = {kind: kind.stack for kind in Kind}
    assert {kind for kind, stack in stacks.items() if stack is Stack.AIRFLOW} == {
        Kind.DAG,
        Kind.DAG_HELPER,
        Kind.DAG_CONFIG,
    }
    assert {kind for kind, stack in stacks.items() if stack is Stack.SQL} == {
        Kind.SQL_QUERY,
        Kind.SQL_DDL,
        Kind.SQL_MIGRATION,
    }
    assert {kind for kind, stack in stacks.items() if stack is Stack.SPARK} == {
        Kind.PYSPARK,
        Kind.SCALA_SPARK,
        Kind.NOTEBOOK,
    }
    assert {kind for kind, stack in stacks.items() if stack is Stack.DBT} == {
        kind for kind in Kind if kind.value.startswith("dbt-")
    }
    assert {kind for kind in Kind if kind.is_sql} == SQL_KINDS
    assert Kind.DBT_MACRO not in SQL_KINDS


def test_a_name_says_little_the_content_says_it() -> None:
    assert kind({"dags/spark_airflow_job.py": "x = 1\n"}, "dags/spark_airflow_job.py") is None
    assert kind({"x/y/z.py": DAG}, "x/y/z.py") is Kind.DAG


def test_two_sides_of_a_changed_file() -> None:
    base: dict[str, str | bytes] = {"dbt_project.yml": "name: x", "models/a.sql": "select 1"}
    head: dict[str, str | bytes] = {**base, "models/a.sql": "select 2", "models/a.yml": "models: [{name: a}]"}
    (found,) = classified(head, modified("models/a.sql"), base=base).artifacts
    assert found.base is not None
    assert found.head is not None
    assert (found.base.text, found.head.text) == ("select 1", "select 2")


def test_an_added_and_a_deleted_file_have_one_side() -> None:
    found = classified({"a.sql": "select 1"}, added("a.sql"), deleted("b.sql"), base={"b.sql": "select 2"})
    new, gone = found.artifacts
    assert new.base is None
    assert new.head is not None
    assert gone.head is None
    assert gone.base is not None
    assert (gone.path, gone.kind, gone.base.text) == ("b.sql", Kind.SQL_QUERY, "select 2")


def test_a_renamed_file_has_both_paths() -> None:
    file = ChangedFile("new/b.sql", Status.RENAMED, old_path="old/a.sql")
    (found,) = classified({"new/b.sql": "select 2"}, file, base={"old/a.sql": "select 1"}).artifacts
    assert found.path == "new/b.sql"
    assert found.base is not None
    assert found.head is not None
    assert (found.base.path, found.base.text) == ("old/a.sql", "select 1")
    assert (found.head.path, found.head.text) == ("new/b.sql", "select 2")


def test_a_file_renamed_to_sql_is_one_and_to_text_is_none() -> None:
    files: dict[str, str | bytes] = {"a.sql": "select 1", "b.txt": "select 1"}
    to_sql = ChangedFile("a.sql", Status.RENAMED, old_path="a.txt")
    to_text = ChangedFile("b.txt", Status.RENAMED, old_path="b.sql")
    found = classified(files, to_sql, to_text, base={"a.txt": "select 1", "b.sql": "select 1"})
    assert kinds(found) == {"a.sql": Kind.SQL_QUERY}


def test_a_renamed_model_moves_between_projects() -> None:
    base: dict[str, str | bytes] = {
        "a/dbt_project.yml": "name: a\nprofile: redshift",
        "b/dbt_project.yml": "name: b\nprofile: duckdb",
        "a/models/x.sql": "select 1",
    }
    head: dict[str, str | bytes] = {**base, "b/models/x.sql": "select 1"}
    del head["a/models/x.sql"]
    file = ChangedFile("b/models/x.sql", Status.RENAMED, old_path="a/models/x.sql")
    found = classified(head, file, base=base)
    assert [(each.project, each.dialect) for each in found.artifacts] == [("b", "duckdb")]
    assert [project.root for project in found.projects] == ["b"]


def test_a_deleted_model_belongs_to_the_project_it_had() -> None:
    base: dict[str, str | bytes] = {
        "p/dbt_project.yml": "name: p\nmodel-paths: [sql]\nprofile: redshift",
        "p/sql/x.sql": "select 1",
    }
    found = classified({}, deleted("p/sql/x.sql"), deleted("p/dbt_project.yml"), base=base)
    assert kinds(found) == {"p/dbt_project.yml": Kind.DBT_PROJECT, "p/sql/x.sql": Kind.DBT_MODEL}
    assert {each.project for each in found.artifacts} == {"p"}
    assert found.artifacts[1].dialect == "redshift"
    assert [project.root for project in found.projects] == ["p"]


def test_only_projects_of_changed_files_are_given() -> None:
    files: dict[str, str | bytes] = {
        "a/dbt_project.yml": "name: a",
        "b/dbt_project.yml": "name: b",
        "b/models/x.sql": "select 1",
        "a/notebooks/x.sql": "select 1",
    }
    found = classified(files, added("b/models/x.sql"), added("a/notebooks/x.sql"))
    assert [project.root for project in found.projects] == ["b"]


PYTHON_THAT_DOES_NOT_PARSE = [
    ("from airflow import DAG\nprint 'x'\n", Kind.DAG_HELPER),
    ("import pyspark\ndef f():\n\tif 1:\n        pass\n", Kind.PYSPARK),
    ("print 'x'\n", None),
]


@pytest.mark.parametrize(("text", "expected"), PYTHON_THAT_DOES_NOT_PARSE)
def test_python_that_does_not_parse_never_raises(text: str, expected: Kind | None) -> None:
    found = classified({"a.py": text}, modified("a.py"), base={"a.py": text})
    assert kinds(found) == ({"a.py": expected} if expected else {})


@pytest.mark.parametrize("path", ["a.sql", "a.hql", "a.sql.jinja", "models/a.sql"])
def test_sql_that_is_no_text_is_skipped_with_a_reason(path: str) -> None:
    found = classified({"dbt_project.yml": "name: x", path: b"\xff\xfes\0e\0l\0"}, added(path))
    assert found.artifacts == ()
    assert found.skipped == (Skipped("classify", path, "its content cannot be read as text"),)


@pytest.mark.parametrize("path", ["a.py", "a.ipynb", "a.scala"])
def test_a_program_that_is_no_text_is_said(path: str) -> None:
    found = classified({path: b"PK\0\0"})
    assert found.artifacts == ()
    assert found.skipped == (Skipped("classify", path, "its content cannot be read as text"),)


BROKEN = {
    "dags/a.py": (DAG, "<<<<<<< HEAD\nprint 1\n=======\n", Kind.DAG),
    "dags/b.py": (DAG, "import sys\n", None),
    "jobs/a.py": ("import pyspark\n", '"""open\n', Kind.PYSPARK),
    "jobs/a.ipynb": (
        json.dumps({"cells": [{"cell_type": "code", "source": "import pyspark"}]}),
        '<<<<<<< HEAD\n{"cells": []}',
        Kind.NOTEBOOK,
    ),
    "jobs/b.ipynb": (
        json.dumps({"cells": [{"cell_type": "code", "source": "import pyspark"}]}),
        '{"cells": []}',
        None,
    ),
    "dbt/models/a.py": ("def model(dbt, session):\n    return 1\n", "def model(dbt, session:\n", Kind.DBT_PYTHON_MODEL),
}


@pytest.mark.parametrize("path", BROKEN)
def test_what_cannot_be_read_any_more_is_what_it_was(path: str) -> None:
    before, after, expected = BROKEN[path]
    project = {"dbt/dbt_project.yml": "name: x"}
    found = classified({**project, path: after}, modified(path), base={**project, path: before})
    assert kinds(found) == ({path: expected} if expected else {})


def test_endings_in_any_case() -> None:
    project = {"dbt_project.yml": "name: x"}
    files = {
        "models/A.SQL": "select 1",
        "models/a.YML": "models: []",
        "models/B.PY": "def model(dbt, session):\n    return 1\n",
        "seeds/S.CSV": "a\n1\n",
        "j/N.IPYNB": json.dumps({"cells": [{"cell_type": "code", "source": "import pyspark"}]}),
    }
    found = classified({**project, **files}, *(added(path) for path in files))
    assert kinds(found) == {
        "models/A.SQL": Kind.DBT_MODEL,
        "models/a.YML": Kind.DBT_PROPERTIES,
        "models/B.PY": Kind.DBT_PYTHON_MODEL,
        "seeds/S.CSV": Kind.DBT_SEED,
        "j/N.IPYNB": Kind.NOTEBOOK,
    }


def test_patience_ends_and_the_rest_is_said() -> None:
    clock = itertools.count(0, PATIENCE / 1.5).__next__
    found = classified({"a.sql": "select 1", "b.sql": "select 1", "dags/c.py": DAG}, options=Options(clock=clock))
    assert kinds(found) == {"a.sql": Kind.SQL_QUERY}
    assert {skip.subject for skip in found.skipped if not skip.harmless} == {"b.sql", "dags/c.py"}


@pytest.mark.parametrize("path", ["a.csv", "a.yml"])
def test_another_file_that_is_no_text_is_nothing(path: str) -> None:
    found = classified({path: b"PK\0\0"})
    assert (found.artifacts, found.skipped) == ((), ())


def test_bytes_that_are_no_utf8_are_read_all_the_same() -> None:
    (found,) = classified({"a.sql": "select 'é'".encode("latin-1")}).artifacts
    assert found.head is not None
    assert found.head.text == "select '\ufffd'"


def test_a_file_of_megabytes_is_skipped_with_a_reason() -> None:
    text = "select 1;\n" * (MAX_CHARACTERS // 10) + "select 2;"
    found = classified({"a.sql": text, "b.csv": text, "c.py": "#" + "x" * MAX_CHARACTERS, "d.sql": "select 1"})
    assert kinds(found) == {"d.sql": Kind.SQL_QUERY}
    (skip,) = found.skipped
    assert (skip.stage, skip.subject, skip.harmless) == ("classify", "a.sql", False)
    assert skip.reason == "it has 2,000,009 characters, above the 2,000,000 that are reviewed"


def test_the_longest_file_that_is_reviewed() -> None:
    assert kind({"a.sql": "select 1 -- " + "x" * (MAX_CHARACTERS - 12)}, "a.sql") is Kind.SQL_QUERY


def test_a_seed_of_megabytes_is_read_at_its_beginning() -> None:
    rows = "id,name\n" + "1,x\n" * (MAX_CHARACTERS // 4)
    base: dict[str, str | bytes] = {"dbt_project.yml": "name: x", "seeds/s.csv": rows + "2,y\n"}
    head: dict[str, str | bytes] = {**base, "seeds/s.csv": rows}
    found = classified(head, modified("seeds/s.csv"), base=base)
    (seed,) = found.artifacts
    assert found.skipped == ()
    assert seed.base is not None
    assert seed.head is not None
    assert (len(seed.base.text), len(seed.head.text)) == (65_536, 65_536)
    assert seed.head.text.startswith("id,name\n")


@pytest.mark.parametrize(
    "changed",
    [
        {"is_binary": True},
        {"entry": Entry.SYMLINK},
        {"entry": Entry.SUBMODULE},
    ],
)
def test_what_git_calls_no_text_file_is_nothing_here(changed: dict[str, Any]) -> None:
    found = classified({"a.sql": "select 1"}, ChangedFile("a.sql", Status.MODIFIED, **changed))
    assert (found.artifacts, found.skipped) == ((), ())


def test_what_intake_left_out_stays_out() -> None:
    left = Skipped("intake", "a.sql", "its diff is too long")
    tree = MemoryTree({"a.sql": "select 1", "b.sql": "select 1"})
    found = classify(change(added("a.sql"), added("b.sql"), skipped=(left,)), MemoryTree(), tree, Options())
    assert kinds(found) == {"b.sql": Kind.SQL_QUERY}
    assert found.skipped == ()


def test_what_the_policy_leaves_out_is_nothing_and_what_it_calls_generated_is_said() -> None:
    options = Options(includes=lambda path: not path.startswith("old/"), is_generated=lambda path: path == "g.sql")
    files: dict[str, str | bytes] = {"old/a.sql": "select 1", "g.sql": "select 1", "g.txt": "x", "b.sql": "select 1"}
    found = classified(files, options=options)
    assert kinds(found) == {"b.sql": Kind.SQL_QUERY}
    assert found.skipped == (Skipped("classify", "g.sql", "the policy says it is generated", harmless=True),)


def test_a_change_to_nothing_of_ours_reads_nothing() -> None:
    tree = MemoryTree({"README.md": "x", "app.js": "y", "dbt_project.yml": "name: x"})
    found = classify(change(modified("README.md"), modified("app.js")), tree, tree, Options())
    assert (found.artifacts, found.skipped, found.projects) == ((), (), ())
    assert tree.asked == []


MATTER = [
    *(f"a{suffix}" for suffix in (".sql", ".hql", ".ddl", ".dml", ".pgsql", ".psql")),
    *("a.sql.jinja", "a.sql.jinja2", "a.sql.j2", "A.SQL", "a.py", "a.ipynb", "a.scala", "a.yml", "a.yaml", "a.csv"),
]
NEVER = [
    *("a.md", "a.txt", "sql", "a.sql.bak", "a.jinja", ".github/workflows/a.yml", ".circleci/config.yml"),
    *(".gitlab/a.yml", "node_modules/a.sql", "web/node_modules/a.sql", ""),
    *("tools/spark-3.1.2-bin-hadoop2.7/examples/a.py", "spark-4.0.0-bin-hadoop3/a.scala"),
]


@pytest.mark.parametrize("path", MATTER)
def test_what_may_matter(path: str) -> None:
    assert may_matter(path)
    assert may_matter(f"some/folder/{path}")
    assert is_sql(path) is (path.lower()[1:] not in (".py", ".ipynb", ".scala", ".yml", ".yaml", ".csv"))


def test_prose_may_matter_where_dbt_keeps_doc_blocks() -> None:
    assert may_matter("dbt/models/staging/Docs.MD")
    assert not may_matter("docs/models.md")
    assert not may_matter("models.md")


@pytest.mark.parametrize("path", NEVER)
def test_what_never_matters(path: str) -> None:
    assert not may_matter(path)
