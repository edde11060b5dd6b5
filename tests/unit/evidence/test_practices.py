"""What new files have, and lack, of what the standards ask: one stack at a time, and once by the real workers."""

from dataclasses import replace

import pytest

from review.domain.artifact import Artifact, Kind
from review.domain.changeset import ChangedFile, Status
from review.domain.finding import Standard
from review.domain.practice import Practice
from review.domain.project_files import ProjectFiles
from review.evidence.analyse import Analyst
from review.evidence.messages import request
from review.rules.practices.beside import named_tests
from tests.unit.evidence.builders import artifact, collected

BARE_DAG = """\
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(dag_id="orders", schedule="@daily") as dag:
    BashOperator(task_id="load", bash_command="load_orders")
"""
FULL_DAG = '''\
"""Loads the orders of a day."""

from airflow import DAG
from airflow.hooks.base import BaseHook
from airflow.providers.common.sql.operators.sql import SQLCheckOperator

default_args = {"retries": 3, "on_failure_callback": page, "execution_timeout": LIMIT}

with DAG(dag_id="orders", schedule="@daily", default_args=default_args) as dag:
    SQLCheckOperator(task_id="not_empty", sql="select count(*) from orders")
    password = BaseHook.get_connection("shop").password
'''
INCREMENTAL = """\
{{ config(materialized='incremental', unique_key='order_id', on_schema_change='fail', partition_by={'field': 'day'}) }}
select order_id, day from {{ ref('stg_orders') }}
{% if is_incremental() %}where day > (select max(day) from {{ this }}){% endif %}
"""
CAREFUL_JOB = '''\
"""Loads orders."""

import logging

orders = spark.read.schema(SCHEMA).csv(path)
logging.info("read")
orders.write.mode("append").partitionBy("day").parquet(target)
'''
CARELESS_SCALA = """\
object Orders {
  def main(args: Array[String]): Unit = {
    val orders = spark.read.option("header", "true").csv(args(0))
    orders.write.parquet(args(1))
  }
}
"""


def seen(of: Artifact) -> dict[str, list[str]]:
    """Standard → what was told of it, what is missing with a minus before it."""
    told: dict[str, list[str]] = {}
    for each in Analyst().look(request(of, None)).practices:
        assert each.path == of.path
        assert each.line is None or each.is_there
        told.setdefault(each.standard.value, []).append(("" if each.is_there else "-") + each.text)
    return told


def test_a_bare_dag_lacks_what_a_full_one_has() -> None:
    assert seen(artifact("dags/orders.py", BARE_DAG, Kind.DAG)) == {
        "error-handling": ["-no retries"],
        "monitoring": ["-no failure notification"],
        "documentation": ["-no description"],
        "cost": ["-no timeout and no limit on parallel runs"],
    }
    assert seen(artifact("dags/orders.py", FULL_DAG, Kind.DAG)) == {
        "error-handling": ["3 retries"],
        "monitoring": ["failure notification"],
        "data-quality": ["a task that checks the data"],
        "documentation": ["a description"],
        "cost": ["a limit on time or parallel runs"],
        "security": ["credentials read from Airflow"],
    }


def test_the_workers_tell_it() -> None:
    dag = artifact("dags/orders.py", FULL_DAG, Kind.DAG)
    model = artifact("models/fct_orders.sql", INCREMENTAL, Kind.DBT_MODEL)
    told = collected([model, dag]).practices
    assert [each.path for each in told] == [dag.path] * 6 + [model.path] * 4
    assert told == tuple(each for of in (dag, model) for each in Analyst().look(request(of, None)).practices)


def test_what_the_project_says_of_a_model_counts() -> None:
    properties = "models: [{name: fct_orders, description: Orders., columns: [{name: order_id, tests: [unique]}]}]"
    model = artifact("models/fct_orders.sql", "select 1 as order_id\n", Kind.DBT_MODEL, project="")
    texts = {"models/fct_orders.sql": "select 1 as order_id\n", "models/schema.yml": properties}
    analyst = Analyst()
    analyst.know(ProjectFiles("", {"model": ("models/",)}, texts), "postgres")
    told = [("" if each.is_there else "-") + each.text for each in analyst.look(request(model, None)).practices]
    assert told == ["a description", "-0 of 1 listed columns described", "tests"]


def _of_project(path: str, texts: dict[str, str]) -> list[str]:
    model = artifact(path, texts[path], Kind.DBT_MODEL, project="")
    analyst = Analyst()
    analyst.know(ProjectFiles("", {"model": ("models/",)}, texts), "postgres")
    return [("" if each.is_there else "-") + each.text for each in analyst.look(request(model, None)).practices]


BARE_INCREMENTAL = """\
{{ config(materialized='incremental') }}
select order_id from {{ ref('stg_orders') }} {% if is_incremental() %}where id > 1{% endif %}
"""


def test_what_the_project_sets_for_the_folder_of_a_model_counts() -> None:
    project = """\
name: shop
models:
  +cluster_by: [day]
  shop:
    marts:
      +on_schema_change: sync_all_columns
      +unique_key: [order_id, line]
"""
    texts = {"models/marts/fct_orders.sql": BARE_INCREMENTAL, "dbt_project.yml": project}
    told = _of_project("models/marts/fct_orders.sql", texts)
    assert {"`on_schema_change` is set", "a `unique_key`", "a layout for its readers"} <= set(told)
    other = _of_project("models/staging/o.sql", {**texts, "models/staging/o.sql": BARE_INCREMENTAL})
    assert {"-no `on_schema_change`, so a new column is ignored", "-no `unique_key`", "a layout for its readers"} <= {
        *other
    }


def test_what_the_properties_of_a_model_set_counts() -> None:
    said = (
        "models: [{name: o, config: {on_schema_change: fail, incremental_strategy: append, partition_by: {field: d}}}]"
    )
    told = _of_project("models/o.sql", {"models/o.sql": BARE_INCREMENTAL, "models/o.yml": said})
    assert {"`on_schema_change` is set", "a layout for its readers"} <= set(told)
    assert not any("unique_key" in each for each in told)


def test_a_version_of_a_model_is_described_by_its_models_entry() -> None:
    said = """\
models:
  - name: customers
    description: Customers.
    columns: [{name: id, description: Key., data_tests: [unique]}]
    versions:
      - v: 1
      - {v: 2, columns: [{include: all}, {name: region}]}
      - {v: 3, defined_in: newest}
"""
    texts = {"models/c.yml": said} | dict.fromkeys(
        ("models/customers_v1.sql", "models/customers_v2.sql", "models/customers_v4.sql", "models/newest.sql"),
        "select 1 as id\n",
    )
    there = ["a description", "1 of 1 listed columns described", "tests"]
    assert _of_project("models/customers_v1.sql", texts) == there == _of_project("models/newest.sql", texts)
    assert "-1 of 2 listed columns described" in _of_project("models/customers_v2.sql", texts)
    assert _of_project("models/customers_v4.sql", texts) == ["-no description", "-no tests"]


def test_a_write_that_takes_no_mode_lacks_none() -> None:
    careful = CAREFUL_JOB + 'orders.write.insertInto("lake.t", overwrite=True)\n'
    assert seen(artifact("jobs/o.py", careful, Kind.PYSPARK))["error-handling"] == ["every write says its mode"]
    inserts = CAREFUL_JOB.replace('.mode("append").partitionBy("day").parquet(target)', '.insertInto("lake.t")')
    assert "error-handling" not in seen(artifact("jobs/o.py", inserts, Kind.PYSPARK))


def test_retries_switched_off_are_none() -> None:
    dag = BARE_DAG.replace('schedule="@daily"', 'schedule="@daily", default_args={"retries": 0}')
    assert seen(artifact("dags/orders.py", dag, Kind.DAG))["error-handling"] == ["-no retries"]


def test_a_file_whose_dags_are_made_elsewhere_is_asked_nothing() -> None:
    assert seen(artifact("dags/orders.py", "from factory import build\n\nbuild('orders.yml')\n", Kind.DAG)) == {}


def test_an_incremental_model() -> None:
    assert seen(artifact("models/fct_orders.sql", INCREMENTAL, Kind.DBT_MODEL)) == {
        "error-handling": ["`on_schema_change` is set"],
        "data-quality": ["a `unique_key`"],
        "cost": ["an incremental run that can read new rows only"],
        "scalability": ["a layout for its readers"],
    }
    bare = "{{ config(materialized='incremental') }}\nselect order_id from {{ ref('stg_orders') }}\n"
    told = seen(artifact("models/fct_orders.sql", bare, Kind.DBT_MODEL))
    assert all(text.startswith("-") for texts in told.values() for text in texts)
    assert list(told) == ["error-handling", "data-quality", "cost", "scalability"]


def test_spark_jobs_in_both_languages() -> None:
    assert seen(artifact("jobs/orders.py", CAREFUL_JOB, Kind.PYSPARK)) == {
        "error-handling": ["every write says its mode"],
        "monitoring": ["logs what it does"],
        "data-quality": ["reads with a schema"],
        "documentation": ["says what it is for"],
        "scalability": ["partitioned writes"],
    }
    assert seen(artifact("src/Orders.scala", CARELESS_SCALA, Kind.SCALA_SPARK)) == {
        "error-handling": ["-a write without a mode"],
        "monitoring": ["-no logging"],
        "data-quality": ["-a read whose schema is guessed"],
        "documentation": ["-no docstring"],
    }


def test_a_migration() -> None:
    text = (
        "create table if not exists orders (id bigint primary key);\ncomment on table orders is 'One row an order';\n"
    )
    told = seen(artifact("migrations/1.sql", text, Kind.SQL_MIGRATION, dialect="postgres"))
    assert told == {
        "error-handling": ["CREATE TABLE that can be run again"],
        "data-quality": ["constraints"],
        "documentation": ["comments on what it creates"],
    }
    bare = seen(artifact("ddl/o.sql", "create table orders (id int64)", Kind.SQL_DDL, dialect="bigquery"))
    assert bare == {
        "error-handling": ["-no IF NOT EXISTS"],
        "data-quality": ["-no key and no constraint"],
        "documentation": ["-no comment on what it creates"],
        "cost": ["-no partitioning"],
    }
    assert seen(artifact("migrations/2.sql", "drop view v", Kind.SQL_MIGRATION, dialect="postgres")) == {}


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"base": BARE_DAG, "added": [5]}, False),
        ({"base": "x = 1\n" * 50, "added": range(1, 30)}, True),
        ({"base": "x = 1\n" * 50, "added": range(1, 19)}, False),
    ],
)
def test_only_new_and_largely_changed_files_are_asked(changed: dict[str, object], asked: bool) -> None:
    text = BARE_DAG + "x = 1\n" * 35
    assert bool(seen(artifact("dags/orders.py", text, Kind.DAG, **changed))) is asked  # type: ignore[arg-type]


def test_tests_and_files_that_do_not_parse_are_asked_nothing() -> None:
    assert seen(artifact("tests/dags/orders.py", BARE_DAG, Kind.DAG)) == {}
    assert seen(artifact("dags/orders.py", BARE_DAG + "print 'x'\n", Kind.DAG)) == {}


def test_the_test_file_named_after_a_new_file() -> None:
    dag, job = (
        artifact("dags/orders.py", BARE_DAG, Kind.DAG),
        artifact("src/main/scala/Orders.scala", CARELESS_SCALA, Kind.SCALA_SPARK),
    )
    old = replace(dag, file=ChangedFile("dags/old.py", Status.MODIFIED))
    told = [Practice(each.path, Standard.COST, True, "x") for each in (dag, job)]
    paths = ["dags/orders.py", "src/test/scala/OrdersSuite.scala", "tests/test_refunds.py", "tests/test_orders.sql"]
    assert list(named_tests((dag, job, old), told, paths)) == [
        Practice("dags/orders.py", Standard.TESTING, False, "no test file named after it"),
        Practice(job.path, Standard.TESTING, True, "tests in `src/test/scala/OrdersSuite.scala`"),
    ]
    (found,) = named_tests((dag,), told, [*paths, "tests/dags/test_orders.py"])
    assert found.text == "tests in `tests/dags/test_orders.py`"


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        (
            "dags/orders.py",
            Kind.DAG,
            BARE_DAG.replace("dag_id=", f"default_args={{'retries': 0x{'f' * 5000}}}, dag_id="),
        ),
        (
            "models/a.sql",
            Kind.DBT_MODEL,
            INCREMENTAL.replace("unique_key='", "incremental_strategy=['x'], unique_key='"),
        ),
    ],
)
def test_strange_settings_cost_nothing(path: str, kind: Kind, text: str) -> None:
    said = Analyst().look(request(artifact(path, text, kind), None))
    assert said.practices
    assert said.skipped == ()
