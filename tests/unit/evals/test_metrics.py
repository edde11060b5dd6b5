"""What counts as caught, and what a reviewer would have heard."""

import pytest

from tests.evals.changes import Change, changes
from tests.evals.metrics import Noise, Share, caught, hits_by_rule, is_at, noise, recall
from tests.unit.evals.builders import defect, hit, outcome


@pytest.mark.parametrize(
    ("line", "end_line", "expected"), [(10, 10, True), (15, 15, True), (16, 16, False), (1, 5, True), (1, 4, False)]
)
def test_a_hit_within_five_lines_is_one(line: int, end_line: int, expected: bool) -> None:
    assert is_at(hit(line=line, end_line=end_line), defect("fix-001", 10)) is expected


def test_another_file_is_no_hit() -> None:
    assert not is_at(hit(path="models/other.sql"), defect())


def test_only_the_commit_that_brought_it_catches_it_and_only_a_rule() -> None:
    outcomes = [
        outcome(hit("SQL001"), hit("SQL002", 12), hit("LT01", is_rule=False)),
        outcome(hit("SQL003"), head="c" * 40),
    ]
    assert caught(outcomes, [defect(), defect("fix-002", 90)]) == {"fix-001": ("SQL001", "SQL002"), "fix-002": ()}


def test_recall_by_a_field() -> None:
    defects = [defect("a"), defect("b", kind="sql"), defect("c")]
    assert recall({"a": ("X",), "b": ()}, defects, "kind") == {
        "dbt": Share(1, 2),
        "sql": Share(0, 1),
        "all": Share(1, 3),
    }


def test_shares() -> None:
    assert str(Share(1, 4)) == "1 of 4 (25 %)"
    assert str(Share(0, 0)) == "0 of 0 (0 %)"


def test_noise_counts_ranges_that_were_read_and_hold_data_files() -> None:
    outcomes = [
        outcome(),
        outcome(hit(), hit(line=2), hit("LT01", is_rule=False)),
        outcome(*(hit(line=number) for number in range(7)), files=11, added=800),
        outcome(hit(), is_range=False),
        outcome(files=0),
        outcome(problem="objects are missing"),
    ]
    assert noise(outcomes) == Noise(3, Share(1, 3), 1.0, 0.9, 9, 7)
    assert noise(outcomes, with_linter=True).findings == 10
    assert noise([]) == Noise(0, Share(0, 0), 0.0, 0.0, 0, 0)


def test_hits_by_rule() -> None:
    outcomes = [outcome(hit("A"), hit("B")), outcome(hit("A"), is_range=False)]
    assert hits_by_rule(outcomes, in_ranges=True) == {"A": 1, "B": 1}
    assert hits_by_rule(outcomes, in_ranges=False) == {"A": 2, "B": 1}


def test_changes_hold_each_pair_of_commits_once() -> None:
    ranges = [
        {"repo": "shop/warehouse", "base_sha": "a" * 40, "head_sha": "b" * 40, "complete": True},
        {"repo": "shop/warehouse", "base_sha": "a" * 40, "head_sha": "d" * 40, "complete": False},
    ]
    known = [defect("a"), defect("b"), defect("c", introduced_sha="e" * 40)]
    assert changes(ranges, known) == [
        Change("shop/warehouse", "a" * 40, "b" * 40, True, (known[0], known[1])),
        Change("shop/warehouse", "a" * 40, "e" * 40, False, (known[2],)),
    ]


def test_links() -> None:
    found = hit(path="models/a b.sql", line=3, end_line=5)
    assert found.url == f"https://github.com/shop/warehouse/blob/{'b' * 40}/models/a%20b.sql#L3-L5"
