"""Which macro files a template can come to call."""

import pytest

from review.sql.macros import MacroIndex
from review.sql.render import Renderer
from review.sql.templater import Templater

FILES = {
    "macros/a.sql": "{% macro a() %}{{ b() }}{% endmacro %}",
    "macros/b.sql": "{% macro b() %}{{ adapter.dispatch('c')() }}{% endmacro %}{% macro b2() %}1{% endmacro %}",
    "macros/c.sql": "{%- macro default__c() -%}{{ a() }}{%- endmacro -%}",
    "macros/d.sql": "{% macro d() %}1{% endmacro %}",
    "macros/e.sql": "{% macro e() %}{% if %}{% endmacro %}",
    "macros/f.sql": "{% macro f() %}1{% endmacro %} {{ 'unclosed }}",
    "macros/g.sql": "no macro at all",
}


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("select 1", ""),
        ("select a() from d", ""),
        ("select {{ d() }}", "d"),
        ("{% call d() %}{% endcall %}", "d"),
        ("select {{ a() }}", "abc"),
        ("select {{ b2() }}", "abc"),
        ("{{ context['d']() }}", "d"),
        ("{{ adapter.dispatch('c')() }}", "abc"),
        ("{{ my_package.d() }}", "d"),
        ("{{ e() }}", "e"),
        ("{{ f() }}", "f"),
        ("{{ d() }} {{ 'unclosed }}", "d"),
        ("{# d() #}", ""),
    ],
)
def test_reached(text: str, reached: str) -> None:
    environment = Templater({}, "standin", {}).environment
    assert [file.path[7] for file in MacroIndex(FILES, environment).reached(text)] == list(reached)


def test_each_file_gets_the_macros_that_it_names_whatever_came_before() -> None:
    files = {f"macros/{name}.sql": f"{{% macro {name}() %}}{name}_column{{% endmacro %}}" for name in "xyz"}
    renderer = Renderer(files)
    for name in "zyx":
        assert renderer.render("m.sql", f"select {{{{ {name}() }}}} from t").text == f"select {name}_column from t"
    assert renderer.render("m.sql", "select {{ x() }}, {{ z() }}").text == "select x_column, z_column"
