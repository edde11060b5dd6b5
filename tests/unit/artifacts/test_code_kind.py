"""Notebooks, Scala, and SQL outside dbt."""

import json

import pytest

from review.artifacts.code_kind import notebook_kind, scala_kind, sql_kind
from review.artifacts.words import statement_heads, words
from review.domain.artifact import Kind


def notebook(*sources: str | list[str], cell_type: str = "code") -> str:
    return json.dumps({"cells": [{"cell_type": cell_type, "source": source} for source in sources], "nbformat": 4})


@pytest.mark.parametrize(
    "text",
    [
        notebook("from pyspark.sql import SparkSession"),
        notebook(["import os\n", "from pyspark.sql import functions as F\n"]),
        notebook("import os", "df = spark.table('a')"),
        notebook("%sql\nselect 1"),
        notebook("from awsglue.context import GlueContext"),
        notebook("dbutils.widgets.get('x')"),
    ],
)
def test_notebooks_with_spark(text: str) -> None:
    assert notebook_kind(text) is Kind.NOTEBOOK


@pytest.mark.parametrize(
    "text",
    [
        notebook("import pandas as pd"),
        notebook("import pyspark", cell_type="markdown"),
        notebook(),
        "",
        "{",
        "[]",
        "null",
        "1",
        '{"cells": null}',
        '{"cells": {}}',
        '{"cells": [1]}',
        '{"cells": [null]}',
        '{"cells": [{"cell_type": "code"}]}',
        '{"cells": [{"cell_type": "code", "source": null}]}',
        '{"cells": [{"cell_type": "code", "source": [1]}]}',
        '{"cells": [{"cell_type": "code", "source": 5}]}',
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_other_notebooks_are_nothing(text: str) -> None:
    assert notebook_kind(text) is None


@pytest.mark.parametrize(
    "text",
    [
        '"pyspark"',
        '{"worksheets": [{"cells": [{"cell_type": "code", "input": ["import pyspark"]}]}]}',
        '<<<<<<< HEAD\n{"cells": [{"cell_type": "code", "source": "import pyspark"}]}',
        '{"cells": [{"cell_type": "code", "source": "import pyspark',
    ],
)
def test_a_notebook_that_cannot_be_read_is_no_reason_to_forget_it(text: str) -> None:
    assert notebook_kind(text) is Kind.NOTEBOOK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("package a\n\nimport org.apache.spark.sql.SparkSession\n\nobject A {}\n", Kind.SCALA_SPARK),
        ("import org.apache.spark.sql.{DataFrame, functions => F}\nclass A\n", Kind.SCALA_SPARK),
        ("import java.util._\nimport io.delta.tables._ // Spark\n", Kind.SCALA_SPARK),
        ("import   org.apache.spark._\nobject A { def f( = }\n", Kind.SCALA_SPARK),
        ("// import org.apache.spark\nobject A {}\n", None),
        ('object A { val x = "import org.apache.spark.sql" }\n', None),
        ('// Databricks notebook source\nval orders = spark.table("orders")\n', Kind.SCALA_SPARK),
        ("// Databricks notebook source\r\n// MAGIC %sql\n// MAGIC select 1\n", Kind.SCALA_SPARK),
        ("// Databricks notebook source\nval a = 1\n", None),
        ("object A {\n// Databricks notebook source\nval orders = spark.table(1) }\n", None),
        ("package a\nobject Sparkle { val spark = 1 }\n", None),
        ("import play.api.mvc._\nclass Spark\n", None),
        ("", None),
        ("import", None),
        ("spark " + "{" * 5000, None),
        ("\ufffdspark\ufffd", None),
    ],
)
def test_scala(text: str, expected: Kind | None) -> None:
    assert scala_kind(text) is expected


QUERY = "select a from b;\n"
TABLE = "create table a (b int);\n"


@pytest.mark.parametrize(
    "path",
    [
        "db/migrations/20240101_add.sql",
        "db/migration/V1.sql",
        "db/migrate/1.sql",
        "Migrations/x.sql",
        "db/changelog/x.sql",
        "flyway/x.sql",
        "a/add_orders/up.sql",
        "a/add_orders/down.sql",
        "sql/V12__add_index.sql",
        "sql/V1.2.3__add_index.sql",
        "sql/V2024_01_01__add_index.sql",
        "sql/U12__undo.sql",
        "sql/R__views.sql",
    ],
)
@pytest.mark.parametrize("text", [QUERY, TABLE, ""])
def test_migrations_by_their_place(path: str, text: str) -> None:
    assert sql_kind(path, text) is Kind.SQL_MIGRATION


@pytest.mark.parametrize(
    "path",
    ["sql/V_orders.sql", "sql/Very__much.sql", "sql/v12__x.sql", "sql/x__V1.sql", "immigration/x.sql", "upper.sql"],
)
def test_no_migration_by_a_like_name(path: str) -> None:
    assert sql_kind(path, QUERY) is Kind.SQL_QUERY


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        "CREATE OR REPLACE VIEW v AS SELECT 1;\nGRANT SELECT ON v TO x;\n",
        "-- select\n/* insert; */\nALTER TABLE a ADD b int;\nDROP TABLE c",
        "USE x;\nSET y = 1;\nTRUNCATE TABLE a;\nCOMMENT ON TABLE a IS 'select; insert';",
        "begin;\ncreate index i on a (b);\ncommit;\n",
        "{{ config(x=1) }}\ncreate table a as select 1;",
        "{% set x = 1 %}create table a (b int)",
        "DO $$ BEGIN PERFORM 1; END $$;\ncreate table a (b int);",
        "create function f() returns int as $$\nbegin\n  select 1;\n  return 1;\nend;\n$$ language plpgsql;\n",
        "create function f() returns int as $body$\nbegin\n  select 1;\nend;\n$body$ language plpgsql;\n",
        "create table a (\n  b string comment 'x; y'\n);\n# insert\n",
    ],
)
def test_ddl_where_every_statement_is_one(text: str) -> None:
    assert sql_kind("sql/x.sql", text) is Kind.SQL_DDL


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-- create table a (b int);\n",
        QUERY,
        "with a as (select 1) select * from a",
        "(select 1) union (select 2)",
        TABLE + "insert into a select 1;",
        "insert overwrite table a select 1",
        "merge into a using b on a.c = b.c when matched then delete;",
        "{{ everything() }}",
        "update a set b = 1;" + TABLE,
        "create function f() as $$ select 1; $$;\nselect f();",
    ],
)
def test_everything_else_is_a_query(text: str) -> None:
    assert sql_kind("sql/x.sql", text) is Kind.SQL_QUERY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Select A", "select a"),
        ("a -- b\nc", "a c"),
        ("a # b\nc", "a c"),
        ("a /* b */ c /* d", "a c"),
        ("a 'b; c' d", "a d"),
        ("a {{ b }} {% c %} {# d #} e", "a e"),
        ('a "B c" `D-e`', 'a "b c" `d-e`'),
        ("a::b $$ c;", "a :: b $$ c ;"),
        ("'never closed", ""),
        ("-", "-"),
        ("", ""),
        ("été ", "été"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert " ".join(words(text)) == expected


def test_words_reads_the_beginning_only() -> None:
    assert list(words("ab " * 10, 5)) == ["ab", "ab"]


def test_statement_heads() -> None:
    assert statement_heads(words("select 1; ; (insert 2); 3; 'x' update y")) == ["select", "insert", "update"]


@pytest.mark.parametrize(
    "text",
    [
        "package jobs {\n  import org.apache.spark.sql.SparkSession\n  object A\n}\n",
        "object A {\n  def main(args: Array[String]): Unit = {\n    import org.apache.spark.sql.functions._\n  }\n}\n",
    ],
)
def test_scala_that_imports_further_in(text: str) -> None:
    assert scala_kind(text) is Kind.SCALA_SPARK
