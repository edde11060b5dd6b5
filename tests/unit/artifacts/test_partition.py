"""Which shard looks at which file: every file in one, the same ones for everybody, evenly, relatives together."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.artifacts import partition as module
from review.artifacts.partition import SHARD_EFFORT, effort, partition, related, shards_for
from review.domain.artifact import Artifact, Kind
from tests.unit.render.builders import artifact, changed


def model(name: str, text: str = "select 1\n", project: str | None = "shop", folder: str = "models") -> Artifact:
    root = f"{project}/" if project else ""
    return artifact(f"{root}{folder}/{name}.sql", Kind.DBT_MODEL, text, project=project, dialect="trino")


FILES = st.lists(
    st.builds(
        model,
        st.sampled_from([f"m{number}" for number in range(30)]),
        st.sampled_from([f"select * from {{{{ ref('m{number}') }}}}\n" * number for number in range(30)]),
        st.sampled_from(["shop", "finance", None]),
        st.sampled_from(["models", "models/a", "models/b"]),
    ),
    max_size=40,
    unique_by=lambda each: each.path,
)


@given(FILES, st.integers(1, 9), st.randoms())
def test_every_file_is_in_one_shard_whatever_the_order(
    files: list[Artifact], count: int, chance: random.Random
) -> None:
    parts = partition(files, count)
    assert len(parts) == count
    assert sorted(path for part in parts for path in part) == sorted(each.path for each in files)
    chance.shuffle(files)
    assert partition(files, count) == parts


def test_shards_are_even() -> None:
    chance = random.Random(4)
    files = [model(f"m{number}", "x " * chance.randrange(100, 5_000)) for number in range(400)]
    efforts = {each.path: effort(each) for each in files}
    loads = [sum(efforts[path] for path in part) for part in partition(files, 7)]
    assert max(loads) <= 1.02 * min(loads)


def test_relatives_stay_together_within_a_project() -> None:
    files = [
        model("stg_orders"),
        model("fct_orders", "select * from {{ ref('stg_orders') }}\n"),
        model("mart", "select * from {{ ref(\n  'fct_orders'\n) }}\n", folder="models/marts"),
        artifact("shop/models/schema.yml", Kind.DBT_PROPERTIES, "models:\n  - name: mart\n", project="shop"),
        model("payments", "x " * 5_000),
        model("mart", "select * from {{ ref('my_fct_orders') }}\n", project="finance"),
        model("reader", "select * from mart\n", project=None),
    ]
    groups = related(files)
    assert [len(group) for group in groups] == [1, 1, 4, 1]
    assert groups[2] == sorted(each.path for each in files[:4])
    assert any({*groups[2]} <= {*part} for part in partition(files, 2))


def test_a_name_that_every_file_has_and_mentions_is_looked_at_once_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three thousand files called schema.yml, in a project whose models all set a `schema`."""
    joined = 0

    def counted(*given: Any, **how: Any) -> Any:
        nonlocal joined
        joined += 1
        return sorted(*given, **how)

    monkeypatch.setattr(module, "sorted", counted, raising=False)
    files = [
        artifact(f"shop/models/m{number}/schema.yml", Kind.DBT_PROPERTIES, "schema: x\n", project="shop")
        for number in range(300)
    ]
    assert [len(group) for group in related(files)] == [300]
    assert joined <= 4 * len(files)


def test_a_project_that_hangs_together_is_cut_by_its_directories() -> None:
    files = [
        model(f"m{folder}{number}", "select * from {{ ref('ma0') }}\n", folder=f"models/{folder}")
        for folder in "abcd"
        for number in range(20)
    ]
    assert len(related(files)) == 1
    parts = partition(files, 2)
    assert [len(part) for part in parts] == [40, 40]
    assert all(len({path.rpartition("/")[0] for path in part}) == 2 for part in parts)


@pytest.mark.parametrize(("number", "most", "count"), [(0, 16, 1), (1, 16, 1), (40, 16, 11), (40, 4, 4)])
def test_how_many_shards_a_change_is_worth(number: int, most: int, count: int) -> None:
    files = [model(f"m{each}", "x" * 500_000) for each in range(number)]
    assert effort(model("m", "x" * 500_000)) == pytest.approx(SHARD_EFFORT * 0.27, rel=0.01)
    assert shards_for(files, most) == count


def test_what_is_not_linted_costs_less() -> None:
    text = "x" * 10_000
    untouched = artifact("a.sql", Kind.SQL_QUERY, text, file=changed("a.sql", added=frozenset()))
    job = artifact("a.py", Kind.PYSPARK, text)
    assert effort(untouched) == effort(job) < effort(artifact("a.sql", Kind.SQL_QUERY, text)) / 5
