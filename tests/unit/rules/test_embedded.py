"""SQL in the strings of other languages: what is found, where it stands, and what is none."""

import time
from textwrap import dedent

import pytest

from review.domain.artifact import Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.embedded.candidate import Candidate
from review.rules.evaluate import evaluate
from review.rules.registry import load
from review.rules.source import Source
from review.rules.trees import NotEvaluated


def candidates(text: str, path: str = "dags/orders.py", kind: Kind = Kind.DAG) -> tuple[Candidate, ...]:
    return Source(Version(path, dedent(text)), kind).embedded


def seen(text: str, path: str = "dags/orders.py", kind: Kind = Kind.DAG) -> list[tuple[int, int, str]]:
    """First line, last line and normalised text of every statement."""
    found = []
    for each in candidates(text, path, kind):
        if each.source is not None:
            sql = each.source.sql
            found += [(*sql.lines(statement), sql.text(statement)) for statement in sql.statements]
    return found


def test_a_literal() -> None:
    assert seen('x = 1\nq = """\n  SELECT a\n  FROM orders\n"""\n') == [(3, 4, "SELECT a FROM orders")]


def test_an_f_string_with_holes_by_their_place() -> None:
    text = '''
        q = f"""
            -- of {day}, which isn't quoted
            SELECT a, {columns}
            FROM {table}
            WHERE day = '{day:%Y-%m-%d}' AND n > {self.least} AND {more}
            {tail}
        """
    '''
    wanted = "SELECT a, columns FROM table WHERE day = 'day' AND n > least AND more = 1"
    assert [(line, end, sql.replace("table_", "table")) for line, end, sql in seen(text)] == [(4, 6, wanted)]


def test_a_hole_is_not_what_the_author_wrote() -> None:
    (candidate,) = candidates('q = f"SELECT a FROM {db}.orders"\n')
    assert candidate.source is not None
    rendering = candidate.source.sql.rendering
    assert not rendering.is_literal(rendering.text.index("db"))
    assert rendering.is_literal(rendering.text.index("orders"))


def test_parts_that_stand_one_after_the_other() -> None:
    text = """
        q = (
            "SELECT a, "  # the key
            'b FROM ' r"orders "
            + "WHERE a = " + str(key) +
            f" AND b = {value!r}"
        )
    """
    assert seen(text) == [(3, 6, "SELECT a, b FROM orders WHERE a = str AND b = value")]


def test_escapes_and_characters_of_several_bytes() -> None:
    text = "q = 'SELECT \\'é\\', \\x61 AS \\\n\\u0062\\101, \\N{LATIN CAPITAL LETTER C}\\nFROM ö\\n'\n"
    assert seen(text) == [(1, 2, "SELECT 'é', a AS bA, C FROM ö")]
    assert seen("é = 'ü'; q = 'SELECT a\\nFROM b'\n") == [(1, 1, "SELECT a FROM b")]


def test_parameters_of_drivers_and_fields_of_formats() -> None:
    text = """
        a = "SELECT a FROM %s.orders WHERE b = %(key)s AND c LIKE '%s%%'"
        b = "SELECT a FROM {schema}.orders LIMIT {}".format(1, schema="x")
    """
    assert seen(text) == [
        (2, 2, "SELECT a FROM parameter.orders WHERE b = key AND c LIKE '%s%%'"),
        (3, 3, "SELECT a FROM schema.orders LIMIT value"),
    ]


def test_airflows_jinja() -> None:
    text = '''
        q = """
        SELECT a FROM {{ params.table }}
        WHERE day = '{{ ds }}'
          {% if params.late %} AND late {% endif %}
        """
    '''
    (found,) = seen(text)
    assert found[:2] == (3, 5)
    assert "day = 'ds'" in found[2]


def test_ctes_that_are_given_their_query_later() -> None:
    ((line, end, sql),) = seen('q = """WITH a AS (\n  SELECT b FROM c\n)\n"""')
    assert (line, end) == (1, 3)
    assert sql.startswith("WITH a AS (SELECT b FROM c)")


@pytest.mark.parametrize(
    "text",
    [
        '"""select a from b"""\n',
        'def f():\n    "select a from b"\n',
        'log.info("select a from b")\n',
        'print(f"delete from {x}")\n',
        'raise ValueError("select a from b")\n',
        'assert x, "select a from b"\n',
        'task(description="select a from b")\n',
        'x = "Select a date from the list"\n',
        'x = "select"\n',
        'x = "select the best of them"\n',
        'x = "update the table"\n',
        'x = "with love"\n',
        'x = "create a table"\n',
        'x = "selected from orders"\n',
        'x = b"select a from b"\n',
        'x = "drop it like it is hot"\n',
        'x = "SELECT 1"\n',
        "x = 'insert coins'\n",
        "x = f'{a}'\n",
        "x = 'create table a partition of b x'\n",
        "x = 'a' % 3 + 'b'\n",
    ],
)
def test_what_is_no_sql(text: str) -> None:
    assert seen(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "dialect"),
    [
        ('spark.sql("SELECT a FROM b")', Kind.DAG, "sparksql"),
        ('BigQueryInsertJobOperator(configuration={"query": {"query": "SELECT a FROM b"}})', Kind.DAG, "bigquery"),
        ('PostgresHook("x").run("SELECT a FROM b")', Kind.DAG, "postgres"),
        ('import psycopg2\nq = "SELECT a FROM b"', Kind.DAG_HELPER, "postgres"),
        ('from google.cloud import bigquery\nq = "SELECT a FROM b"', Kind.DAG, "bigquery"),
        ('import psycopg2, trino\nq = "SELECT a FROM b"', Kind.DAG, "ansi"),
        ('q = "SELECT a FROM b"', Kind.PYSPARK, "sparksql"),
        ('q = "SELECT a FROM `p.d.b`"', Kind.DAG, "bigquery"),
        ('q = "SELECT a FROM b"', Kind.DAG, "ansi"),
    ],
)
def test_dialects(text: str, kind: Kind, dialect: str) -> None:
    (source,) = [each.source for each in candidates(text, kind=kind)]
    assert source is not None
    assert source.dialect == dialect


def test_scala() -> None:
    text = '''
        object Orders {
          def load(day: String) = {
            // ü
            spark.sql(s"""
              |SELECT a, ${row.b}
              |FROM $table
              |WHERE day = '$day'""".stripMargin)
            val plain = "SELECT a " +
              "FROM " + name + "\\n"
            println("select a from b")
          }
        }
    '''
    found = candidates(text, "src/Orders.scala", Kind.SCALA_SPARK)
    assert [each.symbol for each in found] == ["Orders.load", "Orders.load"]
    assert [
        (line, end, sql.replace("table_", "table"))
        for line, end, sql in seen(text, "src/Orders.scala", Kind.SCALA_SPARK)
    ] == [(6, 8, "SELECT a, b FROM table WHERE day = 'day'"), (9, 10, "SELECT a FROM name")]


def test_yaml() -> None:
    text = """
        operator: warehouse.SqlOperator
        description: select a from b
        sql: |

          SELECT a
            , b
          FROM orders
        tasks:
          - name: load
            query: >
              SELECT a
              FROM b
    """
    assert seen(text, "dags/orders.yml", Kind.DAG_CONFIG) == [
        (6, 8, "SELECT a, b FROM orders"),
        (12, 13, "SELECT a FROM b"),
    ]


def test_front_matter_above_sql() -> None:
    text = "---\noperator: x\nexternal_dependencies:\n  - a: all\n---\n\nSELECT a\nFROM b\n"
    sql = Source(Version("dags/orders.sql", text), Kind.SQL_QUERY, "bigquery").sql
    assert [sql.lines(statement) for statement in sql.statements] == [(7, 8)]


def test_a_notebooks_cells() -> None:
    text = """{"cells": [
        {"cell_type": "code", "source": ["%matplotlib inline\\n",
          "q = f'''\\n",
          "SELECT a\\n",
          "FROM {b}'''"]},
        {"cell_type": "code", "source": ["%%sql\\n",
          "SELECT a\\n",
          "FROM b"]}
        ], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}"""
    assert seen(text, "orders.ipynb", Kind.NOTEBOOK) == [(4, 5, "SELECT a FROM b"), (7, 8, "SELECT a FROM b")]


def test_a_databricks_notebook() -> None:
    text = "# Databricks notebook source\n# MAGIC %sql\n# MAGIC SELECT a\n# MAGIC   FROM b\n"
    assert seen(text, "orders.py", Kind.PYSPARK) == [(3, 4, "SELECT a FROM b")]


def test_only_hosts_have_any() -> None:
    assert candidates("q = 'SELECT a FROM b'", kind=Kind.SQL_QUERY) == ()
    assert candidates("q = 'SELECT a FROM b' +") == ()


def test_what_it_is_not() -> None:
    (candidate,) = candidates("q = 'SELECT a FROM b'")
    assert candidate.source is not None
    assert candidate.source.branches == ()
    assert candidate.source.lines == ("q = 'SELECT a FROM b'",)
    with pytest.raises(NotEvaluated):
        _ = candidate.source.jinja


RULE = Rule(__name__, "TST001", Standard.DATA_QUALITY, Severity.LOW, Confidence.HIGH, frozenset({Kind.SQL_QUERY}))


@RULE.detect
def _stars(source: Source):  # type: ignore[no-untyped-def]
    sql = source.sql
    for statement in sql.statements:
        if "*" in sql.text(statement):
            line, end = sql.lines(statement)
            yield Hit(line, sql.text(statement), "It is.", "Do.", end, _sql.symbol(statement), suggestion="x")


def test_a_rule_sees_what_the_change_brings() -> None:
    base = "class Load:\n    def run(self):\n        return 'SELECT * FROM a'\n"
    head = f"import x\n{base}\n\nBOTH = ['SELECT * FROM a', 'SELECT b FROM a',\n  'SELECT * FROM c', '* select']\n"
    file = ChangedFile("dags/a.py", Status.MODIFIED, added=frozenset({1, 5, 6, 7, 8}))
    versions = (Source(Version("dags/a.py", text), Kind.DAG) for text in (base, head))
    found = evaluate([RULE], *versions, file)
    assert found.skipped == ()
    assert [(each.location.line, each.symbol, each.suggestion) for each in found.findings] == [
        (7, "", None),
        (8, "", None),
    ]


def test_the_symbol_is_the_function() -> None:
    head = "class Load:\n    def run(self):\n        return 'SELECT * FROM a'\n"
    file = ChangedFile("dags/a.py", Status.ADDED, added=frozenset({1, 2, 3}))
    (finding,) = evaluate([RULE], None, Source(Version("dags/a.py", head), Kind.DAG), file).findings
    assert finding.symbol == "Load.run"


def test_more_strings_than_are_looked_at_are_told_of() -> None:
    head = "q = [" + "'SELECT a FROM b',\n" * 1000 + "]"
    file = ChangedFile("dags/a.py", Status.ADDED, added=frozenset(range(1, 1002)))
    (skip,) = evaluate([RULE], None, Source(Version("dags/a.py", head), Kind.DAG), file).skipped
    assert skip.reason == "only the first 300 strings of SQL in it were looked at"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("q = [" + "'SELECT a FROM b WHERE c = 1',\n" * 5000 + "]", Kind.DAG),
        ("q = ['" + "select of them all', '" * 30000 + "']", Kind.DAG),
        ("q = 'SELECT a FROM b " + "%(" * 45000 + "'", Kind.DAG),
        ("q = 'SELECT a FROM b " + "{" * 90000 + "'", Kind.DAG),
        ("q = f'SELECT a FROM b " + "{x} " * 30000 + "'", Kind.DAG),
        ("q = x" + " + 'SELECT a FROM b'" * 900, Kind.DAG),
        ("q = f'SELECT a FROM {x" + ".y" * 900 + "}'; z" + ".y" * 900 + ".sql('SELECT a FROM b')", Kind.DAG),
        ("a" + ".b()" * 900 + ".sql('SELECT a FROM b')", Kind.DAG),
        ("q = 'SELECT a'" + " + 'b'" * 900, Kind.DAG),
        ("object A { val q = x" + ' + "SELECT a FROM b"' * 3000 + " }", Kind.SCALA_SPARK),
        ('object A { val q = s"SELECT a FROM b ' + "$x " * 20000 + '" }', Kind.SCALA_SPARK),
        ("a:\n" + "".join(f"  - sql: SELECT a FROM b{n}\n" for n in range(5000)), Kind.DAG_CONFIG),
        ("sql: >\n" + "  SELECT a,\n\n" * 5000 + "  b FROM c", Kind.DAG_CONFIG),
    ],
)
def test_large_files_take_no_long_time(text: str, kind: Kind) -> None:
    path = {Kind.SCALA_SPARK: "a.scala", Kind.DAG_CONFIG: "a.yml"}.get(kind, "a.py")
    source = Source(Version(path, text), kind)
    started = time.process_time()
    for each in source.embedded:
        _ = each.source
    assert time.process_time() - started < 4


def test_macros_and_generic_tests_are_looked_into() -> None:
    text = (
        "{# {% macro old() %} select 1 from a {% endmacro %} #}\n"
        "{% macro latest(model, key) -%}\n"
        "select *\n"
        "from {{ model }} m\n"
        "where m.{{ key }} = 1 and m.kind = 'a' and m.kind = 'b'\n"
        "{%- endmacro %}\n"
        "{% test positive(model, column_name) %}select * from {{ model }} where {{ column_name }} < 0{% endtest %}\n"
        "{% macro nothing() %}{{ return(3) }}{% endmacro %}\n"
        "{% macro open() %} select 1 from b\n"
    )
    found = Source(Version("macros/a.sql", text), Kind.DBT_MACRO, "snowflake").embedded
    assert [(each.symbol, list(each.lines)) for each in found] == [("latest", [2, 3, 4, 5]), ("positive", [7])]
    assert [each.source.sql.lines(each.source.sql.statements[0]) for each in found if each.source] == [(3, 5), (7, 7)]


def test_a_second_copy_of_a_bad_query_is_new() -> None:
    """The copy that stood there before is looked at too, or it would stand for the new one."""
    old = 'A = """select x from t where t.a = t.a"""\n'
    new = old + 'B = """select y from u"""\n\nC = """select x from t where t.a = t.a"""\n'
    rule = next(each for each in load() if each.code == "SQL001")
    base, head = (Source(Version("jobs/a.py", text), Kind.PYSPARK, None) for text in (old, new))
    file = ChangedFile("jobs/a.py", Status.MODIFIED, added=frozenset({2, 3, 4}))
    assert [finding.location.line for finding in evaluate([rule], base, head, file).findings] == [4]
