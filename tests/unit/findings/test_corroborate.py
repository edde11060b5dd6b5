"""What an agent and a tool both say becomes one finding: the tool's."""

from dataclasses import replace

import pytest

from review.domain.agent import Claim
from review.domain.changeset import Side
from review.domain.finding import Confidence, Finding, Location, Standard, Tier
from review.domain.severity import Severity
from review.domain.verdict import Suppressed
from review.findings.corroborate import NEAR, Corroborated, corroborate
from tests.unit.render.builders import FCT, finding

RULE = finding(location=Location(FCT, 10, 12), confidence=Confidence.MEDIUM)


def said(line: int = 10, end_line: int | None = None, **changes: object) -> Finding:
    """An agent's finding, confirmed, of the rule's standard."""
    where = Location(FCT, line, end_line or line)
    made = finding(source="agent:data-engineer", tier=Tier.CORROBORATED, location=where, title="Said")
    return replace(made, **changes)  # type: ignore[arg-type]


def together(claim: Finding, *tools: Finding, rests_on: tuple[Finding, ...] = ()) -> Corroborated:
    return corroborate(tools or (RULE,), [Claim(claim, rests_on)])


def test_without_claims_the_tools_findings_are_as_they_were() -> None:
    assert corroborate([RULE, finding()], []) == Corroborated((RULE, finding()), ())


def test_a_claim_that_no_tool_makes_stands_by_itself() -> None:
    claim = said(90)
    assert together(claim) == Corroborated((RULE, claim), ())
    assert corroborate([], [Claim(claim)]) == Corroborated((claim,), ())


def test_one_that_a_tool_makes_is_merged_into_it_and_makes_it_surer() -> None:
    claim = said(severity=Severity.CRITICAL)
    assert together(claim) == Corroborated(
        (replace(RULE, confidence=Confidence.HIGH),),
        (Suppressed(claim, "merged into DBT001, which it confirms"),),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [(Confidence.LOW, Confidence.MEDIUM), (Confidence.MEDIUM, Confidence.HIGH), (Confidence.HIGH, Confidence.HIGH)],
)
def test_confidence_rises_by_one_level(before: Confidence, after: Confidence) -> None:
    (tool,) = together(said(), replace(RULE, confidence=before)).findings
    assert tool == replace(RULE, confidence=after)


@pytest.mark.parametrize(
    ("line", "end_line", "is_one"),
    [
        (10, 12, True),
        (10, 10, True),
        (11, 11, True),
        (12, 12, True),
        (9, 9, False),
        (13, 13, False),
        (1, 10, True),
        (1, 9, False),
        (12, 99, True),
        (13, 99, False),
        (1, 99, True),
    ],
)
def test_of_one_standard_they_are_one_where_they_share_a_line(line: int, end_line: int, is_one: bool) -> None:
    """Two defects of one standard often stand on lines that follow each other: neither may swallow the other."""
    claim = said(line, end_line)
    assert len(together(claim).findings) == (1 if is_one else 2)
    assert len(together(replace(claim, standard=Standard.COST)).findings) == 2


@pytest.mark.parametrize(
    ("line", "end_line", "is_one"),
    [
        (10, 12, True),
        (7, 7, True),
        (6, 6, False),
        (15, 15, True),
        (16, 16, False),
        (1, 99, True),
        (1, 7, True),
        (1, 6, False),
        (15, 99, True),
        (16, 99, False),
    ],
)
def test_one_of_its_standard_that_cites_it_may_lie_three_lines_away(line: int, end_line: int, is_one: bool) -> None:
    assert NEAR == 3
    found = together(said(line, end_line), rests_on=(RULE,))
    assert len(found.findings) == (1 if is_one else 2)
    assert len(found.merged) == (1 if is_one else 0)


@pytest.mark.parametrize(
    ("line", "end_line", "is_one"),
    [(10, 12, True), (12, 12, True), (1, 10, True), (9, 9, False), (13, 13, False), (13, 99, False)],
)
def test_one_of_another_standard_that_cites_it_shares_a_line_with_it(line: int, end_line: int, is_one: bool) -> None:
    """It says more than the tool does: it is the tool's word on that line, and none on its confidence or its tier."""
    weak = replace(RULE, confidence=Confidence.LOW, tier=Tier.ADVISORY)
    claim = said(line, end_line, standard=Standard.COST)
    found = together(claim, weak, rests_on=(weak,))
    if is_one:
        assert found.findings == (weak,)
        assert [drop.finding for drop in found.merged] == [claim]
        assert found.merged[0].reason.startswith("merged into DBT001")
    else:
        assert found == Corroborated((weak, claim), ())


@pytest.mark.parametrize(
    "claim",
    [
        said(standard=Standard.COST),
        said(location=Location("other.sql", 10, 12)),
        said(location=Location(FCT, 10, 12, Side.LEFT)),
    ],
    ids=["another standard", "another file", "the other version"],
)
def test_what_is_about_something_else_is_another(claim: Finding) -> None:
    assert together(claim) == Corroborated((RULE, claim), ())


@pytest.mark.parametrize(
    "where",
    [Location("other.sql", 10, 12), Location(FCT, 10, 12, Side.LEFT)],
    ids=["another file", "the other version"],
)
def test_no_citation_reaches_into_another_file_or_version(where: Location) -> None:
    claim = said(location=where)
    assert together(claim, rests_on=(RULE,)) == Corroborated((RULE, claim), ())


def test_of_two_tools_close_by_the_one_that_is_cited_is_confirmed() -> None:
    """The other is as near, and of the standard, but shares no line with the claim."""
    other = replace(RULE, source="rule:DBT002", location=Location(FCT, 14, 14))
    found = together(said(13), other, RULE, rests_on=(RULE,))
    assert found.findings == (other, replace(RULE, confidence=Confidence.HIGH))
    assert [drop.reason for drop in found.merged] == ["merged into DBT001, which it confirms"]


def test_one_that_cites_the_tools_finding_is_one_whatever_its_standard() -> None:
    claim = said(standard=Standard.COST)
    assert len(together(claim, rests_on=(RULE,)).findings) == 1
    assert len(together(claim, rests_on=(replace(RULE, confidence=Confidence.LOW),)).findings) == 1
    assert len(together(claim, rests_on=(finding(source="rule:DBT002", location=RULE.location),)).findings) == 2
    assert len(together(said(90, standard=Standard.COST), rests_on=(RULE,)).findings) == 2


def test_only_a_verified_word_raises_a_tools_advice_and_never_to_a_proof() -> None:
    advice = replace(RULE, tier=Tier.ADVISORY)
    assert together(said(), advice).findings[0].tier is Tier.CORROBORATED
    assert together(said(tier=Tier.ADVISORY), advice).findings[0].tier is Tier.ADVISORY
    assert together(said(tier=Tier.ADVISORY)).findings[0].tier is Tier.PROVEN


def test_the_severity_is_the_tools() -> None:
    for severity in Severity:
        assert together(said(severity=severity)).findings[0].severity is RULE.severity


def test_of_several_tools_the_first_is_confirmed_once_by_each_claim() -> None:
    first, second = replace(RULE, confidence=Confidence.LOW), replace(RULE, source="rule:DBT002")
    found = corroborate([first, second], [Claim(said()), Claim(said(11))])
    assert found.findings == (replace(first, confidence=Confidence.HIGH), second)
    assert [drop.reason for drop in found.merged] == ["merged into DBT001, which it confirms"] * 2


def test_nothing_is_lost() -> None:
    claims = [said(line, standard=standard) for line in (1, 8, 10, 12, 13, 30) for standard in Standard]
    found = corroborate([RULE], map(Claim, claims))
    merged = [drop.finding for drop in found.merged]
    assert merged == [said(10), said(12)]
    assert list(found.findings[1:]) == [claim for claim in claims if claim not in merged]
