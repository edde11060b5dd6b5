"""Jinja rendered without dbt: builtins, the project's macros, and what stands in for everything else."""

from typing import Any

import pytest

from review.sql.render import CannotRender, Renderer


def text(source: str, macros: dict[str, str] | None = None, **options: Any) -> str:
    return Renderer(macros or {}, **options).render("models/my_model.sql", source).text


BUILTINS = [
    ("{{ ref('a') }}", "a"),
    ("{{ ref('pkg', 'a') }}", "a"),
    ("{{ ref('a', v=2) }}", "a"),
    ("{{ ref('a', version=2).include(database=false) }}", "a"),
    ("{{ ref() }}", "standin"),
    ("{{ source('s', 't') }}", "s_t"),
    ("{{ source('s', 't').identifier }}", "s_t"),
    ("{{ source() }}", "standin"),
    ("{{ builtins.ref('a') }} {{ builtins.source('s', 't') }}", "a s_t"),
    ("{{ this }} {{ this.schema }} {{ this.database }}", "my_model standin_schema standin_database"),
    ("{{ this.name }} {{ this.table }} {{ this.render().x }}", "my_model my_model my_model"),
    ("a{{ config(materialized='table', tags=['a'], **{'x': 1}) }}b", "ab"),
    ("{{ config.get('a', 'b') }}{{ config.require('c', validator=none, default='d') }}", "bd"),
    ("{{ var('a', 'b') }} {{ env_var('C', 'd') }}", "b d"),
    ("{{ var('a') }} {{ var() }} {{ env_var('DBT_X') }}", "var_a var env_var_DBT_X"),
    ("{% if is_incremental() %}a{% else %}b{% endif %}", "a"),
    ("{% if should_full_refresh() %}a{% else %}b{% endif %}", "b"),
    ("{% if execute and flags.FULL_REFRESH is defined %}a{% endif %}", "a"),
    ("{{ log('x', info=True) }}{{ print('x') }}{{ debug() }}{{ doc('x') }}a", "a"),
    ("{{ exceptions.raise_compiler_error('no') }}{{ exceptions.warn('no') }}a", "a"),
    ("{{ fromjson('[1]')[0] }}{{ fromjson('[', 2) }}{{ tojson({'a': 3}) }}", '12{"a": 3}'),
    ("{{ fromyaml('a: 1').a }}{{ fromyaml('a: [', 2) }}{{ toyaml('x') }}", "12x"),
    ("{{ set([1, 1]) | length }}{{ set(1, 2) }}{{ set_strict([1]) | length }}", "121"),
    ("{{ zip([1], [2])[0] }}{{ zip_strict([1], [2]) }}{{ zip() }}", "(1, 2)[(1, 2)]None"),
    ("{{ run_started_at.strftime('%Y-%m-%d') }} {{ modules.datetime.datetime.now().year }}", "2026-01-01 2026"),
    ("{{ modules.datetime.timedelta(days=1).days }}{{ modules.datetime.date(2020, 1, 2) }}", "12020-01-02"),
    ("{{ modules.re.match('a', 'b') }}, {{ modules.pytz.timezone('UTC') }}", "modules_re_match, modules_pytz_timezone"),
    ("{{ target.name }} {{ target.schema }} {{ target['database'] }}", "prod standin_schema standin_database"),
    ("{{ target.account }}, {{ target.get('role', 'x') }}", "target_account, x"),
    ("{{ adapter.quote('a') }}{{ adapter.get_relation(this, 'a') | length }}", "a1"),
    ("{{ schema }} {{ database }} {{ project_name }}", "standin_schema standin_database standin_project"),
    ("{{ null is none }} {{ local_md5('a') }}", "True a"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), BUILTINS)
def test_dbts_builtins_take_any_signature(source: str, expected: str) -> None:
    assert text(f"'{source}'") == f"'{expected}'"


def test_a_projects_own_is_incremental_takes_the_same_branch_as_dbts() -> None:
    macro = """{% macro is_incremental() %}
    {% if not execute %}{{ return(False) }}{% else %}
    {% set relation = adapter.get_relation(this.database, this.schema, this.table) %}
    {{ return(relation is not none and relation.type == 'table' and model.config.materialized == 'incremental') }}
    {% endif %}{% endmacro %}"""
    text = "select 1{% if is_incremental() %} where a{% endif %}"
    assert Renderer({"macros/is_incremental.sql": macro}).render("m.sql", text).text == "select 1 where a"


def test_the_dialect_is_the_targets_type_and_the_model_is_the_files_name() -> None:
    assert text("{{ target.type }}", adapter="snowflake") == "snowflake"
    assert Renderer().render("a/orders.v2.sql", "select 1 from {{ this }}").text == "select 1 from orders"
    assert Renderer().render(".sql", "select 1 from {{ this }}").text == "select 1 from this_model"


def test_variables_come_before_stand_ins() -> None:
    assert text("'{{ a }} {{ b }}'", variables={"a": 1}) == "'1 b'"


MACROS = {
    "macros/b.sql": "{% macro cents(column, scale=2) %}round({{ column }} / 100, {{ scale }}){% endmacro %}",
    "macros/a.sql": "{% macro twice(column) %}{{ cents(column) }} * 2{% endmacro %}",
    "macros/c.sql": "{% macro default__kind() %}plain{% endmacro %}{% macro trino__kind() %}trino{% endmacro %}"
    "{% macro kind() %}{{ return(adapter.dispatch('kind', 'p')()) }}{% endmacro %}",
    "macros/d.sql": "{% macro chains() %}{{ return(['a', 'b']) }}{% endmacro %}",
    "macros/e.sql": "{% macro fails(x) %}{{ x.missing.deeper }}{% endmacro %}"
    "{% macro zero() %}{{ 1 / 0 }}{% endmacro %}",
    "macros/f.sql": "{% macro does_not_compile() %}{{ a( }}{% endmacro %}",
    "macros/g.sql": "{{ 1 / 0 }}{% macro beside() %}x{% endmacro %}",
    "macros/h.sql": "{% macro config() %}mine{% endmacro %}",
    "macros/y.sql": "{% macro z() %}{% endmacro %}{% macro last(model) %}{{ caller() }} from {{ model }}{% endmacro %}",
    "macros/z.sql": "{% macro filtered() %}'{{ ' a ' | as_text | trim }}{{ another }}'{% endmacro %}",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("select {{ cents('a') }}", "select round(a / 100, 2)"),
        ("select {{ cents(column='a', scale=3) }}", "select round(a / 100, 3)"),
        ("select {{ twice('a') }}", "select round(a / 100, 2) * 2"),
        ("select {{ p.cents('a') }}", "select p_cents"),
        ("{% for c in chains() %}{{ c }};{% endfor %}", "a;b;"),
        ("select {{ fails({}) }}, {{ zero() }}, {{ cents() }}", "select fails, zero, round( / 100, 2)"),
        ("select {{ cents(1, 2, 3, 4) }}", "select cents"),
        ("select {{ does_not_compile() }}, {{ beside() }}", "select does_not_compile, beside"),
        ("{% call last(ref('a')) %}select 1{% endcall %}", "select 1 from a"),
        ("select {{ filtered() }}", "select 'aanother'"),
        ("{% macro cents(x) %}own {{ x }}{% endmacro %}{{ cents(1) }}", "own 1"),
    ],
)
def test_macros_of_the_project(source: str, expected: str) -> None:
    assert text(source, MACROS) == expected


def test_dispatch_takes_the_adapters_implementation() -> None:
    assert text("{{ kind() }}", MACROS, adapter="trino") == "trino"
    assert text("{{ kind() }}", MACROS, adapter="snowflake") == "plain"


def test_the_first_failing_macro_file_costs_only_its_own_macros() -> None:
    renderer = Renderer({"a.sql": "{{ 1 / 0 }}", "b.sql": "{% macro b() %}of b{% endmacro %}"})
    assert [renderer.render("m.sql", "{{ b() }}").text for _ in range(2)] == ["of b", "of b"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% for key, value in unknown.items() %}{{ key }}{% endfor %}", "unknown_items"),
        ("{% for a, b, c, d in unknown(1) %}{{ d }}{% endfor %}", "unknown"),
        ("{% for a, b in [unknown, (1, 2)] %}{{ a }}{{ b }} {% endfor %}", "unknownunknown 12 "),
        ("{% for a, b in {'x': 1}.items() %}{{ a }}{{ b }}{% endfor %}", "x1"),
        ("{% set low, high = limits(this) %}{{ low }} {{ high }}", "limits limits"),
        ("{% set low, high = 1, 2 %}{{ low }} {{ high }}", "1 2"),
        ("{% for x in unknown %}{{ loop.index }}{{ x }}{{ ',' if not loop.last }}{% endfor %}", "1unknown"),
        ("{{ unknown.a.b(1)['x'][0].c }}", "unknown_a_b_c"),
        ("{{ unknown + 'a' }} {{ 'a' + unknown }} {{ unknown ~ 'a' }}", "unknowna aunknown unknowna"),
        ("{{ unknown * 2 - 1 }} {{ -unknown }} {{ 2 / unknown }}", "unknown unknown unknown"),
        ("{{ unknown | length }} {{ unknown | int }} {{ unknown | upper }}", "1 1 UNKNOWN"),
        ("{{ [1] + unknown }}", "[1]"),
        ("{{ 'x' in unknown }} {{ unknown > 1 }} {{ unknown == 1 }}", "False False False"),
        ("{{ unknown == unknown }} {{ unknown != other }}", "True True"),
        ("{% if unknown %}a{% endif %}{% if not unknown %}b{% endif %}", "a"),
        ("{{ range(unknown) | length }} {{ 'abc'[unknown:] }}", "1 bc"),
        ("{{ ','.join(unknown) }} {{ ','.join([unknown, 'a', this]) }}", "unknown unknown,a,my_model"),
        ("{{ 'a-b'.replace('-', unknown) }} {{ 'a'.startswith(unknown) }}", "aunknownb False"),
        ("{{ unknown | ds_nodash | as_number }}", "unknown"),
        ("{% do unknown.append(1) %}{% set x = [] %}{% do x.append(2) %}{{ x[0] }}", "2"),
        ("{% set r = query('x') %}{% for y in r.columns[0].values() %}{{ y }}{% endfor %}", "query_columns_values"),
    ],
)  # fmt: skip
def test_an_unknown_name_takes_whatever_templates_do_with_it(source: str, expected: str) -> None:
    assert text(f"'{source}'") == f"'{expected}'"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% snapshot a %}{{ config(a=1) }}select 1{% endsnapshot %}", "select 1"),
        ("{% snapshot a %}{% set x = 1 %}{% endsnapshot %}select {{ x }}", "select x"),
        ("{% docs a %}it's {{ prose }}{% enddocs %}select 1", "select 1"),
        ("{% test a(model) %}select 1{% endtest %}select 2", "select 2"),
        ("{% materialization a, default %}x{% endmaterialization %}select 2", "select 2"),
        ("{# {{ a }} #}select 1", "select 1"),
        ("{% raw %}{{ a }}{% endraw %}", "{{ a }}"),
        ("{%- if true -%} select 1 {%- endif -%}\n", "select 1"),
        ("select 1\n\n", "select 1\n\n"),
        ("select '{{ lipsum() }}{{ [2, 1] | random }}'", "select 'lipsum2'"),
    ],
)
def test_blocks(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("select {{ a( }}", "unexpected '}'"),
        ("{% if a %}select 1", "Unexpected end of template"),
        ("{% frob %}", "unknown tag 'frob'"),
        ("select {{ 1 / 0 }}", "division by zero"),
        ("select {{ 'a' + 1 }}", "can only concatenate str"),
        ("{% for a, b in [1] %}{% endfor %}select 1", "cannot unpack non-iterable int"),
        ("{{ range(10 ** 9) }}", "Range too big"),
        ("{{ {}.a.b }}select 1", "has no attribute 'a'"),
        ("{{ {'a b': 1} | xmlattr }}", "Invalid character in attribute name"),
        ("{{ ''.__class__.mro() }}", "unsafe"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "a macro calls itself without end"),
        ("{% include 'x.sql' %}", "no loader for this environment"),
    ],
)
def test_a_template_that_fails_is_told_in_a_clause(source: str, reason: str) -> None:
    with pytest.raises(CannotRender) as failure:
        text(source)
    told = str(failure.value)
    assert told.startswith("its Jinja cannot be rendered (")
    assert reason in told
    assert len(told) < 160
    assert "sqlfluff" not in told
    assert "\n" not in told


def test_nothing_left() -> None:
    for source in ("{{ config(a=1) }}\n", "{# x #}", "{% macro a() %}select 1{% endmacro %}"):
        with pytest.raises(CannotRender, match="nothing is left of it"):
            text(source)
    assert text("") == ""
    assert text("\n") == "\n"


def test_what_stood_in_is_named_and_forgotten_with_the_next_file() -> None:
    renderer = Renderer()
    assert renderer.render("a.sql", "select {{ a() }}, {{ b.c }}, {{ a() }}, {{ ref('x') }}").stood_in == ("a", "b.c")
    assert renderer.render("b.sql", "select {{ d }}").stood_in == ("d",)
    assert renderer.render("c.sql", "select 1").stood_in == ()
