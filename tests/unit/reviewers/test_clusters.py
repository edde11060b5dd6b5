"""Which files are reviewed together, and in which order."""

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.domain.artifact import Artifact, Kind
from review.domain.finding import Location
from review.domain.outline import Outline
from review.reviewers import clusters as module
from review.reviewers.clusters import CLUSTER_CHARACTERS, FILE_CHARACTERS, Cluster, clusters
from review.reviewers.lineage import Lineage
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import artifact

THIRD, HALF, MOST = 170, 240, 400
"""Lines of fifty characters of which about so much of a cluster is full."""


def grouped(
    *artifacts: Artifact,
    lineage: Lineage | None = None,
    flagged: Sequence[str] = (),
    described: Mapping[str, Sequence[str]] | None = None,
) -> list[tuple[str, ...]]:
    return [cluster.paths for cluster in made(artifacts, lineage, flagged, described)]


def made(
    artifacts: Sequence[Artifact],
    lineage: Lineage | None = None,
    flagged: Sequence[str] = (),
    described: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Cluster, ...]:
    known = lineage or Lineage({})
    findings = [finding(location=Location(path, 1, 1)) for path in flagged]
    return clusters(artifacts, known.outlines, known, findings, described or {})


def new(path: str, lines: int = 1, kind: Kind = Kind.DBT_MODEL, project: str | None = None) -> Artifact:
    return artifact(path, None, rows(lines), kind, project=project)


def rows(lines: int, start: int = 1) -> str:
    """Lines that have fifty characters with their gutter."""
    return "".join(f"{number:037}\n" for number in range(start, start + lines))


# What belongs together


def test_small_files_are_one_cluster_by_path() -> None:
    assert grouped(new("b/y.sql"), new("a/z.sql"), new("a/x.sql")) == [("a/x.sql", "a/z.sql", "b/y.sql")]


def test_nothing_is_no_cluster() -> None:
    assert grouped() == []


def test_a_model_and_what_reads_it_within_its_project() -> None:
    lineage = Lineage(
        {
            "p/m/a.sql": Outline(writes=("model:a",)),
            "p/n/b.sql": Outline(reads=("ref:a",), writes=("model:b",)),
            "q/n/c.sql": Outline(reads=("ref:a",)),
        }
    )
    files = [new(f"p/{path}.sql", HALF, project="p") for path in ("m/a", "k/other", "n/b", "o/other")]
    assert grouped(*files, new("q/n/c.sql", HALF, project="q"), lineage=lineage) == [
        ("p/m/a.sql", "p/n/b.sql"),
        ("p/k/other.sql",),
        ("p/o/other.sql",),
        ("q/n/c.sql",),
    ]


def test_a_model_and_what_describes_it() -> None:
    files = [new("p/m/a.sql", HALF, project="p"), new("p/k/x.sql", HALF, project="p")]
    yml = new("p/docs/a.yml", HALF, Kind.DBT_PROPERTIES, "p")
    assert ("p/docs/a.yml", "p/m/a.sql") in grouped(
        *files, yml, described={"p/m/a.sql": ["p/docs/a.yml", "p/gone.yml"]}
    )


def test_files_of_one_directory() -> None:
    files = [new(path, THIRD) for path in ("jobs/a/1.py", "jobs/b/1.py", "jobs/a/2.py", "jobs/b/2.py")]
    assert grouped(*files) == [("jobs/a/1.py", "jobs/a/2.py"), ("jobs/b/1.py", "jobs/b/2.py")]


def test_projects_are_apart_unless_both_are_small() -> None:
    assert len(grouped(new("p/a.sql", HALF, project="p"), new("q/a.sql", 10, project="q"))) == 2
    assert len(grouped(new("p/a.sql", 100, project="p"), new("q/a.sql", 100, project="q"))) == 1


def test_so_are_the_first_directories_outside_any_project() -> None:
    assert len(grouped(new("dags/a/x.py", THIRD), new("jobs/a/x.py", THIRD))) == 2
    assert len(grouped(new("jobs/a/x.py", THIRD), new("jobs/b/x.py", THIRD))) == 1


def test_groups_of_one_project_share_a_cluster_as_long_as_they_fit() -> None:
    files = [new(f"p/{folder}/a.sql", THIRD - 10, project="p") for folder in "abcd"]
    assert [len(paths) for paths in grouped(*files)] == [3, 1]


# How much fits


def test_a_group_too_large_is_cut_between_files() -> None:
    files = [new(f"p/m/{number}.sql", THIRD, project="p") for number in range(5)]
    found = made(files)
    assert sorted(len(cluster.files) for cluster in found) == [1, 2, 2]
    assert all(cluster.characters <= CLUSTER_CHARACTERS for cluster in found)


def test_a_file_longer_than_a_cluster_is_one_of_its_own_and_cut_where_it_must_be() -> None:
    found = {cluster.paths: cluster for cluster in made([new("a.sql", 600), new("b.sql", 1_000), new("c.sql", 1)])}
    assert set(found) == {("a.sql",), ("b.sql",), ("c.sql",)}
    assert CLUSTER_CHARACTERS < found[("a.sql",)].characters <= FILE_CHARACTERS
    assert [cluster.files[0].left_out > 0 for cluster in found.values() if cluster.paths == ("b.sql",)] == [True]
    assert found[("b.sql",)].characters <= FILE_CHARACTERS


# The order


def test_the_riskiest_first() -> None:
    kinds = {
        "1.sql": Kind.DBT_ANALYSIS,
        "2.sql": Kind.SQL_MIGRATION,
        "3.py": Kind.DAG,
        "4.sql": Kind.DBT_MODEL,
        "5.yml": Kind.DBT_PROPERTIES,
    }
    files = [new(path, MOST, kind) for path, kind in kinds.items()]
    assert grouped(*files) == [("2.sql",), ("3.py",), ("4.sql",), ("5.yml",), ("1.sql",)]


def test_what_makes_a_file_risky() -> None:
    one, other = new("a/1.sql", MOST), new("b/1.sql", MOST)
    assert grouped(one, other) == [("a/1.sql",), ("b/1.sql",)]
    assert grouped(one, other, flagged=["b/1.sql"]) == [("b/1.sql",), ("a/1.sql",)]
    readers = {f"m/{number}.sql": Outline(reads=("ref:one",)) for number in range(3)}
    lineage = Lineage({**readers, "b/1.sql": Outline(writes=("model:one",))})
    assert grouped(one, other, lineage=lineage) == [("b/1.sql",), ("a/1.sql",)]
    grown = artifact("a/1.sql", rows(1), rows(MOST))
    shrunk = artifact("b/1.sql", rows(MOST), rows(1))
    assert grouped(grown, shrunk) == [("b/1.sql",), ("a/1.sql",)]
    larger = artifact("b/1.sql", None, rows(MOST + 10))
    assert grouped(new("a/1.sql", 180), larger) == [("b/1.sql",), ("a/1.sql",)]


def test_a_cluster_is_as_risky_as_its_riskiest_file() -> None:
    files = [new("a/1.sql", THIRD), new("a/2.sql", THIRD, Kind.SQL_MIGRATION), new("b/1.py", MOST, Kind.DAG)]
    assert grouped(*files) == [("a/1.sql", "a/2.sql"), ("b/1.py",)]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_risk(kind: Kind) -> None:
    assert made([new("a.x", 1, kind)])[0].risk >= 10


# Whatever the change

FOLDERS = st.sampled_from(["", "a/", "a/b/", "p/", "p/models/", "p/models/marts/", "q/"])
FILES = st.lists(
    st.tuples(FOLDERS, st.integers(0, 9), st.sampled_from([1, 5, 12, 24, 49, 80]), st.sampled_from(list(Kind))),
    max_size=12,
    unique_by=lambda entry: entry[:2],
)
READS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6)


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(FILES, READS, st.randoms(use_true_random=False))
def test_every_file_is_in_exactly_one_cluster_whatever_the_order(
    files: list[tuple[str, int, int, Kind]], reads: list[tuple[int, int]], random: Random
) -> None:
    """At a tenth of the sizes."""
    artifacts = [
        new(f"{folder}{number}.sql", lines, kind, folder[0] if folder[:1] in ("p", "q") else None)
        for folder, number, lines, kind in files
    ]
    written = {each.path: each.path.rpartition("/")[2][0] for each in artifacts}
    lineage = Lineage(
        {
            path: Outline((), tuple(f"ref:{read}" for reader, read in reads if str(reader) == name), (f"model:{name}",))
            for path, name in written.items()
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CLUSTER_CHARACTERS", 2_500)
        patch.setattr(module, "FILE_CHARACTERS", 3_700)
        found = made(artifacts, lineage)
        shuffled = list(artifacts)
        random.shuffle(shuffled)
        assert made(shuffled, lineage) == found
    assert sorted(path for cluster in found for path in cluster.paths) == sorted(each.path for each in artifacts)
    for cluster in found:
        assert cluster.paths == tuple(sorted(cluster.paths))
        assert cluster.characters <= (3_700 if len(cluster.files) == 1 else 2_500)
    assert [cluster.risk for cluster in found] == sorted((cluster.risk for cluster in found), reverse=True)
