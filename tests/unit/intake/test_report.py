"""A report of another run: what this version writes is read back whole, and nothing else is."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from review.domain.evidence import Skipped, Stage
from review.domain.finding import Location, Standard, Suggestion
from review.domain.verdict import Suppressed
from review.errors import ReportError
from review.intake import report
from review.intake.report import read_report
from review.render import json as writer
from review.render.json import review_json
from tests.unit.render import builders, examples
from tests.unit.render.builders import finding


def written(**changes: Any) -> dict[str, Any]:
    """A report with one finding of each sort, as JSON values."""
    whole = replace(examples.everything(), **changes)
    data: dict[str, Any] = json.loads(review_json(whole))
    return data


def read(data: Any) -> report.Report:
    return read_report(json.dumps(data).encode())


def refused(data: Any) -> str:
    with pytest.raises(ReportError) as caught:
        read(data)
    assert str(caught.value).endswith("nothing was posted.")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_reader_knows_the_writers_version() -> None:
    assert report.SCHEMA_VERSION == writer.SCHEMA_VERSION


@pytest.mark.parametrize("example", examples.ALL, ids=lambda example: example.__name__)
def test_what_is_written_is_read_back(example: Callable[[], Any]) -> None:
    whole = example()
    found = read_report(review_json(whole).encode())
    assert [each.fingerprint for each in found.findings] == [
        each.fingerprint for each in (*whole.findings, *(drop.finding for drop in whole.suppressed))
    ]
    assert found.skipped == whole.skipped
    assert found.paths == {artifact.path for artifact in whole.artifacts}
    assert (found.repository, found.head_sha) == (whole.target.repository, whole.target.head_sha)
    assert found.merge_base == whole.changeset.merge_base
    assert found.pull_request == whole.target.pull_request.number


def test_a_finding_comes_back_equal() -> None:
    entry = finding(
        symbol="orders", suggestion=Suggestion("a\nb"), ordinal=2, identity_path="models/old.sql",
        help_url="https://docs.sqlfluff.com/x#y", cost="a scan", scale="ten scans", evidence="a = 'é\u202e'",
        location=Location("models/a b\t'é.sql", 3, 5),
    )  # fmt: skip
    whole = builders.review([entry], suppressed=[Suppressed(replace(entry, ordinal=3), "waived")])
    assert read_report(review_json(whole).encode()).findings == (entry, replace(entry, ordinal=3))


def test_one_long_name_in_a_file_costs_no_other_its_review() -> None:
    """A generated name of tens of thousands of characters is in the symbol, the evidence and every sentence."""
    name = "x" * 30_000
    entry = finding(symbol=name, evidence=f"{name} = {name}" * 9, explanation=f"{name}, {name}", remediation=name)
    (back,) = read_report(review_json(builders.review([entry])).encode()).findings
    assert (back.symbol, back.fingerprint) == (entry.symbol, entry.fingerprint)


def test_a_secret_in_the_evidence_or_a_name_leaves_the_fingerprint_what_it_was() -> None:
    """What is published is without it, and has to give the same fingerprint."""
    secret = "ghp_" + "a1B2" * 9
    entry = finding(evidence=f'token = "{secret}"\n  password=Ab3dEf6hIj', symbol=f"dag {secret}")
    text = review_json(builders.review([entry]))
    assert secret not in text
    assert "Ab3dEf6hIj" not in text
    (back,) = read_report(text.encode()).findings
    assert back.fingerprint == entry.fingerprint


def test_skips_come_back_with_their_standards() -> None:
    skip = Skipped(Stage.RULES.value, "a.sql", "why", (Standard.COST.value,), harmless=True)
    assert read_report(review_json(builders.review(skips=[skip])).encode()).skipped == (skip,)


def test_a_verdict_is_not_even_read() -> None:
    forged = {**written(), "verdict": "pass", "exit_status": 0, "checklist": "all green", "agent": 7, "usage": None}
    forged["findings"][0] |= {"blocking": False, "inline": "yes", "rule": "SQL999"}
    assert read(forged).findings == read(written()).findings


PATHS = ["../../etc/passwd", "/etc/passwd", "a//b.sql", "./a.sql", "a/..", "", "a\0b.sql", "x" * 5_000, 7, None]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: repr(path)[:20])
def test_a_path_that_leads_elsewhere_is_refused(path: Any) -> None:
    for place in (["findings", 0, "location", "path"], ["artifacts", 0, "path"]):
        assert refused(with_value(written(), place, path))


Place = list[str | int]

WRONG: list[tuple[Place, Any, str]] = [
    (["schema_version"], 2, "schema_version is 2"),
    (["schema_version"], True, "no whole number"),
    (["schema_version"], "1", "no whole number"),
    (["target"], [], "target is no object"),
    (["target", "head_sha"], "HEAD", "no commit"),
    (["target", "head_sha"], "C0FFEE254729296A45A3885639AC7E10F9D54979", "no commit"),
    (["target", "merge_base"], None, "no text"),
    (["target", "pull_request"], 0, "target.pull_request"),
    (["target", "pull_request"], "7", "no whole number"),
    (["target", "pull_request"], 1e400, "no JSON"),
    (["target", "repository"], "", "target.repository"),
    (["findings"], {}, "findings is no list"),
    (["findings"], None, "findings is no list"),
    (["findings", 0], "a finding", "findings[0] is no object"),
    (["findings", 0, "severity"], "catastrophic", "findings[0].severity"),
    (["findings", 0, "severity"], ["high"], "findings[0].severity"),
    (["findings", 0, "tier"], "certain", "findings[0].tier"),
    (["findings", 0, "standard"], "speed", "findings[0].standard"),
    (["findings", 0, "confidence"], 1, "findings[0].confidence"),
    (["findings", 0, "location", "side"], "BOTH", "findings[0].location.side"),
    (["findings", 0, "location", "line"], 0, "findings[0].location.line"),
    (["findings", 0, "location", "line"], 1.5, "no whole number"),
    (["findings", 0, "location", "line"], 10**30, "findings[0].location.line"),
    (["findings", 0, "location", "end_line"], 1, "findings[0].location.end_line"),
    (["findings", 0, "ordinal"], -1, "findings[0].ordinal"),
    (["findings", 0, "title"], 7, "findings[0].title is no text"),
    (["findings", 0, "title"], "x" * 301, "301 characters"),
    (["findings", 0, "explanation"], "x" * 4_000_001, "4,000,001 characters"),
    (["findings", 0, "suggestion"], {}, "findings[0].suggestion"),
    (["findings", 0, "source"], "shell:rm", "nothing that is known"),
    (["findings", 0, "source"], "rule:", "nothing that is known"),
    (["findings", 0, "source"], "rule:A\nB", "nothing that is known"),
    (["findings", 0, "source"], "rule:SQL001", "fingerprint"),
    (["findings", 0, "fingerprint"], "0" * 16, "fingerprint"),
    (["findings", 0, "evidence"], "something else", "fingerprint"),
    (["findings", 0, "symbol"], "another", "fingerprint"),
    (["findings", 0, "identity_path"], "../x.sql", "identity_path"),
    (["suppressed", 0, "fingerprint"], "0" * 16, "fingerprint"),
    (["skipped", 0, "stage"], "coffee", "skipped[0].stage"),
    (["skipped", 0, "standards"], ["speed"], "a standard that is none"),
    (["skipped", 0, "standards"], ["cost"] * 9, "at most 8"),
    (["skipped", 0, "standards"], [["cost"]], "a standard that is none"),
    (["skipped", 0, "harmless"], 1, "skipped[0].harmless"),
    (["artifacts"], [7], "artifacts[0] is no object"),
]


@pytest.mark.parametrize(
    ("place", "value", "said"), WRONG, ids=[f"{'.'.join(map(str, row[0]))}-{row[2]}" for row in WRONG]
)
def test_anything_of_another_shape_is_refused(place: Place, value: Any, said: str) -> None:
    assert said in refused(with_value(written(), place, value))


@pytest.mark.parametrize("place", [["target"], ["findings"], ["suppressed"], ["skipped"], ["artifacts"],
                                   ["findings", 0, "title"], ["findings", 0, "location"]])  # fmt: skip
def test_anything_missing_is_refused(place: Place) -> None:
    data = written()
    *way, last = place
    inner: Any = data
    for step in way:
        inner = inner[step]
    del inner[last]
    assert str(last) in refused(data)


HOSTILE = {
    "empty": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "deep": b"[" * 200_000 + b"]" * 200_000,
    "deep inside": b'{"schema_version":1,"target":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "not UTF-8": b'{"a":"\xff"}',
    "not a number": b'{"schema_version":NaN}',
    "a number of a million digits": b'{"schema_version":' + b"1" * 1_000_000 + b"}",
    "too large": b" " * (report.MAX_BYTES + 1),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ReportError, match="nothing was posted"):
        read_report(content)


@pytest.mark.parametrize(
    ("key", "most"), [("findings", 100_000), ("suppressed", 100_000), ("skipped", 20_000), ("artifacts", 20_000)]
)
def test_too_many_are_refused(key: str, most: int) -> None:
    data = written()
    data[key] = [{}] * (most + 1)
    assert f"{most + 1:,} entries" in refused(data)


def with_value(data: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """The same document with another value at that place."""
    data = copy.deepcopy(data)
    inner: Any = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return data
