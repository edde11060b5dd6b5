"""Which macro files a template comes to load, and what they give it."""

from typing import Any

import pytest

from review.sql.render import Renderer

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
        ("select {{ d }} from t", "", "select d from t"),
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


def test_a_name_that_two_files_define_is_the_last_ones() -> None:
    files = {"macros/a.sql": "{% macro x() %}1{% endmacro %}", "macros/b.sql": "{% macro x() %}2{% endmacro %}"}
    assert Renderer(files).render("models/m.sql", "select {{ x() }}").text == "select 2"


def test_each_file_gets_the_macros_that_it_names_whatever_came_before() -> None:
    files = {f"macros/{name}.sql": f"{{% macro {name}() %}}{name}_column{{% endmacro %}}" for name in "xyz"}
    renderer = Renderer(files)
    for name in "zyx":
        assert renderer.render("m.sql", f"select {{{{ {name}() }}}} from t").text == f"select {name}_column from t"
    assert renderer.render("m.sql", "select {{ x() }}, {{ z() }}").text == "select x_column, z_column"


def test_a_project_in_another_dialect_shares_what_is_known_of_its_macros() -> None:
    one = Renderer({"macros/a.sql": "{% macro spark__x() %}1{% endmacro %}{% macro default__x() %}2{% endmacro %}"})
    other = one.adapted("spark")
    assert other.render("m.sql", "select {{ adapter.dispatch('x')() }}").text == "select 1"
    assert one.render("m.sql", "select {{ adapter.dispatch('x')() }}").text == "select 2"
