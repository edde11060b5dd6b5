"""Which changes real workers call trivial: those that have no effect, and no other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.domain.outline import Outline
from review.evidence.collect import HANDLER, LIMITS
from review.evidence.describe import describe
from review.sandbox.pool import Pool
from tests.unit.evidence.builders import artifact, prepared

pytestmark = pytest.mark.usefixtures("forked_workers")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(HANDLER, 1, LIMITS) as working:
        working.prepare(prepared("snowflake", "mysql", "sparksql"))
        yield working


@dataclass(frozen=True)
class Language:
    """What a change is in."""

    kind: Kind
    path: str
    dialect: str | None = None


PYTHON = Language(Kind.DAG, "dags/a.py")
MODEL = Language(Kind.DBT_MODEL, "models/a.sql", "snowflake")
MACRO = Language(Kind.DBT_MACRO, "macros/a.sql", "snowflake")
QUERY = Language(Kind.SQL_QUERY, "a.sql", "snowflake")
MYSQL = Language(Kind.SQL_QUERY, "a.sql", "mysql")
SPARK = Language(Kind.SQL_QUERY, "a.sql", "sparksql")
MIGRATION = Language(Kind.SQL_MIGRATION, "V1__a.sql", "snowflake")
YAML = Language(Kind.DBT_PROPERTIES, "models/a.yml")
PROJECT = Language(Kind.DBT_PROJECT, "dbt_project.yml")
PACKAGES = Language(Kind.DBT_PACKAGES, "packages.yml")
SCALA = Language(Kind.SCALA_SPARK, "A.scala")
NOTEBOOK = Language(Kind.NOTEBOOK, "a.ipynb")
SEED = Language(Kind.DBT_SEED, "seeds/a.csv")


def notebook(source: str, outputs: int = 0, text: str = "words") -> str:
    cells = [
        {"cell_type": "code", "source": [source], "execution_count": outputs, "outputs": [outputs]},
        {"cell_type": "markdown", "source": [text]},
    ]
    return json.dumps({"cells": cells, "nbformat": 4})


DATABRICKS = "# Databricks notebook source\n# MAGIC %sql\n# MAGIC select {}\n"

TRIVIAL = [
    (PYTHON, "a = 1\n", "# why\na  =  1   # noqa\n"),
    (PYTHON, "f(1, 2)\n", "f(\n    1,\n    2,\n)\r\n"),
    (PYTHON, "a = 'x'\n", 'a = "x"\n'),
    (PYTHON, "a = 1\n", "a = 1\n"),
    (PYTHON, DATABRICKS.format(1), DATABRICKS.format(1) + "# more\n"),
    (MODEL, "select a, b\nfrom {{ ref('x') }}\n", "-- it's\nselect\n  a, -- noqa: LT01\n  b\nfrom {{ref('x')}}\n"),
    (MODEL, "select 1", "{# it's -- #}\n{#- more -#}\n-- sqlfluff:rules:none\nselect 1\n/* {# #} */"),
    (MODEL, "{{ config(a=1,\n b=2) }} select 1", "{{ config(a=1, b=2) }}\r\nselect 1"),
    (MODEL, "select {{ f('--') }} -- a", "select {{ f('--') }} -- b"),
    (MACRO, "{% macro a(b) %}\n1\n{% endmacro %}", "{% macro a( b ) %}\n  1 -- one\n{% endmacro %}\n"),
    (QUERY, "select 1; select 2", "/* all */\nselect 1;\n\nselect 2"),
    (MYSQL, "select 1", "select 1 # one"),
    (YAML, "a: [x, 'y']\n", "# hello\na:\n  - x\n  - y\n"),
    (YAML, "a: >\n  b\n  c\n", 'a: "b c\\n"\n'),
    (YAML, "", "# nothing\n"),
    (PROJECT, "name: a\nversion: 1.0\nrequire-dbt-version: ['>=1.0', '<2']\n",
     "name: a\nversion: '1.1.0' # new\nrequire-dbt-version: ['>=1.5', '<3']\n"),
    (PACKAGES, "packages:\n  - package: x/y\n    version: 1.0.0\n  - git: z\n    revision: v1.2\n",
     "packages:\n  - package: x/y\n    version: 1.1.0\n  - git: z\n    revision: 1.3.0\n"),
    (PACKAGES, "packages: [{package: a, version: '>=1.0,<2.0'}]\n", "packages: [{package: a, version: 1.2.0}]\n"),
    (PACKAGES, "packages: [{package: a, version: ['>=1.0', '<2.0']}]\n",
     "packages: [{package: a, version: ['>=1.5.0', '<3']}]\n"),
    (SCALA, "object A {\n  val a = 1\n}\n", "// why\nobject A { // d\n\n    /* b\n */\n    val a=1 // c\n}\n"),
    (NOTEBOOK, notebook("a = 1"), notebook("a = 1", 7, "other words")),
]  # fmt: skip

MORE_THAN_TRIVIAL = [
    (PYTHON, "a = 1\n", "a = 2\n"),
    (PYTHON, "a = 1\n", "a = 1.0\n"),
    (PYTHON, "a = 1\n", "a = True\n"),
    (PYTHON, "a = 'x'\n", "a = b'x'\n"),
    (PYTHON, "a = 1\nb = 2\n", "b = 2\na = 1\n"),
    (PYTHON, 'def f():\n    """Old."""\n', 'def f():\n    """New."""\n'),
    (PYTHON, "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"),
    (PYTHON, "a = 1\n", "a = (\n"),
    (PYTHON, "a = (\n", "a = 1\n"),
    (PYTHON, DATABRICKS.format(1), DATABRICKS.format(2)),
    (MODEL, "select a from {{ ref('x') }}", "select a from {{ ref('y') }}"),
    (MODEL, "{{ config(a=1) }} select 1", "{{ config(a=2) }} select 1"),
    (MODEL, "select 1 -- depends_on: {{ ref('x') }}", "select 1 -- depends_on: {{ ref('y') }}"),
    (MODEL, "select 1", "select 1 -- {{ ref('y') }}"),
    (MODEL, "select {{ a }} -- {{ b }}", "select {{ a }}\n{{ b }}"),
    (MODEL, "select {{ a }} /* {{ a }} */", "/* {{ a }} */ select {{ a }}"),
    (MODEL, "select 1 -- {{ lines() }} and 1", "select 1 -- {{ lines() }} and 2"),
    (MODEL, "select 1 {#- a #} from b", "select 1 {# a #} from b where {% raw %}{{ c }}{% endraw %}"),
    (MODEL, "select 'a -- b'", "select 'a -- c'"),
    (MODEL, "select 'a {# b #}'", "select 'a {{ b }}'"),
    (MODEL, "select a_{{ b }}", "select a_ {{ b }}"),
    (MODEL, "select {% if a %}1{% endif %}", "select {%- if a %}1{% endif %}"),
    (MODEL, "select 1 {{ a", "select 1 {{ a -- b"),
    (MODEL, "select 'a", "select 'a -- b"),
    (MODEL, "select \ue0001\ue000", "select \ue0001\ue000 -- b"),
    (MODEL, "-- a\n", "-- b\n"),
    (MODEL, "---\nowner: me\n---\nselect 1", "---\nowner: you\n---\nselect 1"),
    (QUERY, "select '{# a #}'", "select '{# b #}'"),
    (QUERY, "select a", "select A"),
    (QUERY, "SELECT a", "select a"),
    (QUERY, "select a", 'select "a"'),
    (QUERY, "select a;", "select a; drop table b;"),
    (QUERY, "select /* a */ b", "select /*+ a */ b"),
    (SPARK, "select /*+ BROADCAST(a) */ b", "select /*+ BROADCAST(b) */ b"),
    (MYSQL, "select 1 /*! from a */", "select 1 /*! from b */"),
    (MIGRATION, "create table a (b int)", "create table a (b int) -- c"),
    (YAML, "a: 1\n", "a: '1'\n"),
    (YAML, "a: [1, 2]\n", "a: [2, 1]\n"),
    (YAML, "a: 1\n", "a: 1\nb: 2\n"),
    (YAML, "version: 1\n", "version: 2\n"),
    (YAML, "a: 1\n", ""),
    (YAML, "a: [1\n", "a: [1 # b\n"),
    (YAML, "a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n"),
    (YAML, "? [a]\n: 1\n", "? [b]\n: 1\n"),
    (PROJECT, "vars: {version: 1}\n", "vars: {version: 2}\n"),
    (PROJECT, "version: 1\n", "version: [1]\n"),
    (PROJECT, "name: a\n", "name: b\n"),
    (PACKAGES, "packages: [{git: a, revision: b}]\n", "packages: [{git: c, revision: b}]\n"),
    *(
        (PACKAGES, f"packages: [{{git: a, revision: {one}}}]\n", f"packages: [{{git: a, revision: {other}}}]\n")
        for one, other in (
            ("abc", "def"),
            ("1.2.0", "main"),
            ("main", "1.2.0"),
            ("v1.2.0", "v1.2.0-rc1"),
            ("1.2.0", "1.2.x"),
            ("1.2.0", "''"),
            ("1.2.0", "'>='"),
            ("1.2.0", "1..3"),
            ("1.2.0", "١.٢"),
            ("1.2.0", "2f9a7c1"),
        )
    ),
    (PACKAGES, "packages: [{package: a, version: '>=1.0,<2.0'}]\n", "packages: [{package: a, version: latest}]\n"),
    (PACKAGES, "packages: [{git: a, revision: b}]\n", "packages: [{git: a, revision: b}, {git: c, revision: d}]\n"),
    (SCALA, "object A { val a = 1 }\n", "object A { val a = 2 }\n"),
    (SCALA, 'object A { val a = s"a $b" }\n', 'object A { val a = s"c $b" }\n'),
    (SCALA, 'object A { val a = s"$a $b" }\n', 'object A { val a = s"$a$b" }\n'),
    (SCALA, "object A {\n  val a = x - 1\n}\n", "object A {\n  val a = x\n  - 1\n}\n"),
    (SCALA, "object A {{{", "object A {{{ // b"),
    (NOTEBOOK, notebook("a = 1"), notebook("a = 2")),
    (NOTEBOOK, notebook("%%sql\nselect 1"), notebook("%%sql\nselect 2")),
    (SEED, "a,b\n", "a,b\n"),
]


def is_trivial(pool: Pool, file: Artifact) -> bool:
    (found,) = describe([file], pool).values()
    return found.trivial


def changed(language: Language, base: str, head: str) -> Artifact:
    return artifact(language.path, head, language.kind, dialect=language.dialect, base=base)


@pytest.mark.parametrize(("language", "base", "head"), TRIVIAL)
def test_nothing_that_has_an_effect_changed(pool: Pool, language: Language, base: str, head: str) -> None:
    assert is_trivial(pool, changed(language, base, head))
    assert is_trivial(pool, changed(language, head, base))


@pytest.mark.parametrize(("language", "base", "head"), MORE_THAN_TRIVIAL)
def test_something_changed_or_may_have(pool: Pool, language: Language, base: str, head: str) -> None:
    assert not is_trivial(pool, changed(language, base, head))
    assert not is_trivial(pool, changed(language, head, base))


@pytest.mark.parametrize("language", [PYTHON, MODEL, YAML])
def test_added_and_deleted_files_are_never_trivial(pool: Pool, language: Language) -> None:
    assert not is_trivial(pool, artifact(language.path, "", language.kind, dialect=language.dialect))
    assert not is_trivial(pool, artifact(language.path, None, language.kind, base="", dialect=language.dialect))


def renamed(kind: Kind, base: str, head: str) -> Artifact:
    file = ChangedFile("b.x", Status.RENAMED, old_path="a.x", added=frozenset({1}))
    return Artifact(file, kind, None, None, Version("a.x", base), Version("b.x", head))


@pytest.mark.parametrize("kind", Kind)
def test_a_new_path_is_trivial_where_it_is_no_new_name(pool: Pool, kind: Kind) -> None:
    named = {Kind.DBT_MODEL, Kind.DBT_PYTHON_MODEL, Kind.DBT_SEED, Kind.DBT_SNAPSHOT, Kind.DBT_MACRO, Kind.DAG,
             Kind.SQL_MIGRATION}  # fmt: skip
    assert is_trivial(pool, renamed(kind, "a: 1\n", "a: 1\n")) == (kind not in named)
    assert not is_trivial(pool, renamed(kind, "a: 1\n", "a: 1 # b\n"))


def test_the_same_node_referred_to_again_and_again(pool: Pool) -> None:
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert is_trivial(pool, changed(YAML, laughs, f"{laughs}# more\n"))
    assert is_trivial(pool, changed(YAML, "a: &a [*a]\n", "a: &a [*a] # b\n"))
    assert not is_trivial(pool, changed(YAML, laughs, laughs.replace("[x, x]", "[x, y]")))
    assert describe([changed(YAML, laughs, laughs)], pool) == {"models/a.yml": Outline(trivial=True)}


def test_long_chains_are_compared_without_recursion(pool: Pool) -> None:
    chain = " + ".join(["a"] * 900)
    assert is_trivial(pool, changed(PYTHON, f"b = {chain}\n", f"b = {chain}  # c\n"))
