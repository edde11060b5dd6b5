"""dbt projects: how many there are, where each keeps what, and which warehouse it is for."""

import pytest

from review.artifacts.dbt import DbtProject, macro_texts, project_of, projects
from review.artifacts.words import mentions
from review.domain.artifact import Kind
from review.domain.evidence import Skipped
from tests.unit.artifacts.builders import MemoryTree, added, artifact, classified, kind

PROJECT = "dbt_project.yml"


def every_project(tree: MemoryTree) -> tuple[DbtProject, ...]:
    """The projects of a commit all of whose files changed."""
    return projects(tree, tree.paths())


def only(files: dict[str, str | bytes]) -> DbtProject:
    (found,) = every_project(MemoryTree(files))
    return found


DEFAULTS = [
    ("models/a.sql", "select 1", Kind.DBT_MODEL),
    ("models/deep/er/a.sql", "select 1", Kind.DBT_MODEL),
    ("models/a.sql.jinja", "select 1", Kind.DBT_MODEL),
    ("models/a.py", "def model(dbt, session):\n    return 1\n", Kind.DBT_PYTHON_MODEL),
    ("models/helper.py", "x = 1\n", None),
    ("models/job.py", "import pyspark\n", Kind.PYSPARK),
    ("models/schema.yml", "models: []", Kind.DBT_PROPERTIES),
    ("models/sources.yaml", "sources: []", Kind.DBT_PROPERTIES),
    ("models/exposures.yml", "exposures: []", Kind.DBT_PROPERTIES),
    ("models/rows.csv", "a,b\n", None),
    ("models/s.sql", "{% snapshot s %}select 1{% endsnapshot %}", Kind.DBT_SNAPSHOT),
    ("macros/m.sql", "{% macro m() %}1{% endmacro %}", Kind.DBT_MACRO),
    ("macros/m.yml", "macros: []", Kind.DBT_PROPERTIES),
    ("snapshots/s.sql", "{%- snapshot s -%}select 1{%- endsnapshot -%}", Kind.DBT_SNAPSHOT),
    ("snapshots/s.yml", "snapshots: []", Kind.DBT_PROPERTIES),
    ("seeds/s.csv", "a,b\n1,2\n", Kind.DBT_SEED),
    ("seeds/s.yml", "seeds: []", Kind.DBT_PROPERTIES),
    ("seeds/s.sql", "select 1", Kind.SQL_QUERY),
    ("tests/t.sql", "select 1", Kind.DBT_TEST),
    ("tests/generic/t.sql", "{% test t(model) %}select 1{% endtest %}", Kind.DBT_GENERIC_TEST),
    ("tests/t2.sql", "{% test t(model) %}select 1{% endtest %}", Kind.DBT_GENERIC_TEST),
    ("tests/t3.sql", "{%- test t(model) -%}select 1{%- endtest -%}", Kind.DBT_GENERIC_TEST),
    ("analyses/a.sql", "select 1", Kind.DBT_ANALYSIS),
    ("analyses/a.yml", "analyses: []", Kind.DBT_PROPERTIES),
    ("dbt_project.yml", "name: x", Kind.DBT_PROJECT),
    ("packages.yml", "packages: []", Kind.DBT_PACKAGES),
    ("models/docs.md", "# Orders\n{%- docs orders -%}a{% enddocs %}", Kind.DBT_DOCS),
    ("models/notes.md", "prose", None),
    ("dependencies.yml", "packages: []", Kind.DBT_PACKAGES),
    ("profiles.yml", "x: 1", None),
    ("scripts/x.sql", "select 1", Kind.SQL_QUERY),
    ("modelsx/a.sql", "select 1", Kind.SQL_QUERY),
    ("dags/d.py", "from airflow import DAG\nDAG('x')\n", Kind.DAG),
    ("target/compiled/a.sql", "select 1", None),
    ("dbt_packages/utils/macros/m.sql", "{% macro m() %}1{% endmacro %}", None),
    ("dbt_modules/utils/models/m.sql", "select 1", None),
    ("dbt_packages/utils/dbt_project.yml", "name: utils", None),
    ("target/compiled/schema.yml", "models: []", None),
]


@pytest.mark.parametrize("root", ["", "warehouse/", "a/b/"])
@pytest.mark.parametrize(("path", "text", "expected"), DEFAULTS, ids=[path for path, _, _ in DEFAULTS])
def test_kinds_in_the_default_folders(root: str, path: str, text: str, expected: Kind | None) -> None:
    files = {f"{root}{PROJECT}": "name: shop\nprofile: shop\n", f"{root}{path}": text}
    found = artifact(files, f"{root}{path}")
    assert (found and found.kind) is expected
    if found is not None:
        assert found.project == (root.rstrip("/") if found.kind.value.startswith("dbt-") else None)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("models/a.sql", Kind.SQL_QUERY),
        ("models/schema.yml", None),
        ("seeds/a.csv", None),
        ("packages.yml", None),
        ("macros/m.sql", Kind.SQL_QUERY),
    ],
)
def test_without_a_project_nothing_is_dbts(path: str, expected: Kind | None) -> None:
    assert kind({path: "a: 1"}, path) is expected


KEYS = [
    ("model-paths: [sql]", "sql/a.sql", Kind.DBT_MODEL),
    ("model-paths: [sql]", "models/a.sql", Kind.SQL_QUERY),
    ("model-paths: sql", "sql/a.sql", Kind.DBT_MODEL),
    ("model-paths: [one, two/three]", "two/three/a.sql", Kind.DBT_MODEL),
    ("model-paths: ['./sql/']", "sql/a.sql", Kind.DBT_MODEL),
    ("model-paths: ['.']", "anything/a.sql", Kind.DBT_MODEL),
    ("model-paths: ['.']", "macros/a.sql", Kind.DBT_MACRO),
    ("model-paths: ['.']", "tests/a.sql", Kind.DBT_TEST),
    ("model-paths: []", "models/a.sql", Kind.DBT_MODEL),
    ("source-paths: [sql]", "sql/a.sql", Kind.DBT_MODEL),
    ("data-paths: [data]", "data/a.csv", Kind.DBT_SEED),
    ("seed-paths: [data]", "data/a.csv", Kind.DBT_SEED),
    ("seed-paths: [data]", "seeds/a.csv", None),
    ("macro-paths: [lib/macros]", "lib/macros/a.sql", Kind.DBT_MACRO),
    ("snapshot-paths: [history]", "history/a.sql", Kind.DBT_SNAPSHOT),
    ("test-paths: [checks]", "checks/a.sql", Kind.DBT_TEST),
    ("test-paths: [checks]", "checks/generic/a.sql", Kind.DBT_GENERIC_TEST),
    ("analysis-paths: [adhoc]", "adhoc/a.sql", Kind.DBT_ANALYSIS),
    ("test-paths: [models/tests]", "models/tests/a.sql", Kind.DBT_TEST),
    ("model-paths: [models]\nmacro-paths: [models/macros]", "models/macros/a.sql", Kind.DBT_MACRO),
]


@pytest.mark.parametrize(("settings", "path", "expected"), KEYS)
def test_folders_are_the_projects_own(settings: str, path: str, expected: Kind | None) -> None:
    for root in ("", "shop/"):
        files = {f"{root}{PROJECT}": f"name: x\n{settings}\n", f"{root}{path}": "select 1"}
        assert kind(files, f"{root}{path}") is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "just words",
        "name: [",
        "a: 1\n---\nb: 2\n",
        "model-paths: {a: b}",
        "model-paths: [[models]]",
        "name: {{ x }}\n",
        "x: &a [*a]\n",
        "\t",
        "[" * 5000,
        "name: !!python/object/apply:os.system ['false']\n",
        "? [a, b]\n: 1\n",
        "name: x\n" + "# " + "y" * 3_000_000,
        "\ufffd: \ufffd",
    ],
)
def test_a_project_file_that_says_nothing_means_the_defaults(text: str) -> None:
    files: dict[str, str | bytes] = {PROJECT: text, "models/a.sql": "select 1"}
    assert only(files).paths == {
        "model": ("models/",),
        "macro": ("macros/",),
        "seed": ("seeds/",),
        "snapshot": ("snapshots/",),
        "test": ("tests/",),
        "analysis": ("analyses/",),
    }
    assert kind(files, "models/a.sql") is Kind.DBT_MODEL


def test_a_project_file_that_cannot_be_read_is_no_project() -> None:
    assert every_project(MemoryTree({PROJECT: b"name: x\0"})) == ()


SEVERAL: dict[str, str | bytes] = {
    "dbt_project.yml": "name: root\nprofile: main\nmodel-paths: [sql]\n",
    "sql/a.sql": "select 1",
    "finance/dbt_project.yml": "name: finance\nmodel-paths: [transform]\nmacro-paths: [lib]\nprofile: bq\n",
    "finance/profiles.yml": "bq:\n  outputs:\n    dev:\n      type: bigquery\n",
    "finance/transform/a.sql": "select 1",
    "finance/lib/m.sql": "{% macro m() %}1{% endmacro %}",
    "finance/models/a.sql": "select 1",
    "finance/nested/dbt_project.yml": "name: nested\nprofile: my_redshift\n",
    "finance/nested/models/a.sql": "select 1",
    "finance/nested/transform/a.sql": "select 1",
    "finance_2/dbt_project.yml": "name: second\nprofile: x_snowflake_prod\n",
    "finance_2/models/a.sql": "select 1",
    "finance/dbt_packages/dbt_utils/dbt_project.yml": "name: dbt_utils\n",
}


def test_several_projects_of_one_repository() -> None:
    found = every_project(MemoryTree(SEVERAL))
    assert [(each.root, each.name) for each in found] == [
        ("finance/nested", "nested"),
        ("finance_2", "second"),
        ("finance", "finance"),
        ("", "root"),
    ]
    assert {each.name: each.dialect for each in found} == {
        "root": "ansi",
        "finance": "bigquery",
        "nested": "redshift",
        "second": "snowflake",
    }


@pytest.mark.parametrize(
    ("path", "project", "expected"),
    [
        ("sql/a.sql", "", Kind.DBT_MODEL),
        ("finance/transform/a.sql", "finance", Kind.DBT_MODEL),
        ("finance/lib/m.sql", "finance", Kind.DBT_MACRO),
        ("finance/models/a.sql", None, Kind.SQL_QUERY),
        ("finance/nested/models/a.sql", "finance/nested", Kind.DBT_MODEL),
        ("finance/nested/transform/a.sql", None, Kind.SQL_QUERY),
        ("finance_2/models/a.sql", "finance_2", Kind.DBT_MODEL),
        ("finance/dbt_project.yml", "finance", Kind.DBT_PROJECT),
        ("finance/dbt_packages/dbt_utils/dbt_project.yml", None, None),
    ],
)
def test_a_file_belongs_to_the_innermost_project(path: str, project: str | None, expected: Kind | None) -> None:
    found = artifact(SEVERAL, path)
    assert (found and found.kind) is expected
    if found is not None:
        assert found.project == project


def test_project_of_needs_a_whole_folder() -> None:
    found = every_project(MemoryTree({"a/dbt_project.yml": "name: x"}))
    assert project_of("ab/models/x.sql", found) is None
    assert project_of("a/models/x.sql", found) is found[0]


MODELS: dict[str, str] = {"models/a.sql": "select safe_cast(a as int64) from {{ ref('b') }}"}
ADAPTERS = [
    ({"profiles.yml": "p:\n  outputs:\n    dev:\n      type: snowflake\n"}, "p", "snowflake"),
    ({"profiles.yml": "p:\n  outputs:\n    dev:\n      type: 'postgres'\n"}, "p", "postgres"),
    ({"profiles.yml": "p:\n  outputs:\n    dev:\n      type: spark\n"}, "p", "sparksql"),
    ({"profiles.yml": "p:\n  outputs:\n    dev:\n      type: sqlserver\n"}, "p", "tsql"),
    ({"profiles.yml": "p:\n  outputs:\n    dev:\n      type: duckdb  # locally\n"}, "p", "duckdb"),
    ({"profiles.yml": "p:\n  outputs: {dev: {type: trino, host: x}}\n"}, "p", "trino"),
    ({"profiles.yaml": "p:\n  outputs:\n    dev:\n      type: redshift\n"}, "p", "redshift"),
    ({"config/profiles.yml": "p:\n  outputs:\n    dev:\n      type: redshift\n"}, "p", "redshift"),
    ({"../profiles.yml": ""}, "acme_snowflake", "snowflake"),
    ({}, "acme_snowflake", "snowflake"),
    ({}, "Snowflake", "snowflake"),
    ({}, "redshift", "redshift"),
    ({}, "acme", "bigquery"),
    ({}, "", "bigquery"),
    ({"profiles.yml": "p:\n  outputs:\n    dev:\n      type: \"{{ env_var('X') }}\"\n"}, "p", "bigquery"),
    ({"profiles.yml": "p:\n  outputs:\n    dev:\n      type: neverheard\n"}, "p", "bigquery"),
    ({"profiles.yml": "\t: ["}, "p", "bigquery"),
]


@pytest.mark.parametrize(("files", "profile", "expected"), ADAPTERS)
def test_the_warehouse_of_a_project(files: dict[str, str | bytes], profile: str, expected: str) -> None:
    assert only({PROJECT: f"name: x\nprofile: {profile}\n", **files, **MODELS}).dialect == expected


def test_a_project_that_says_nothing_at_all_is_ansi() -> None:
    assert only({PROJECT: "name: x", "models/a.sql": "select a from b"}).dialect == "ansi"


CENTRAL = """\
config:
  send_anonymous_usage_stats: false
shop:
  target: dev
  outputs:
    dev:
      type: snowflake
ads:
  target: dev
  outputs:
    dev:
      type: bigquery
"""


@pytest.mark.parametrize("place", ["profiles.yml", "deploy/profiles.yml", "ads/profiles.yml"])
def test_each_project_has_its_own_profile_of_a_file(place: str) -> None:
    files: dict[str, str | bytes] = {
        "ads/dbt_project.yml": "name: ads\nprofile: ads\n",
        "shop/dbt_project.yml": "name: shop\nprofile: shop\n",
        place: CENTRAL,
    }
    assert {each.name: each.dialect for each in every_project(MemoryTree(files))} == {
        "ads": "bigquery",
        "shop": "snowflake",
    }


def test_a_package_for_several_warehouses_is_told_by_its_models() -> None:
    files: dict[str, str | bytes] = {
        PROJECT: "name: x\nprofile: ci\n",
        "ci/bigquery/profiles.yml": "ci:\n  outputs: {dev: {type: bigquery}}\n",
        "ci/snowflake/profiles.yml": "ci:\n  outputs: {dev: {type: snowflake}}\n",
        "ci/redshift/profiles.yml": "ci:\n  outputs: {dev: {type: redshift}}\n",
        "models/a.sql": "select a::int, auto_increment, utf8mb4 from {{ ref('b') }}",
    }
    assert every_project(MemoryTree(files))[0].dialect == "snowflake"
    assert every_project(MemoryTree({**files, "models/a.sql": "select 1"}))[0].dialect == "ansi"


def test_another_projects_profile_says_nothing() -> None:
    files: dict[str, str | bytes] = {
        "ads/dbt_project.yml": "name: ads\nprofile: ads\n",
        "ads/profiles.yml": "ads:\n  outputs:\n    dev:\n      type: bigquery\n",
        "shop/dbt_project.yml": "name: shop\nprofile: shop\n",
        "shop/models/a.sql": "select iff(a, b, parse_json(c)) from {{ ref('x') }}",
    }
    assert {each.name: each.dialect for each in every_project(MemoryTree(files))} == {
        "ads": "bigquery",
        "shop": "snowflake",
    }


def test_models_and_macros_take_their_projects_dialect() -> None:
    files: dict[str, str | bytes] = {
        PROJECT: "name: x\nprofile: snowflake\n",
        "models/orders.sql": "select 1",
        "macros/m.sql": "{% macro m() %}1{% endmacro %}",
    }
    dialects = {path: found.dialect for path in files if (found := artifact(files, path)) is not None}
    assert dialects == {PROJECT: None, "models/orders.sql": "snowflake", "macros/m.sql": "snowflake"}


def test_macro_texts() -> None:
    files: dict[str, str | bytes] = {
        "p/dbt_project.yml": "name: x\nmacro-paths: [lib, ../shared]\ntest-paths: [checks]\n",
        "p/lib/a.sql": "a",
        "p/lib/deep/b.sql": "b",
        "p/lib/c.yml": "c",
        "p/checks/generic/d.sql": "d",
        "p/checks/e.sql": "e",
        "p/macros/f.sql": "f",
        "shared/g.sql": "g",
    }
    tree = MemoryTree(files)
    assert set(macro_texts(tree, every_project(tree)[0]).values()) == {"a", "b", "d", "g"}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("name: orders", "orders", True),
        ("orders", "orders", True),
        ("- orders.id", "orders", True),
        ("old_orders", "orders", False),
        ("orders_2, orders2", "orders", False),
        ("orders_2, orders", "orders", True),
        ("", "orders", False),
        ("abc", "", False),
    ],
)
def test_mentions(text: str, name: str, expected: bool) -> None:
    assert mentions(text, name) is expected


def test_only_projects_that_hold_a_changed_file_are_read() -> None:
    tree = MemoryTree({"a/dbt_project.yml": "name: x", "b/dbt_project.yml": "name: y"})
    assert projects(tree, ["README.md"]) == ()
    assert tree.asked == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: [x\nmodel-paths: [src]\n", "it does not parse as YAML (line 2)"),
        ("name: {{ x }}\n", ""),
        ("a: " + "[" * 200, "it nests deeper than 100 levels"),
        ("#" * 600_000, "it has 600,000 characters, above the 500,000 that are read"),
    ],
)
def test_a_broken_project_file_is_said(text: str, reason: str) -> None:
    found = classified({PROJECT: text, "models/a.sql": "select 1"}, added("models/a.sql"))
    assert found.projects[0].problem == reason
    said = Skipped("classify", PROJECT, f"{reason}, so dbt's usual directories are assumed", harmless=True)
    assert found.skipped == ((said,) if reason else ())
    found = classified({PROJECT: text, "models/a.sql": "select 1"}, added("models/a.sql"), added(PROJECT))
    assert said not in found.skipped
