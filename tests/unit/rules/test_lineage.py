"""Which nodes a change can have reached, and that rules look at no other."""

from collections.abc import Mapping

import pytest

from review.domain.artifact import Kind, Version
from review.domain.project_files import ProjectFiles
from review.rules import _yaml
from review.rules.base import Rule
from review.rules.dbt import documented_column_missing, tested_column_missing
from review.rules.project import columns, sides, usage
from review.rules.project.model import Project
from review.rules.source import Source
from review.rules.trees import compose
from review.sql.render import Renderer
from tests.unit.rules.test_project import FOLDERS

Texts = Mapping[str, str]


def both_sides(
    texts: Texts, before: Mapping[str, str | None], made: list[str] | None = None
) -> tuple[Project, Project]:
    """A project before and after a change; `made` gets the path of each file that is looked into."""
    files = ProjectFiles("", FOLDERS, texts, before=before)
    renderer = Renderer({path: text for path, text in texts.items() if path.startswith("macros/")}, "snowflake")

    def views(dbt: Project, path: str, text: str, kind: Kind) -> Source:
        if made is not None:
            made.append(path)
        return Source(Version(path, text), kind, "snowflake", "", renderer.render, renderer.branches, dbt)

    old, new = Project(files, files.base(), views), Project(files, files.head(), views)
    new.follow(old)
    return old, new


SHOP = {
    "models/raw.sql": "select 1 as id, 2 as amount",
    "models/orders.sql": "select * from {{ ref('raw') }}",
    "models/people.sql": "select 1 as id",
    "models/dash-ed.sql": "select * from {{ ref('raw') }}",
    "models/of_dashed.sql": "select * from {{ ref('dash-ed') }}",
    "models/by_macro.sql": "select * from {{ all_orders() }}",
    "models/by_name.sql": "select * from {{ latest('orders') }}",
    "models/joined.sql": (
        "{% set tail = 'ers' %}{% for each in ['ord', 'peo'] %}select * from {{ ref(each ~ tail) }}{% endfor %}"
    ),
    "models/put.sql": "{% set name = 'or' ~ 'ders' %}select * from {{ ref(name) }}",
    "macros/m.sql": (
        "{% macro all_orders() %}{{ ref('orders') }}{% endmacro %}{% macro latest(name) %}{{ ref(name) }}{% endmacro %}"
    ),
}


def test_a_node_is_touched_by_whatever_it_can_name() -> None:
    _, after = both_sides(SHOP, {"models/raw.sql": "select 1 as id"})
    names = ("raw", "orders", "people", "dash-ed", "of_dashed", "by_macro", "by_name", "put", "nowhere")
    assert [name for name in names if sides.is_untouched(after, name)] == ["people"]


def test_a_node_that_came_or_went_touches_what_names_it() -> None:
    old, new = both_sides(SHOP, {"models/raw.sql": None})
    assert not sides.is_untouched(new, "orders")
    assert not sides.is_untouched(old, "orders")
    assert sides.is_untouched(new, "people")


def test_what_only_a_name_put_together_can_mean_is_told() -> None:
    _, after = both_sides({**SHOP, "models/peoers.sql": "select 1 as a"}, {"models/peoers.sql": "select 2 as a"})
    assert not sides.is_untouched(after, "joined")
    assert sides.is_untouched(after, "put")


def test_a_touched_node_with_the_same_columns_reaches_nothing_else() -> None:
    _, after = both_sides(SHOP, {"models/raw.sql": "select 3 as id, 4 as amount"})
    assert sides.gives_the_same(after, "orders")
    assert not sides.is_untouched(after, "orders")
    _, after = both_sides(SHOP, {"models/raw.sql": "select 3 as id"})
    assert not sides.gives_the_same(after, "orders")


@pytest.mark.parametrize(
    ("path", "old", "new", "is_same"),
    [
        ("models/p.yml", "models: [{name: people}]", "models: [{name: people, description: x}]", True),
        ("models/p.yml", "models: [{name: people}]", "models: [{name: people, config: {materialized: odd}}]", False),
        ("dbt_project.yml", "name: shop", "name: shop\nversion: 2", True),
        ("dbt_project.yml", "name: shop", "name: shop\nmodels: {+materialized: odd}", False),
        ("macros/m.sql", SHOP["macros/m.sql"] + " ", SHOP["macros/m.sql"], True),
    ],
)
def test_settings_by_which_columns_hang(path: str, old: str, new: str, is_same: bool) -> None:
    _, after = both_sides({**SHOP, path: new}, {path: old})
    assert sides.is_untouched(after, "people") is is_same


def test_an_entry_is_settled_where_it_and_its_node_are() -> None:
    said = "models:\n  - name: people\n    columns: [{name: id}]\n  - name: orders\n    columns: [{name: id}]\n"
    path = "models/all.yml"
    _, after = both_sides({**SHOP, path: "# more\n" + said}, {path: said, "models/raw.sql": "select 1 as id"})
    assert [(each.name, sides.is_settled(after, each)) for each in after.entries_in(path)] == [
        ("people", True),
        ("orders", False),
    ]
    _, after = both_sides({**SHOP, path: said.replace("[{name: id}]", "[{name: other}]", 1)}, {path: said})
    assert [sides.is_settled(after, each) for each in after.entries_in(path)] == [False, True]


def test_what_an_alias_brings_into_an_entry_counts() -> None:
    said = "x: &x [{name: id}]\nmodels:\n  - name: people\n    columns: *x\n"
    path = "models/all.yml"
    _, same = both_sides({**SHOP, path: "# more\n" + said}, {path: said})
    assert sides.is_settled(same, same.entries_in(path)[0])
    _, other = both_sides({**SHOP, path: said.replace("id", "name")}, {path: said})
    assert not sides.is_settled(other, other.entries_in(path)[0])


@pytest.mark.parametrize("rule", [documented_column_missing.rule, tested_column_missing.rule])
def test_a_rule_looks_into_no_model_of_a_settled_entry(rule: Rule) -> None:
    test = ", tests: [unique]" if rule.code == "DBT011" else ""
    said = "models:\n" + "".join(
        f"  - name: {name}\n    columns: [{{name: gone{test}}}]\n" for name in ("orders", "by_name", "people")
    )
    made: list[str] = []
    changed = said.replace("people\n    columns: [{name: gone", "people\n    columns: [{name: lost")
    _, after = both_sides({**SHOP, "models/p.yml": changed}, {"models/p.yml": said}, made)
    found, problem = rule.look(after.source("models/p.yml"))
    assert [hit.symbol for hit in found] == ["people"]
    assert problem is None
    assert {path for path in made if path.endswith(".sql")} == {"models/people.sql"}


def test_reads_that_stood_there_ask_no_model() -> None:
    made: list[str] = []
    path = "models/of_raw.sql"
    old = "select r.gone from {{ ref('orders') }} as r join {{ ref('people') }} as p on r.id = p.id"
    new = old.replace("r.gone", "r.gone, p.lost")
    _, after = both_sides({**SHOP, path: new}, {path: old}, made)
    assert [(each.node.name, each.name) for each in usage.missing(after.source(path))] == [("people", "lost")]
    assert "models/orders.sql" not in made


def test_what_is_known_of_one_side_is_taken_for_the_other() -> None:
    made: list[str] = []
    old, new = both_sides(SHOP, {"models/people.sql": "select 2 as id"}, made)
    assert columns.outputs(old, "orders") == columns.outputs(new, "orders") == ("id", "amount")
    assert made.count("models/orders.sql") == 1
    assert columns.outputs(old, "people") == columns.outputs(new, "people") == ("id",)
    assert made.count("models/people.sql") == 2


def test_macros_and_sources_are_parsed_where_their_names_stand() -> None:
    made: list[str] = []
    texts = {
        "macros/a.sql": "{% macro a(x) %}{{ ref(x) }}{% endmacro %}",
        "macros/b.sql": "{% macro b() %}{{ a() }}{% endmacro %}",
        "models/s.yml": "sources: [{name: shop, tables: [{name: t}]}]",
        "models/u.yml": "sources: [{name: u, tables: [{name: t}]}]",
    }
    _, after = both_sides(texts, {}, made)
    assert [each.arguments for each in after.macros["a"]] == [("x",)]
    assert after.macros.get("ref") is None
    assert [each.name for each in after.declared_sources["shop", "t"]] == ["t"]
    assert ("shop", "people") not in after.declared_sources
    assert made == ["macros/a.sql", "models/s.yml"]
    assert sorted(after.declared_sources) == [("shop", "t"), ("u", "t")]
    assert len(after.macros) == 2


def test_nodes_are_alike_by_what_they_hold() -> None:
    texts = ["a: [1, {b: c}]", "a:\n  - 1\n  - b: c\n", "a: [1, {b: d}]", "a: [1]", "a: ['1', {b: c}]", "[a]"]
    first = compose(texts[0])
    assert first is not None
    found = [_yaml.is_alike(first, other) for text in texts if (other := compose(text)) is not None]
    assert found == [True, True, False, False, False, False]
    endless = compose("&a [*a]")
    assert endless is not None
    assert _yaml.is_alike(endless, endless)
