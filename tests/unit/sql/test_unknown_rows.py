"""Models that loop over what a query gives, which nobody runs here: the loop's body is rendered once, and it parses."""

import pytest

from review.sql.linter import lint
from review.sql.parse import parse
from review.sql.render import Renderer

VALUES = "{% set rows = dbt_utils.get_column_values(table=ref('payments'), column='method') %}\n"
PIVOT = """\
select
    order_id,
    {% for row in rows %}
    sum(case when method = '{{ row }}' then amount end) as {{ row }}_amount
    {% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('payments') }}
group by 1
"""
QUERY = "{% set query %}select distinct method from {{ ref('payments') }}{% endset %}\n"
CALLED = "{% call statement('m', fetch_result=True) %}select distinct method from a{% endcall %}\n"
SOURCES = {
    "column values": VALUES,
    "with a default": VALUES.replace(") %}", ", default=[]) %}"),
    "or nothing": VALUES.replace(") %}", ") or [] %}"),
    "sorted": VALUES.replace(") %}", ") | unique | sort %}"),
    "a column": QUERY + "{% set rows = run_query(query).columns[0].values() %}\n",
    "where it is run": QUERY
    + "{% set found = run_query(query) %}{% if execute %}{% set rows = found.columns[0].values() %}{% else %}"
    "{% set rows = [] %}{% endif %}\n",
    "rows": "{% set rows = run_query('select a from b').rows | map(attribute=0) | list %}\n",
    "a statement": CALLED + "{% set rows = load_result('m')['data'] | map(attribute=0) | list %}\n",
    "its table": CALLED + "{% set rows = load_result('m').table.columns[0].values() %}\n",
    "a list": "{% set rows = [] %}{% for each in run_query('select 1') %}{% do rows.append(each[0]) %}{% endfor %}\n",
    "a dictionary": "{% set rows = dbt_utils.get_query_results_as_dict('select a from b')['a'] %}\n",
    "relations": "{% set rows = dbt_utils.get_relations_by_pattern('a%', 'b%') %}\n",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_pivot_is_read(source: str) -> None:
    """Whole, too: the comma between two rounds is nothing that was left out."""
    renderer = Renderer({}, "postgres")
    rendering = renderer.render("a.sql", source + PIVOT)
    (statement,) = parse(rendering, "postgres").statements
    assert [name.endswith("_amount") for name in statement.named_selects] == [False, True]
    added = frozenset(range(source.count("\n") + 1, 99))
    assert lint("a.sql", source + PIVOT, "postgres", {}, renderer, added).unlintable is None


def test_a_macro_that_gives_rows() -> None:
    macro = "{% macro methods() %}" + CALLED + "{{ return(load_result('m').table.columns[0].values()) }}{% endmacro %}"
    rendering = Renderer({"macros/m.sql": macro}, "postgres").render("a.sql", "{% set rows = methods() %}" + PIVOT)
    assert rendering.text.count("sum(") == 1


def test_what_a_block_holds_is_printed_once() -> None:
    rendering = Renderer().render("a.sql", "{% call(x) pkg.each(['a']) %}select {{ x }} from b{% endcall %}")
    assert rendering.text == "select pkg_each from b"
    assert Renderer().render("a.sql", CALLED + "select 1").text == "\nselect 1"


TEXTS = [
    ("{{ pkg.x() | tojson }}", '"pkg_x"'),
    ("{{ [pkg.x()] | tojson }}", '["pkg_x"]'),
    ("{{ '{:>3} {:02d}'.format(1, pkg.x()) }}", "  1 pkg_x"),
    ("{% for k, v in pkg.x() | items %}{{ k }} {{ v }}{% endfor %}", "pkg_x pkg_x"),
    ("{% for k, v in {'a': 1} | items %}{{ k }} {{ v }}{% endfor %}", "a 1"),
    ("{{ modules.datetime.datetime.strptime(pkg.x(), '%Y').year }}", "2026"),
    ("{{ modules.datetime.datetime.strptime('2020', '%Y').year }}", "2020"),
    ("{{ modules.datetime.timedelta(days=pkg.x()).days }}{{ modules.datetime.timedelta(pkg.x()).days }}", "11"),
]


@pytest.mark.parametrize(("source", "expected"), TEXTS)
def test_what_templates_do_with_a_value_of_a_row(source: str, expected: str) -> None:
    assert Renderer().render("a.sql", f"select {source}").text == f"select {expected}"


@pytest.mark.parametrize(
    ("between", "is_whole"),
    [("union all", True), (" , ", True), ("AND", True), ("union all select 1", False), ("x,", False)],
)
def test_only_separators_are_nothing_that_was_left_out(between: str, is_whole: bool) -> None:
    text = f"{{% for x in pkg.y() %}}select 1{{% if not loop.last %}}{between}{{% endif %}}{{% endfor %}}"
    assert Renderer().render("a.sql", text).is_whole is is_whole
