"""Which files of a dbt project the rules are given: all of a small one, of a large one what lies around the change."""

import json
from collections import Counter
from posixpath import dirname

import pytest

from review.artifacts import dbt_files
from review.artifacts.dbt import projects
from review.domain.changeset import ChangedFile, Status
from review.domain.project_files import ProjectFiles
from review.sandbox.process import Limits
from review.sandbox.protocol import encode
from tests.unit.artifacts.builders import MemoryTree, added, artifact, change, deleted, modified

FILES: dict[str, str | bytes] = {
    "dbt_project.yml": "name: shop\n",
    "packages.yml": "packages: []\n",
    "package-lock.yml": "packages: []\n",
    "models/a.sql": "select * from {{ ref('b') }}",
    "models/schema.yml": "models: []",
    "models/b.sql": "select 1 as id",
    "models/notes.md": "prose",
    "models/deep/c.sql": "select * from {{ ref('d') }}",
    "macros/m.sql": "{% macro m() %}1{% endmacro %}",
    "seeds/s.csv": "id\n1\n",
    "seeds/s.yml": "seeds: []",
    "tests/t.sql": "select 1",
    "snapshots/x.sql": "{% snapshot x %}select 1{% endsnapshot %}",
    "dbt_packages/u/models/u.sql": "select 1",
    "dags/d.py": "x = 1",
}


def read(
    head: dict[str, str | bytes], *files: ChangedFile, base: dict[str, str | bytes] | None = None
) -> tuple[ProjectFiles, MemoryTree]:
    tree = MemoryTree(head)
    (project,) = projects(tree, [file.path for file in files])
    tree.asked.clear()
    before = MemoryTree(head if base is None else base, "base")
    return dbt_files.project_files(before, tree, project, change(*files)), tree


def test_a_small_project_is_read_whole() -> None:
    found, tree = read(FILES, modified("models/a.sql"))
    assert found.is_complete
    assert sorted(found.texts) == [
        "dbt_project.yml",
        "macros/m.sql",
        "models/a.sql",
        "models/b.sql",
        "models/deep/c.sql",
        "models/notes.md",
        "models/schema.yml",
        "package-lock.yml",
        "packages.yml",
        "seeds/s.yml",
        "snapshots/x.sql",
        "tests/t.sql",
    ]
    assert set(found.unread) == {"seeds/s.csv"}
    assert sorted(tree.asked) == sorted(set(tree.asked)), "each file once"


def test_each_side_is_as_its_commit_has_it() -> None:
    base = {**FILES, "models/a.sql": "select 2", "models/old.sql": "select 3", "models/was.sql": "select 1 as id"}
    base = {path: text for path, text in base.items() if path not in ("models/deep/c.sql", "models/b.sql")}
    renamed = ChangedFile("models/b.sql", Status.RENAMED, "models/was.sql")
    changes = (modified("models/a.sql"), added("models/deep/c.sql"), deleted("models/old.sql"), renamed)
    found, _ = read(FILES, *changes, base=base)
    head, before = found.head(), found.base()
    assert head.texts["models/a.sql"] == FILES["models/a.sql"]
    assert before.texts["models/a.sql"] == "select 2"
    assert "models/deep/c.sql" not in before.paths
    assert {"models/old.sql", "models/was.sql"} <= before.paths - head.paths
    assert "models/b.sql" in head.paths - before.paths
    assert before.texts["models/schema.yml"] == head.texts["models/schema.yml"]


def test_of_a_seed_that_the_change_names_the_first_line_is_read() -> None:
    found, _ = read({**FILES, "models/a.sql": "select * from {{ ref('s') }}"}, modified("models/a.sql"))
    assert found.head().texts["seeds/s.csv"] == found.base().texts["seeds/s.csv"] == "id"
    assert "seeds/s.csv" not in found.unread


def test_a_changed_seed_has_its_first_line_on_each_side() -> None:
    found, _ = read(FILES, modified("seeds/s.csv"), base={**FILES, "seeds/s.csv": "id,name\n1,a\n"})
    assert found.head().texts["seeds/s.csv"] == "id"
    assert found.base().texts["seeds/s.csv"] == "id,name"
    found, _ = read(FILES, added("seeds/s.csv"), base={path: text for path, text in FILES.items() if "csv" not in path})
    assert "seeds/s.csv" not in found.base().paths


def test_a_deleted_seed_was_there() -> None:
    left = {path: text for path, text in FILES.items() if path != "seeds/s.csv"}
    found, _ = read(left, deleted("seeds/s.csv"), base=FILES)
    assert found.base().texts["seeds/s.csv"] == "id"
    assert "seeds/s.csv" not in found.head().paths


def test_what_cannot_be_read_at_base_is_lost_and_not_absent() -> None:
    found, _ = read(FILES, modified("models/a.sql"), base={**FILES, "models/a.sql": b"\0"})
    assert found.lost == ("models/a.sql",)
    assert "models/a.sql" not in found.base().texts
    assert "models/a.sql" in found.base().paths
    assert not found.is_complete
    assert not found.head().lost


def test_of_too_much_text_at_base_the_rest_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_files, "MAX_BYTES", 4_000)
    monkeypatch.setattr(dbt_files, "SEEDS_ROOM", 4_000 // 16)
    base = {**FILES, "models/a.sql": "select 1 -- " + "x" * 600, "models/b.sql": "select 2 -- " + "x" * 600}
    found, _ = read(FILES, modified("models/a.sql"), modified("models/b.sql"), base=base)
    assert "models/a.sql" in found.base().texts
    assert found.lost == ("models/b.sql",)


def test_each_side_has_the_directories_that_its_project_names() -> None:
    base: dict[str, str | bytes] = {
        "dbt_project.yml": "name: shop\n",
        "models/a.sql": "select 1",
        "models/left.sql": "select 2",
        "transform/come.sql": "select 3",
    }
    head = {**base, "dbt_project.yml": "name: shop\nmodel-paths: [transform]\n", "transform/a.sql": "select 1"}
    del head["models/a.sql"]
    renamed = ChangedFile("transform/a.sql", Status.RENAMED, "models/a.sql")
    found, _ = read(head, renamed, modified("dbt_project.yml"), base=base)
    assert set(found.base().texts) == {"dbt_project.yml", "models/a.sql", "models/left.sql"}
    assert set(found.head().texts) == {"dbt_project.yml", "transform/a.sql", "transform/come.sql"}
    assert (found.base().folders["model"], found.head().folders["model"]) == (("models/",), ("transform/",))
    assert ProjectFiles.from_dict(found.to_dict()) == found


def test_a_project_that_is_moved_was_elsewhere() -> None:
    inside: dict[str, str | bytes] = {"dbt_project.yml": "name: shop\n", "models/a.sql": "select 1"}
    base, head = ({f"{root}/{path}": text for path, text in inside.items()} for root in ("old", "new"))
    renamed = (ChangedFile(f"new/{path}", Status.RENAMED, f"old/{path}") for path in inside)
    found, _ = read(head, *renamed, base=base)
    assert (found.base().root, found.base().texts) == ("old", base)
    assert (found.head().root, found.head().texts) == ("new", head)


def test_where_the_projects_file_cannot_be_read_at_base_nothing_is_known_of_it() -> None:
    found, _ = read(FILES, modified("dbt_project.yml"), base={**FILES, "dbt_project.yml": b"\0"})
    assert "dbt_project.yml" in found.lost


@pytest.mark.parametrize("before", ["select 2", b"\0"])
def test_it_travels_as_json_values(before: str | bytes) -> None:
    found, _ = read(FILES, modified("models/a.sql"), base={**FILES, "models/a.sql": before})
    assert ProjectFiles.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_directories_outside_the_projects_own_are_its_too() -> None:
    files: dict[str, str | bytes] = {
        "shop/dbt_project.yml": "name: shop\nmodel-paths: [models, ../sources]\n",
        "shop/models/a.sql": "select 1",
        "sources/s.yml": "sources: []",
        "other/x.sql": "select 1",
    }
    found, _ = read(files, modified("shop/models/a.sql"))
    assert sorted(found.texts) == ["shop/dbt_project.yml", "shop/models/a.sql", "sources/s.yml"]


def test_of_a_large_project_what_lies_around_the_change_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_files, "MAX_FILES", 5)
    files = {
        **FILES,
        "models/marts/e.sql": "select * from {{ ref('c') }}",
        "models/marts/e.yml": "models: []",
        "models/far/f.sql": "select 1",
        "models/deep/d.sql": "select 1",
        "models/deep/c.yml": "models: []",
    }
    found, _ = read(files, modified("models/marts/e.sql"))
    assert not found.is_complete
    assert {"models/marts/e.sql", "models/marts/e.yml", "models/deep/c.sql", "models/deep/d.sql"} <= set(found.texts)
    assert {"models/deep/c.yml", "models/schema.yml", "dbt_project.yml"} <= set(found.texts)
    assert "models/far/f.sql" in found.unread
    assert "models/far/f.sql" in found.head().paths


def line(found: ProjectFiles) -> int:
    return len(encode({"kind": "share", "data": {"files": found.to_dict(), "adapter": "bigquery"}}))


def test_what_is_told_is_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_files, "MAX_BYTES", 4_000)
    monkeypatch.setattr(dbt_files, "SEEDS_ROOM", 4_000 // 16)
    files = FILES | {f"models/{name}.sql": "select 1 -- " + "é" * 50 for name in "efghijklmn"}
    base = {path: f"{text!s}\n\n" for path, text in files.items()}
    found, _ = read(files, *(modified(f"models/{name}.sql") for name in "aefg"), base=base)
    assert not found.is_complete
    assert "models/a.sql" in found.texts
    assert line(found) <= 4_000 + 700, "the frame and the folders beside"


def test_a_worker_can_be_told_whatever_a_project_holds() -> None:
    files = FILES | {f"models/m{at:02}.sql": "é" * 300_000 for at in range(12)}
    found, _ = read(files, *(modified(f"models/m{at:02}.sql") for at in range(4)))
    assert found.lost == ("models/m02.sql", "models/m03.sql")
    assert 10_000_000 < line(found) <= Limits().payload_bytes


def test_a_single_huge_file_is_left_out_and_the_others_are_not() -> None:
    files = {**FILES, "models/huge.sql": "\n" * 1_500_000}
    found, _ = read(files, modified("models/a.sql"))
    assert found.unread == ("models/huge.sql", "models/notes.md", "seeds/s.csv")
    assert not found.is_complete


def test_more_names_than_there_is_room_for_are_no_whole_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_files, "MAX_BYTES", 6_000)
    monkeypatch.setattr(dbt_files, "SEEDS_ROOM", 6_000 // 16)
    found, _ = read(FILES | {f"seeds/{at}.csv": "" for at in range(200)}, modified("models/a.sql"))
    assert 0 < len(found.unread) < 200
    assert not found.is_complete
    assert "models/b.sql" in found.texts


def test_as_many_files_are_read_of_a_large_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_files, "MAX_FILES", 5)
    monkeypatch.setattr(dbt_files, "MAX_NEAR", 4)
    found, _ = read(FILES, modified("models/a.sql"))
    assert len(found.texts) <= 4
    assert "models/a.sql" in found.texts


@pytest.mark.parametrize(("number", "is_told"), [(10, True), (11, False)])
def test_dags_are_told_the_names_of_all_projects_or_of_none(number: int, is_told: bool) -> None:
    dag = artifact({"dags/d.py": "from airflow import DAG\n\nDAG('a', doc_md='runs dbt')\n"}, "dags/d.py")
    assert dag is not None
    files = {f"p{each}/{name}": "" for each in range(number) for name in ("dbt_project.yml", "models/m.sql")}
    found = dbt_files.neighbours(MemoryTree(files), [dag])
    assert found == (
        {f"p{each}": (f"p{each}/dbt_project.yml", f"p{each}/models/m.sql") for each in range(10)} if is_told else {}
    )


def test_each_path_of_a_large_project_is_looked_at_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_files, "MAX_FILES", 5)
    looked: Counter[str] = Counter()

    def counted(path: str) -> str:
        looked[path] += 1
        return dirname(path)

    monkeypatch.setattr(dbt_files, "dirname", counted)
    models: dict[str, str | bytes] = {f"models/f{at % 50}/m{at}.sql": "select 1" for at in range(500)}
    found, _ = read({**FILES, **models}, *(modified(f"models/f{at}/m{at}.sql") for at in range(50)))
    assert {"models/f0/m50.sql", "models/f49/m499.sql"} <= set(found.texts)
    assert max(looked[path] for path in models) <= 4


def test_doc_blocks_that_the_change_takes_away_are_known_as_they_were() -> None:
    base = {**FILES, "models/docs.md": "{% docs orders %}One row.{% enddocs %}", "docs/other.md": "prose"}
    found, _ = read(
        FILES, deleted("models/docs.md"), deleted("docs/other.md"), modified("models/schema.yml"), base=base
    )
    assert found.before["models/docs.md"] == base["models/docs.md"]
    assert found.before.keys() == {"models/docs.md", "models/schema.yml"}
    assert "models/docs.md" not in found.head().paths
    assert "models/docs.md" in found.base().paths
