"""What is taken over from an earlier run, and what is kept for the next."""

from review.domain.agent import Claim, Judged, Judgement, Question, Topic
from review.domain.finding import Finding, Location, Standard
from review.reviewers.memory import Memory
from review.reviewers.plan import Plan, plan
from review.reviewers.remember import NOTHING, Carried, carried, kept
from review.reviewers.setup import Change
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import artifact, change, in_turn, setup

A, B = "a/a.sql", "b/b.sql"
RULE = finding(location=Location(A, 1, 1))
CHANGE = change(artifact(A, "a\n", "b\nc\n"), artifact(B, "a\n", "b\n"), findings=[RULE])
KEY = b"the key"


def said(path: str, standard: Standard = Standard.COST, line: int = 1) -> Finding:
    return finding(source="agent:data-engineer", standard=standard, location=Location(path, line, line), title=path)


def judgement(standard: Standard, judged: Judged) -> Judgement:
    return Judgement(standard, judged, "Why.")


def known(*reviewed: str, findings: tuple[Finding, ...] = (), **more: object) -> Memory:
    first = plan(CHANGE, setup(in_turn()), None)
    fields: dict[str, object] = {"rests_on": {}, "judgements": (), "questions": (), **more}
    files = frozenset(first.keys[path] for path in reviewed)
    return Memory(first.review, files, findings, **fields)  # type: ignore[arg-type]


def taken_over(memory: Memory, made: Change = CHANGE) -> Carried:
    return carried(memory, plan(made, setup(in_turn()), memory), made)


def test_claims_on_files_that_are_as_they_were() -> None:
    memory = known(A, findings=(said(B), said(A), said(A, line=2)), rests_on={1: (RULE.fingerprint, "gone" * 4)})
    assert taken_over(memory).claims == (Claim(said(A), (RULE,)), Claim(said(A, line=2), ()))


def test_a_line_that_is_not_there_is_no_claim() -> None:
    """Only a state that we did not make says so: the file is the same."""
    memory = known(A, findings=(said(A, line=4), said(A, line=0), said("c.sql"), said(A, line=2)))
    assert taken_over(memory).claims == (Claim(said(A, line=2)),)


def test_judgements_stay_but_a_concern_goes_with_its_finding() -> None:
    judgements = tuple(
        judgement(standard, judged)
        for standard, judged in (
            (Standard.COST, Judged.CONCERN),
            (Standard.TESTING, Judged.CONCERN),
            (Standard.SECURITY, Judged.CONCERN),
            (Standard.MONITORING, Judged.UNCLEAR),
        )
    )
    findings = (said(A), said(B), said(B, Standard.TESTING), said(B, Standard.MONITORING))
    found = taken_over(known(A, findings=findings, judgements=judgements))
    assert [each.standard for each in found.judgements] == [Standard.COST, Standard.SECURITY, Standard.MONITORING]


def test_questions_about_files_that_are_as_they_were_and_about_the_whole() -> None:
    questions = tuple(Question(Topic.VOLUME, "How much?", "", path) for path in (A, B, ""))
    found = taken_over(known(A, questions=questions))
    assert [question.path for question in found.questions] == [A, ""]


def test_of_another_reviewer_nothing_is_taken_over() -> None:
    memory = known(
        A,
        findings=(said(A),),
        judgements=(judgement(Standard.COST, Judged.PASS),),
        questions=(Question(Topic.VOLUME, "How much?", ""),),
    )
    other = Memory("another", memory.files, memory.findings, {}, memory.judgements, memory.questions)
    assert taken_over(other) == NOTHING


# Kept


def plan_of(memory: Memory | None = None) -> Plan:
    return plan(CHANGE, setup(in_turn()), memory)


def test_what_is_kept_is_found_by_the_next_run() -> None:
    claims = (Claim(said(B)), Claim(said(A), (RULE,)))
    judgements = (judgement(Standard.COST, Judged.CONCERN),)
    questions = (Question(Topic.VOLUME, "How much?", "It decides.", A),)
    memory = Memory.decoded(kept(plan_of(), [A, B], claims, judgements, questions, KEY), KEY)
    assert memory is not None
    found = plan_of(memory)
    assert (found.clusters, found.carried) == ((), (A, B))
    assert carried(memory, found, CHANGE) == Carried(claims, judgements, questions)


def test_only_what_was_reviewed_is_kept() -> None:
    memory = Memory.decoded(kept(plan_of(), [B], (), (), (), KEY), KEY)
    assert memory is not None
    assert plan_of(memory).carried == (B,)


def test_what_was_carried_is_carried_on() -> None:
    memory = Memory.decoded(kept(plan_of(known(A)), [], (), (), (), KEY), KEY)
    assert memory is not None
    assert plan_of(memory).carried == (A,)


def test_where_nothing_was_reviewed_nothing_is_kept() -> None:
    assert kept(plan_of(), [], (Claim(said(A)),), (), (), KEY) == ""
    assert kept(plan_of(), [A], (), (), (), b"") == ""
