"""The shards of a review, joined: what cannot be used was not looked at, and is never left out."""

import json
from dataclasses import replace
from typing import Any

import pytest

from review.domain.evidence import Skipped, Stage
from review.domain.finding import Location, Standard
from review.domain.practice import Practice
from review.errors import ReportError
from review.intake import shards
from review.intake.shards import Shard, joined, read_shard
from review.render import shard as writer
from review.render.shard import shard_json
from tests.unit.render.builders import MERGE_BASE, finding, review

TARGET = review().target
PARTS = (("a.sql", "b.sql"), ("c.sql",))


def at(path: str, **changes: Any) -> Any:
    return finding(location=Location(path, 1, 1), **changes)


def made(index: int, **changes: Any) -> Shard:
    """The shard as it is read back from what its job wrote."""
    files = PARTS[index - 1]
    skips = [Skipped(Stage.LINT.value, files[0], "why", ("cost",))]
    told = [
        Practice(files[0], Standard.COST, False, "no filter on new rows"),
        Practice(files[0], Standard.COST, True, "x", 1),
    ]
    text = shard_json(index, len(PARTS), TARGET, MERGE_BASE, files, [at(path) for path in files], skips, told)
    return replace(read_shard(text.encode()), **changes)


def test_the_reader_knows_the_writers_version() -> None:
    assert shards.SCHEMA_VERSION == writer.SCHEMA_VERSION


def test_all_shards_together() -> None:
    whole = joined([made(2), made(1)], PARTS, TARGET, MERGE_BASE)
    assert [found.location.path for found in whole.findings] == ["a.sql", "b.sql", "c.sql"]
    assert [skip.subject for skip in whole.skipped] == ["a.sql", "c.sql"]
    assert [(each.path, each.is_there, each.line) for each in whole.practices] == [
        ("a.sql", False, None),
        ("a.sql", True, 1),
        ("c.sql", False, None),
        ("c.sql", True, 1),
    ]


def test_the_same_shard_twice_counts_once() -> None:
    """A job that was run again leaves what it left before."""
    whole = joined([made(1), made(1), made(2)], PARTS, TARGET, MERGE_BASE)
    assert len(whole.findings) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "left no report that can be read"),
        ([made(1), made(1, findings=())], "left several reports that differ"),
        ([made(1, count=3)], "is one of 3"),
        ([made(1, repository="eve/x")], "is of other commits"),
        ([made(1, head_sha="0" * 40)], "is of other commits"),
        ([made(1, base_sha="0" * 40)], "is of other commits"),
        ([made(1, merge_base="0" * 40)], "is of other commits"),
        ([made(1, files=("a.sql",))], "is of other files"),
        ([made(1, files=("a.sql", "b.sql", "c.sql"))], "is of other files"),
        ([made(1, findings=(at("c.sql"),))], "is of other files"),
        ([made(1, practices=(Practice("c.sql", Standard.COST, True, "x"),))], "is of other files"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_shard_that_cannot_be_used_is_not_reviewed(given: list[Shard], said: str) -> None:
    whole = joined([*given, made(2)], PARTS, TARGET, MERGE_BASE)
    assert [found.location.path for found in whole.findings] == ["c.sql"]
    missed = [skip for skip in whole.skipped if skip.stage == Stage.RULES.value]
    assert [(skip.subject, skip.harmless, skip.standards) for skip in missed] == [
        ("a.sql", False, ()),
        ("b.sql", False, ()),
    ]
    assert {skip.reason for skip in missed} == {f"shard 1/2 {said}, so none of its files was looked at"}
    jobs = "all jobs" if given else "the failed jobs"
    assert {skip.remedy for skip in missed} == {f"Run {jobs} of this workflow again."}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema_version": 2}, "schema_version is 2"),
        ({"shard": {"index": 3, "count": 2}}, "shard.index"),
        ({"shard": {"index": 1, "count": 257}}, "shard.count"),
        ({"files": ["../x"]}, "files holds"),
        ({"files": [1]}, "files holds"),
        ({"findings": [{}]}, "findings[0]"),
        ({"skipped": None}, "skipped is no list"),
        ({"practices": [{"path": "a.sql"}]}, "practices[0].standard"),
        ({"target": {}}, "target.repository"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_report_of_another_shape_is_refused(change: dict[str, Any], said: str) -> None:
    document = json.loads(shard_json(1, 2, TARGET, MERGE_BASE, ["a.sql"], [at("a.sql")], []))
    with pytest.raises(ReportError, match=said.replace("[", r"\[")):
        read_shard(json.dumps({**document, **change}).encode())


def test_a_shard_in_which_much_is_found_is_read() -> None:
    """Linting rules that a team selects find hundreds in a file; a single run takes them all."""
    document = json.loads(shard_json(1, 1, TARGET, MERGE_BASE, ["a.sql"], [at("a.sql")], []))
    document["findings"] *= 11_000
    content = json.dumps(document).encode() + b" " * 16 * 1024 * 1024
    assert len(read_shard(content).findings) == 11_000


def test_no_secret_leaves_a_shard() -> None:
    secret = "ghp_" + "a1B2" * 9
    text = shard_json(
        1, 1, TARGET, MERGE_BASE, ["a.sql"], [at("a.sql", title=secret, evidence=secret, symbol=secret)],
        [Skipped(Stage.LINT.value, "a.sql", secret)],
    )  # fmt: skip
    assert secret not in text
    assert text.isascii()
