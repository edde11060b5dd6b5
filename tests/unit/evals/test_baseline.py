"""What a change of the rules did, in lines."""

import json

from tests.evals.baseline import baseline, difference
from tests.evals.telling import report
from tests.unit.evals.builders import defect, hit, outcome

DEFECTS = [defect("fix-001", 10), defect("fix-002", 90), defect("fix-003", 50, detectable_statically="maybe")]
BEFORE = [outcome(hit("SQL001", 10), hit("SQL001", 200)), outcome(hit("SQL002", 3), head="c" * 40, is_range=False)]
AFTER = [outcome(hit("SQL003", 50), hit("SQL001", 200)), outcome(head="c" * 40, is_range=False)]


def test_it_holds_counts_and_ids() -> None:
    made = baseline(BEFORE, DEFECTS)
    assert made == {
        "ranges": 1,
        "silent": 0,
        "median_small": 2,
        "per_hundred_lines": 2.0,
        "unread": [],
        "rules": {
            "SQL001": {"range_hits": 2, "hits": 2, "defects": ["fix-001"]},
            "SQL002": {"range_hits": 0, "hits": 1, "defects": []},
        },
        "defects": {"maybe": [], "yes": ["fix-001"]},
    }
    assert json.loads(json.dumps(made)) == made


def test_the_same_is_no_difference() -> None:
    assert difference(baseline(BEFORE, DEFECTS), baseline(BEFORE, DEFECTS)) == []


def test_what_is_otherwise() -> None:
    assert difference(baseline(BEFORE, DEFECTS), baseline([*AFTER, outcome(problem="gone")], DEFECTS)) == [
        f"unread: +shop/warehouse {'b' * 40}",
        "SQL001: range hits 2 → 1, hits 2 → 1",
        "SQL001 catches: -fix-001",
        "SQL002: hits 1 → 0",
        "SQL003: range hits 0 → 1, hits 0 → 1",
        "SQL003 catches: +fix-003",
        "defects caught (maybe): +fix-003",
        "defects caught (yes): -fix-001",
    ]


def test_against_nothing_all_is_new() -> None:
    assert "ranges: None → 1" in difference({}, baseline(BEFORE, DEFECTS))


def test_the_report_tells_recall_noise_and_every_hit() -> None:
    page = report(BEFORE, DEFECTS, {"SQL001": "self-comparison", "SQL009": "never-hits"}, ["SQL001: hits 2 → 1"])
    assert "| yes | 1 of 2 (50 %) | 1 of 2 (50 %) | 60 % |" in page
    assert "| rules | 1 | 0 of 1 (0 %) | 2 | 2.00 | 2 | 2 |" in page
    assert "Missed: fix-002, fix-003" in page
    assert f"(https://github.com/shop/warehouse/blob/{'b' * 40}/models/orders.sql#L200)" in page
    assert "- SQL001: hits 2 → 1" in page
    assert "### SQL009 never-hits\n\n0 hits in ranges" in page
