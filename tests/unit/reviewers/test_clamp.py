"""How much a claim may weigh: by what stands behind it."""

import pytest

from review.domain.finding import Confidence, Finding, Location, Suggestion, Tier
from review.domain.severity import Severity
from review.reviewers.checks import Checked
from review.reviewers.clamp import Standing, clamp
from review.reviewers.facts import Fact
from tests.unit.render.builders import FCT, finding

PARSED = Fact("F1", FCT, "reads x")
FOUND = Fact("F2", FCT, "rule:DBT001 found", finding())
ELSEWHERE = Fact("F3", "other.sql", "rule:DBT001 found", finding(location=Location("other.sql", 1, 1)))
CRITICAL, HIGH, MEDIUM, LOW = Severity


def clamped(
    severity: Severity, standing: Standing, *facts: Fact, in_diff: bool = True, confidence: Confidence = Confidence.HIGH
) -> Finding | None:
    made = finding(source="agent:a", severity=severity, confidence=confidence, tier=Tier.ADVISORY)
    return clamp(Checked(made, facts, in_diff), standing)


def weight(found: Finding | None) -> tuple[str, str, str] | None:
    return None if found is None else (found.tier.value, found.severity.value, found.confidence.value)


@pytest.mark.parametrize(
    ("severity", "becomes"), [(CRITICAL, "high"), (HIGH, "high"), (MEDIUM, "medium"), (LOW, "low")]
)
def test_confirmed_on_a_line_of_the_change_it_is_corroborated(severity: Severity, becomes: str) -> None:
    assert weight(clamped(severity, Standing.CONFIRMED)) == ("corroborated", becomes, "high")


@pytest.mark.parametrize(
    ("facts", "becomes"),
    [((), "high"), ((PARSED,), "high"), ((ELSEWHERE,), "high"), ((FOUND,), "critical"), ((PARSED, FOUND), "critical")],
)
def test_critical_only_where_it_rests_on_what_a_tool_found_in_the_same_file(
    facts: tuple[Fact, ...], becomes: str
) -> None:
    assert weight(clamped(CRITICAL, Standing.CONFIRMED, *facts)) == ("corroborated", becomes, "high")


@pytest.mark.parametrize(
    ("severity", "becomes"), [(CRITICAL, "medium"), (HIGH, "medium"), (MEDIUM, "medium"), (LOW, "low")]
)
@pytest.mark.parametrize("facts", [(), (FOUND,)])
def test_confirmed_outside_the_change_it_is_advice(severity: Severity, becomes: str, facts: tuple[Fact, ...]) -> None:
    assert weight(clamped(severity, Standing.CONFIRMED, *facts, in_diff=False)) == ("advisory", becomes, "high")


@pytest.mark.parametrize(
    ("severity", "becomes"), [(CRITICAL, "medium"), (HIGH, "medium"), (MEDIUM, "low"), (LOW, "low")]
)
@pytest.mark.parametrize("facts", [(), (FOUND,)])
def test_unverified_it_is_advice_and_weighs_less(severity: Severity, becomes: str, facts: tuple[Fact, ...]) -> None:
    assert weight(clamped(severity, Standing.UNVERIFIED, *facts)) == ("advisory", becomes, "medium")


@pytest.mark.parametrize(
    ("confidence", "becomes"), [(Confidence.HIGH, "medium"), (Confidence.MEDIUM, "low"), (Confidence.LOW, "low")]
)
def test_unverified_it_is_less_sure(confidence: Confidence, becomes: str) -> None:
    found = clamped(LOW, Standing.UNVERIFIED, confidence=confidence)
    assert found is not None
    assert found.confidence.value == becomes


def test_unverified_outside_the_change_it_does_not_count_without_a_fact() -> None:
    assert clamped(CRITICAL, Standing.UNVERIFIED, in_diff=False) is None
    assert weight(clamped(CRITICAL, Standing.UNVERIFIED, PARSED, in_diff=False)) == ("advisory", "medium", "medium")


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("in_diff", [True, False])
@pytest.mark.parametrize("facts", [(), (PARSED,), (FOUND,)])
def test_without_its_edit_a_confirmed_finding_weighs_the_same(
    severity: Severity, in_diff: bool, facts: tuple[Fact, ...]
) -> None:
    whole, bare = (
        clamped(severity, standing, *facts, in_diff=in_diff) for standing in (Standing.CONFIRMED, Standing.WITHOUT_EDIT)
    )
    assert whole == bare


@pytest.mark.parametrize(
    ("standing", "is_kept"),
    [(Standing.CONFIRMED, True), (Standing.WITHOUT_EDIT, False), (Standing.UNVERIFIED, False)],
)
@pytest.mark.parametrize("in_diff", [True, False])
def test_only_an_edit_that_was_confirmed_is_offered(standing: Standing, is_kept: bool, in_diff: bool) -> None:
    edit = Suggestion("unique_key='id'")
    made = finding(source="agent:a", severity=HIGH, tier=Tier.ADVISORY, suggestion=edit)
    found = clamp(Checked(made, (FOUND,), in_diff, "the whole text"), standing)
    assert found is not None
    assert found.suggestion == (edit if is_kept else None)
    assert found.location == made.location


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("in_diff", [True, False])
def test_no_claim_is_ever_proven_or_raised(severity: Severity, standing: Standing, in_diff: bool) -> None:
    for facts in ((), (PARSED,), (FOUND,)):
        found = clamped(severity, standing, *facts, in_diff=in_diff)
        if found is not None:
            assert found.tier is not Tier.PROVEN
            assert found.severity.rank >= severity.rank
