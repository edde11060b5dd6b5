"""A finding's identity across pushes, and the finding as JSON."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.domain.changeset import Side
from review.domain.finding import Confidence, Finding, Location, Standard, Suggestion, Tier
from review.domain.redaction import redact
from review.domain.severity import Severity
from tests.unit.render.builders import FCT, finding

PLAIN = finding(symbol="fct_order_events")


@pytest.mark.parametrize(
    "changes",
    [
        {"location": Location(FCT, 90, 95)},
        {"location": Location(FCT, 3, 3, Side.LEFT)},
        {"evidence": "  materialized=incremental\n"},
        {"title": "Worded anew"},
        {"explanation": "Worded anew.", "remediation": "Worded anew.", "help_url": "https://github.com/x"},
        {"severity": Severity.LOW, "confidence": Confidence.LOW, "tier": Tier.ADVISORY, "standard": Standard.COST},
        {"suggestion": Suggestion("select 2")},
        {"location": Location("moved/there.sql", 3, 3), "identity_path": FCT},
    ],
    ids=["moved down", "side", "spacing", "title", "texts", "weight", "suggestion", "renamed"],
)
def test_the_fingerprint_stays(changes: dict[str, Any]) -> None:
    assert finding(symbol="fct_order_events", **changes).fingerprint == PLAIN.fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "rule:DBT002"},
        {"source": "agent:DBT001"},
        {"location": Location("models/other.sql", 3, 3)},
        {"symbol": "other"},
        {"evidence": "materialized=table"},
        {"evidence": "materialized = incremental"},
        {"ordinal": 1},
    ],
    ids=["rule", "kind of source", "path", "symbol", "evidence", "words of the evidence", "ordinal"],
)
def test_the_fingerprint_differs(changes: dict[str, Any]) -> None:
    assert finding(**{"symbol": "fct_order_events", **changes}).fingerprint != PLAIN.fingerprint


def test_blanks_within_the_evidence_do_not_count() -> None:
    spaced, tabbed = (finding(evidence=text).fingerprint for text in ("a = b", "a\t=\n    b"))
    assert spaced == tabbed


def test_the_parts_of_an_identity_cannot_be_shifted() -> None:
    """Text that moves from one field to the next is another finding."""
    assert finding(symbol="a", evidence="b c").fingerprint != finding(symbol="a b", evidence="c").fingerprint


def test_the_fingerprint_is_what_earlier_releases_wrote() -> None:
    """It stands in comments on pull requests: whoever changes it makes every open one be commented twice."""
    assert PLAIN.fingerprint == "97cc079a8f5255d7"


def test_a_name_that_is_no_unicode_has_a_fingerprint() -> None:
    assert len(finding(location=Location("models/\udcff.sql", 1, 1)).fingerprint) == 16


@pytest.mark.parametrize("suggestion", [None, Suggestion(""), Suggestion("a\nb")])
def test_json_and_back(suggestion: Suggestion | None) -> None:
    whole = finding(suggestion=suggestion, symbol="s", ordinal=2, identity_path="old.sql", help_url="https://x")
    assert Finding.from_dict(json.loads(json.dumps(whole.to_dict()))) == whole


@pytest.mark.parametrize("change", [{"severity": "huge"}, {"location": None}, {"tier": 3}])
def test_json_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Finding.from_dict({**PLAIN.to_dict(), **change})


def test_json_that_lacks_a_field_is_refused() -> None:
    for name in PLAIN.to_dict():
        with pytest.raises(KeyError):
            Finding.from_dict({key: value for key, value in PLAIN.to_dict().items() if key != name})


PIECES = (
    "password", "token", "api_key", "=", ":", "=>", "'", '"', " ", "\n", "://", "@", "?", "&", "/", "(redacted)",
    "Bearer ", "ghp_" + "a1B2" * 9, "Ab3dEf6hIj", "AKIA" + "A" * 16, f"eyJ{'a' * 9}.{'b' * 9}.",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "identified by ",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----eyJaaaaaaaaa.bbbbbbbbb.")
def test_what_is_published_of_the_evidence_gives_the_same_fingerprint(evidence: str) -> None:
    """Blotting out one secret can lay open another: a report that is read back must not be refused for it."""
    whole = finding(evidence=evidence)
    published = finding(evidence=whole.proof)
    assert (published.proof, published.fingerprint) == (whole.proof, whole.fingerprint)
    assert redact(whole.proof) == whole.proof
