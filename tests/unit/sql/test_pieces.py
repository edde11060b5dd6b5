"""What a template prints, and from where: as sqlfluff's own templater has it, to the last offset."""

import pytest

from review.sql.fluff import FluffConfig
from review.sql.jinja import environment
from review.sql.linter import config_for
from review.sql.pieces import placed
from review.sql.render import CannotRender, Renderer, Slice
from review.sql.templater import Templater

MACROS = {
    "macros/m.sql": (
        "{% macro cents(column) %}{{ column }} / 100{% endmacro %}"
        "{% macro twice() %}{{ caller() }}, {{ caller() }}{% endmacro %}"
        "{%- macro broken() -%}{{ 1 / 0 }}{%- endmacro -%}"
    )
}


@pytest.fixture(scope="module")
def config() -> FluffConfig:
    return config_for({}, "ansi")


@pytest.mark.parametrize(
    "text",
    [
        "select 1 {# a comment #}",
        "{{ config(materialized='table') }}\nselect {{ cents('a') }} as a from {{ ref('orders') }}\n",
        "select {% for c in ['a', 'b'] %}{{ c }}{% if not loop.last %}, {% endif %}{% endfor %} from t",
        "select a {%- if is_incremental() %} where b {%- else -%} where c {% endif %}\n\n",
        "{% set cols -%} a, b {%- endset %}select {{ cols | upper | trim }} from t -- {{ 'x' }}",
        "{% set cols = ['a', 'b'] %}select {{ cols | join(', ') }}{# a comment #} from t",
        "select {{ broken() }}, {{ dbt_utils.star(ref('a')) }} from {{ source('s', 't') }}",
        "{% raw %}select '{{ a }}'{% endraw %}, {{ nothing }} from {{ this }}",
        "{% snapshot s %}select 1 as {{ 'é' }} from {{ ref('a') }}{% endsnapshot %}",
        "select '{{ '' }}' as a{{ none }} {{- ' from t ' -}} where {{ var('x') }}",
        "{% macro own(a, b=1) %}{{ a }} + {{ b }}{% endmacro %}select {{ own(1) }},\n{{ own(2, b=3) }}\nfrom t",
        "{% docs d %}{{ prose }}{% enddocs %}select 1",
        "select {% for a, b in unknown.items() %}{{ a }} as {{ b }}{% endfor %} from t",
        "{% test t(model) %}select {{ model }}{% endtest %}select 1",
        "{% materialization m, adapter='snowflake' %}{{ x }}{% endmaterialization %}select 1",
    ],
)
def test_the_same_text_from_the_same_places(text: str, config: FluffConfig) -> None:
    made = Renderer(MACROS, "snowflake").render("models/a.sql", text)
    templater = Templater(Renderer(MACROS, "snowflake").templates)
    templater.templates.begin("models/a.sql", text)
    theirs, problems = templater.process(in_str=text, fname="models/a.sql", config=config)
    slices = [
        Slice(
            (each.templated_slice.start, each.templated_slice.stop),
            (each.source_slice.start, each.source_slice.stop),
            each.slice_type == "literal",
        )
        for each in theirs.sliced_file
        if each.templated_slice.stop > each.templated_slice.start
    ]
    assert problems == []
    assert (made.text, list(made.slices)) == (str(theirs), slices)
    assert list(made.stood_in) == list(templater.templates.used)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("{% set q -%} a, {{ b }} {%- endset %}select {{ q }} from t", ["select ", "a, ", " from t"]),
        ("{% set q %}a{% endset %}select {{ q }}, {{ q }}", ["select ", "a", ", ", "a"]),
        ("{% set q %}a{% endset %}select {{ q ~ 'b' }}, {{ q | length }}", ["select ", ", "]),
        ("select {% call twice() %}a{% endcall %} from t", ["select ", "a", "a", " from t"]),
        ("select {% call unknown() %}a{% endcall %} from t", ["select ", "a", " from t"]),
        ("{% macro own() %}a{% endmacro %}select {{ own() }}", ["select "]),
        ("{% filter upper %}select {{ b }} from t{% endfilter %}", ["SELECT ", " FROM T"]),
        ("{% filter trim %}  select a  {% endfilter %} from t", ["select a", " from t"]),
        ("{% filter replace('a', 'b') %}select a{% endfilter %} from t", [" from t"]),
    ],
)
def test_what_the_author_wrote_stands_where_it_was_written(text: str, literal: list[str]) -> None:
    made = Renderer(MACROS).render("models/a.sql", text)
    found = [each for each in made.slices if each.literal]
    assert [made.text[slice(*each.rendered)] for each in found] == literal
    assert all(text[slice(*each.source)].lower() == said.lower() for each, said in zip(found, literal, strict=True))


@pytest.mark.parametrize(
    ("text", "is_certain"),
    [
        ("select a {# no #} from {{ ref('x') }}", True),
        ("select {% for c in ['a', 'b'] %}{{ c }}{% if not loop.last %}, {% endif %}{% endfor %} from t", True),
        ("{% set cs = ['a'] %}{% set n = cs | length %}{% for c in cs[:n] if c != 'b' %}{{ c }}{% endfor %}", True),
        ("{% for a, b in {'x': [1]}.items() %}{% for c in b + [a] %}{{ c }}{% endfor %}{% endfor %}", True),
        ("{% for c in range(3) %}{{ c }}{% endfor %}", True),
        ("{% macro m() %}{% if var('x') %}1{% endif %}{% endmacro %}select {{ m() }}", True),
        ("select a {% if is_incremental() %} where b {% endif %}", False),
        ("select {% for c in var('cs') %}{{ c }}{% endfor %}", False),
        ("{% set cs = ['a'] %}{% if x %}{% set cs = other() %}{% endif %}", False),
        ("{% set cs = ['a'] %}{% do cs.append(x) %}{% for c in cs %}{{ c }}{% endfor %}", False),
        ("{% set cs = adapter.get_columns_in_relation(this) %}{% for c in cs %}{{ c.name }}{% endfor %}", False),
        ("{% set cs %}a,b{% endset %}{% for c in cs.split(',') %}{{ c }}{% endfor %}", False),
        ("{% set a = b %}{% set b = a %}{% if a %}1{% endif %}", True),
        ("{% for c in cs %}{% for cs in ['a'] %}{{ c }}{% endfor %}{% endfor %}", False),
        ("{% if target.name == 'dev' %}limit 1{% endif %}", False),
        ("{% for c in ['a'] %}{% call m() %}{% if x %}1{% endif %}{% endcall %}{% endfor %}", True),
    ],
)
def test_whether_every_run_goes_the_same_way(text: str, is_certain: bool) -> None:
    assert placed(environment(), text).certainty.is_certain is is_certain


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{% if %}", "Expected an expression, got 'end of statement block'"),
        ("select {{ 1 / 0 }}", "division by zero"),
        ("{{ config(a=1) }}", "nothing is left of it once its Jinja is rendered"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "a macro calls itself without end"),
        ("select 1 {% include 'secrets.sql' %}", "no loader for this environment specified"),
        ("select 1 {{ 'open }}", "unexpected char"),
        ("select {{ x | join('a', 'b', 'c', 'd') }}", "takes"),
        ("select {{ 1 is odd_or_so }}", "No test named 'odd_or_so'"),
        ("{% set a, b = [1] %}select {{ a }}", "cannot unpack 1 values into 2 names"),
        ("{% set a.b = 1 %}select {{ a }}", "cannot assign attribute on non-namespace object"),
    ],
)
def test_what_cannot_be_rendered(text: str, reason: str) -> None:
    with pytest.raises(CannotRender, match=reason.replace("(", "\\(").replace(")", "\\)")):
        Renderer().render("models/a.sql", text)


def test_a_file_is_rendered_once() -> None:
    made = Renderer(MACROS)
    text = "select {{ cents('a') }}"
    assert made.render("models/a.sql", text) is made.render("models/a.sql", text)
