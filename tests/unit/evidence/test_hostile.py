"""Texts made to break a parser cost their own outline, and nobody else's."""

from collections.abc import Iterator

import pytest

from review.domain.artifact import Artifact, Kind
from review.domain.outline import Outline
from review.evidence.collect import HANDLER, Project
from review.evidence.describe import Edit, LinkFile, describe, edits_parse, links
from review.sandbox.pool import Limits, Pool
from tests.unit.evidence.builders import artifact, prepared

pytestmark = pytest.mark.usefixtures("forked_workers")

DEEP = 20_000
LOOPS = "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}"

HOSTILE = [
    artifact("brackets.py", "(" * DEEP + ")" * DEEP, Kind.DAG),
    artifact("chain.py", f"a = {'.b'.join(['a'] * 2)}{'.c()' * DEEP}\n", Kind.DAG),
    artifact("sum.py", f"a = {'+'.join('b' * DEEP)}\n", Kind.PYSPARK),
    artifact("indented.py", "".join(f"{' ' * n}if a:\n" for n in range(200)), Kind.DAG),
    artifact("brackets.sql", f"select {'(' * DEEP}1{')' * DEEP}", dialect="snowflake"),
    artifact("unclosed.sql", f"select {'(' * DEEP}", dialect="snowflake"),
    artifact("selects.sql", f"{'select * from (' * 2_000}t{')' * 2_000}", dialect="snowflake"),
    artifact("loops.sql", f"select 1 {LOOPS}", Kind.DBT_MODEL, dialect="snowflake"),
    artifact("list.sql", "select {{ range(99999) | list | length ** 9999999 }}", Kind.DBT_MODEL, dialect="snowflake"),
    artifact("jinja.sql", f"select {{{{ {'(' * DEEP}1{')' * DEEP} }}}}", Kind.DBT_MODEL, dialect="snowflake"),
    artifact("ifs.sql", f"{'{% if a %}' * 900}1{'{% endif %}' * 900}", Kind.DBT_MACRO, dialect="snowflake"),
    artifact("flow.yml", "[" * DEEP + "]" * DEEP, Kind.DBT_PROPERTIES),
    artifact("nest.scala", f"object A {{ val a = {'(' * DEEP}1{')' * DEEP} }}", Kind.SCALA_SPARK),
    artifact("nest.ipynb", '{"cells": ' + "[" * DEEP, Kind.NOTEBOOK),
]
PARSE = {"chain.py", "sum.py", "ifs.sql", "selects.sql", "flow.yml", "nest.scala"}
"""Those that parsers may put up with."""
HARMLESS = artifact("fine.sql", "select * from shop.orders\n", dialect="snowflake")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(HANDLER, 2, Limits(wall_seconds=3, cpu_seconds=1, memory_mb=256)) as working:
        working.prepare(prepared("snowflake"))
        yield working


def test_outlines(pool: Pool) -> None:
    files = [*HOSTILE, HARMLESS]
    found = describe(files, pool)
    assert found.keys() == {file.path for file in files}
    assert found["fine.sql"].reads == ("table:shop.orders",)
    assert not any(outline.trivial for outline in found.values())
    assert [outline for outline in found.values() if outline == Outline()]


def test_links(pool: Pool) -> None:
    chosen = [file for file in HOSTILE if file.path in ("loops.sql", "brackets.py", "flow.yml")]
    files = [LinkFile(f.path, f.head.text, f.kind, f.dialect) for f in (*chosen, HARMLESS) if f.head is not None]
    found = links(files, pool)
    assert found["fine.sql"].reads == ("table:shop.orders",)
    assert found["loops.sql"].writes == ("model:loops",)


def edited(file: Artifact) -> Edit:
    before = artifact(file.path, "{}" if file.kind is Kind.NOTEBOOK else "", file.kind, dialect=file.dialect)
    assert file.head is not None
    return Edit(before, file.head.text)


def test_edits(pool: Pool) -> None:
    files = [file for file in HOSTILE if file.path not in PARSE]
    clauses = edits_parse([*map(edited, files), Edit(HARMLESS, "select 1")], pool)
    assert clauses[-1] == ""
    assert all(clause and clause.isprintable() and len(clause) <= 220 for clause in clauses[:-1])


def test_huge_files(pool: Pool) -> None:
    files = [
        artifact("huge.sql", "select a, b from t;\n" * 20_000, dialect="snowflake", base="select 1"),
        artifact("huge.py", "a = 1\n" * 50_000, Kind.DAG),
        artifact("tags.sql", "{{ a }}\n" * 20_000, Kind.DBT_MACRO, dialect="snowflake"),
        artifact("beyond.sql", "x" * 17_000_000, dialect="snowflake"),
        HARMLESS,
    ]
    found = describe(files, pool)
    assert found["fine.sql"].reads == ("table:shop.orders",)
    assert found["beyond.sql"] == Outline()


def test_a_worker_that_takes_another_ones_place_is_told_the_macros() -> None:
    projects = [Project("p", "snowflake", {"p/macros/m.sql": "{% macro first() %}a as (select 1){% endmacro %}"})]
    loops = artifact("p/models/b.sql", f"select 1 {LOOPS}", Kind.DBT_MODEL, dialect="snowflake", project="p")
    text = "with {{ first() }}\nselect * from a\n"
    model = artifact("p/models/c.sql", text, Kind.DBT_MODEL, dialect="snowflake", project="p")
    with Pool(HANDLER, 1, Limits(cpu_seconds=1)) as pool:
        pool.prepare(prepared("snowflake"))
        assert describe([loops], pool, projects)["p/models/b.sql"] == Outline()
        assert [part.name for part in describe([model], pool, projects)["p/models/c.sql"].parts] == ["a"]
