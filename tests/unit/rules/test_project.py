"""The dbt project that rules ask: its nodes, what reads what, settings by precedence, macros, and columns."""

from collections.abc import Mapping
from itertools import permutations

import pytest

from review.domain.artifact import Kind, Version
from review.domain.project_files import ProjectFiles
from review.rules.project import columns, keys, usage, work
from review.rules.project.model import UNKNOWN, Project
from review.rules.source import Source
from review.rules.trees import NotEvaluated
from review.sql.render import Renderer

FOLDERS = {
    "model": ("models/",),
    "macro": ("macros/",),
    "seed": ("seeds/",),
    "snapshot": ("snapshots/",),
    "test": ("tests/",),
}


def project(texts: Mapping[str, str], unread: tuple[str, ...] = (), *, is_complete: bool = True) -> Project:
    files = ProjectFiles("", FOLDERS, texts, unread, is_complete=is_complete)

    def views(dbt: Project, path: str, text: str, kind: Kind) -> Source:
        renderer = Renderer({each: said for each, said in texts.items() if each.startswith("macros/")}, "snowflake")
        return Source(Version(path, text), kind, "snowflake", "", renderer.render, renderer.branches, dbt)

    return Project(files, files.head(), views)


def test_nodes_by_name() -> None:
    made = project(
        {
            "models/orders.sql": "select 1 as id",
            "models/a/twice.sql": "select 1",
            "models/b/twice.sql": "select 1",
            "models/scores.py": "",
            "models/notes.yml": "",
            "snapshots/all.sql": "{% snapshot one %}select 1{% endsnapshot %}{%- snapshot two -%}{% endsnapshot %}",
        },
        ("seeds/countries.csv",),
    )
    assert sorted(made.all_nodes) == ["countries", "one", "orders", "scores", "twice", "two"]
    assert made.node("twice") is None
    orders, countries, two = made.node("orders"), made.node("countries"), made.node("two")
    assert (orders and orders.kind, countries and countries.kind, two and two.kind) == ("model", "seed", "snapshot")
    assert made.node_at("snapshots/all.sql") is None
    assert made.node_at("models/nowhere.sql") is None


def test_what_reads_what() -> None:
    made = project(
        {
            "models/a.sql": "select 1 as id",
            "models/b.sql": "-- {{ ref('c') }}\nselect * from {{ ref('a') }} join {{ source('s', 't') }}",
            "models/c.sql": "{# ref('a') #} select 'a' as a, {{ ref(var('x')) }}",
            "models/broken.sql": "{% if %}{{ ref('a') }}",
        }
    )
    assert made.children("a") == ("models/b.sql",)
    assert [node.name for node in made.parents("models/b.sql")] == ["c", "a"]
    assert [each.names for each in made.references("models/b.sql")] == [("c",), ("a",), ("s", "t")]
    with pytest.raises(NotEvaluated):
        made.references("models/broken.sql")


def test_settings_by_precedence() -> None:
    made = project(
        {
            "dbt_project.yml": "name: shop\nmodels: {+materialized: view, shop: {marts: {+materialized: table}}}\n",
            "models/a.sql": "select 1",
            "models/marts/b.sql": "select 1",
            "models/marts/c.sql": "select 1",
            "models/marts/d.sql": "{{ config(materialized='incremental') }} select 1",
            "models/marts/e.sql": "{{ config(materialized=var('x')) }} select 1",
            "models/marts/c.yml": "models: [{name: c, config: {materialized: ephemeral}}, {name: d}]",
        }
    )
    said = {name: made.config(node, "materialized") for name in "abcde" if (node := made.node(name)) is not None}
    assert said == {"a": "view", "b": "table", "c": "ephemeral", "d": "incremental", "e": UNKNOWN}


def test_macros_are_known_by_whatever_name() -> None:
    text = (
        "{% macro prices_macro(a) %}1{% endmacro %}{%- macro\n  test_macro (b) -%}1{%- endmacro -%}"
        "{% test latest(model) %}1{% endtest %}"
    )
    made = project({"macros/m.sql": text})
    assert all(len(made.macros[name]) == 1 for name in ("prices_macro", "test_macro", "test_latest"))
    assert "macro" not in made.macros


def test_macros_and_packages() -> None:
    made = project(
        {
            "macros/m.sql": "{% macro m(a, b=1) %}1{% endmacro %}{% macro n() %}{{ varargs }}{% endmacro %}",
            "packages.yml": "packages:\n  - package: dbt-labs/dbt_utils\n    version: 1\n",
        }
    )
    (macro,) = made.macros["m"]
    assert (macro.arguments, macro.required, macro.takes_more) == (("a", "b"), 1, False)
    assert made.macros["n"][0].takes_more
    assert not made.has_foreign_models
    assert project({"packages.yml": "packages:\n  - local: ../\n"}).has_foreign_models
    assert project({"packages.yml": "packages: [\n"}).has_foreign_models


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select id, b as c from {{ source('s', 't') }}", ("id", "c")),
        ("select * from {{ source('s', 't') }}", None),
        ("select * from {{ ref('parent') }}", ("id", "at")),
        ("select p.*, 1 as n from {{ ref('parent') }} as p", ("id", "at", "n")),
        ("with a as (select * from {{ ref('parent') }}) select * from a", ("id", "at")),
        ("select * from {{ ref('nothing') }}", None),
        ("select * from {{ ref('me') }}", None),
        ("select * from {{ ref('round') }}", None),
        ("select id, count(*) from {{ ref('parent') }} group by 1", None),
        ("select {{ dbt_utils.star(ref('parent')) }} from {{ ref('parent') }}", None),
        ("{% if x() %}select 1 as a{% else %}select 1 as b{% endif %}", ("a", "b")),
        ("{{ config(materialized='own') }}select 1 as a", None),
        ("select (", None),
    ],
)
def test_columns(text: str, expected: tuple[str, ...] | None) -> None:
    made = project(
        {
            "models/me.sql": text,
            "models/parent.sql": "select 1 as ID, now() as at",
            "models/round.sql": "select * from {{ ref('me') }}",
        }
    )
    assert columns.outputs(made, "me") == expected


def test_a_name_printed_by_a_template_is_the_model_and_not_a_cte_or_table_of_that_name() -> None:
    made = project(
        {
            "models/me.sql": "select b.nothing, a.gone from {{ ref('parent') }} as a join parent as b",
            "models/parent.sql": "select 1 as id",
        }
    )
    assert [each.name for each in usage.missing(made.source("models/me.sql"))] == ["gone"]


def test_work_is_bounded_for_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MAX_NODES", 3)
    chain = {f"models/m{number}.sql": f"select * from {{{{ ref('m{number + 1}') }}}}" for number in range(5)}
    made = project({**chain, "models/m5.sql": "select 1 as id"})
    assert columns.outputs(made, "m0") is None
    made = project({**chain, "models/m5.sql": "select 1 as id"})
    assert columns.outputs(made, "m3") == ("id",)
    assert made.work.spent == {"m3", "m4", "m5"}


def chain(length: int) -> Project:
    """Models m0 … each of which selects all of the next; the last one gives `id`."""
    texts = {f"models/m{at}.sql": f"select * from {{{{ ref('m{at + 1}') }}}}" for at in range(length - 1)}
    return project({**texts, f"models/m{length - 1}.sql": "select 1 as id"})


@pytest.mark.parametrize("limit", ["MAX_NODES", "MAX_GENERATIONS"])
def test_what_is_known_hangs_on_no_file_before(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(work, limit, 3)
    alone = {}
    for name in ("m0", "m2", "m5", "m7"):
        alone[name] = columns.outputs(chain(8), name)
    assert alone == {"m0": None, "m2": None, "m5": ("id",), "m7": ("id",)}
    for order in permutations(alone):
        made = chain(8)
        for name in order:
            made.begin()
            assert columns.outputs(made, name) == alone[name], order


def test_what_is_read_of_a_model_hangs_on_no_file_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MAX_NODES", 2)
    texts = {"models/me.sql": "select a.gone from {{ ref('a') }} as a", "models/a.sql": "select * from {{ ref('b') }}"}
    made = project({**texts, "models/b.sql": "select 1 as id", "models/x.sql": "select 1 as id"})
    columns.outputs(made, "x")
    assert not list(usage.missing(made.source("models/me.sql")))
    made.begin()
    assert [each.name for each in usage.missing(made.source("models/me.sql"))] == ["gone"]


def test_models_that_read_each_other_are_worked_out_once_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        f"models/m{at}.sql": "select * from " + " cross join ".join(f"{{{{ ref('m{other}') }}}}" for other in range(10))
        for at in range(10)
    }
    made = project(texts)
    asked: list[str] = []
    find = columns.of_source

    def counted(source: Source) -> tuple[str, ...] | None:
        asked.append(source.path)
        return find(source)

    monkeypatch.setattr(columns, "of_source", counted)
    assert columns.outputs(made, "m0") is None
    assert len(asked) == len(set(asked))


def test_keys_are_what_unconditional_tests_say() -> None:
    made = project(
        {
            "models/a.sql": "select 1 as id, 2 as x, 3 as y",
            "models/a.yml": (
                "models:\n- name: a\n  tests:\n  - dbt_utils.unique_combination_of_columns:\n"
                "      combination_of_columns: [x, Y]\n  - dbt_utils.unique_combination_of_columns:\n"
                "      combination_of_columns: [x]\n      config: {where: y = 1}\n"
                "  columns:\n  - name: id\n    tests: [unique]\n"
            ),
        }
    )
    assert keys.keys(made, "a") == (frozenset({"id"}), frozenset({"x", "y"}))


def test_a_file_of_no_project_has_none() -> None:
    with pytest.raises(NotEvaluated, match="not known here"):
        _ = Source(Version("a.sql", "select 1"), Kind.DBT_MODEL).dbt


def test_of_a_side_that_has_lost_a_file_nothing_is_told() -> None:
    files = ProjectFiles("", FOLDERS, {"models/a.sql": "select 1"}, lost=("models/b.sql",))
    lossy = Project(files, files.base(), lambda *_: pytest.fail("nothing is to be parsed"))
    with pytest.raises(NotEvaluated, match=r"models/b\.sql was not read"):
        _ = Source(Version("a.sql", "select 1"), Kind.DBT_MODEL, dbt=lossy).dbt


def test_a_text_that_was_not_read_is_told() -> None:
    made = project({}, ("models/a.sql",), is_complete=False)
    assert made.node("a") is not None
    with pytest.raises(NotEvaluated, match="was not read"):
        made.source("models/a.sql")
