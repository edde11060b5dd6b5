"""The eight items: each of the five statuses, and the line that says what it rests on."""

from collections.abc import Sequence

import pytest

from review.domain.agent import AgentReport, Asked, Judged, Judgement
from review.domain.artifact import Artifact, Kind
from review.domain.changeset import Status
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard, Tier
from review.domain.practice import Practice
from review.domain.severity import Severity
from review.domain.verdict import ChecklistItem, ItemStatus, Suppressed
from review.verdict.coverage import Subjects
from review.verdict.decide import decide
from review.verdict.quiet import Quiet
from tests.unit.render.builders import FCT, SUBJECTS, artifact, changed, finding, skipped

MODEL = artifact(FCT, Kind.DBT_MODEL)
OTHER = artifact("models/b.sql", Kind.DBT_MODEL)
LINT_GAP = skipped(FCT, "could not be linted", stage=Stage.LINT.value, standards=("data-quality", "cost"))


def item(
    standard: Standard,
    artifacts: Sequence[Artifact],
    findings: Sequence[Finding] = (),
    skips: Sequence[Skipped] = (),
    fail_on: Severity | None = Severity.HIGH,
    agent: AgentReport | None = None,
) -> tuple[ItemStatus, str]:
    found = decide(artifacts, findings, skips, SUBJECTS, fail_on, agent=agent).checklist[list(Standard).index(standard)]
    assert found == ChecklistItem(standard, found.status, found.evidence)
    return found.status, found.evidence


@pytest.mark.parametrize("artifacts", [(), (MODEL,)])
def test_always_all_eight_in_their_order(artifacts: Sequence[Artifact]) -> None:
    assert [each.standard for each in decide(artifacts, (), (), SUBJECTS, None).checklist] == list(Standard)


def test_pass_names_what_was_looked_at() -> None:
    both = (artifact("jobs/a.py", Kind.PYSPARK), MODEL, OTHER, artifact("dags/a.py", Kind.DAG))
    assert item(Standard.DATA_QUALITY, both) == (ItemStatus.PASS, "nothing found in 2 dbt models")
    assert item(Standard.ERROR_HANDLING, both) == (ItemStatus.PASS, "nothing found in 1 PySpark job, 1 DAG")


def test_fail() -> None:
    bad = finding(severity=Severity.HIGH)
    assert item(Standard.DATA_QUALITY, (MODEL,), (bad,)) == (ItemStatus.FAIL, f"high: {bad.title}")


def test_fail_names_the_worst_of_several() -> None:
    bad = finding(severity=Severity.CRITICAL, title="The worst", evidence="worst")
    status, evidence = item(Standard.DATA_QUALITY, (MODEL,), (finding(), bad, finding(evidence="third")))
    assert (status, evidence) == (ItemStatus.FAIL, "3 findings, worst critical: The worst")


@pytest.mark.parametrize(
    ("entry", "fail_on"),
    [
        (finding(), Severity.HIGH),
        (finding(severity=Severity.CRITICAL, tier=Tier.ADVISORY), Severity.LOW),
        (finding(severity=Severity.CRITICAL, tier=Tier.CORROBORATED), Severity.LOW),
        (finding(severity=Severity.CRITICAL), None),
    ],
    ids=["too mild", "advisory", "corroborated", "never"],
)
def test_attention_where_a_finding_does_not_block(entry: Finding, fail_on: Severity | None) -> None:
    status, evidence = item(Standard.DATA_QUALITY, (MODEL,), (entry,), fail_on=fail_on)
    assert (status, evidence) == (ItemStatus.ATTENTION, f"{entry.severity.value}: {entry.title}")


def test_a_finding_of_one_standard_leaves_the_others_alone() -> None:
    assert item(Standard.COST, (MODEL,), (finding(),))[0] is ItemStatus.PASS


def test_findings_beside_gaps_say_so() -> None:
    status, evidence = item(Standard.DATA_QUALITY, (MODEL,), (finding(),), (LINT_GAP,))
    assert status is ItemStatus.ATTENTION
    assert evidence == f"medium: {finding().title}; not everything could be checked"


def test_not_reviewed_where_something_was_missed() -> None:
    for standard in (Standard.DATA_QUALITY, Standard.COST):
        assert item(standard, (MODEL, OTHER), (), (LINT_GAP,)) == (
            ItemStatus.NOT_REVIEWED,
            f"{FCT}: could not be linted",
        )
    assert item(Standard.TESTING, (MODEL, OTHER), (), (LINT_GAP,))[0] is ItemStatus.PASS


def test_not_reviewed_counts_what_else_was_missed() -> None:
    gaps = (LINT_GAP, skipped("models/b.sql", "too large"))
    assert item(Standard.COST, (MODEL, OTHER), (), gaps)[1] == f"{FCT}: could not be linted (and 1 more)"


def test_what_is_said_twice_counts_once() -> None:
    assert item(Standard.COST, (MODEL,), (), (LINT_GAP, LINT_GAP))[1] == f"{FCT}: could not be linted"


def test_a_gap_in_a_file_of_unknown_kind_touches_every_standard() -> None:
    gap = skipped("jobs/unreadable.py", "cannot be read", stage=Stage.INTAKE.value)
    for standard in Standard:
        assert item(standard, (MODEL,), (), (gap,))[0] is ItemStatus.NOT_REVIEWED


def test_a_gap_in_a_known_file_touches_the_standards_of_its_kind() -> None:
    gap = skipped("dags/a.py", "does not parse")
    missed = {
        each
        for each in Standard
        if item(each, (artifact("dags/a.py", Kind.DAG),), (), (gap,))[0] is ItemStatus.NOT_REVIEWED
    }
    assert missed == {Standard.ERROR_HANDLING, Standard.MONITORING}


def test_what_is_harmless_takes_nothing_away() -> None:
    gap = skipped(FCT, "generated", harmless=True)
    assert item(Standard.DATA_QUALITY, (MODEL,), (), (gap,))[0] is ItemStatus.PASS


def test_not_applicable() -> None:
    assert item(Standard.MONITORING, (MODEL,)) == (
        ItemStatus.NOT_APPLICABLE,
        "nothing changed that its checks speak of",
    )


def test_not_applicable_where_files_are_only_deleted() -> None:
    gone = artifact("dags/a.py", Kind.DAG, file=changed("dags/a.py", status=Status.DELETED), head=None)
    assert item(Standard.MONITORING, (gone, MODEL)) == (
        ItemStatus.NOT_APPLICABLE,
        "only deletions, which leave nothing to check",
    )
    assert item(Standard.MONITORING, (gone, artifact("dags/b.py", Kind.DAG)))[1] == "nothing found in 1 DAG"


OFF = {
    Standard.SECURITY: {"SQL001": frozenset({Kind.DAG})},
    Standard.DATA_QUALITY: {f"DBT00{number}": frozenset({Kind.DBT_MODEL}) for number in range(1, 7)},
}


def quiet_item(
    standard: Standard,
    artifacts: Sequence[Artifact],
    suppressed: Sequence[Suppressed] = (),
    skips: Sequence[Skipped] = (),
    findings: Sequence[Finding] = (),
    subjects: Subjects = SUBJECTS,
) -> tuple[ItemStatus, str]:
    quiet = Quiet(OFF, tuple(suppressed))
    (found,) = (
        each
        for each in decide(artifacts, findings, skips, subjects, Severity.HIGH, quiet=quiet).checklist
        if each.standard is standard
    )
    return found.status, found.evidence


WAIVED = Suppressed(finding(), "waived until 2027-01-01 by dba: small", by_team=True)


def test_rules_that_the_policy_switches_off_are_named() -> None:
    named = "DBT001, DBT002, DBT003, DBT004 and 2 more"
    assert quiet_item(Standard.DATA_QUALITY, (MODEL,)) == (ItemStatus.PASS, f"{PASSED}; off by the policy: {named}")
    assert quiet_item(Standard.COST, (MODEL,)) == (ItemStatus.PASS, PASSED)
    assert quiet_item(Standard.DATA_QUALITY, (MODEL,), subjects={}) == (
        ItemStatus.NOT_APPLICABLE,
        f"its checks are off by the policy: {named}",
    )
    assert quiet_item(Standard.DATA_QUALITY, (), subjects={})[1] == "nothing changed that its checks speak of"


def test_a_deleted_file_asks_for_no_rule() -> None:
    assert "off by the policy" not in quiet_item(Standard.DATA_QUALITY, (GONE,))[1]


def test_suppressed_findings_are_counted() -> None:
    merged = Suppressed(finding(), "merged into SQL001")
    assert quiet_item(Standard.DATA_QUALITY, (MODEL,), [WAIVED, WAIVED, merged]) == (
        ItemStatus.PASS,
        f"{PASSED} but 2 suppressed findings; off by the policy: DBT001, DBT002, DBT003, DBT004 and 2 more",
    )
    assert quiet_item(Standard.DATA_QUALITY, (), [WAIVED], subjects={}) == (
        ItemStatus.PASS,
        "nothing found but 1 suppressed finding",
    )
    assert quiet_item(Standard.DATA_QUALITY, (MODEL,), [WAIVED], findings=[finding(evidence="b")]) == (
        ItemStatus.ATTENTION,
        f"medium: {finding().title}; 1 suppressed finding",
    )
    assert quiet_item(Standard.COST, (MODEL,), [WAIVED])[1] == PASSED


def test_where_only_the_agent_is_missing_suppressed_findings_are_counted_too() -> None:
    assert quiet_item(Standard.DATA_QUALITY, (MODEL,), [WAIVED], [UNHEARD])[1] == (
        "rules and linters found nothing in 1 dbt model but 1 suppressed finding; off by the policy: DBT001, DBT002,"
        " DBT003, DBT004 and 2 more; the agent's review is missing (data-engineer)"
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_name(kind: Kind) -> None:
    """One without a name once brought the whole review down."""
    subjects = {standard: frozenset(Kind) for standard in Standard}
    for number in (1, 2):
        several = [artifact(f"{index}.sql", kind) for index in range(number)]
        for each in decide(several, (), (), subjects, None).checklist:
            assert each.evidence == f"nothing found in {number} {kind.noun if number == 1 else kind.plural}"


# What an agent says


def said(
    judged: Judged, rationale: str = "Keys are tested.", standard: Standard = Standard.DATA_QUALITY
) -> AgentReport:
    judgements = (Judgement(standard, judged, rationale),)
    return AgentReport("data-engineer", "claude-sonnet-5-5", Asked.REVIEWED, judgements)


PASSED = "nothing found in 1 dbt model"
FOUND = f"medium: {finding().title}"
MISSED = f"{FCT}: could not be linted"


@pytest.mark.parametrize(
    ("findings", "skips", "judged", "status", "evidence"),
    [
        ((), (), Judged.PASS, "pass", f"{PASSED}. data-engineer: Keys are tested."),
        ((), (), Judged.NOT_APPLICABLE, "pass", f"{PASSED}. data-engineer: Keys are tested."),
        ((), (), Judged.CONCERN, "attention", f"{PASSED}. data-engineer: Keys are tested."),
        ((), (), Judged.UNCLEAR, "attention", f"{PASSED}. data-engineer: Keys are tested."),
        ((finding(),), (), Judged.PASS, "attention", FOUND),
        ((finding(),), (), Judged.NOT_APPLICABLE, "attention", FOUND),
        ((finding(),), (), Judged.CONCERN, "attention", f"{FOUND}. data-engineer: Keys are tested."),
        ((finding(severity=Severity.HIGH),), (), Judged.PASS, "fail", FOUND.replace("medium", "high")),
        (
            (finding(severity=Severity.HIGH),),
            (),
            Judged.UNCLEAR,
            "fail",
            f"{FOUND.replace('medium', 'high')}. data-engineer: Keys are tested.",
        ),
        ((), (LINT_GAP,), Judged.PASS, "not reviewed", f"{MISSED}. data-engineer: Keys are tested."),
        ((), (LINT_GAP,), Judged.CONCERN, "not reviewed", f"{MISSED}. data-engineer: Keys are tested."),
    ],
)
def test_an_agents_doubts_take_pass_away_and_its_praise_gives_none(
    findings: Sequence[Finding], skips: Sequence[Skipped], judged: Judged, status: str, evidence: str
) -> None:
    found = item(Standard.DATA_QUALITY, (MODEL,), findings, skips, agent=said(judged))
    assert found == (ItemStatus(status), evidence)


NOTHING = "nothing changed that its checks speak of"


@pytest.mark.parametrize(
    ("judged", "status"),
    [
        (Judged.PASS, "not applicable"),
        (Judged.NOT_APPLICABLE, "not applicable"),
        (Judged.CONCERN, "attention"),
        (Judged.UNCLEAR, "attention"),
    ],
)
def test_of_what_no_check_speaks_of_an_agent_may_doubt(judged: Judged, status: str) -> None:
    found = item(Standard.MONITORING, (MODEL,), agent=said(judged, "No alert.", Standard.MONITORING))
    assert found == (ItemStatus(status), f"{NOTHING}. data-engineer: No alert.")


@pytest.mark.parametrize("judged", Judged)
def test_no_word_of_an_agents_turns_anything_green(judged: Judged) -> None:
    for standard in Standard:
        for findings, skips in (((finding(standard=standard),), ()), ((), (skipped(FCT, "too large"),))):
            bare = item(standard, (MODEL,), findings, skips)[0]
            heard = item(standard, (MODEL,), findings, skips, agent=said(judged, standard=standard))[0]
            assert heard is bare or (heard, bare) == (ItemStatus.ATTENTION, ItemStatus.NOT_APPLICABLE)
            assert heard is not ItemStatus.PASS or bare is ItemStatus.PASS


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        (Judged.PASS, "no concern"),
        (Judged.CONCERN, "a concern"),
        (Judged.UNCLEAR, "cannot be told from the change"),
        (Judged.NOT_APPLICABLE, "does not apply"),
    ],
)
def test_a_judgement_without_a_rationale_has_words_all_the_same(judged: Judged, words: str) -> None:
    assert item(Standard.DATA_QUALITY, (MODEL,), agent=said(judged, ""))[1] == f"{PASSED}. data-engineer: {words}"


def test_a_standard_of_which_an_agent_says_nothing_is_left_alone() -> None:
    agent = said(Judged.CONCERN, standard=Standard.SECURITY)
    assert item(Standard.DATA_QUALITY, (MODEL,), agent=agent) == (ItemStatus.PASS, PASSED)


def test_where_an_agent_could_not_finish_no_standard_passes() -> None:
    gap = skipped("data-engineer", "the API is overloaded", stage=Stage.AGENT.value)
    report = AgentReport("data-engineer", "claude-sonnet-5-5", Asked.INCOMPLETE)
    for standard in Standard:
        found = item(standard, (MODEL,), (), (gap,), agent=report)
        spoken_of = Kind.DBT_MODEL in SUBJECTS[standard]
        tools = "rules and linters found nothing in 1 dbt model; " if spoken_of else ""
        assert found == (ItemStatus.NOT_REVIEWED, f"{tools}the agent's review is missing (data-engineer)")


UNHEARD = skipped("data-engineer", "the API is overloaded; without its review: a.sql", stage=Stage.AGENT.value)
GONE = artifact("models/gone.sql", Kind.DBT_MODEL, head=None)


@pytest.mark.parametrize(
    ("artifacts", "found"),
    [
        (
            (MODEL, OTHER, artifact("models/c.sql", Kind.DBT_MODEL), artifact("dags/a.py", Kind.DAG)),
            "rules and linters found nothing in 3 dbt models; ",
        ),
        ((MODEL, GONE), "rules and linters found nothing in 1 dbt model; "),
        ((GONE,), ""),
        ((artifact("dags/a.py", Kind.DAG),), ""),
        ((), ""),
    ],
    ids=["three models", "one deleted", "only deletions", "another kind", "nothing"],
)
def test_where_only_the_agent_is_missing_it_says_what_the_tools_saw(artifacts: Sequence[Artifact], found: str) -> None:
    assert item(Standard.DATA_QUALITY, artifacts, (), (UNHEARD,)) == (
        ItemStatus.NOT_REVIEWED,
        f"{found}the agent's review is missing (data-engineer)",
    )


def test_why_the_agent_is_missing_is_not_told_eight_times() -> None:
    """Each reason stands once, with the skips: a table of eight reasons hides all else."""
    other = skipped("data-engineer", "was not asked: no money; without its review: b.sql", stage=Stage.AGENT.value)
    assert item(Standard.DATA_QUALITY, (MODEL, OTHER), (), (UNHEARD, other))[1] == (
        "rules and linters found nothing in 2 dbt models; the agent's review is missing (data-engineer)"
    )


@pytest.mark.parametrize(
    ("gaps", "evidence"),
    [
        ((LINT_GAP, UNHEARD), f"{FCT}: could not be linted (and 1 more)"),
        ((UNHEARD, LINT_GAP), f"data-engineer: {UNHEARD.reason} (and 1 more)"),
    ],
)
def test_where_the_tools_missed_something_as_well_they_are_not_said_to_have_found_nothing(
    gaps: tuple[Skipped, ...], evidence: str
) -> None:
    assert item(Standard.COST, (MODEL,), (), gaps) == (ItemStatus.NOT_REVIEWED, evidence)
    assert item(Standard.TESTING, (MODEL,), (), gaps)[1] == (
        "rules and linters found nothing in 1 dbt model; the agent's review is missing (data-engineer)"
    )


def test_findings_beside_a_missing_agent_come_first() -> None:
    assert item(Standard.DATA_QUALITY, (MODEL,), (finding(),), (UNHEARD,)) == (
        ItemStatus.ATTENTION,
        f"medium: {finding().title}; not everything could be checked",
    )


def test_a_file_that_an_agent_saw_in_part_takes_pass_from_the_standards_of_its_kind() -> None:
    gap = skipped(FCT, "9 changed lines were not sent", stage=Stage.AGENT.value)
    missed = {each for each in Standard if item(each, (MODEL,), (), (gap,))[0] is ItemStatus.NOT_REVIEWED}
    assert missed == {Standard.DATA_QUALITY, Standard.TESTING, Standard.COST}


def test_what_new_files_have_is_told_and_changes_no_status() -> None:
    """A missing practice is a fact beside the status, never its reason."""
    told = (
        Practice(FCT, Standard.DATA_QUALITY, True, "a `unique_key`", 2),
        Practice(FCT, Standard.DATA_QUALITY, False, "no contract"),
        Practice("models/b.sql", Standard.DATA_QUALITY, True, "a `unique_key`", 1),
    )
    items = decide((MODEL, OTHER), (), (), SUBJECTS, Severity.LOW, practices=told).checklist
    quality, *_ = [each for each in items if each.standard is Standard.DATA_QUALITY]
    assert quality.status is ItemStatus.PASS
    assert quality.evidence == ("nothing found in 2 dbt models; in new files: no contract (1 of 2)")
    assert all("new files" not in each.evidence for each in items if each is not quality)
