"""Asking the agent, from the plan to what may be published: with a model in memory."""

import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from review.domain.agent import Asked, Claim, Judged, Question, Spend, Tokens, Topic
from review.domain.artifact import Artifact
from review.domain.evidence import Skipped
from review.domain.finding import Confidence, Location, Standard, Suggestion, Tier
from review.domain.outline import Outline
from review.domain.severity import Severity
from review.errors import AnswerIncomplete, ModelRefused, ModelUnavailable
from review.model.base import Model, Reply
from review.model.ledger import Ledger
from review.reviewers import plan as plan_module
from review.reviewers.brief import HARNESS
from review.reviewers.checks import LEAKS, NO_FILE, NO_QUOTE
from review.reviewers.consult import SAID_TWICE, UNPROVEN, UNREADABLE, consult
from review.reviewers.memory import Memory
from review.reviewers.setup import Change, Consulted, Setup
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import (
    AGENT,
    MODEL,
    PARSES,
    PRICE,
    Scripted,
    artifact,
    by_role,
    change,
    claim,
    edit,
    looks,
    reviewed,
    ruled,
    says,
    setup,
    texts_of,
)

JOIN = "join customers using (customer_id)"
BASE = "from orders\nwhere status = 'paid'\n"
HEAD = f"from orders\n{JOIN}\nwhere status = 'paid'\n"
ORDERS = artifact(MODEL, BASE, HEAD)
KEY = b"the key"


def told(model: Scripted, made: Change | None = None, parse: Any = PARSES, **changes: Any) -> Consulted:
    return consult(made or change(ORDERS), setup(model, **changes), parse)


def large(*names: str, **texts: str) -> Change:
    """Files that each fill a cluster, in the order of their names; the first line of each can be chosen."""
    rest = "".join(f"select {line:050}\n" for line in range(300))
    return change(
        *(
            artifact(f"{name}/m.sql", None, texts.get(name, f"-- {name} begins\n") + rest, project=name)
            for name in names
        )
    )


def named(body: Mapping[str, Any]) -> str:
    """The name of the file that a request is about."""
    match = re.search(r"^=== FILE (\w+)/m\.sql", texts_of(body), re.MULTILINE)
    assert match
    return match[1]


def about(name: str, **changes: Any) -> dict[str, Any]:
    """A claim on the first line of a large file."""
    fields = {"path": f"{name}/m.sql", "line": 1, "end_line": 1, "evidence": f"-- {name} begins", "title": name}
    return claim(**{**fields, **changes})


def answers(*findings: Mapping[str, Any], **more: Any) -> Any:
    """For each cluster an answer that names its file and has those of the claims that are about it."""

    def say(body: Mapping[str, Any]) -> Reply:
        mine = f"{named(body)}/m.sql"
        return reviewed(*(each for each in findings if each["path"] == mine), paths=[mine], **more)

    return say


def forbidden() -> Model:
    raise AssertionError("nobody was to be asked")


# A whole round


def test_what_is_found_and_confirmed() -> None:
    entry = finding(location=Location(MODEL, 2, 2))
    asked = {"topic": "volume", "path": MODEL, "question": "How many orders?", "why": "It decides."}
    model = by_role(
        reviewed(
            claim(facts=["F1"], cost="A scan.", edit=edit(2, 2, JOIN, f"left {JOIN}")),
            judged={Standard.DATA_QUALITY: "concern", Standard.COST: "unclear"},
            questions=[asked],
            paths=[MODEL],
        )
    )
    found = told(model, change(ORDERS, findings=[entry]))
    (made,) = found.claims
    assert made.rests_on == (entry,)
    assert made.finding == replace(
        finding(source="agent:data-engineer"),
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        tier=Tier.CORROBORATED,
        location=Location(MODEL, 2, 2),
        title="A join may multiply rows",
        explanation="Each order comes out once for every match.",
        remediation="Test `customer_id` for uniqueness.",
        evidence=f"data-quality: {JOIN}",
        suggestion=Suggestion(f"left {JOIN}"),
        cost="A scan.",
    )
    report = found.report
    assert report is not None
    assert (report.agent, report.model, report.asked) == ("data-engineer", "claude-sonnet-5-5", Asked.REVIEWED)
    assert [each.standard for each in report.judgements] == list(Standard)
    assert [each.judged for each in report.judgements].count(Judged.PASS) == 6
    assert report.questions == (Question(Topic.VOLUME, "How many orders?", "It decides.", MODEL),)
    assert report.spend == Spend(2, Tokens(input=1_200, output=120), pytest.approx(0.0036))
    assert (report.dropped, report.carried, report.state) == ({}, 0, "")
    assert (found.suppressed, found.skipped, found.notices) == ((), (), ())


def test_what_is_asked_first_and_then_of_the_sceptic() -> None:
    model = by_role(reviewed(claim(), claim(evidence="where status = 'paid'", line=3), paths=[MODEL]))
    told(model)
    assert (len(model.reviews), len(model.verifications)) == (1, 2)
    assert model.reviews[0]["tool_choice"] == {"type": "none"}
    assert all("tools" not in body for body in model.verifications)


def test_the_worst_is_verified_first() -> None:
    levels = ["low", "critical", "medium", "high"]
    lines = ["line_one", "line_two", "line_three", "line_four"]
    made = change(artifact(MODEL, None, "\n".join(lines)))
    claims = [claim(evidence=line, line=1, severity=level) for line, level in zip(lines, levels, strict=True)]
    model = by_role(reviewed(*claims, paths=[MODEL]))
    told(model, made, at_once=1)
    asked = [re.search(r'"severity": "(\w+)"', texts_of(body)) for body in model.verifications]
    assert [match and match[1] for match in asked] == ["critical", "high", "medium", "low"]


def test_it_is_announced_what_will_be_asked() -> None:
    said: list[str] = []
    told(by_role(reviewed(paths=[MODEL])), announce=said.append)
    (line,) = said
    assert re.fullmatch(
        r"Conversations about to be held: 1, about 1 data files?; estimate: 4 calls, [\d,]+ tokens, \$0\.\d\d\.",
        line,
    )


# Without a call


def test_a_trivial_change_needs_nobody() -> None:
    made = change(ORDERS, outlines={MODEL: Outline(trivial=True)})
    found = consult(made, setup(Scripted(lambda body: says("")), connect=forbidden, announce=forbidden), PARSES)
    assert found.report is not None
    assert found.report.asked is Asked.NOT_NEEDED
    assert found == Consulted(replace(found.report, spend=Spend()))


def state_of(found: Consulted) -> Memory:
    assert found.report is not None
    memory = Memory.decoded(found.report.state, KEY)
    assert memory is not None
    return memory


def test_the_same_head_is_not_reviewed_again() -> None:
    entry = finding(location=Location(MODEL, 2, 2))
    asked = [{"topic": "volume", "path": "", "question": "How many orders?", "why": ""}]
    made = change(ORDERS, findings=[entry])
    answer = reviewed(claim(facts=["F1"]), judged={Standard.COST: "unclear"}, questions=asked, paths=[MODEL])
    first = told(by_role(answer), made, identity=KEY)
    again = told(by_role(answer), made, identity=KEY, recall=lambda: state_of(first), connect=forbidden)
    assert again.claims == first.claims
    assert first.report is not None
    assert again.report == replace(first.report, asked=Asked.REUSED, spend=Spend(), carried=1)
    assert again.skipped == ()


def test_of_a_new_push_only_what_changed_is_sent() -> None:
    first = told(
        by_role(answers(about("a"), about("b"), judged={Standard.COST: "unclear"})), large("a", "b", "c"), identity=KEY
    )
    assert [each.finding.title for each in first.claims] == ["a", "b"]
    model = by_role(answers(about("b", evidence="-- b is other", title="new")))
    pushed = large("a", "b", "c", b="-- b is other\n")
    second = told(model, pushed, identity=KEY, recall=lambda: state_of(first))
    assert [named(body) for body in model.reviews] == ["b"]
    assert [each.finding.title for each in second.claims] == ["new", "a"]
    assert second.report is not None
    assert (second.report.asked, second.report.carried) == (Asked.REVIEWED, 2)
    assert {each.standard: each.judged for each in second.report.judgements}[Standard.COST] is Judged.UNCLEAR
    third = told(model, pushed, identity=KEY, recall=lambda: state_of(second), connect=forbidden)
    assert third.claims == second.claims


def test_what_an_earlier_run_said_outlives_a_run_in_which_nobody_answers() -> None:
    model = by_role(answers(about("a"), judged={Standard.COST: "unclear"}))
    first = told(model, large("a", "b"), identity=KEY)
    pushed = large("a", "b", b="-- b is other\n")
    second = told(by_role(AnswerIncomplete("cut")), pushed, identity=KEY, recall=lambda: state_of(first))
    assert [each.finding.title for each in second.claims] == ["a"]
    assert second.report is not None
    assert (second.report.asked, second.report.carried) == (Asked.INCOMPLETE, 1)
    third = told(by_role(answers()), pushed, identity=KEY, recall=lambda: state_of(second))
    assert third.report is not None
    assert third.report.asked is Asked.REVIEWED
    assert {each.standard: each.judged for each in third.report.judgements}[Standard.COST] is Judged.UNCLEAR


def test_a_file_of_which_not_all_was_sent_is_not_whole_the_next_time_either() -> None:
    made = change(artifact("a.sql", None, "".join(f"select {line:050}\n" for line in range(2_000))))
    first = told(by_role(reviewed(paths=["a.sql"])), made, identity=KEY)
    (skip,) = first.skipped
    assert (skip.subject, skip.reason.partition(" ")[2]) == ("a.sql", "changed lines were not sent to data-engineer")
    again = told(by_role(reviewed()), made, identity=KEY, recall=lambda: state_of(first), connect=forbidden)
    assert again.skipped == first.skipped


def test_a_file_that_no_answer_names_is_sent_again() -> None:
    """Else the next run of the same head would call it reviewed."""
    model = by_role(reviewed(paths=["a.sql"]))
    made = change(artifact("a.sql", None, "select 1\n"), artifact("b.sql", None, "select 1\n"))
    first = told(model, made, identity=KEY)
    assert [skip.subject for skip in first.skipped] == ["b.sql"]
    second = told(model, made, identity=KEY, recall=lambda: state_of(first))
    assert second.skipped == first.skipped
    assert "=== FILE b.sql" in texts_of(model.reviews[1])
    assert "=== FILE a.sql" not in texts_of(model.reviews[1])


# Side by side


def test_the_first_conversation_goes_alone_and_then_three_at_once() -> None:
    """What all share is in the API's cache once the first answer has come."""
    under_way: list[str] = []
    alone = threading.Event()
    three = threading.Barrier(3)

    def say(body: Mapping[str, Any]) -> Reply:
        name = named(body)
        under_way.append(name)
        if name == "a":
            threading.Event().wait(0.03)
            assert under_way == ["a"]
            alone.set()
        else:
            assert alone.is_set()
            three.wait(5)
        return reviewed(paths=[f"{name}/m.sql"])

    found = told(by_role(say), large(*"abcdefg"))
    assert found.skipped == ()
    assert sorted(under_way) == list("abcdefg")


def test_the_others_begin_with_the_first_turn_of_the_first() -> None:
    began = threading.Event()

    def say(body: Mapping[str, Any]) -> Reply:
        if named(body) == "a" and len(body["messages"]) == 1:
            return looks(("list_files", {"glob": "*"}))
        if named(body) == "a":
            assert began.wait(5)
        else:
            began.set()
        return reviewed(paths=[f"{named(body)}/m.sql"])

    assert told(by_role(say), large("a", "b")).skipped == ()


def test_turns_are_those_that_the_agents_file_allows() -> None:
    for allowed, turns in ((1, 1), (2, 2), (None, 6), (50, 6)):
        model = by_role(looks(("list_files", {"glob": "*"})))
        found = told(model, large("a"), agent=replace(AGENT, max_turns=allowed))
        assert len(model.reviews) == turns
        assert found.skipped[0].reason.startswith(
            "the model asked for a tool where it was to answer; without its review"
        )


# What is dropped


def test_claims_that_do_not_stand_are_counted_with_the_reason() -> None:
    recited = " ".join(HARNESS.split()[:12])
    model = by_role(
        reviewed(
            claim(),
            claim(title="Said twice", severity="low"),
            claim(path="nowhere.sql"),
            claim(evidence="no such code"),
            claim(evidence="nor such"),
            claim(explanation=recited),
            {**claim(), "severity": "blocker"},
            claim(evidence="from orders", line=1),
            paths=[MODEL],
        ),
        lambda body: says("nothing") if "from orders" in evidence_of(body) else ruled(),
    )
    found = told(model)
    assert [each.finding.title for each in found.claims] == ["A join may multiply rows"]
    assert found.report is not None
    assert found.report.dropped == {
        NO_FILE: 1, NO_QUOTE: 2, LEAKS: 1, UNREADABLE: 1, SAID_TWICE: 1, UNPROVEN: 1,
    }  # fmt: skip


def evidence_of(body: Mapping[str, Any]) -> str:
    """Where the claim stands that the sceptic is asked about."""
    place = re.search(r'"place": "\S+ RIGHT (\d+)-', texts_of(body))
    assert place
    return HEAD.split("\n")[int(place[1]) - 1]


def test_an_edit_that_breaks_the_file_is_taken_back_and_the_finding_stays() -> None:
    seen: list[tuple[str, str]] = []

    def parse(edits: Sequence[tuple[Artifact, str]]) -> Sequence[str]:
        seen.extend((each.path, text) for each, text in edits)
        return ["it does not parse"] * len(edits)

    model = by_role(reviewed(claim(edit=edit(2, 2, JOIN, "join (")), claim(evidence="from orders"), paths=[MODEL]))
    found = told(model, parse=parse)
    assert seen == [(MODEL, HEAD.replace(JOIN, "join ("))]
    assert [each.finding.suggestion for each in found.claims] == [None, None]


# The sceptic


def test_what_is_refuted_with_code_is_suppressed_with_the_reason() -> None:
    found = told(
        by_role(reviewed(claim(), paths=[MODEL]), ruled("refuted", quote="where status = 'paid'", reason="It filters."))
    )
    assert found.claims == ()
    (drop,) = found.suppressed
    assert drop.finding.title == "A join may multiply rows"
    assert drop.reason == "refuted when it was verified: It filters. The code says `where status = 'paid'`"


@pytest.mark.parametrize("quote", ["", "where status = 'open'"])
def test_what_is_refuted_without_code_stays_as_advice(quote: str) -> None:
    found = told(by_role(reviewed(claim(), paths=[MODEL]), ruled("refuted", quote=quote)))
    assert [(each.finding.tier, each.finding.severity, each.finding.confidence) for each in found.claims] == [
        (Tier.ADVISORY, Severity.MEDIUM, Confidence.LOW)
    ]
    assert (found.suppressed, found.skipped) == ((), ())


def test_what_only_the_author_knows_becomes_a_question() -> None:
    found = told(
        by_role(reviewed(claim(), paths=[MODEL]), ruled("needs-author", topic="stack", question="Is it unique?"))
    )
    assert found.claims == ()
    assert found.report is not None
    assert found.report.questions == (Question(Topic.STACK, "Is it unique?", "A join may multiply rows", MODEL),)


def test_a_question_that_the_teams_context_answers_is_not_asked() -> None:
    model = by_role(reviewed(claim(), paths=[MODEL]), ruled("needs-author", topic="stack", question="Is it unique?"))
    found = told(model, change(ORDERS, context={"stack": "Snowflake"}))
    assert found.report is not None
    assert found.report.questions == ()


@pytest.mark.parametrize("error", [AnswerIncomplete("cut"), ModelUnavailable("overloaded")])
def test_where_the_sceptic_cannot_be_heard_the_claim_weighs_less_and_it_is_said(error: Exception) -> None:
    found = told(by_role(reviewed(claim(severity="critical", confidence="high"), paths=[MODEL]), error))
    assert [(each.finding.tier, each.finding.severity, each.finding.confidence) for each in found.claims] == [
        (Tier.ADVISORY, Severity.MEDIUM, Confidence.MEDIUM)
    ]
    assert found.skipped == (
        Skipped(
            "agent",
            "data-engineer",
            f"1 of its findings could not be verified, so they weigh less ({error})",
            harmless=True,
        ),
    )
    assert found.report is not None
    assert found.report.asked is Asked.REVIEWED


@pytest.mark.parametrize(
    ("verify", "judged"),
    [
        (ruled("refuted", quote="where status = 'paid'"), None),
        (ruled("needs-author", question="Is it?"), None),
        (ruled("confirmed"), Judged.CONCERN),
        (ruled("refuted"), Judged.CONCERN),
    ],
    ids=["refuted", "a question", "confirmed", "not refuted"],
)
def test_a_concern_stands_as_long_as_one_of_its_findings_does(verify: Reply, judged: Judged | None) -> None:
    model = by_role(reviewed(claim(), judged={Standard.DATA_QUALITY: "concern"}, paths=[MODEL]), verify)
    report = told(model).report
    assert report is not None
    assert {each.standard: each.judged for each in report.judgements}.get(Standard.DATA_QUALITY) is judged
    assert len(report.judgements) == (7 if judged is None else 8)


def test_with_little_money_left_what_matters_least_is_not_verified() -> None:
    model = by_role(
        replace(
            reviewed(claim(severity="low"), claim(evidence="from orders"), paths=[MODEL]), tokens=Tokens(output=75_000)
        )
    )
    found = told(model)
    assert [re.findall(r'"severity": "(\w+)"', texts_of(body)) for body in model.verifications] == [["high"]]
    assert [each.finding.tier for each in found.claims] == [Tier.ADVISORY, Tier.ADVISORY]


# What goes wrong


def missing(found: Consulted) -> list[str]:
    assert {(skip.stage, skip.subject, skip.harmless) for skip in found.skipped} <= {("agent", "data-engineer", False)}
    assert found.report is not None
    assert found.report.asked is Asked.INCOMPLETE
    return [skip.reason for skip in found.skipped]


def test_one_conversation_without_an_answer_leaves_the_others() -> None:
    def say(body: Mapping[str, Any]) -> Reply | Exception:
        return AnswerIncomplete("the answer broke off.") if named(body) == "b" else answers(about("a"))(body)

    found = told(by_role(say), large("a", "b", "c"), identity=KEY)
    assert missing(found) == ["the answer broke off; without its review: b/m.sql"]
    assert [each.finding.title for each in found.claims] == ["a"]
    model = by_role(answers())
    again = told(model, large("a", "b", "c"), identity=KEY, recall=lambda: state_of(found))
    assert [named(body) for body in model.reviews] == ["b"]
    assert again.report is not None
    assert (again.report.asked, again.report.carried) == (Asked.REVIEWED, 2)
    assert [each.finding.title for each in again.claims] == ["a"]


def test_a_refused_key_stops_everything() -> None:
    model = by_role(ModelRefused("the API did not accept the credentials (401): check the input"))
    found = told(model, large(*"abcde"))
    assert len(model.bodies) == 1
    assert missing(found) == [
        "the API did not accept the credentials (401): check the input; without its review:"
        " a/m.sql, b/m.sql, c/m.sql, d/m.sql, e/m.sql"
    ]
    assert found.claims == ()


def test_an_api_that_is_down_twice_in_a_row_is_left_alone() -> None:
    model = by_role(ModelUnavailable("the API is overloaded (529)"))
    found = told(model, large(*"abcde"), at_once=1)
    assert [named(body) for body in model.bodies] == ["a", "b"]
    assert missing(found) == [
        "the API is overloaded (529); without its review: a/m.sql, b/m.sql, c/m.sql, d/m.sql, e/m.sql"
    ]


def test_one_answer_between_shows_that_it_is_not_down() -> None:
    def say(body: Mapping[str, Any]) -> Reply | Exception:
        return answers()(body) if named(body) in "bd" else ModelUnavailable("overloaded")

    model = by_role(say)
    found = told(model, large(*"abcde"), at_once=1)
    assert len(model.bodies) == 5
    assert missing(found) == ["overloaded; without its review: a/m.sql, c/m.sql, e/m.sql"]


def test_a_key_that_is_refused_while_the_sceptic_speaks_stops_everything_as_well() -> None:
    lines = [f"line_{number}" for number in range(9)]
    made = change(artifact(MODEL, None, "\n".join(lines)))
    model = by_role(
        reviewed(*(claim(evidence=line, line=1) for line in lines), paths=[MODEL]), ModelRefused("no credit left")
    )
    found = told(model, made, at_once=1)
    assert len(model.verifications) == 1
    assert [skip.reason for skip in found.skipped] == [
        "9 of its findings could not be verified, so they weigh less (no credit left)"
    ]
    assert len(found.claims) == 9


def test_where_nobody_can_be_connected_to_all_of_it_is_missing() -> None:
    def connect() -> Model:
        raise ModelUnavailable("no identity token could be had")

    found = told(Scripted(lambda body: says("")), large("a", "b"), connect=connect)
    assert missing(found) == ["no identity token could be had; without its review: a/m.sql, b/m.sql"]
    assert found.claims == ()


def test_what_the_cap_does_not_allow_is_named() -> None:
    def dear(body: Mapping[str, Any]) -> Reply:
        return replace(answers()(body), tokens=Tokens(output=30_000))

    found = told(by_role(dear), large(*"abcd"), ledger=Ledger(0.5, PRICE, "m"), at_once=1)
    (reason,) = missing(found)
    assert reason.startswith("was not asked: it could cost $0.")
    assert reason.endswith("; without its review: b/m.sql, c/m.sql, d/m.sql")
    assert found.report is not None
    assert found.report.spend.dollars == pytest.approx(0.3)


def test_after_the_deadline_nothing_is_asked() -> None:
    model = by_role(answers())
    found = told(model, large("a", "b"), seconds=-1.0)
    assert model.bodies == []
    assert missing(found) == ["was not asked: the time for the model was used up; without its review: a/m.sql, b/m.sql"]


def test_what_is_too_much_for_one_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "MAX_CLUSTERS", 2)
    model = by_role(answers())
    found = told(model, large(*"abcd"))
    assert len(model.reviews) == 2
    assert missing(found) == [
        "was not asked: more than 2 conversations are too many for one run; without its review: c/m.sql, d/m.sql"
    ]


def test_an_answer_is_held_to_its_own_files_whatever_becomes_of_the_others() -> None:
    def say(body: Mapping[str, Any]) -> Reply | Exception:
        return {"a": reviewed(), "b": reviewed(paths=["a/m.sql"]), "c": AnswerIncomplete("cut")}[named(body)]

    found = told(by_role(say), large("a", "b", "c"))
    assert [skip.subject for skip in found.skipped] == ["data-engineer", "a/m.sql", "b/m.sql"]


@pytest.mark.parametrize("text", ["", "{}", "Looks good to me!", json.dumps({"findings": []})])
def test_half_an_answer_is_none(text: str) -> None:
    found = told(by_role(says(text)), identity=KEY)
    (reason,) = missing(found)
    assert reason.endswith(f"; without its review: {MODEL}")
    assert found.report is not None
    assert (found.report.judgements, found.report.state) == ((), "")


def test_a_defect_of_ours_is_not_taken_for_one_of_the_models() -> None:
    with pytest.raises(ZeroDivisionError):
        told(by_role(ZeroDivisionError()))


def test_claims_and_setup_are_values() -> None:
    """What is carried and what is new are of one kind, so that nobody can tell them apart later."""
    assert isinstance(told(by_role(reviewed(claim(), paths=[MODEL]))).claims[0], Claim)
    assert isinstance(setup(by_role(reviewed())), Setup)
