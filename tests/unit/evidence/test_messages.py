"""What travels to a worker and back: everything arrives, and nothing of another shape is believed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Side, Status
from review.domain.evidence import Skipped
from review.domain.finding import Confidence, Finding, Location, Standard, Suggestion, Tier
from review.domain.practice import Practice
from review.domain.severity import Severity
from review.evidence.messages import MAX_FINDINGS, Answer, MalformedAnswer, Request, answer, read_answer, request

FILE = ChangedFile("models/b.sql", Status.RENAMED, old_path="models/a.sql", added=frozenset({2, 5}))
ARTIFACT = Artifact(
    FILE,
    Kind.DBT_MODEL,
    project="",
    dialect="trino",
    base=Version("models/a.sql", "select 1\r\n"),
    head=Version("models/b.sql", "select '\N{PILE OF POO}\x00\ud800'\n"),
)
FINDING = Finding(
    source="rule:DBT001",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    tier=Tier.PROVEN,
    location=Location("models/b.sql", 2, 3),
    title="A title",
    explanation="Why.",
    remediation="What.",
    evidence="select \N{PILE OF POO}",
    symbol="cte",
    suggestion=Suggestion("select 2"),
    help_url="https://example.com/page",
    ordinal=1,
    identity_path="models/a.sql",
)
SKIPPED = Skipped("rules", "models/b.sql", "because", ("cost", "security"), harmless=True)
PRACTICES = (
    Practice("models/b.sql", Standard.COST, True, "reads new rows only", 2),
    Practice("models/b.sql", Standard.TESTING, False, "no tests"),
)


@pytest.mark.parametrize(
    "artifact",
    [
        ARTIFACT,
        replace(ARTIFACT, base=None),
        replace(ARTIFACT, head=None, project=None, dialect=None),
        replace(ARTIFACT, file=ChangedFile("models/b.sql", Status.ADDED), kind=Kind.NOTEBOOK),
    ],
)
@pytest.mark.parametrize("lint", [None, "default"])
def test_a_request_arrives_as_it_was(artifact: Artifact, lint: str | None) -> None:
    sent = request(artifact, lint)
    arrived = Request.from_dict(json.loads(json.dumps(sent.to_dict())))
    assert arrived == sent
    assert arrived.lint == lint
    assert (arrived.head, arrived.base, arrived.kind) == (artifact.head, artifact.base, artifact.kind)
    assert arrived.file.added == artifact.file.added
    assert arrived.file.base_path == artifact.file.base_path


@pytest.mark.parametrize(
    "finding",
    [
        FINDING,
        replace(FINDING, suggestion=None, help_url="", symbol=""),
        replace(FINDING, location=Location("models/a.sql", 1, 1, Side.LEFT)),
    ],
)
def test_an_answer_arrives_as_it_was(finding: Finding) -> None:
    sent = json.loads(json.dumps(answer((finding, FINDING), (SKIPPED,), PRACTICES)))
    assert read_answer(ARTIFACT, sent) == Answer((finding, FINDING), (SKIPPED,), PRACTICES)


def test_nothing_is_an_answer_too() -> None:
    assert read_answer(ARTIFACT, answer((), (), ())) == Answer((), ())


def edited(**changes: Any) -> dict[str, Any]:
    finding = {**FINDING.to_dict(), **changes}
    return {"findings": [finding], "skipped": [], "practices": []}


def located(**changes: Any) -> dict[str, Any]:
    return edited(location={**FINDING.to_dict()["location"], **changes})


def skipping(**changes: Any) -> dict[str, Any]:
    skip = {"stage": "rules", "subject": "a", "reason": "b", "standards": [], "harmless": False}
    return {"findings": [], "skipped": [{**skip, **changes}], "practices": []}


def telling(*entry: Any) -> dict[str, Any]:
    return {"findings": [], "skipped": [], "practices": [list(entry)]}


MALFORMED: list[Callable[[], dict[str, Any]]] = [
    dict,
    lambda: {"findings": []},
    lambda: {"findings": None, "skipped": [], "practices": []},
    lambda: {"findings": [], "skipped": None, "practices": []},
    lambda: {"findings": {}, "skipped": [], "practices": []},
    lambda: {"findings": [None], "skipped": [], "practices": []},
    lambda: {"findings": ["text"], "skipped": [], "practices": []},
    lambda: {"findings": [{}], "skipped": [], "practices": []},
    lambda: {"findings": [], "skipped": ["text"], "practices": []},
    lambda: {"findings": [], "skipped": [{}], "practices": []},
    lambda: edited(standard="elegance"),
    lambda: edited(severity="worst"),
    lambda: edited(confidence=1),
    lambda: edited(tier=None),
    lambda: edited(location=None),
    lambda: edited(ordinal="first"),
    lambda: edited(title=None),
    lambda: edited(source=["rule:X"]),
    lambda: edited(explanation={}),
    lambda: edited(remediation=1),
    lambda: edited(evidence=b"".hex),
    lambda: edited(help_url=None),
    lambda: edited(symbol=None),
    lambda: edited(symbol=[1]),
    lambda: edited(identity_path=None),
    lambda: edited(suggestion=["a"]),
    lambda: located(path="models/other.sql"),
    lambda: located(path="../models/b.sql"),
    lambda: located(path=None),
    lambda: located(path=[]),
    lambda: located(line=0),
    lambda: located(line=-1),
    lambda: located(line=9, end_line=8),
    lambda: located(line="two"),
    lambda: located(line=None),
    lambda: located(line=float("nan")),
    lambda: located(line=float("inf")),
    lambda: located(side="UP"),
    lambda: skipping(stage="magic"),
    lambda: skipping(standards=["elegance"]),
    lambda: skipping(standards=None),
    lambda: {"findings": [], "skipped": []},
    lambda: {"findings": [], "skipped": [], "practices": [[]] * 41},
    lambda: telling("cost", True, "two fields short"),
    lambda: telling("elegance", True, "text", 1),
    lambda: telling("cost", 1, "text", 1),
    lambda: telling("cost", True, "", 1),
    lambda: telling("cost", True, "x" * 201, 1),
    lambda: telling("cost", True, "two\nlines", 1),
    lambda: telling("cost", True, "text", 0),
    lambda: telling("cost", True, "text", 3),
    lambda: telling("cost", True, "text", True),
]


@pytest.mark.parametrize("data", MALFORMED)
def test_an_answer_of_another_shape_is_refused(data: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(MalformedAnswer):
        read_answer(ARTIFACT, data())


def test_a_finding_may_speak_of_the_path_before_the_change() -> None:
    (finding,) = read_answer(ARTIFACT, located(path="models/a.sql")).findings
    assert finding.location.path == "models/a.sql"


@pytest.mark.parametrize(
    "address", ["http://example.com", "javascript:alert(1)", "//example.com", "https:/x", " https://x"]
)
def test_only_a_safe_address_is_kept(address: str) -> None:
    (finding,) = read_answer(ARTIFACT, edited(help_url=address)).findings
    assert finding.help_url == ""


def test_too_many_findings_are_cut_and_that_is_told() -> None:
    data = {"findings": [FINDING.to_dict()] * (MAX_FINDINGS + 3), "skipped": [], "practices": []}
    read = read_answer(ARTIFACT, data)
    assert len(read.findings) == MAX_FINDINGS
    assert read.skipped == (Skipped("findings", "models/b.sql", "3 findings more than are kept of a file"),)
