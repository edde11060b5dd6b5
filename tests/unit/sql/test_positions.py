"""Where unknown names stand, and where rendered characters come from."""

import pytest

from review.sql.parse import parse
from review.sql.positions import Place, stand_in_text
from review.sql.render import Renderer, Rendering


def rendered(source: str, macros: dict[str, str] | None = None) -> Rendering:
    return Renderer(macros or {}).render("models/my_model.sql", source)


PLACES = [
    "select * from {{ x }}",
    "select * from {{ x }} as a join {{ y(1) }} on a.b = {{ z }}",
    "select {{ x }} from a",
    "select a, {{ x(from=ref('a')) }} from a",
    "select {{ x }}, {{ y }} as b from a",
    "select * from a where {{ x }}",
    "select * from a where {{ x }} and b = 1",
    "select * from a where b = {{ x }} or {{ y }}",
    "select * from a where b > {{ x }} - 1",
    "select * from a where b in ({{ x }})",
    "select * from a where b in {{ x }} and c not in {{ y }}",
    "select * from a where {{ x }} between 1 and 2",
    "select * from a where b = '{{ x }}'",
    "select * from {{ x }}.{{ y }}",
    "select * from a_{{ x }}",
    'select "{{ x }}" from a',
    "select b as {{ x }} from a",
    "select b::{{ x }} from a",
    "select cast(b as {{ x }}) from a",
    "select * from a {{ x }}",
    "select * from a group by {{ x }}",
    "select b, count(*) from a {{ dbt_utils.group_by(1) }}",
    "select * from a limit {{ x }}",
    "with a as ({{ x }}) select * from a",
    "with a as (\n  -- from here\n  {{ x }}\n) select * from a",
    "{{ x }}",
    "select 1 union all {{ x }}",
    "select * from ({{ x }}) as a",
    "select 1 where exists ({{ x }})",
    "create table a as {{ x }}",
    "{% set y = x() %}select * from {{ y }}",
    "{% for y in x() %}select {{ y }} from a{{ ' union all ' if not loop.last }}{% endfor %}",
    "select case when {{ x }} then 1 end from a",
    "select sum({{ x }}) over (partition by {{ y }} order by {{ z }}) from a",
]


@pytest.mark.parametrize("source", PLACES)
def test_what_stands_in_parses_where_it_stands(source: str) -> None:
    rendering = rendered(source)
    assert "{" not in rendering.text
    assert parse(rendering, "postgres").statements


def test_the_place_of_a_macro_may_be_inside_another() -> None:
    macros = {"m.sql": "{% macro wide() %}select * from {{ helper() }} where {{ guard() }}{% endmacro %}"}
    assert rendered("{{ wide() }}", macros).text == "select * from helper where guard = 1"


@pytest.mark.parametrize("place", list(Place))
def test_a_stand_in_is_one_word_whatever_its_name(place: Place) -> None:
    for name in ("a.b", "1x", "", "ä-ö", "a b"):
        words = stand_in_text(place, name)
        assert not set(words) & set(".-\"'{}")


def at(rendering: Rendering, text: str) -> tuple[int, bool]:
    """Line and literalness of a rendered text's first character."""
    offset = rendering.text.index(text)
    return rendering.source_line(offset), rendering.is_literal(offset)


LONG = """\
{{ config(
    materialized='table',
) }}
{%- set columns = ['a', 'b'] %}

select
    {%- for column in columns %}
    max({{ column }}) as m_{{ column }},
    {%- endfor %}
    {{ wide('x',
            'y') }} as z,  -- ünïcödé \N{PILE OF POO}
    '\N{PILE OF POO}' as poo
from {{ ref('t') }}
where late = 1
"""
WIDE = {"m.sql": "{% macro wide(a, b) %}\n  one({{ a }})\n  + two({{ b }})\n{% endmacro %}"}


@pytest.mark.parametrize("change", ["as it is", "CRLF", "BOM"])
def test_every_rendered_character_knows_its_line(change: str) -> None:
    source = LONG.replace("\n", "\r\n") if change == "CRLF" else "\ufeff" + LONG if change == "BOM" else LONG
    found = rendered(source, WIDE)
    assert at(found, "max(") == (8, True)
    assert at(found, "a) as m_a") == (8, False)
    assert at(found, "as m_b") == (8, True)
    assert at(found, "one(x)") == (10, False)
    assert at(found, "two(y)") == (10, False)
    assert at(found, "as z") == (11, True)
    assert at(found, "as poo") == (12, True)
    assert at(found, "late = 1") == (14, True)
    assert found.source_line(len(found.text) - 1) == 14


def test_without_tags_the_text_is_the_source() -> None:
    found = rendered("select 1,\n\n  2\n")
    assert (found.text, found.slices) == ("select 1,\n\n  2\n", ())
    assert at(found, "2") == (3, True)
    assert found.source_line(0) == 1
    assert found.source_offset(10_000) == len(found.source)


def test_only_newlines_end_a_line() -> None:
    for sign in ("\r", "\u2028", "\x0b", "\x0c", "\x85"):
        for tag in ("", "{{ a }}"):
            assert at(rendered(f"select {tag}{sign} 1,\n  x"), "x") == (2, True)


def test_a_node_of_the_tree_has_the_lines_of_the_file() -> None:
    sql = parse(rendered("{% set x = 1 %}\n\nselect a\nfrom {{ ref('t') }}\nwhere a = 1\n"), "ansi")
    (statement,) = sql.statements
    assert sql.lines(statement) == (3, 5)
    assert sql.lines(statement.args["where"]) == (5, 5)
    assert not sql.is_literal(statement)
    assert sql.is_literal(statement.args["where"])
