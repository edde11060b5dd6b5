"""The gate: verdict and exit status for each combination of findings, gaps and fail level."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from review.domain.agent import AgentReport, Asked, Judged, Judgement
from review.domain.artifact import Artifact, Kind
from review.domain.break_glass import BreakGlass
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Location, Standard, Tier
from review.domain.severity import Severity
from review.domain.verdict import Decision, ItemStatus, Verdict
from review.verdict.decide import decide
from tests.unit.render.builders import FCT, SUBJECTS, artifact, finding, skipped

MODEL = artifact(FCT, Kind.DBT_MODEL)
UNSEEN = skipped(FCT, "its worker died")
IN_PART = skipped(FCT, "could not be linted", stage=Stage.LINT.value, standards=("data-quality",))
HARMLESS = skipped(FCT, "generated", harmless=True)
LEVELS: tuple[Severity | None, ...] = (*Severity, None)


def decided(
    findings: Sequence[Finding] = (),
    skips: Sequence[Skipped] = (),
    fail_on: Severity | None = Severity.HIGH,
    artifacts: Sequence[Artifact] = (MODEL,),
) -> Verdict:
    return decide(artifacts, findings, skips, SUBJECTS, fail_on)


@pytest.mark.parametrize("fail_on", LEVELS)
@pytest.mark.parametrize("severity", Severity)
def test_fail_levels(severity: Severity, fail_on: Severity | None) -> None:
    entry = finding(severity=severity)
    verdict = decided([entry], fail_on=fail_on)
    blocks = fail_on is not None and severity.rank <= fail_on.rank
    assert verdict.decision is (Decision.FAIL if blocks else Decision.PASS)
    assert verdict.blocking == ({entry.fingerprint} if blocks else frozenset())
    assert verdict.exit_status == int(blocks)
    assert verdict.fail_on is fail_on


@pytest.mark.parametrize("tier", [Tier.CORROBORATED, Tier.ADVISORY])
def test_only_what_is_proven_blocks(tier: Tier) -> None:
    verdict = decided([finding(severity=Severity.CRITICAL, tier=tier)], fail_on=Severity.LOW)
    assert (verdict.decision, verdict.blocking, verdict.exit_status) == (Decision.PASS, frozenset(), 0)


@pytest.mark.parametrize(
    ("findings", "skips", "fail_on", "decision", "status"),
    [
        ((), (), "high", "pass", 0),
        (("low",), (), "high", "pass", 0),
        (("high",), (), "high", "fail", 1),
        (("high",), (), "never", "pass", 0),
        ((), (UNSEEN,), "high", "incomplete", 1),
        (("low",), (UNSEEN,), "high", "incomplete", 1),
        (("high",), (UNSEEN,), "high", "fail", 1),
        ((), (UNSEEN,), "never", "incomplete", 0),
        (("high",), (UNSEEN,), "never", "incomplete", 0),
        ((), (IN_PART,), "high", "pass", 0),
        (("high",), (IN_PART,), "high", "fail", 1),
        ((), (HARMLESS,), "high", "pass", 0),
    ],
)
def test_every_combination(
    findings: tuple[str, ...], skips: tuple[Skipped, ...], fail_on: str, decision: str, status: int
) -> None:
    found = [finding(severity=Severity(value)) for value in findings]
    verdict = decided(found, skips, None if fail_on == "never" else Severity(fail_on))
    assert (verdict.decision.value, verdict.exit_status) == (decision, status)


def test_an_incomplete_review_is_never_green() -> None:
    """Whatever else was found: a file nobody saw gives no pass, neither to the gate nor to a standard of its kind."""
    for severities, skips, fail_on in product(
        [(), (Severity.LOW,), (Severity.CRITICAL,)],
        [(UNSEEN,), (UNSEEN, IN_PART), (HARMLESS, UNSEEN)],
        LEVELS,
    ):
        verdict = decided([finding(severity=each) for each in severities], skips, fail_on)
        assert verdict.decision is not Decision.PASS
        assert verdict.undecided == (UNSEEN,)
        assert verdict.exit_status == (fail_on is not None)
        for item in verdict.checklist:
            assert item.status is not ItemStatus.PASS
    assert decided().decision is Decision.PASS


@pytest.mark.parametrize(
    "skip",
    [
        skipped("dags/unreadable.py", "cannot be read", stage=Stage.INTAKE.value),
        skipped("dags/unreadable.py", "no kind could be told", stage=Stage.CLASSIFY.value),
        skipped("DBT001", "the rule broke", standards=("testing",)),
        skipped("dags/new.py", "too large", stage=Stage.CLASSIFY.value, standards=("testing",)),
        skipped(FCT, "every rule gave up", standards=("data-quality", "testing", "cost")),
        skipped("dags/a.py", "could not be linted", stage=Stage.LINT.value),
        skipped(".sqlfluff", "names no dialect that there is", stage=Stage.LINT.value),
    ],
    ids=[
        "not read",
        "not classified",
        "a check of ours broke",
        "no artifact",
        "all rules gave up",
        "linted only, and not that",
        "a linter's settings",
    ],
)
def test_unseen_leaves_the_gate_undecided(skip: Skipped) -> None:
    artifacts = (MODEL, artifact("dags/a.py", Kind.DAG_HELPER))
    verdict = decided([finding()], [skip], artifacts=artifacts)
    assert (verdict.decision, verdict.undecided) == (Decision.INCOMPLETE, (skip,))
    assert any(
        item.status is ItemStatus.NOT_REVIEWED or "not everything" in item.evidence for item in verdict.checklist
    )


def test_rules_that_give_up_one_after_the_other_leave_it_undecided_together() -> None:
    skips = [skipped(FCT, f"gave up on {name}", standards=(name,)) for name in ("data-quality", "testing", "cost")]
    assert decided(skips=skips[:2]).decision is Decision.PASS
    assert decided(skips=skips).decision is Decision.INCOMPLETE


@pytest.mark.parametrize("skip", [IN_PART, skipped(FCT, "one rule gave up", standards=("testing",))])
def test_seen_in_part_leaves_the_gate_to_what_was_seen(skip: Skipped) -> None:
    verdict = decided(skips=[skip])
    assert (verdict.decision, verdict.undecided) == (Decision.PASS, ())
    missed = [item.standard for item in verdict.checklist if item.status is ItemStatus.NOT_REVIEWED]
    assert missed == [Standard(value) for value in skip.standards]


def test_every_gap_stands_under_a_standard() -> None:
    for skip in (UNSEEN, IN_PART, skipped("x", "y"), skipped("DBT001", "broke", standards=("cost",))):
        statuses = {item.status for item in decided(skips=[skip]).checklist}
        assert ItemStatus.NOT_REVIEWED in statuses


def test_nothing_changed() -> None:
    verdict = decided(artifacts=())
    assert (verdict.decision, verdict.exit_status) == (Decision.PASS, 0)
    assert {item.status for item in verdict.checklist} == {ItemStatus.NOT_APPLICABLE}


# With an agent

UNANSWERED = skipped("data-engineer", "the API is overloaded", stage=Stage.AGENT.value)
CUT = skipped(FCT, "9 changed lines were not sent to data-engineer", stage=Stage.AGENT.value)
UNVERIFIED = skipped("data-engineer", "1 finding was not verified", stage=Stage.AGENT.value, harmless=True)


@pytest.mark.parametrize(
    ("severities", "skips", "fail_on", "lets", "decision", "status"),
    [
        ((), (UNANSWERED,), "high", True, "incomplete", 0),
        ((), (UNANSWERED,), "high", False, "incomplete", 1),
        ((), (UNANSWERED,), "never", False, "incomplete", 0),
        (("low",), (UNANSWERED,), "high", True, "incomplete", 0),
        (("high",), (UNANSWERED,), "high", True, "fail", 1),
        ((), (UNANSWERED, UNSEEN), "high", True, "incomplete", 1),
        ((), (UNANSWERED, IN_PART), "high", True, "incomplete", 0),
        ((), (UNANSWERED, IN_PART), "high", False, "incomplete", 1),
        ((), (CUT,), "high", False, "pass", 0),
        ((), (UNVERIFIED,), "high", False, "pass", 0),
        ((), (), "high", False, "pass", 0),
    ],
)
def test_an_agent_that_could_not_finish_passes_only_where_the_team_lets_it(
    severities: tuple[str, ...], skips: tuple[Skipped, ...], fail_on: str, lets: bool, decision: str, status: int
) -> None:
    verdict = decide(
        (MODEL,),
        [finding(severity=Severity(value)) for value in severities],
        skips,
        SUBJECTS,
        None if fail_on == "never" else Severity(fail_on),
        lets_agent_fail=lets,
    )
    assert (verdict.decision.value, verdict.exit_status) == (decision, status)
    assert verdict.lets_agent_fail is lets


def test_what_leaves_the_gate_undecided_is_told_apart() -> None:
    assert decided(skips=[UNANSWERED]).lacks_only_agent
    assert decided(skips=[UNANSWERED, IN_PART, CUT]).lacks_only_agent
    assert not decided(skips=[UNANSWERED, UNSEEN]).lacks_only_agent
    assert not decided(skips=[UNSEEN]).lacks_only_agent
    assert not decided(skips=[CUT]).lacks_only_agent
    assert not decided().lacks_only_agent


@pytest.mark.parametrize("can_block", [True, False])
@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("severity", Severity)
def test_only_where_the_team_allows_it_what_is_corroborated_blocks(
    severity: Severity, tier: Tier, can_block: bool
) -> None:
    entry = finding(source="agent:data-engineer", severity=severity, tier=tier)
    verdict = decide((MODEL,), [entry], (), SUBJECTS, Severity.HIGH, agent_can_block=can_block)
    is_bad = severity in (Severity.CRITICAL, Severity.HIGH)
    blocks = is_bad and (tier is Tier.PROVEN or (can_block and tier is Tier.CORROBORATED))
    assert (verdict.exit_status, verdict.blocking) == (int(blocks), {entry.fingerprint} if blocks else frozenset())
    assert verdict.agent_can_block is can_block


def test_an_agents_judgements_decide_nothing() -> None:
    for judged in Judged:
        judgements = tuple(Judgement(standard, judged, "Why.") for standard in Standard)
        report = AgentReport("data-engineer", "m", Asked.REVIEWED, judgements)
        for findings, skips in (((), ()), ((), (UNSEEN,)), ((finding(severity=Severity.HIGH),), ())):
            bare = decided(findings, skips)
            heard = decide((MODEL,), findings, skips, SUBJECTS, Severity.HIGH, agent=report, agent_can_block=True)
            assert (heard.decision, heard.exit_status, heard.blocking) == (
                bare.decision,
                bare.exit_status,
                bare.blocking,
            )


# By path, in shadow, and opened by hand

PROD, SANDBOX = "dags/prod/a.py", "dags/sandbox/a.py"
DAGS = (artifact(PROD, Kind.DAG), artifact(SANDBOX, Kind.DAG))


def level_at(path: str) -> Severity | None:
    """Strict for prod, nothing for the sandbox."""
    return {PROD: Severity.LOW, SANDBOX: None, UNANSWERED.subject: None}.get(path, Severity.HIGH)


def at(path: str, severity: Severity) -> Finding:
    return finding(severity=severity, location=Location(path, 1, 1))


@pytest.mark.parametrize(
    ("findings", "skips", "decision", "status"),
    [
        ([at(PROD, Severity.LOW)], [], "fail", 1),
        ([at(SANDBOX, Severity.CRITICAL)], [], "pass", 0),
        ([at(FCT, Severity.MEDIUM)], [], "pass", 0),
        ([at(FCT, Severity.HIGH)], [], "fail", 1),
        ([], [skipped(SANDBOX, "its worker died")], "incomplete", 0),
        ([], [skipped(PROD, "its worker died")], "incomplete", 1),
        ([], [skipped(SANDBOX, "its worker died"), skipped(PROD, "its worker died")], "incomplete", 1),
        ([], [skipped(SANDBOX, "its worker died"), UNANSWERED], "incomplete", 0),
        ([at(PROD, Severity.LOW)], [skipped(SANDBOX, "its worker died")], "fail", 1),
    ],
)
def test_each_file_has_its_own_fail_level(
    findings: list[Finding], skips: list[Skipped], decision: str, status: int
) -> None:
    verdict = decide((*DAGS, MODEL), findings, skips, SUBJECTS, Severity.HIGH, fail_on_at=level_at)
    assert (verdict.decision.value, verdict.exit_status) == (decision, status)
    assert verdict.levels_vary
    assert not decide((MODEL,), findings, skips, SUBJECTS, Severity.HIGH, fail_on_at=level_at).levels_vary


def test_an_agent_is_no_file_whose_path_an_override_could_hold() -> None:
    verdict = decide((MODEL,), (), [UNANSWERED], SUBJECTS, Severity.HIGH, fail_on_at=level_at, lets_agent_fail=False)
    assert (verdict.decision, verdict.exit_status) == (Decision.INCOMPLETE, 1)


@pytest.mark.parametrize(
    ("subject", "fail_on", "status"),
    [
        (f"DAG001 on {PROD}", None, 1),
        (f"DAG001 on {PROD}", Severity.HIGH, 1),
        (f"DAG001 on {SANDBOX}", Severity.HIGH, 0),
        ("the report", None, 1),
        ("the report", Severity.HIGH, 1),
        ("data-engineer", None, 1),
    ],
)
def test_a_check_of_ours_that_broke_falls_under_the_level_of_its_file_or_the_strictest(
    subject: str, fail_on: Severity | None, status: int
) -> None:
    """The subject of such a skip is no path, and a pattern of the policy says nothing of it."""
    stage = Stage.AGENT if subject == "data-engineer" else Stage.RULES
    broke = skipped(subject, "made the rule fail (ValueError)", stage=stage.value)

    def level(path: str) -> Severity | None:
        assert path in (PROD, SANDBOX)
        return {PROD: Severity.LOW, SANDBOX: None}[path]

    verdict = decide(DAGS, (), [broke], SUBJECTS, fail_on, fail_on_at=level, lets_agent_fail=False)
    assert (verdict.decision, verdict.exit_status) == (Decision.INCOMPLETE, status)


def test_a_strict_path_fails_the_run_where_nothing_else_can() -> None:
    verdict = decide(DAGS, [at(PROD, Severity.LOW)], (), SUBJECTS, None, fail_on_at=level_at)
    assert (verdict.decision, verdict.exit_status) == (Decision.FAIL, 1)


@pytest.mark.parametrize("findings", [(), (finding(severity=Severity.CRITICAL),)])
@pytest.mark.parametrize("skips", [(), (UNSEEN,), (UNANSWERED,)])
def test_in_shadow_and_opened_by_hand_the_verdict_stays_and_the_run_passes(
    findings: tuple[Finding, ...], skips: tuple[Skipped, ...]
) -> None:
    plain = decide((MODEL,), findings, skips, SUBJECTS, Severity.HIGH, lets_agent_fail=False)
    shadow = decide(
        (MODEL,), findings, skips, SUBJECTS, Severity.HIGH, lets_agent_fail=False, shadow_until=date(2027, 1, 31)
    )
    opened = replace(plain, break_glass=BreakGlass("data-urgent", "ana", "2027-01-15T09:30:00Z"))
    assert plain.exit_status == bool(findings or skips)
    for exempt in (shadow, opened):
        assert (exempt.exit_status, exempt.fails) == (0, plain.fails)
        assert (exempt.decision, exempt.blocking, exempt.undecided) == (
            plain.decision,
            plain.blocking,
            plain.undecided,
        )
        assert exempt.checklist == plain.checklist
