"""Which macro files a template comes to load, and what they give it."""

from typing import Any

import pytest

from review.sql.render import CannotRender, Renderer

FILES = {
    "macros/a.sql": "{% macro a() %}{{ b() }}{% endmacro %}",
    "macros/b.sql": "{% macro b() %}{{ adapter.dispatch('c')() }}{% endmacro %}{% macro b2() %}1{% endmacro %}",
    "macros/c.sql": "{%- macro default__c() -%}{{ d() }}{%- endmacro -%}",
    "macros/d.sql": "{% macro d() %}1{% endmacro %}",
    "macros/e.sql": "{% macro e() %}{% if %}{% endmacro %}",
    "macros/f.sql": "{% macro f() %}1{% endmacro %} {{ 'unclosed }}",
    "macros/g.sql": "no macro at all",
    "macros/h.sql": "{% macro h() %}1 + {{ nothing_else }}{% endmacro %}{% macro fails() %}{{ 1 / 0 }}{% endmacro %}",
    "macros/i.sql": "{{ h() }}{% set loud = 1 %}{% macro i() %}{{ loud }}{{ this }}{% endmacro %}",
}


class Watched(dict[str, str]):
    """Texts, of which is told who was read."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__(texts)
        self.read = ""

    def __getitem__(self, path: str) -> Any:
        self.read += path[7]
        return super().__getitem__(path)


@pytest.mark.parametrize(
    ("text", "read", "printed"),
    [
        ("select 1", "", "select 1"),
        ("select a() from d", "", "select a() from d"),
        ("select {{ d() }}", "d", "select 1"),
        ("{% call d() %}{% endcall %} + 2", "d", "d + 2"),
        ("select {{ a() }}", "abcd", "select 1"),
        ("select {{ b2() }}", "b", "select 1"),
        ("select {{ d }} from t", "d", "select d from t"),
        ("{% if 0 %}{{ d() }}{% endif %}select 1", "", "select 1"),
        ("select {{ adapter.dispatch('c')() }}", "cd", "select 1"),
        ("select {{ e() }}, {{ f() }}", "ef", "select e, f"),
        ("select {{ h() }}, {{ fails() }}", "h", "select 1 + nothing_else, fails"),
        ("select {{ i() }}", "ih", "select 1m"),
        ("{# d() #}select 1", "", "select 1"),
        ("{% macro d() %}2{% endmacro %}select {{ d() }}", "", "select 2"),
    ],
)
def test_a_file_is_read_when_one_of_its_macros_is_called(text: str, read: str, printed: str) -> None:
    files = Watched(FILES)
    assert Renderer(files).render("models/m.sql", text).text == printed
    assert files.read == read


@pytest.mark.parametrize("text", ["select {{ x() }}{{ y() }}{{ z() }}", "select {{ x() }}{{ z() }}{{ y() }}"])
def test_a_name_that_two_files_define_is_the_last_ones(text: str) -> None:
    files = {
        "macros/a.sql": "{% macro x() %}1{% endmacro %}{% macro y() %}y{% endmacro %}",
        "macros/b.sql": "{% macro x() %}2{% endmacro %}{% macro z() %}z{% endmacro %}",
    }
    assert Renderer(files).render("models/m.sql", text).text.startswith("select 2")


@pytest.mark.parametrize(
    "file",
    [
        "{# {% macro ref(model_name) %}{% endmacro %} #}",
        "This wraps the built-in macro ref() so that it counts.",
        "{% macro ref(name) %}{{ builtins.ref(name) }}{% endmacro %}{% if %}",
        "{% macro ref(name) %}",
    ],
)
def test_what_only_looks_like_a_macro_takes_nothing_from_dbt(file: str) -> None:
    text = "select {{ var('x', 7) }}, {{ dbt_utils.star('a') }} from {{ ref('orders') }}"
    files = {"macros/ref.sql": file, "macros/prose.sql": "macro var(name), macro config( and macro dbt_utils (theirs)"}
    assert (
        Renderer(files).render("models/m.sql", "{{ config(a=1) }}" + text).text
        == "select 7, dbt_utils_star from orders"
    )


def test_a_macro_of_the_projects_own_takes_the_place_of_dbts() -> None:
    files = {"macros/ref.sql": "{% macro ref(name) %}{{ builtins.ref(name) }}_view{% endmacro %}"}
    assert Renderer(files).render("models/m.sql", "select 1 from {{ ref('a') }}").text == "select 1 from a_view"


@pytest.mark.parametrize(
    "broken", ["{# {% macro snowflake__x() %}2{% endmacro %} #}", "{% macro snowflake__x() %}{% if %}"]
)
def test_dispatch_passes_by_what_cannot_be_called(broken: str) -> None:
    files = {"macros/a.sql": broken, "macros/b.sql": "{% macro default__x() %}1{% endmacro %}"}
    rendered = Renderer(files, "snowflake").render("models/m.sql", "select {{ adapter.dispatch('x')() }}")
    assert rendered.text == "select 1"


@pytest.mark.parametrize("depth", range(40, 90))
def test_a_file_that_is_first_asked_for_deep_in_a_call_is_there_all_the_same(depth: int) -> None:
    """At whatever depth there is room for the call, though not for loading, and for whoever asks next."""
    loop = "{% for a in [1] %}{% if a %}{% for b in [2] %}b{% endfor %}{% endif %}{% endfor %}"
    files = {
        "macros/g.sql": "{% macro g(n) %}{% if n %}{{ g(n - 1) }}{% else %}{{ h() }}{% endif %}{% endmacro %}",
        "macros/h.sql": f"{{% macro h() %}}{loop}{{% endmacro %}}",
    }
    renderer = Renderer(files)
    try:
        deep = renderer.render("models/m.sql", f"select {{{{ g({depth}) }}}}").text
    except CannotRender as error:
        deep = str(error)
    assert deep in ("select b", "its Jinja cannot be rendered (a macro calls itself without end)")
    assert renderer.render("models/n.sql", "select {{ h() }} from t").text == "select b from t"
