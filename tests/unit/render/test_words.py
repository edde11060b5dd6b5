"""The words that all surfaces share."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from review.domain.agent import AgentReport, Asked, Spend, Tokens
from review.domain.artifact import Kind
from review.domain.break_glass import BreakGlass
from review.domain.evidence import Stage
from review.domain.finding import Tier
from review.domain.severity import Severity
from review.domain.verdict import Review, Usage
from review.render import parts, words
from review.verdict.claimed import as_claimed
from tests.unit.render.builders import artifact, finding, review, skipped


def test_a_file_missed_in_two_ways_is_one_file() -> None:
    ways = [
        skipped("models/a.sql", "one reason", standards=("cost",)),
        skipped("models/a.sql", "another", standards=("security",)),
    ]
    made = review(artifacts=[artifact("models/a.sql", Kind.DBT_MODEL)], skips=ways)
    assert words.numbers(made).endswith("; 1 checked only in part")


UNSEEN = skipped("models/a.sql", "its worker died")


@pytest.mark.parametrize(
    ("made", "in_shadow", "opened"),
    [
        (
            review([finding(severity=Severity.HIGH)]),
            "🟠 1 finding would block this pull request; nothing fails the run up to 2027-01-31",
            "🟠 1 finding blocks this pull request; the break-glass label lets it pass",
        ),
        (
            review(artifacts=[artifact("models/a.sql", Kind.DBT_MODEL)], skips=[UNSEEN]),
            "⚠️ 1 file could not be checked; nothing fails the run up to 2027-01-31",
            "⚠️ 1 file could not be checked; the break-glass label lets it pass",
        ),
        (review([finding()]), *["✅ nothing blocks, 1 finding to look at"] * 2),
        (review([finding(severity=Severity.HIGH)], fail_on=None), *["✅ nothing blocks, 1 finding to look at"] * 2),
    ],
    ids=["fail", "incomplete", "pass", "never"],
)
def test_a_verdict_that_fails_no_run_says_why(made: Review, in_shadow: str, opened: str) -> None:
    exempt = BreakGlass("data-urgent", "ana", "2027-01-15T09:30:00Z")
    for change, said in (({"shadow_until": date(2027, 1, 31)}, in_shadow), ({"break_glass": exempt}, opened)):
        whole = replace(made, verdict=replace(made.verdict, **change))
        assert f"{words.icon(whole)} {words.verdict(whole)}" == said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (review(artifacts=[artifact("a.sql", Kind.SQL_QUERY)]), "⚪ nothing found, as the pull request's own run says"),
        (
            review([finding()]),
            "⚪ nothing blocks, 1 finding to look at, as the pull request's own run says",
        ),
        (review([finding(severity=Severity.HIGH)]), "❌ 1 finding blocks this pull request"),
    ],
    ids=["nothing", "pass", "fail"],
)
def test_a_claim_is_not_our_own_green(made: Review, said: str) -> None:
    claimed = replace(made, is_claimed=True, verdict=as_claimed(made.verdict))
    assert f"{words.icon(claimed)} {words.verdict(claimed)}" == said
    rows = parts.checklist(claimed)
    assert "✅" not in rows
    assert rows.count("as the pull request's own run says") == parts.checklist(made).count("| ✅ |")


def test_the_gates_measure() -> None:
    made = review([finding()])
    levels = {
        (fail_on and fail_on.value, vary, bool(until)): words.gate(
            replace(made, verdict=replace(made.verdict, fail_on=fail_on, levels_vary=vary, shadow_until=until))
        )
        for fail_on in (Severity.LOW, None)
        for vary in (False, True)
        for until in (None, date(2027, 1, 31))
    }
    low, never = "proven findings of severity `low` or worse fail the run (`fail-on`)", "no finding fails the run"
    paths, none = ", and other levels hold for some paths (`overrides`)", ", but none up to 2027-01-31 (`shadow-until`)"
    assert levels == {
        ("low", False, False): low,
        ("low", False, True): low + none,
        ("low", True, False): low + paths,
        ("low", True, True): low + paths + none,
        (None, False, False): f"{never} (`fail-on: never`)",
        (None, False, True): f"{never} (`fail-on: never`)",
        (None, True, False): f"{never} (`fail-on: never`){paths}",
        (None, True, True): f"{never} (`fail-on: never`){paths}{none}",
    }


# With an agent

SPENT = Spend(4, Tokens(input=1_000, output=500, cache_read=3_000, cache_write=1_000), 0.126)


def asked(asked: Asked, **changes: Any) -> Review:
    report = AgentReport("data-engineer", "claude-sonnet-5-5", asked, **changes)
    made = review(artifacts=[artifact("models/a.sql", Kind.DBT_MODEL)], agent=report)
    return replace(made, usage=Usage({"agent": 41.6}))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (asked(Asked.NOT_NEEDED), "not asked, since the change is trivial"),
        (asked(Asked.REUSED, carried=3), "nothing changed since it was last asked, no call made"),
        (asked(Asked.REVIEWED, spend=SPENT), "4 calls, 5,500 tokens, 60 % of the input from cache, $0.13, 42 s"),
        (
            asked(Asked.INCOMPLETE, spend=SPENT, carried=1),
            "4 calls, 5,500 tokens, 60 % of the input from cache, $0.13, 42 s, 1 file carried over",
        ),
        (asked(Asked.INCOMPLETE), "0 calls, 0 tokens, $0.00, 42 s"),
    ],
)
def test_what_asking_took(made: Review, said: str) -> None:
    assert words.asked(made) == f"data-engineer on claude-sonnet-5-5: {said}"


def test_where_no_agent_was_asked_it_is_said() -> None:
    made = review()
    assert (words.asked(made), words.dropped(made)) == ("no model was asked", "")


def test_what_was_not_taken_is_counted_by_reason_the_most_frequent_first() -> None:
    made = asked(Asked.REVIEWED, dropped={"b": 1, "it was said twice": 3, "a": 1})
    assert words.dropped(made) == "5 claims of the data-engineer agent not taken: it was said twice (3); a (1); b (1)"
    assert words.dropped(asked(Asked.REVIEWED)) == ""


@pytest.mark.parametrize(
    ("source", "tier", "said"),
    [
        ("agent:data-engineer", Tier.CORROBORATED, "verified"),
        ("agent:data-engineer", Tier.ADVISORY, "advisory"),
        ("rule:DBT001", Tier.CORROBORATED, "confirmed by the agent"),
        ("rule:DBT001", Tier.PROVEN, ""),
        ("sqlfluff:AM04", Tier.ADVISORY, ""),
    ],
)
def test_how_well_a_finding_is_held_up(source: str, tier: Tier, said: str) -> None:
    assert words.standing(finding(source=source, tier=tier)) == said


def test_the_gate_says_whether_an_agent_can_block() -> None:
    assert words.gate(review(agent_can_block=True)).startswith("proven and verified findings of severity `high`")
    assert words.gate(review()).startswith("proven findings of severity `high`")


def test_a_review_that_lacks_only_the_agent_says_so() -> None:
    gap = skipped("data-engineer", "overloaded", stage=Stage.AGENT.value)
    report = AgentReport("data-engineer", "m", Asked.INCOMPLETE)
    made = [artifact("models/a.sql", Kind.DBT_MODEL)]
    assert words.verdict(review(artifacts=made, skips=[gap], agent=report)) == (
        "the data-engineer agent could not finish its review; from the other checks: nothing found"
    )
    both = review(artifacts=made, skips=[gap, skipped("models/a.sql", "too large")], agent=report)
    assert words.verdict(both) == "2 things could not be checked"
