"""The dialect of each artifact: what the team states, what the project is for, what the words tell."""

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlfluff

from review.artifacts.classify import Options
from review.artifacts.dialect import _MARKS, _SIGNS, ADAPTERS, RUNNERS_UP, by_content, by_name, by_own_words, votes
from review.artifacts.words import words
from tests.unit.artifacts.builders import added, artifact, classified, deleted


def test_every_dialect_is_one_of_sqlfluffs() -> None:
    known = {dialect.label for dialect in sqlfluff.list_dialects()}
    assert set(ADAPTERS.values()) <= known
    assert set(_MARKS) <= known
    assert {name for names in _SIGNS.values() for name in names} <= known


MYSQL = """\
CREATE TABLE `orders` (
  `id` int NOT NULL AUTO_INCREMENT,
  `customer_id` int NOT NULL,
  `placed_at` datetime NOT NULL,
  `note` varchar(255) DEFAULT NULL,
  `status` varchar(16) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
"""
TEXTS = [
    ("select safe_cast(a as int64) from `p.d.t`", "bigquery"),
    ("select * from `my-project`.d.t", "bigquery"),
    ("select a, date_trunc(b, month) from `project.set.table` as t, unnest(t.c)", "bigquery"),
    ("select iff(a, 1, 2), parse_json(b) from t, lateral flatten(input => c)", "snowflake"),
    ("create table a (id bigserial primary key, data jsonb, at timestamptz)", "postgres"),
    ("do $$ begin perform 1; end $$;", "postgres"),
    ("create table a (b int) diststyle key distkey (b) sortkey (b)", "redshift"),
    ("select a from dbo.t with (nolock)", "tsql"),
    (MYSQL, "mysql"),
    ("create table a engine = ReplacingMergeTree order by toDate(b)", "clickhouse"),
    ("create table a (b string) row format serde 'x' tblproperties ('a' = 'b'); msck repair table a", "hive"),
    ("select posexplode(a) from delta.x zorder by b", "sparksql"),
    ("select from_iso8601_timestamp(a), approx_distinct(b) from t", "trino"),
    ("select * from read_parquet('a')", "duckdb"),
    ("select nvl2(a, b, c) from dual where rownum < 2", "oracle"),
    ("select a from b", None),
    ("", None),
    ("-- safe_cast\n/* jsonb */ select 'int64' as a, '{{ iff }}' from b", None),
    ("{{ config(materialized='table') }} {% set int64 = safe_cast %} select 1", None),
    ("select getdate()", None),
    ("select date_trunc(a, month), count(b) / count(*) from t", "bigquery"),
    ("select a from t where b >= timestamp_sub(current_timestamp(), interval 7 day)", "bigquery"),
    ("select date_trunc('month', a), date_trunc(month, a), date_add(a, interval 7 day) from t where f(b, month)", None),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_by_the_words_of_a_file(text: str, expected: str | None) -> None:
    assert by_content([text]) == expected
    assert by_content([text.upper().replace("$$ BEGIN", "$$ begin")]) == expected


def test_no_single_file_decides_for_a_folder() -> None:
    loud = "select safe_cast(a as int64), " * 50
    quiet = ["select iff(a, b, parse_json(c)) from d, lateral flatten(e)"] * 5
    assert by_content([loud]) == "bigquery"
    assert by_content([loud, *quiet]) == "snowflake"


def test_a_tie_is_no_answer() -> None:
    assert by_content(["select safe_cast(a)", "select iff(b)"]) is None
    assert by_content([]) is None


def test_votes_of_casts_and_dollars() -> None:
    assert votes("a::int") == {"postgres": 1, "snowflake": 1}
    assert votes("$$") == {"postgres": 2}


def dialect(path: str, text: str, more: dict[str, str | bytes] | None = None, **options: str) -> str | None:
    chosen = Options(dialect_of=options.get) if options else Options()
    found = artifact({path: text, **(more or {})}, path, chosen)
    assert found is not None
    return found.dialect


@pytest.mark.parametrize(
    ("path", "text", "sure"),
    [
        ("q/a.sql", "select count(a) / count(*) from t", False),
        ("q/a.sql", "select count(a) / count(*) from t where b = c::date", True),
        ("postgres/a.sql", "select count(a) / count(*) from t", True),
        ("q/a.sql", "-- sqlfluff:dialect:postgres\nselect count(a) / count(*) from t", True),
    ],
)
def test_a_guess_is_sure_where_the_file_or_its_folder_supports_it(path: str, text: str, sure: bool) -> None:
    beside: dict[str, str | bytes] = {"m/1.sql": "alter table a add column b jsonb; create extension pg_trgm;"}
    found = artifact({path: text, **beside}, path, Options())
    assert found is not None
    assert (found.dialect, found.is_dialect_sure) == ("postgres", sure)


PROJECT: dict[str, str | bytes] = {"dbt_project.yml": "name: x\nprofile: snowflake\n"}
UNTOLD: dict[str, str | bytes] = {"dbt_project.yml": "name: x\n"}


def test_what_the_policy_says_comes_first() -> None:
    options = Options(dialect_of={"models/a.sql": "duckdb"}.get)
    files: dict[str, str | bytes] = {
        **PROJECT,
        "models/a.sql": "-- sqlfluff:dialect:trino\nselect safe_cast(a as int64)",
        "models/b.sql": "-- sqlfluff:dialect:trino\nselect safe_cast(a as int64)",
        "models/c.sql": "select safe_cast(a as int64)",
        "other/c.hql": "select safe_cast(a as int64)",
        "other/d.sql": "select safe_cast(a as int64)",
        "other/e.sql": "-- sqlfluff:dialect:neverheard\nselect safe_cast(a as int64)",
    }
    found = classified(files, options=options)
    assert {each.path: each.dialect for each in found.artifacts} == {
        "dbt_project.yml": None,
        "models/a.sql": "duckdb",
        "models/b.sql": "trino",
        "models/c.sql": "snowflake",
        "other/c.hql": "hive",
        "other/d.sql": "bigquery",
        "other/e.sql": "bigquery",
    }


def test_a_project_without_a_warehouse_is_told_by_its_files() -> None:
    files: dict[str, str | bytes] = {
        "dbt_project.yml": "name: x",
        "macros/m.sql": "{% macro m() %}1{% endmacro %}",
        **{f"models/{number}.sql": "select iff(a, b, parse_json(c)) from d" for number in range(5)},
    }
    found = classified({**files, "models/z.sql": "select 1"})
    assert {each.dialect for each in found.artifacts if each.kind.is_sql} == {"snowflake"}


def test_neighbours_tell_where_the_file_does_not() -> None:
    near: dict[str, str | bytes] = {f"etl/{n}.sql": "select safe_cast(a as int64) from `p.d.t`" for n in range(3)}
    assert dialect("etl/sub/x.sql", "select a from b", near) == "bigquery"
    assert dialect("etl/sub/x.sql", "select a from b") == "ansi"
    far: dict[str, str | bytes] = {f"other/{n}.sql": "select iff(a, parse_json(b))" for n in range(30)}
    enough: dict[str, str | bytes] = {f"etl/{n:02}.sql": "select safe_cast(a as int64)" for n in range(12)}
    assert dialect("etl/x.sql", "select a from b", {**far, **enough}) == "bigquery"


WAREHOUSE: dict[str, str | bytes] = {
    f"queries/{number:02}.sql": "select safe_cast(a as int64) from `p.d.t` where _table_suffix = b"
    for number in range(30)
}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("migrations/1.sql", "create table a (id bigint generated always as identity primary key)", "postgres"),
        ("migrations/1.sql", "create table a (b jsonb, c timestamptz)", "postgres"),
        ("migrations/1.sql", "create table dbo.a (id int identity(1, 1), b nvarchar(9))", "tsql"),
        ("deep/down/postgres/1.sql", "create table a (b int)", "postgres"),
        ("sql_mysql/1.sql", "create table a (b int)", "mysql"),
        ("oracle/1.sql", "create table a (b int)", "bigquery"),
        ("migrations/1.sql", "create table a (warehouse int)", "bigquery"),
        ("migrations/1.sql", "create table a (b int)", "bigquery"),
    ],
)
def test_a_warehouse_says_nothing_of_the_database_beside_it(path: str, text: str, expected: str) -> None:
    assert dialect(path, text, WAREHOUSE) == expected


def test_the_nearest_folder_whose_files_agree_decides() -> None:
    near: dict[str, str | bytes] = {
        **WAREHOUSE,
        "app/migrations/1.sql": "create table a (id bigserial)",
        "app/migrations/2.sql": "create table b (at timestamptz)",
        "app/mixed/1.sql": "create table a (id bigserial)",
        "app/mixed/2.sql": "select safe_cast(a as date)",
    }
    assert dialect("app/migrations/3.sql", "alter table a add b int", near) == "postgres"
    assert dialect("app/migrations/new/4.sql", "alter table a add b int", near) == "postgres"
    assert dialect("app/mixed/3.sql", "alter table a add b int", near) == "postgres"
    assert dialect("other/3.sql", "alter table a add b int", near) == "bigquery"


def test_folders_named_after_several_databases_speak_for_those_alone() -> None:
    one: dict[str, str | bytes] = {
        **{f"sql/postgres/{number}.sql": "create table a (id bigserial, b jsonb)" for number in range(9)},
        "sql/common.sql": "select safe_cast(a as int64)",
    }
    both: dict[str, str | bytes] = {**one, "sql/snowflake/1.sql": "select iff(a, b, c) from d"}
    assert dialect("sql/other.sql", "select a from b", one) == "postgres"
    assert dialect("sql/other.sql", "select a from b", both) == "bigquery"
    assert dialect("sql/snowflake/new/other.sql", "select a from b", both) == "snowflake"


def test_a_model_for_one_of_several_warehouses_says_nothing_of_its_neighbour() -> None:
    outputs = "outputs: {a: {type: %s}}"
    files: dict[str, str | bytes] = {
        "dbt_project.yml": "name: x\nprofile: p\n",
        **{f"{kind}/profiles.yml": f"p: {{{outputs % kind}}}" for kind in ("postgres", "snowflake", "bigquery")},
        "models/postgres/a.sql": "create table a (id bigserial, b jsonb, c timestamptz, d tsvector)",
        "models/snowflake/a.sql": "select iff(a, b, c), parse_json(d), try_to_number(e), zeroifnull(f) from g",
    }
    assert dialect("models/snowflake/b.sql", "select a from b", files) == "snowflake"
    assert dialect("models/b.sql", "select safe_cast(a as int64)", files) == "bigquery"
    assert dialect("models/b.sql", "select a from b", files) == "ansi"


def test_packages_that_were_copied_in_speak_for_none() -> None:
    files: dict[str, str | bytes] = {
        **{f"dbt_modules/x/models/{number}.sql": "create table a (b jsonb, c timestamptz)" for number in range(20)},
        "etl/a.sql": "select safe_cast(a as int64)",
    }
    assert dialect("sql/x.sql", "select a from b", files) == "bigquery"


def test_macros_speak_for_no_neighbour() -> None:
    macro = "{% macro tsql__a() %}select dbo, nvarchar, nolock, datetime2{% endmacro %}"
    files: dict[str, str | bytes] = {**UNTOLD, **{f"macros/{number}.sql": macro for number in range(5)}}
    assert dialect("models/a.sql", "select a from b", files) == "ansi"


def test_a_folder_tells_which_descendant_a_file_is_for() -> None:
    near: dict[str, str | bytes] = {f"etl/{n}.sql": "create table a (b int) distkey (b) sortkey (b)" for n in range(3)}
    assert dialect("etl/x.sql", "select string_agg(a), b::regclass from c", near) == "redshift"
    assert dialect("etl/x.sql", "select safe_cast(a as int64)", near) == "bigquery"
    assert dialect("redshift/views/x.sql", "select a from pg_class, pg_namespace") == "redshift"
    assert dialect("redshift/views/x.sql", "select dateadd(a), datediff(b), convert_timezone(c)") == "redshift"


def test_a_databricks_notebook_says_what_it_is() -> None:
    text = "-- Databricks notebook source\nselect a:b from `x.y` where warehouse = 1 and variant = 2"
    assert dialect("a.sql", text) == "databricks"
    assert dialect("b.sql", "select a from b", {"a.sql": text}) == "databricks"


def test_a_word_that_others_know_too_decides_nothing_alone() -> None:
    assert by_own_words("select warehouse, warehouse, warehouse from a") is None
    assert by_own_words("select a::int from b") is None
    assert by_own_words("select jsonb_build_object(a) from b") == "postgres"
    assert by_own_words("select jsonb_build_object(a), safe_cast(b as date) from c") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/Postgres", "postgres"),
        ("sql-postgres", "postgres"),
        ("sql_server", "tsql"),
        ("mysql_to_postgres", None),
        ("postgres/a", None),
        ("fabric", None),
        ("", None),
    ],
)
def test_what_a_folders_name_says(path: str, expected: str | None) -> None:
    assert by_name(path) == expected


def others(path: str, text: str, more: dict[str, str | bytes] | None = None) -> tuple[str, ...]:
    found = artifact({path: text, **(more or {})}, path)
    assert found is not None
    return found.other_dialects


def test_what_else_a_guess_may_be() -> None:
    assert others("a.sql", "select safe_cast(a as int64), b::int") == ("postgres", "snowflake", "ansi")
    assert others("x/a.sql", "select a::int") == ("postgres", "snowflake")
    assert others("a.hql", "select a from b") == ("sparksql", "ansi")
    assert others("models/redshift/a.sql", "select safe_cast(a as int64)", UNTOLD) == ("redshift", "ansi")
    many = " ".join(word for words in _MARKS.values() for word in words.split())
    assert len(others("a.sql", many)) <= RUNNERS_UP + 1


def test_what_is_told_has_no_other() -> None:
    assert others("models/a.sql", "select safe_cast(a as int64)", PROJECT) == ()
    assert others("a.sql", "-- sqlfluff:dialect:trino\nselect safe_cast(a as int64)") == ()


def test_a_deleted_file_is_told_by_its_own_text() -> None:
    found = classified({}, deleted("a.sql"), base={"a.sql": "select safe_cast(a as int64)"})
    assert [each.dialect for each in found.artifacts] == ["bigquery"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("d.py", "from airflow import DAG\nDAG('safe_cast')\n"),
        ("seeds/a.csv", "safe_cast\n"),
        ("models/a.yml", "models: []"),
        ("models/a.py", "def model(dbt, session):\n    return 1\n"),
        ("a.scala", "import org.apache.spark.sql\n"),
    ],
)
def test_what_holds_no_sql_has_no_dialect(path: str, text: str) -> None:
    assert dialect(path, text, PROJECT) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("macros/m.sql", "{% macro m() %}1{% endmacro %}"),
        ("tests/generic/t.sql", "{% test t(model) %}1{% endtest %}"),
        ("tests/t.sql", "select 1"),
        ("snapshots/s.sql", "{% snapshot s %}select 1{% endsnapshot %}"),
        ("analyses/a.sql", "select 1"),
    ],
)
def test_every_kind_of_dbts_sql_has_one(path: str, text: str) -> None:
    assert dialect(path, text, PROJECT) == "snowflake"


def test_each_text_is_read_once_however_many_files_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()

    def counted(text: str) -> Iterator[str]:
        read[text] += 1
        return words(text)

    monkeypatch.setattr("review.artifacts.dialect.words", counted)
    files: dict[str, str | bytes] = {f"f{number}/q.sql": f"select a from t where b = {number}" for number in range(900)}
    classified(files, *map(added, files))
    assert max(read.values()) == 2
