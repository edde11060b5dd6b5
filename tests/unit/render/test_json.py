"""review.json: the schema it is published with, and no secret in it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import review.render
from review.domain.artifact import Kind
from review.domain.evidence import Stage
from review.domain.finding import Confidence, Location, Standard, Suggestion, Tier
from review.domain.severity import Severity
from review.domain.verdict import Decision, ItemStatus, Review, Suppressed
from review.render.json import review_dict, review_json
from tests.unit.render import builders, examples
from tests.unit.render.builders import artifact, finding, skipped

SCHEMA = json.loads((Path(review.render.__file__).parent / "review.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def valid(whole: Review) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(review_json(whole))
    VALIDATOR.validate(document)
    assert document == review_dict(whole)
    return document


def test_the_schema_is_one() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    VALIDATOR.check_schema(SCHEMA)


@pytest.mark.parametrize("example", examples.ALL, ids=lambda example: example.__name__)
def test_examples_keep_to_the_schema(example: Callable[[], Review]) -> None:
    document = valid(example())
    assert len(document["checklist"]) == 8


def test_every_value_keeps_to_the_schema() -> None:
    entries = [
        finding(
            standard=standard,
            severity=severity,
            confidence=confidence,
            tier=tier,
            suggestion=Suggestion(""),
            evidence=f"{standard}{severity}{confidence}{tier}",
        )
        for standard in Standard
        for severity in Severity
        for confidence in Confidence
        for tier in Tier
    ]
    whole = builders.review(
        entries,
        [artifact(f"{kind.value}.x", kind, project="", dialect="trino") for kind in Kind],
        suppressed=[Suppressed(finding(source="agent:data-engineer"), "why")],
        skips=[skipped("x", "y", stage=stage.value) for stage in Stage],
    )
    document = valid(whole)
    assert {entry["kind"] for entry in document["artifacts"]} == {kind.value for kind in Kind}
    for decision in Decision:
        items = tuple(replace(item, status=list(ItemStatus)[n % 5]) for n, item in enumerate(whole.verdict.checklist))
        valid(replace(whole, verdict=replace(whole.verdict, decision=decision, checklist=items)))


def test_a_review_of_a_range_keeps_to_the_schema() -> None:
    whole = examples.clean()
    assert valid(replace(whole, target=replace(whole.target, pull_request=None)))["target"]["pull_request"] is None


def test_what_a_program_needs_is_there() -> None:
    document = valid(examples.everything())
    assert (document["verdict"], document["exit_status"]) == ("fail", 1)
    first = document["findings"][0]
    assert (first["rule"], first["blocking"], first["inline"]) == ("SPK001", True, True)
    assert first["location"] == {"path": "jobs/sessionise.py", "side": "RIGHT", "line": 4, "end_line": 4}
    assert document["findings"][2]["suggestion"] == '    "email": ["data-alerts@shop.example"],'
    assert [entry["reason"][:6] for entry in document["suppressed"]] == ["waived"]
    assert [entry["harmless"] for entry in document["skipped"]] == [False, False, True]


def test_an_agents_finding_names_the_agent() -> None:
    entry = valid(builders.review([finding(source="agent:data-engineer")]))["findings"][0]
    assert entry["agent"] == "data-engineer"
    assert "rule" not in entry


SECRET = "ghp_" + "a1B2" * 9


def test_no_secret_and_no_control_character() -> None:
    text = f"{SECRET} \x1b[31m \u202e"
    entry = finding(title=text, explanation=text, remediation=text, suggestion=Suggestion(text))
    whole = builders.review(
        [entry], suppressed=[Suppressed(entry, text)], skips=[skipped("a.sql", text)], notices=[text]
    )
    out = review_json(whole)
    assert SECRET not in out
    assert out.isascii()
    assert "\x1b" not in out
    assert valid(whole)["findings"][0]["suggestion"] is None


def test_a_path_that_is_no_unicode() -> None:
    whole = builders.review([finding(location=Location("a\udcff.sql", 1, 1))])
    assert review_json(whole).encode("ascii")
