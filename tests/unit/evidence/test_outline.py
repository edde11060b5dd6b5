"""What real workers say a file consists of, and what it reads and writes."""

import json
from collections.abc import Iterator, Mapping

import pytest

from review.domain.artifact import Artifact, Kind
from review.domain.outline import Outline, Part
from review.evidence.collect import HANDLER, LIMITS, Project
from review.evidence.describe import LinkFile, describe, links
from review.sandbox.pool import Pool
from tests.unit.evidence.builders import artifact, prepared

pytestmark = pytest.mark.usefixtures("forked_workers")

DAG = """\
from airflow import DAG
from airflow.decorators import dag, task

ARGS = {
    "owner": "me",
}
QUERY = "insert into shop.daily select * from shop.orders where ds = '{{ ds }}'"


class Hook:
    def run(self):
        return 1


with DAG("nightly", default_args=ARGS) as nightly:
    load = SQLExecuteQueryOperator(
        task_id="load",
        sql=QUERY,
    )
    wait = ExternalTaskSensor(task_id=named(), external_task_id="x")
    for table in TABLES:
        make_copy(task_id=f"copy_{table}", sql=["truncate table shop.copy", "sql/copy.sql"])

other = DAG(dag_id=NAME, default_args={"retries": 1})


@dag(schedule=None)
def hourly():
    @task(task_id="pull")
    def extract():
        ti.xcom_pull(task_id="load")

    @task.branch
    def decide(): ...

    extract() >> decide()
"""

PYSPARK = """\
from pyspark.sql import SparkSession

def main(spark):
    a = spark.table("shop.orders")
    b = spark.read.format("delta").table("lake.raw.Clicks")
    b.createOrReplaceTempView("clicks")
    c = spark.sql(\"\"\"
        with recent as (select * from clicks)
        select * from recent join shop.users u on u.id = recent.id
    \"\"\")
    spark.sql(f"select * from {a}")
    console.table("not.a_table")
    c.write.mode("overwrite").saveAsTable("mart.daily")
    c.write.insertInto("mart.hourly")
    c.writeTo("mart.v2").append()
"""

SCALA = """\
import org.apache.spark.sql.SparkSession

object Job extends App {
  class Row(val a: Int)

  def load(spark: SparkSession): Unit = {
    val a = spark.table("shop.orders")
    val b = spark.sql(\"\"\"
      |select *
      |from shop.users
      |\"\"\".stripMargin)
    val c = spark.sql(s"select * from $a")
    b.createOrReplaceTempView("people")
    spark.sql("select * from people").write.saveAsTable("mart.daily")
  }
}
"""

MODEL = """\
{{
    config(
        materialized='incremental',
        post_hook="{{ grant_access(this) }}"
    )
}}

-- depends_on: {{ ref('calendar') }}
with orders as (

    select * from {{ ref('shop', 'Stg_Orders') }}
    where id is not null
      and 1 = 1

),

{% if is_incremental() %}
recent (id) as (
    select id from orders order by 1
    limit 10
),
{% endif %}

joined as (select * from orders)

{% set tables = ['a', 'b'] %}
{% for table in tables %}
select {{ cents('x') }}, {{ dbt_utils.star(source('raw', 'events')) }} from {{ ref('part_' ~ table) }}
union all
select 1 from {{ ref(table) }}
union all
{% endfor %}
select id from joined join legacy.users on true
join {{ this }} using (id)
"""

STATEMENTS = """\
create table if not exists shop.daily (id int, day date);

-- the heart of it
insert into shop.daily
with recent as (select * from shop.orders)
select id, day from recent join audit.days d on d.day = recent.day;

update shop.users set seen = 1;
merge into shop.target t using shop.source s on t.id = s.id when matched then update set x = 1;
delete from shop.old where id = 1;
alter table shop.users add column y int;
create temporary table scratch as select * from shop.first;
create index i on shop.daily (id);
create view shop.v as select * from scratch;
drop table shop.gone;
grant select on shop.daily to role reporting;
select 'a;b'
"""

PROPERTIES = """\
version: 2
models:
  - name: fct_orders
    description: >
      All of them.
    columns:
      - name: user_id
        tests:
          - relationships:
              to: ref('dim_users')
              field: id
  - name: dim_users
sources:
  - name: shop
    schema: raw
    tables:
      - name: Orders
        identifier: o
      - name: users
exposures:
  - name: board
    depends_on:
      - ref('fct_orders')
      - source('shop', 'orders')
unit_tests:
  - name: test_sum
    model: fct_orders
snapshots:
  - name: users_history
    relation: "{{ source('shop', 'users') }}"
seeds: [{name: countries}]
macros:
  - {name: cents}
"""

MACROS = """\
{% macro cents(column) -%}
    {{ column }} / {{ scale() }}
{%- endmacro %}

{% test positive(model, column_name) %}
select * from {{ model }} where {{ column_name }} < 0 and id in (select id from {{ ref('known') }})
{% endtest %}

{% materialization fast, adapter='snowflake' %}{% endmaterialization %}
"""

SNAPSHOT = """\
{% snapshot users_history %}
{{ config(strategy='check') }}
select * from {{ source('shop', 'users') }}
{% endsnapshot %}
"""


def notebook(*cells: str) -> str:
    listed = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": listed, "nbformat": 4}, indent=1)


HOOKS = "from airflow import DAG\n" + "".join(
    f"{name}Hook().run('select * from shop.{name.lower()} where a = \\'{{{{ ds }}}}\\'')\n"
    for name in ("BigQuery", "Postgres", "Redshift", "Snowflake", "Trino", "SparkSql", "Sqlite")
)
FILES = [
    artifact("dags/nightly.py", DAG, Kind.DAG),
    artifact("jobs/daily.py", PYSPARK, Kind.PYSPARK),
    artifact("src/Job.scala", SCALA, Kind.SCALA_SPARK),
    artifact("p/models/fct.sql", MODEL, Kind.DBT_MODEL, dialect="snowflake", project="p"),
    artifact("sql/daily.sql", STATEMENTS, dialect="snowflake"),
    artifact("p/models/schema.yml", PROPERTIES, Kind.DBT_PROPERTIES, project="p"),
    artifact("p/macros/money.sql", MACROS, Kind.DBT_MACRO, dialect="snowflake", project="p"),
    artifact("p/snapshots/u.sql", SNAPSHOT, Kind.DBT_SNAPSHOT, dialect="snowflake", project="p"),
    artifact("p/seeds/Countries.csv", "a,b\n1,2\n", Kind.DBT_SEED, project="p"),
    artifact(
        "p/models/py.py",
        "def model(dbt, session):\n    dbt.source('shop', 'x')\n    return dbt.ref('Stg')\n",
        Kind.DBT_PYTHON_MODEL,
        project="p",
    ),
    artifact(
        "nb/a.ipynb",
        notebook("%%sql\nselect * from shop.a", "def f():\n    spark.table('shop.b')", "%sql\nselect * from shop.c"),
        Kind.NOTEBOOK,
    ),
    artifact(
        "nb/b.py",
        "# Databricks notebook source\n# MAGIC %sql\n# MAGIC select * from shop.d\n",
        Kind.PYSPARK,
    ),
    artifact("gone.sql", None, base="select * from shop.orders, shop.users u, u.items\n", dialect="bigquery"),
    artifact(
        "quoted.sql",
        "select * from `{{ params.project }}.shop.orders`, {{ t }}, {{ s }}.days\n",
        dialect="bigquery",
    ),
    artifact("broken/a.py", "def f(:\n", Kind.DAG),
    artifact("broken/a.sql", "select from where ((\n", dialect="snowflake"),
    artifact("broken/model.sql", "select from (( {{ ref('a') }}\n", Kind.DBT_MODEL, dialect="snowflake"),
    artifact("broken/jinja.sql", "select {{ ref('a' }}\n", Kind.DBT_MODEL, dialect="snowflake"),
    artifact("broken/a.yml", "a: [\n", Kind.DBT_PROPERTIES),
    artifact("broken/a.scala", "object {{{\n", Kind.SCALA_SPARK),
    artifact("broken/a.ipynb", "{", Kind.NOTEBOOK),
    artifact("unloaded.sql", "select * from shop.a;\nselect 1\n", dialect="clickhouse"),
    artifact("p/dbt_project.yml", "name: p\n", Kind.DBT_PROJECT),
    artifact("empty.sql", ""),
    artifact("dags/hooks.py", HOOKS, Kind.DAG),
    artifact(
        "dags/load.yml", "operator: x\nsql: |\n  insert into mart.days\n  select a from shop.e\n", Kind.DAG_CONFIG
    ),
]
PROJECTS = [Project("p", "snowflake", {"p/macros/m.sql": "{% macro cents(x) %}{{ x }} / 100{% endmacro %}"})]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(HANDLER, 1, LIMITS) as working:
        working.prepare(prepared("snowflake", "bigquery"))
        yield working


@pytest.fixture(scope="module")
def outlines(pool: Pool) -> Mapping[str, Outline]:
    return describe(FILES, pool, PROJECTS)


def parts(outline: Outline) -> list[tuple[str, str, int, int]]:
    return [(part.kind, part.name, part.line, part.end_line) for part in outline.parts]


def test_every_file_has_an_outline(outlines: Mapping[str, Outline]) -> None:
    assert outlines.keys() == {each.path for each in FILES}
    assert not any(outline.trivial for outline in outlines.values())


def test_dags_and_tasks(outlines: Mapping[str, Outline]) -> None:
    found = outlines["dags/nightly.py"]
    assert parts(found) == [
        ("default_args", "ARGS", 4, 6),
        ("class", "Hook", 10, 12),
        ("function", "run", 11, 12),
        ("dag", "nightly", 15, 22),
        ("task", "load", 16, 19),
        ("task", "wait", 20, 20),
        ("task", "copy_x", 22, 22),
        ("dag", "other", 24, 24),
        ("default_args", "default_args", 24, 24),
        ("dag", "hourly", 27, 36),
        ("task", "pull", 29, 31),
        ("task", "decide", 33, 34),
    ]
    assert found.reads == ("table:shop.orders",)
    assert found.writes == ("table:shop.copy", "table:shop.daily")
    assert [part.name for part in found.around(17)] == ["nightly", "load"]


def test_pyspark(outlines: Mapping[str, Outline]) -> None:
    found = outlines["jobs/daily.py"]
    assert parts(found) == [("function", "main", 3, 15)]
    assert found.reads == ("table:raw.clicks", "table:shop.orders", "table:shop.users")
    assert found.writes == ("table:mart.daily", "table:mart.hourly", "table:mart.v2")


def test_scala(outlines: Mapping[str, Outline]) -> None:
    found = outlines["src/Job.scala"]
    assert parts(found) == [("object", "Job", 3, 16), ("class", "Row", 4, 4), ("function", "load", 6, 15)]
    assert found.reads == ("table:shop.orders", "table:shop.users")
    assert found.writes == ("table:mart.daily",)


def test_notebooks(outlines: Mapping[str, Outline]) -> None:
    assert outlines["nb/a.ipynb"].reads == ("table:shop.a", "table:shop.b", "table:shop.c")
    (function,) = outlines["nb/a.ipynb"].parts
    lines = FILES[10].head.text.split("\n")  # type: ignore[union-attr]
    assert "def f" in lines[function.line - 1]
    assert "spark.table" in lines[function.end_line - 1]
    assert outlines["nb/b.py"].reads == ("table:shop.d",)


def test_sql_in_every_dialect_that_a_hook_speaks(outlines: Mapping[str, Outline]) -> None:
    names = ("bigquery", "postgres", "redshift", "snowflake", "sparksql", "sqlite", "trino")
    assert outlines["dags/hooks.py"].reads == tuple(f"table:shop.{name}" for name in names)


def test_sql_in_yaml(outlines: Mapping[str, Outline]) -> None:
    assert outlines["dags/load.yml"].reads == ("table:shop.e",)
    assert outlines["dags/load.yml"].writes == ("table:mart.days",)


def test_dbt_models(outlines: Mapping[str, Outline]) -> None:
    found = outlines["p/models/fct.sql"]
    assert parts(found) == [
        ("config", "config", 1, 6),
        ("cte", "orders", 9, 15),
        ("cte", "recent", 18, 21),
        ("cte", "joined", 24, 24),
    ]
    assert found.reads == (
        "macro:cents",
        "macro:dbt_utils.star",
        "macro:grant_access",
        "ref:a",
        "ref:b",
        "ref:calendar",
        "ref:stg_orders",
        "source:raw.events",
        "table:legacy.users",
    )
    assert found.writes == ("model:fct",)


def test_other_models(outlines: Mapping[str, Outline]) -> None:
    assert outlines["p/seeds/Countries.csv"] == Outline(writes=("model:countries",))
    found = outlines["p/models/py.py"]
    assert (found.reads, found.writes) == (("ref:stg", "source:shop.x"), ("model:py",))
    found = outlines["p/snapshots/u.sql"]
    assert parts(found) == [("snapshot", "users_history", 1, 4), ("config", "config", 2, 2)]
    assert (found.reads, found.writes) == (("source:shop.users",), ("model:users_history",))


def test_macros(outlines: Mapping[str, Outline]) -> None:
    found = outlines["p/macros/money.sql"]
    assert parts(found) == [
        ("macro", "cents", 1, 3),
        ("test", "positive", 5, 7),
        ("materialization", "fast", 9, 9),
    ]
    assert found.reads == ("macro:scale", "ref:known")
    assert found.writes == ("macro:cents", "macro:materialization_fast_snowflake", "macro:test_positive")


def test_statements(outlines: Mapping[str, Outline]) -> None:
    found = outlines["sql/daily.sql"]
    assert parts(found) == [
        ("statement", "create table shop.daily", 1, 1),
        ("statement", "insert into shop.daily", 4, 6),
        ("cte", "recent", 5, 5),
        ("statement", "update shop.users", 8, 8),
        ("statement", "merge into shop.target", 9, 9),
        ("statement", "delete from shop.old", 10, 10),
        ("statement", "alter table shop.users", 11, 11),
        ("statement", "create table scratch", 12, 12),
        ("statement", "create index shop.daily", 13, 13),
        ("statement", "create view shop.v", 14, 14),
        ("statement", "drop table shop.gone", 15, 15),
        ("statement", "grant", 16, 16),
        ("statement", "select", 17, 17),
    ]
    assert found.reads == ("table:audit.days", "table:shop.first", "table:shop.orders", "table:shop.source")
    assert found.writes == (
        "table:shop.daily",
        "table:shop.gone",
        "table:shop.old",
        "table:shop.target",
        "table:shop.users",
        "table:shop.v",
    )


def test_properties(outlines: Mapping[str, Outline]) -> None:
    found = outlines["p/models/schema.yml"]
    assert parts(found) == [
        ("model", "fct_orders", 3, 11),
        ("model", "dim_users", 12, 12),
        ("source", "shop", 14, 19),
        ("source", "shop.Orders", 17, 18),
        ("source", "shop.users", 19, 19),
        ("exposure", "board", 21, 24),
        ("unit_test", "test_sum", 26, 27),
        ("snapshot", "users_history", 29, 30),
        ("seed", "countries", 31, 31),
        ("macro", "cents", 33, 33),
    ]
    assert found.reads == ("ref:dim_users", "ref:fct_orders", "source:shop.orders", "source:shop.users")
    assert found.writes == ("model:users_history",)


def test_a_deleted_file_is_described_as_it_was(outlines: Mapping[str, Outline]) -> None:
    assert outlines["gone.sql"].reads == ("table:shop.orders", "table:shop.users")


def test_of_names_that_templates_print_the_written_part_counts(outlines: Mapping[str, Outline]) -> None:
    assert outlines["quoted.sql"].reads == ("table:days", "table:shop.orders")


def test_what_cannot_be_parsed_says_what_can_be_read_of_it(outlines: Mapping[str, Outline]) -> None:
    found = {path: outline for path, outline in outlines.items() if path.startswith("broken/")}
    assert found.pop("broken/model.sql") == Outline(reads=("ref:a",), writes=("model:model",))
    assert found.pop("broken/jinja.sql") == Outline(writes=("model:jinja",))
    assert set(found.values()) == {Outline()}
    assert outlines["empty.sql"] == outlines["p/dbt_project.yml"] == Outline()


def test_a_dialect_that_no_worker_has_loaded_is_read_as_ansi(outlines: Mapping[str, Outline]) -> None:
    assert outlines["unloaded.sql"].reads == ("table:shop.a",)
    assert len(outlines["unloaded.sql"].parts) == 2


def linked(file: Artifact) -> LinkFile:
    assert file.head is not None
    return LinkFile(file.path, file.head.text, file.kind, file.dialect, file.project)


def test_links_are_an_outline_without_the_sql_of_dbt(pool: Pool, outlines: Mapping[str, Outline]) -> None:
    found = links([linked(each) for each in FILES if each.head is not None], pool, PROJECTS)
    model = found["p/models/fct.sql"]
    assert [part.kind for part in model.parts] == ["config"]
    assert set(outlines["p/models/fct.sql"].reads) - set(model.reads) == {"table:legacy.users"}
    assert model.writes == ("model:fct",)
    same = ("p/models/schema.yml", "sql/daily.sql", "dags/nightly.py", "src/Job.scala", "p/macros/money.sql")
    assert all(found[path] == outlines[path] for path in same)


def test_a_pool_serves_again_and_keeps_what_it_was_told(pool: Pool, outlines: Mapping[str, Outline]) -> None:
    again = describe([FILES[3]], pool)
    assert again == {FILES[3].path: outlines[FILES[3].path]}
    assert describe([], pool) == links([], pool) == {}


def test_long_and_unprintable_names(pool: Pool) -> None:
    long, odd = "n" * 300, "a\N{RIGHT-TO-LEFT OVERRIDE}b"
    text = f"def {long}(): pass\nspark.table('{long}')\nspark.table('shop.{odd}')\nspark.table('{'o' * 200}')\n"
    (found,) = describe([artifact("a.py", text, Kind.PYSPARK)], pool).values()
    assert found == Outline((Part("function", f"{long[:199]}…", 1, 1),), (f"table:{'o' * 200}",))


def test_more_parts_than_are_kept(pool: Pool) -> None:
    text = "".join(f"def f{number}(): spark.table('t{number}')\n" for number in range(2_100))
    (found,) = describe([artifact("a.py", text, Kind.PYSPARK)], pool).values()
    assert (len(found.parts), len(found.reads)) == (2_000, 2_000)
    assert found.parts[-1] == Part("function", "f1999", 2_000, 2_000)
