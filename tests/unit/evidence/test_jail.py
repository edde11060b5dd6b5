"""In the jail no file can be opened: nothing that a text asks of a parser may be loaded only then.

Every file here breaks a parser, or asks for a seldom used part of one. `watched` tells what was imported or opened.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from review.domain.artifact import Artifact, Kind
from review.evidence.collect import LIMITS
from review.evidence.messages import Ask, request
from review.sandbox.pool import Job, Pool
from tests.unit.evidence.builders import artifact, collected, prepared

WATCHED = "tests.unit.evidence.watched"
HARMLESS = (
    "<source>",  # Python looks for the line of a syntax error in a file of that name
    "/sqlfluff/rules",  # sqlfluff looks for rules of its first version at every file, and finds none
)

DIALECTS = ["ansi bigquery tsql", "snowflake clickhouse sparksql", "postgres trino mysql", "duckdb athena oracle",
            "redshift databricks sqlite"]  # fmt: skip
"""Workers' dialects: each group of families that sqlglot keeps apart, so that none loads for another."""
SQL = {
    "garbage": "¤¤ ]] \x00 ???\n",
    "bracket": "select a.b, (select c from d where e in (1, 2\n",
    "quote": "select 'abc from t\n",
    "words": "select from where ((;\n",
    "query": """\
with a as (select x.b, count(*) n, row_number() over (partition by x.b order by x.c desc nulls last) r from s.t as x
  left join u using (id) where x.b = null or not exists (select 1 from z where z.a = x.a) group by 1 having max(c) > 1)
select distinct a.*, cast(a.b as decimal(10, 2)), case when a.b like 'x%' then 1 else 0 end, date_trunc('month', d),
  extract(year from x), convert(varchar(10), d, 101), json_value(a, '$.b'), interval '1' day, coalesce(a, b), t.arr[1]
from a cross join (select 1, 2) as q where a.b = a.b union all select 1 + 1 except select 2;
select * from (select top 5 a from b order by c) x where exists (select 1) and iif(a = 1, b, c);
select convert(varchar(10), d, 101), try_cast(a as int), dateadd(day, 1, d), datediff(d, e), last_day(d);
select date_add(d, interval 1 day), a:b.c::string, parse_json('{}'), json_extract(a, '$.b[0]'), a ->> 'b';
select struct(1 as a), array[1, 2], map('a', 1), exists(a, x -> x > 1), a = any (array[1]), nvl(a, b), decode(a, 1, 2);
select string_agg(a, ','), array_agg(a order by b), percentile_cont(0.5) within group (order by a), any_value(a);
select to_timestamp(a, 'YYYY'), strftime('%Y', a), from_unixtime(a), convert_timezone('UTC', a), sha2(a, 256);
select * from a left join lateral flatten(input => a.b) f on true qualify row_number() over (order by c) = 1;
with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select * from r where n in (select 1);
select * from a, b where a.x = b.y (+) and a.z (+) = 1; select * from generate_series(1, 2) g(x);
""",
    "unnest": "select o.id, i.sku from orders as o, o.items as i where o.a = o.a\n",
    "statements": """\
create table if not exists a.b (id int primary key, x varchar(20) default 'a', y timestamp) partition by range (y);
create or replace view v as with c as (select 1) select * from c; create index i on a.b (x);
grant select on a to public; insert into a values (1, 2); update a set b = 1 where c = c; delete from a where b = 2;
merge into a using b on a.i = b.i when matched then update set x = 1 when not matched then insert (x) values (1);
create function f() returns int language sql as 'select 1'; select * from t pivot (sum(a) for b in ('x', 'y'));
""",
}
JINJA = {
    "syntax": "select {{ a( }} from b\n",
    "block": "{% if a %}select 1\n",
    "tag": "{% frobnicate %}select 1{% endfrobnicate %}\n",
    "type": "{% set a = 1 + 'x' %}select {{ a }}\n",
    "zero": "select {{ 1 / 0 }} from a\n",
    "unpack": "{% for a, b in [1, 2] %}{{ a }}{% endfor %} select 1\n",
    "overflow": "{{ range(10000000000) | list }} select 1\n",
    "recursion": "{% macro a() %}{{ a() }}{% endmacro %}select {{ a() }}\n",
    "unsafe": "select {{ ''.__class__.__mro__ }}\n",
    "lipsum": "select '{{ lipsum() }} {{ cycler('a').next() }}' as {{ joiner()() }}\n",
    "pprint": "select '{{ {'a': range(99) | list} | pprint }}'\n",
    "filters": "select '{{ 'http://x.y' | urlize | wordwrap(1) | title | e }}{{ [1] | random }}'\n",
    "attributes": "select {{ {'a b': 1} | xmlattr }}\n",
    "include": "{% include 'x.sql' %}\n",
    "import": "{% from 'x.sql' import z %}{{ z() }}\n",
    "time": "select '{{ modules.datetime.datetime.strptime('2020-01-01', '%Y-%m-%d').strftime('%A') }}'\n",
    "text": "select {{ fromjson('{') }}{{ fromyaml('a: [') }}{{ fromyaml('2020-01-01') }}{{ tojson({}) }}\n",
    "strict": "{{ zip_strict([1], [2, 3]) }}select 1\n",
    "macros": "select {{ broken() }}, {{ fails() }}, {{ works(1) }} from {{ endless() }}\n",
    "snapshot": "{% snapshot a %}select 1\n",
    "encoding": "select '\N{REPLACEMENT CHARACTER}\N{PILE OF POO}' {{ '\N{PILE OF POO}' }}\n",
}
MACROS = {
    "macros/a.sql": "{% macro broken() %}{{ a( }}{% endmacro %}",
    "macros/b.sql": "{% macro x() %}select 1",
    "macros/c.sql": "{{ 1 / 0 }}{% macro y() %}{% endmacro %}",
    "macros/d.sql": "{% import 'a' as b %}{% macro z() %}{{ b.c }}{% endmacro %}",
    "macros/e.sql": "{% macro fails() %}{{ 1 / 0 }}{% endmacro %}{% macro works(a) %}{{ return(a) }}{% endmacro %}",
    "macros/f.sql": "{% macro endless() %}{{ endless() }}{% endmacro %}",
}
YAML = ["a: [1\n", "\ta: b\n", "a: *b\n", "a: \x01\n", "a: {{ b }}\n", "a: !!python/object:os.system x\n"]
PYTHON = ["def f(:\n", "def f():\nx=1\n", "a = '\0'\n", "print 'x'\n", "# coding: nope\nx = '\\N{NOPE}'\n", "(" * 5000,
          "# -*- coding: utf-16 -*-\nfrom airflow import DAG\nd = DAG('x', default_args={'retires': 1})\n"]  # fmt: skip
NOTEBOOKS = ["{", "[]", '{"nbformat": 3, "worksheets": []}',
             '{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["def f(:\\n"]}]}']  # fmt: skip
SCALA = ["object {{{ (", "object A { val x = df.collect() }", "\0"]


def other_files() -> list[Artifact]:
    kinds = [
        *[(Kind.DBT_PROPERTIES, "yml", text) for text in YAML],
        *[(kind, "py", text) for text in PYTHON for kind in (Kind.DAG, Kind.PYSPARK)],
        *[(Kind.NOTEBOOK, "ipynb", text) for text in NOTEBOOKS],
        *[(Kind.SCALA_SPARK, "scala", text) for text in SCALA],
    ]
    return [artifact(f"{number}.{end}", text, kind) for number, (kind, end, text) in enumerate(kinds)]


def templates() -> list[Artifact]:
    return [
        artifact(f"p/models/{name}_{kind.value}.sql", text, kind, dialect="snowflake", base=base, project="p")
        for name, text in JINJA.items()
        for kind, base in ((Kind.DBT_MODEL, None), (Kind.DBT_SNAPSHOT, "select {{ a( }}\n"), (Kind.DBT_MACRO, None))
    ]


def test_files_that_every_parser_fails_on_leave_all_the_rest_working() -> None:
    files = [*other_files(), *templates(), *(artifact(f"{name}.sql", text) for name, text in SQL.items())]
    reasons = {skip.reason for skip in collected(files, macros=MACROS).skipped}
    assert reasons
    told = [reason for reason in reasons if any(name in reason for name in ("OSError", "ImportError", "NotFoundError"))]
    assert not told
    assert not [reason for reason in reasons if "the parser" in reason or "made the rule fail" in reason]


def attempts(files: list[Artifact], *dialects: str) -> dict[str, list[str]]:
    """Path → what was imported or opened for it, in workers that were prepared for these dialects only."""
    settings = {"core": {"rules": "all"}}
    shared = [{"project": "p", "macros": MACROS, "adapter": "snowflake"}, {"lint": "all", "settings": settings}]
    jobs = [job for each in files for job in asked(each)]
    with Pool(WATCHED, 2, LIMITS) as pool:
        pool.prepare(prepared(*dialects))
        replies = list(pool.run(jobs, shared))
    assert not pool.refused
    assert {reply.failure for reply in replies} == {None}
    found = {reply.subject: reply.answer["attempts"] for reply in replies if reply.answer is not None}
    return {
        subject: late
        for subject, tried in found.items()
        if (late := [each for each in tried if not each.endswith(HARMLESS)])
    }


def asked(file: Artifact) -> Iterator[Job]:
    """The jobs of every sort about a file: findings, and whatever else may be asked."""
    yield Job(file.path, request(file, "all" if file.kind.is_sql else None).to_dict())
    for ask in Ask:
        both = request(replace(file, base=file.head), None).to_dict()
        yield Job(f"{ask.value} of {file.path}", {"ask": ask.value, **both})


def embedding() -> list[Artifact]:
    """SQL of every sort in strings of Python."""
    texts = (*SQL.values(), *JINJA.values())
    python = "".join(f"spark.sql({text!r})\nOperator(task_id='a', sql={text!r})\n" for text in texts)
    return [artifact(f"{kind.value}.py", python, kind) for kind in (Kind.DAG, Kind.PYSPARK)]


@pytest.mark.parametrize("dialects", DIALECTS)
def test_sql_loads_nothing_late(dialects: str) -> None:
    chosen = dialects.split()
    files = [
        artifact(f"{dialect}/{name}.sql", text, dialect=dialect) for dialect in chosen for name, text in SQL.items()
    ]
    assert attempts(files, *chosen) == {}


def test_nothing_else_loads_anything_late() -> None:
    assert attempts([*templates(), *other_files(), *embedding()], "snowflake") == {}
