"""The files around a change that mention what it touches."""

from review.reviewers.surroundings import KEPT, MAX_CHARACTERS, SCANNED, Surroundings, surroundings
from tests.unit.reviewers.builders import Artifact, Tree, artifact

CHANGED = artifact("shop/models/marts/fct_orders.sql", "a\n", "b\n", old_path="shop/models/old.sql", project="shop")


def around(files: dict[str, str], *names: str, changed: Artifact = CHANGED) -> Surroundings:
    return surroundings(Tree(files), [changed], names)


def test_files_that_mention_a_name() -> None:
    files = {
        "shop/models/report.sql": "select * from {{ ref('FCT_Orders') }}",
        "dags/nightly.py": "run('fct_orders')",
        "jobs/Main.scala": "val t = table(fct_orders)",
        "shop/models/marts.yml": "name: fct_orders",
        "etl/load.HQL": "from fct_orders",
        "README.md": "fct_orders",
        "shop/models/other.sql": "select 1",
        "shop/models/old.sql": "fct_orders",
        "shop/models/marts/fct_orders.sql": "fct_orders",
    }
    found = around(files, "fct_orders")
    assert set(found.texts) == set(list(files)[:5])
    assert found.texts["dags/nightly.py"] == "run('fct_orders')"
    assert found.is_whole


def test_without_a_name_nothing_is_read() -> None:
    tree = Tree({"a.sql": "x"})
    assert surroundings(tree, [CHANGED], ()) == Surroundings({}, True)
    assert tree.asked == []


def test_a_huge_file_is_none_that_a_person_wrote() -> None:
    files = {"a.sql": "fct_orders".ljust(MAX_CHARACTERS), "b.sql": "fct_orders".ljust(MAX_CHARACTERS + 1), "c.sql": ""}
    assert set(around(files, "fct_orders").texts) == {"a.sql"}


def test_beyond_so_many_files_the_nearest_are_read_and_it_is_said() -> None:
    far = {f"zoo/{number:04}.sql": "fct_orders" for number in range(SCANNED)}
    tree = Tree({**far, "shop/models/marts/last.sql": "fct_orders", "shop/x.sql": "fct_orders"})
    found = surroundings(tree, [CHANGED], ["fct_orders"])
    assert len(tree.asked) == SCANNED
    assert {"shop/models/marts/last.sql", "shop/x.sql"} < set(found.texts)
    assert not found.is_whole
    assert len(found.texts) == KEPT


def test_exactly_so_many_files_are_all() -> None:
    files = {f"a/{number:04}.sql": "x" for number in range(SCANNED)}
    assert around(files, "fct_orders").is_whole
    assert not around({**files, "b.sql": "x"}, "fct_orders").is_whole


def test_the_nearest_come_first() -> None:
    """Those of the project, then those that share most directories with a changed file."""
    files = dict.fromkeys(
        ["alone.sql", "zoo/b.sql", "shop/models/marts/c.sql", "shop/models/d.sql", "shop/e.sql", "shops/f.sql"],
        "orders",
    )
    assert list(around(files, "orders").texts) == [
        "shop/models/marts/c.sql", "shop/models/d.sql", "shop/e.sql", "alone.sql", "shops/f.sql", "zoo/b.sql",
    ]  # fmt: skip
    outside = artifact("etl/jobs/a.py", "a\n", "b\n")
    files = dict.fromkeys(["aaa/x.py", "etl/x.py", "etl/jobs/y.py", "etl/other/z.py", "root.py"], "orders")
    assert list(around(files, "orders", changed=outside).texts) == [
        "etl/jobs/y.py", "etl/other/z.py", "etl/x.py", "aaa/x.py", "root.py",
    ]  # fmt: skip


def test_a_project_at_the_root_holds_everything() -> None:
    changed = artifact("models/a.sql", "a\n", "b\n", project="")
    files = dict.fromkeys(["models/b.sql", "z.sql"], "orders")
    assert list(around(files, "orders", changed=changed).texts) == ["models/b.sql", "z.sql"]
