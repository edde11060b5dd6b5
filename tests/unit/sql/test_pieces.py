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
        "{% macro shout() %}{% filter upper %}a = a{% endfilter %}{% endmacro %}"
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
        ("select 1 where {{ shout() }}", ["select 1 where "]),
        ("{% filter wordcount %}select 3, 4{% endfilter %} from t", [" from t"]),
        ("{% filter upper %}{{ shout() }} b{% endfilter %}", [" B"]),
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
        (
            "{% set cs = ['a', 'b'] %}{% for c in cs if c != 'b' %}{{ m(c) }}{% if c == 'a' %}1{% endif %}{% endfor %}",
            True,
        ),
        ("{% for a, b in {'x': 1}.items() %}{% if a == 'y' %}{{ b }}{% endif %}{% endfor %}", True),
        ("{% for c in range(3) %}{% if c > 1 %}{{ m(c) }}{% endif %}{% endfor %}", True),
        ("{% set on = true %}{% if on %}a{% endif %}{% if 1 %}{% set b = 2 %}{% endif %}", True),
        ("{% macro m() %}{% if var('x') %}1{% endif %}{% endmacro %}select {{ m() }}", True),
        ("select a {% if is_incremental() %} where b {% endif %}", False),
        ("select {% for c in var('cs') %}{{ c }}{% endfor %}", False),
        ("{% set cs = ['a'] %}{% if x %}{% set cs = other() %}{% endif %}", False),
        ("{% set cs = ['a'] %}{% if 1 %}{% set cs = other() %}{% endif %}{% for c in cs %}{{ c }}{% endfor %}", False),
        ("{% set cs = ['a'] %}{% do cs.append(x) %}{% for c in cs %}{{ c }}{% endfor %}", False),
        ("{% set cs = ['a'] %}{% set _ = cs.extend(x) %}{% for c in cs %}{{ c }}{% endfor %}", False),
        ("{% set cs = ['a'] %}{{ add(cs) }}{% for c in cs %}{{ c }}{% endfor %}", False),
        ("{% set cs = ['a'] %}{% set b = cs %}{% do b.append(x) %}{% for c in cs %}{{ c }}{% endfor %}", False),
        (
            "{% set cs = ['a'] %}{% for b in [cs] %}{% do b.append(x) %}{% endfor %}{% for c in cs %}1{% endfor %}",
            False,
        ),
        (
            "{% set cs = ['a'] %}{% macro m() %}{% do cs.append(1) %}{% endmacro %}{% for c in cs %}1{% endfor %}",
            False,
        ),
        ("{% set ns = namespace(cs=['a']) %}{% set ns.cs = x %}{% for c in ns.cs %}{{ c }}{% endfor %}", False),
        ("{% set cs = adapter.get_columns_in_relation(this) %}{% for c in cs %}{{ c.name }}{% endfor %}", False),
        ("{% set cs %}a,b{% endset %}{% for c in cs.split(',') %}{{ c }}{% endfor %}", False),
        ("{% set a = b %}{% set b = 1 %}{% if a %}1{% endif %}", False),
        ("{% for c in cs %}{% for cs in ['a'] %}{{ c }}{% endfor %}{% endfor %}", False),
        ("{% for c in ['a'] %}{% set d = 1 %}{% endfor %}{% if d %}1{% endif %}", False),
        ("{% set range = x %}{% for c in range(2) %}{{ c }}{% endfor %}", False),
        ("{% for c in ['a', 'b'] | random %}{{ c }}{% endfor %}", False),
        ("{% if target.name == 'dev' %}limit 1{% endif %}", False),
        ("{% call m() %}{% if x %}1{% endif %}{% endcall %}", False),
        ("{% filter trim %}{% if x %}1{% endif %}{% endfilter %}", False),
        ("{% set q %}{% if x %}1{% endif %}{% endset %}{{ q }}", False),
        ("{% import 'a' as a %}", False),
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


def test_a_block_that_prints_itself_over_and_over_is_one_piece() -> None:
    doubled = "{% set q %}{{ q }}{{ q }}{% endset %}" * 16
    made = Renderer().render("models/a.sql", f"{{% set q %}}a {{% endset %}}{doubled}{{{{ q }}}}")
    assert made.text.count("a") == 2**16
    assert len(made.slices) < 10_000


def test_every_run_is_at_the_same_moment() -> None:
    asked = ("run_started_at.astimezone(modules.pytz.timezone('x'))", "modules.datetime.datetime.now(modules.pytz.utc)")
    for each in asked:
        assert Renderer().render("a.sql", f"{{{{ {each} }}}}").text == "2026-01-01 00:00:00+00:00"
    assert Renderer().render("a.sql", "{{ modules.datetime.date.today() }}").text == "2026-01-01"


def test_a_file_is_rendered_once() -> None:
    made = Renderer(MACROS)
    text = "select {{ cents('a') }}"
    assert made.render("models/a.sql", text) is made.render("models/a.sql", text)
