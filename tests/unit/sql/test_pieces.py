"""A neighbour is rendered in another way than the file under review, and must come out the same to the last offset."""

import pytest

from review.sql.render import CannotRender, Renderer

MACROS = {
    "macros/m.sql": (
        "{% macro cents(column) %}{{ column }} / 100{% endmacro %}"
        "{% macro twice() %}{{ caller() }}, {{ caller() }}{% endmacro %}"
        "{%- macro broken() -%}{{ 1 / 0 }}{%- endmacro -%}"
    )
}


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "{{ config(materialized='table') }}\nselect {{ cents('a') }} as a from {{ ref('orders') }}\n",
        "select {% for c in ['a', 'b'] %}{{ c }}{% if not loop.last %}, {% endif %}{% endfor %} from t",
        "select a {%- if is_incremental() %} where b {%- else -%} where c {% endif %}\n\n",
        "{% set cols -%} a, b {%- endset %}select {{ cols }} from t -- {{ 'x' }}",
        "{% set cols = ['a', 'b'] %}select {{ cols | join(', ') }}{# a comment #} from t",
        "select {% call twice() %}a{% endcall %}, b from t",
        "select {{ broken() }}, {{ dbt_utils.star(ref('a')) }} from {{ source('s', 't') }}",
        "{% raw %}select '{{ a }}'{% endraw %}, {{ nothing }} from {{ this }}",
        "{% snapshot s %}select 1 as {{ 'é' }} from {{ ref('a') }}{% endsnapshot %}",
        "select '{{ '' }}' as a{{ none }} {{- ' from t ' -}} where {{ var('x') }}",
        "{% macro own(a, b=1) %}{{ a }} + {{ b }}{% endmacro %}select {{ own(1) }},\n{{ own(2, b=3) }}\nfrom t",
        "{% docs d %}{{ prose }}{% enddocs %}select 1",
        "select {% for a, b in unknown.items() %}{{ a }} as {{ b }}{% endfor %} from t",
    ],
)
def test_the_same_text_from_the_same_places(text: str) -> None:
    one, other = Renderer(MACROS, "snowflake"), Renderer(MACROS, "snowflake")
    linted, quick = one.render("models/a.sql", text), other.render_neighbour("models/a.sql", text)
    assert (quick.text, quick.slices) == (linted.text, linted.slices)
    assert (quick.stood_in, quick.is_whole) == (linted.stood_in, linted.is_whole)


@pytest.mark.parametrize(
    "text", ["{% if %}", "select {{ 1 / 0 }}", "{{ config(a=1) }}", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"]
)
def test_what_cannot_be_rendered_cannot_be_as_a_neighbour(text: str) -> None:
    for render in (Renderer().render, Renderer().render_neighbour):
        with pytest.raises(CannotRender):
            render("models/a.sql", text)


def test_a_project_is_rendered_by_one_way_only_once() -> None:
    made = Renderer(MACROS)
    text = "select {{ cents('a') }}"
    assert made.render_neighbour("models/a.sql", text) is made.render("models/a.sql", text)
