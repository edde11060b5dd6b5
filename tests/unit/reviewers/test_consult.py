"""Asking the agent, from the plan to what may be published: with a model in memory."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from review.domain.agent import AgentReport, Asked, Claim, Judged, Question, Spend, Tokens, Topic
from review.domain.artifact import Artifact
from review.domain.finding import Confidence, Location, Standard, Suggestion, Tier
from review.domain.outline import Outline
from review.domain.severity import Severity
from review.domain.verdict import Review
from review.errors import AnswerIncomplete, ModelRefused, ModelUnavailable
from review.findings.corroborate import corroborate
from review.model.base import Model, Reply
from review.model.ledger import Ledger
from review.publish.base import Published
from review.publish.pull_request import Wish, publish_review
from review.render.comment import inline_comment, summary_comment
from review.render.markers import read_finding, read_state
from review.reviewers import plan as plan_module
from review.reviewers.brief import HARNESS
from review.reviewers.checks import LEAKS, NO_FILE, NO_QUOTE
from review.reviewers.consult import SAID_TWICE, UNPROVEN, UNREADABLE, consult
from review.reviewers.memory import Memory
from review.reviewers.setup import Change, Consulted, Setup
from tests.unit.publish.fake import FakeGitHub
from tests.unit.render.builders import finding, review
from tests.unit.reviewers.builders import (
    AGENT,
    MODEL,
    PARSES,
    PRICE,
    VOICE,
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


@pytest.mark.parametrize("error", [AnswerIncomplete("cut"), ModelUnavailable("overloaded")])
def test_a_file_of_which_a_finding_could_not_be_verified_is_sent_again(error: Exception) -> None:
    """Else its findings would weigh less for ever, because of an API that was overloaded for a minute."""

    def verify(body: Mapping[str, Any]) -> Reply | Exception:
        return error if "b/m.sql" in texts_of(body) else ruled()

    first = told(by_role(answers(about("a"), about("b")), verify), large("a", "b", "c"), identity=KEY, at_once=1)
    assert standing(first) == [("a", Tier.CORROBORATED), ("b", Tier.ADVISORY)]
    assert len(state_of(first).files) == 2
    model = by_role(answers(about("a"), about("b")))
    second = told(model, large("a", "b", "c"), identity=KEY, recall=lambda: state_of(first))
    assert [named(body) for body in model.reviews] == ["b"]
    assert standing(second) == [("b", Tier.CORROBORATED), ("a", Tier.CORROBORATED)]
    assert [each.finding.fingerprint for each in second.claims] == [
        each.finding.fingerprint for each in reversed(first.claims)
    ]
    assert second.notices == ()
    third = told(model, large("a", "b", "c"), identity=KEY, recall=lambda: state_of(second), connect=forbidden)
    assert third.claims == second.claims


def test_what_was_spared_for_lack_of_money_is_not_sent_again() -> None:
    dear = replace(reviewed(claim(severity="low"), paths=[MODEL]), tokens=Tokens(output=75_000))
    first = told(by_role(dear), identity=KEY)
    again = told(by_role(dear), identity=KEY, recall=lambda: state_of(first), connect=forbidden)
    assert again.claims == first.claims
    assert len(first.notices) == 1
    assert again.notices == ()


def test_two_findings_on_one_line_of_which_one_was_there_before_stay_two() -> None:
    first = told(by_role(reviewed(claim(), paths=[MODEL])), identity=KEY)
    pushed = change(artifact(MODEL, BASE, f"-- why\n{HEAD}limit 9\n"))
    now = reviewed(claim(standard="cost", title="Cost"), claim(), paths=[MODEL])
    second = told(by_role(now), pushed, identity=KEY, recall=lambda: state_of(first))
    found = {each.finding.standard: each.finding.fingerprint for each in second.claims}
    assert set(found) == {Standard.COST, Standard.DATA_QUALITY}
    assert len(second.claims) == 2
    assert found[Standard.DATA_QUALITY] == first.claims[0].finding.fingerprint != found[Standard.COST]


def test_a_finding_said_again_of_a_file_that_changed_is_the_same_finding() -> None:
    """It has its comment already, whichever line the model quotes this time, and under whichever standard."""
    first = told(by_role(reviewed(claim(), paths=[MODEL])), identity=KEY)
    pushed = change(artifact(MODEL, BASE, f"-- why\n{HEAD}limit 9\n"))
    for words in (
        {"line": 3, "end_line": 3},
        {"line": 2, "end_line": 2, "evidence": "from orders"},
        {"line": 3, "end_line": 3, "standard": "cost", "title": "Other words"},
    ):
        answer = reviewed(claim(**words), paths=[MODEL])
        second = told(by_role(answer), pushed, identity=KEY, recall=lambda: state_of(first))
        (made,) = second.claims
        assert made.finding.fingerprint == first.claims[0].finding.fingerprint
        assert made.finding.location.line == words["line"]
        assert made.finding.standard.value == words.get("standard", "data-quality")
        third = told(by_role(answer), pushed, identity=KEY, recall=lambda: state_of(second), connect=forbidden)  # noqa: B023
        assert third.claims == second.claims


def test_what_one_conversation_says_of_the_standards_goes_with_its_files() -> None:
    def say(body: Mapping[str, Any]) -> Reply:
        doubt = {"a": Standard.COST, "b": Standard.TESTING, "c": Standard.SECURITY}[named(body)]
        return reviewed(judged={doubt: "unclear"}, paths=[f"{named(body)}/m.sql"])

    def doubts(found: Consulted) -> list[Standard]:
        assert found.report is not None
        return [each.standard for each in found.report.judgements if each.judged is Judged.UNCLEAR]

    first = told(by_role(say), large("a", "b", "c"), identity=KEY)
    assert doubts(first) == [Standard.TESTING, Standard.COST, Standard.SECURITY]
    pushed = large("a", "b", "c", b="-- other\n")
    second = told(by_role(answers()), pushed, identity=KEY, recall=lambda: state_of(first))
    assert doubts(second) == [Standard.COST, Standard.SECURITY], "b has another answer now"
    failed = told(by_role(AnswerIncomplete("cut")), pushed, identity=KEY, recall=lambda: state_of(first))
    assert doubts(failed) == [Standard.COST, Standard.SECURITY], "and no answer is none that it had before"
    third = told(by_role(say), pushed, identity=KEY, recall=lambda: state_of(second), connect=forbidden)
    assert doubts(third) == [Standard.COST, Standard.SECURITY]


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


def test_a_tool_that_the_agents_file_does_not_name_is_none() -> None:
    """Whatever a pull request may talk the model into asking for."""
    asks = (("search", {"text": "select", "glob": "*"}), ("list_files", {"glob": "*"}), ("Search", {"text": "select"}))

    def say(body: Mapping[str, Any]) -> Reply:
        return looks(*asks) if len(body["messages"]) == 1 else reviewed(paths=["a/m.sql"])

    model = by_role(say)
    found = told(model, large("a"), agent=replace(AGENT, tools=("Read", "Glob")))
    assert found.skipped == ()
    search, listed, again = model.reviews[1]["messages"][-1]["content"]
    assert (search["content"], search["is_error"]) == ("There is no such tool.", True)
    assert listed == {"type": "tool_result", "tool_use_id": "toolu_2", "content": "a/m.sql"}
    assert (again["content"], again["is_error"]) == ("There is no such tool.", True)
    assert [tool["name"] for tool in model.reviews[0]["tools"]] == ["read_file", "list_files", "lineage"]


@pytest.mark.parametrize(
    ("most", "rooms"),
    [(8_000, [8_000]), (16_000, [16_000]), (20_000, [16_000, 20_000]), (64_000, [16_000, 32_000])],
)
def test_a_cut_answer_is_asked_for_once_more_as_far_as_the_model_can(most: int, rooms: list[int]) -> None:
    model = by_role(AnswerIncomplete("cut", is_cut=True))
    found = told(model, voice=replace(VOICE, max_tokens=most))
    assert [body["max_tokens"] for body in model.bodies] == rooms
    assert missing(found) == [f"cut; without its review: {MODEL}"]


@pytest.mark.parametrize(("most", "rooms"), [(6_000, [6_000]), (9_000, [6_000, 9_000]), (64_000, [6_000, 12_000])])
def test_so_is_the_sceptics(most: int, rooms: list[int]) -> None:
    model = by_role(reviewed(claim(), paths=[MODEL]), AnswerIncomplete("cut", is_cut=True))
    found = told(model, voice=replace(VOICE, max_tokens=most))
    assert [body["max_tokens"] for body in model.verifications] == rooms
    assert len(found.notices) == 1


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
    return HEAD.split("\n")[place_of(body) - 1]


def test_an_edit_that_breaks_the_file_is_taken_back_and_the_finding_stays() -> None:
    seen: list[tuple[str, str]] = []

    def parse(edits: Sequence[tuple[Artifact, str]]) -> Sequence[str]:
        seen.extend((each.path, text) for each, text in edits)
        return ["it does not parse"] * len(edits)

    model = by_role(reviewed(claim(edit=edit(2, 2, JOIN, "join (")), claim(evidence="from orders"), paths=[MODEL]))
    found = told(model, parse=parse)
    assert seen == [(MODEL, HEAD.replace(JOIN, "join ("))]
    assert [each.finding.suggestion for each in found.claims] == [None, None]


@pytest.mark.parametrize(
    ("verify", "tier", "has_edit"),
    [
        (ruled("confirmed", edit="right"), Tier.CORROBORATED, True),
        (ruled("confirmed", edit="wrong"), Tier.CORROBORATED, False),
        (ruled("confirmed", edit="none"), Tier.CORROBORATED, False),
        (ruled("refuted", edit="right"), Tier.ADVISORY, False),
        (says("I cannot say."), Tier.ADVISORY, False),
    ],
    ids=["right", "wrong", "not judged", "not refuted", "not heard"],
)
def test_an_edit_is_offered_only_where_the_sceptic_calls_it_right(verify: Reply, tier: Tier, has_edit: bool) -> None:
    found = told(by_role(reviewed(claim(edit=edit(2, 2, JOIN, f"left {JOIN}")), paths=[MODEL]), verify))
    (made,) = found.claims
    assert made.finding.tier is tier
    assert made.finding.suggestion == (Suggestion(f"left {JOIN}") if has_edit else None)


# Two places alike

ALIKE = artifact(MODEL, BASE, f"from orders\n{JOIN}\nwhere a\nunion all\nfrom orders\n{JOIN}\nwhere b\n")
FIRST, SECOND = Location(MODEL, 2, 2), Location(MODEL, 6, 6)


def alike(*, edits: bool = False) -> list[dict[str, Any]]:
    """A claim on each of the two."""
    return [
        claim(line=line, end_line=line, edit=edit(line, line, JOIN, f"left {JOIN}") if edits else []) for line in (2, 6)
    ]


def place_of(body: Mapping[str, Any]) -> int:
    """The line that the sceptic is asked about."""
    place = re.search(r'"place": "\S+ RIGHT (\d+)-', texts_of(body))
    assert place
    return int(place[1])


def test_two_places_alike_are_two_findings() -> None:
    model = by_role(reviewed(*alike(), paths=[MODEL]))
    found = told(model, change(ALIKE))
    assert [each.finding.location for each in found.claims] == [FIRST, SECOND]
    assert len({each.finding.fingerprint for each in found.claims}) == 1
    assert sorted(map(place_of, model.verifications)) == [2, 6]
    assert found.report is not None
    assert found.report.dropped == {}


def test_one_place_is_one_finding_however_often_it_is_claimed() -> None:
    found = told(by_role(reviewed(*alike(), *alike(), claim(title="Again"), paths=[MODEL])), change(ALIKE))
    assert [each.finding.location for each in found.claims] == [FIRST, SECOND]
    assert found.report is not None
    assert found.report.dropped == {SAID_TWICE: 3}


def shown_of(found: Consulted, made: Artifact = ALIKE) -> Review:
    """The review that is made of the claims, as the pipeline makes it."""
    return review(corroborate((), found.claims).findings, [made], agent=found.report)


def test_two_places_alike_are_told_apart_wherever_they_are_shown() -> None:
    whole = shown_of(told(by_role(reviewed(*alike(), paths=[MODEL])), change(ALIKE)))
    assert [(each.location, each.ordinal) for each in whole.findings] == [(FIRST, 0), (SECOND, 1)]
    prints = [each.fingerprint for each in whole.findings]
    assert len(set(prints)) == 2
    assert whole.inline == set(prints)
    assert [read_finding(inline_comment(each, whole)) for each in whole.findings] == prints
    state = read_state(summary_comment(whole))
    assert state is not None
    assert state.fingerprints == tuple(prints)


def test_each_of_two_places_alike_is_posted_once_and_not_again_by_the_next_run() -> None:
    made, model = change(ALIKE), by_role(reviewed(*alike(), paths=[MODEL]))
    first = told(model, made, identity=KEY)
    again = told(model, made, identity=KEY, recall=lambda: state_of(first), connect=forbidden)
    github = FakeGitHub()
    for found in (first, again):
        whole = shown_of(found)
        assert publish_review(github, whole, Wish())[0] == Published("inline comments")
    assert github.writes[:2] == ["review 2", "create"]
    assert "review" not in " ".join(github.writes[2:])
    assert len({read_finding(each.first.body) for each in github.standing}) == len(github.standing) == 2


def test_two_places_alike_are_remembered_as_two() -> None:
    made, model = change(ALIKE), by_role(reviewed(*alike(), paths=[MODEL]))
    first = told(model, made, identity=KEY)
    assert [each.location for each in state_of(first).findings] == [FIRST, SECOND]
    again = told(model, made, identity=KEY, recall=lambda: state_of(first), connect=forbidden)
    assert again.claims == first.claims
    assert [each.fingerprint for each in shown_of(again).findings] == [
        each.fingerprint for each in shown_of(first).findings
    ]


@pytest.mark.parametrize("line", [2, 6])
def test_of_two_places_alike_the_sceptic_may_refute_one(line: int) -> None:
    def rule(body: Mapping[str, Any]) -> Reply:
        return ruled("refuted", quote="union all") if place_of(body) == line else ruled()

    found = told(by_role(reviewed(*alike(), paths=[MODEL]), rule), change(ALIKE))
    assert [each.finding.location.line for each in found.claims] == [8 - line]
    assert found.claims[0].finding.tier is Tier.CORROBORATED
    assert [drop.finding.location.line for drop in found.suppressed] == [line]


@pytest.mark.parametrize("broken", [0, 1])
def test_of_two_places_alike_one_may_lose_its_edit(broken: int) -> None:
    def parse(edits: Sequence[tuple[Artifact, str]]) -> Sequence[str]:
        return ["it does not parse" if number == broken else "" for number, _ in enumerate(edits)]

    found = told(by_role(reviewed(*alike(edits=True), paths=[MODEL])), change(ALIKE), parse)
    assert [each.finding.location for each in found.claims] == [FIRST, SECOND]
    assert [each.finding.suggestion is None for each in found.claims] == [broken == 0, broken == 1]


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
    assert "Snowflake" in texts_of(model.verifications[0])


def standing(found: Consulted) -> list[tuple[str, Tier]]:
    return [(each.finding.title, each.finding.tier) for each in found.claims]


QUESTION = ruled("needs-author", topic="stack", question="Is it unique?")


def test_a_finding_is_not_lost_behind_a_question_that_nobody_is_asked() -> None:
    """The context speaks of that topic, the question recites the instructions, or there are questions enough."""
    answered = change(ORDERS, context={"stack": "Snowflake"})
    advice = [("A join may multiply rows", Tier.ADVISORY)]
    assert standing(told(by_role(reviewed(claim(), paths=[MODEL]), QUESTION), answered)) == advice
    recites = ruled("needs-author", topic="stack", question=" ".join(HARNESS.split()[:12]))
    found = told(by_role(reviewed(claim(), paths=[MODEL]), recites))
    assert standing(found) == advice
    assert found.report is not None
    assert found.report.questions == ()


def test_one_question_of_a_topic_about_a_file_and_the_other_findings_stay() -> None:
    claims = (claim(title="One"), claim(title="Two", evidence="from orders", line=1, facts=["F1"]))
    made = change(ORDERS, findings=[finding(location=Location(MODEL, 1, 1))])
    found = told(by_role(reviewed(*claims, paths=[MODEL]), QUESTION), made)
    assert standing(found) == [("Two", Tier.ADVISORY)]
    assert found.report is not None
    assert [question.why for question in found.report.questions] == ["One"]


def test_of_seven_questions_five_are_asked_and_two_findings_stay() -> None:
    names = "abcdefg"

    def say(body: Mapping[str, Any]) -> Reply:
        return answers(*map(about, names))(body)

    found = told(by_role(say, QUESTION), large(*names))
    assert found.report is not None
    assert len(found.report.questions) == 5
    asked = [question.path[0] for question in found.report.questions]
    assert sorted([*asked, *(title for title, _ in standing(found))]) == list(names)
    assert [tier for _, tier in standing(found)] == [Tier.ADVISORY] * 2


@pytest.mark.parametrize("error", [AnswerIncomplete("cut"), ModelUnavailable("overloaded")])
def test_where_the_sceptic_cannot_be_heard_the_claim_weighs_less_and_it_is_said(error: Exception) -> None:
    found = told(by_role(reviewed(claim(severity="critical", confidence="high"), paths=[MODEL]), error))
    assert [(each.finding.tier, each.finding.severity, each.finding.confidence) for each in found.claims] == [
        (Tier.ADVISORY, Severity.MEDIUM, Confidence.MEDIUM)
    ]
    (notice,) = found.notices
    assert notice == f"1 finding of data-engineer could not be verified and weighs less: {error}."
    assert found.skipped == ()
    assert found.report is not None
    assert found.report.asked is Asked.REVIEWED


def test_only_what_was_not_verified_is_noticed() -> None:
    """Where all is verified, or refuted without code, nothing went wrong."""
    for verdict in (ruled("confirmed"), ruled("refuted"), ruled("needs-author", question="Is it?")):
        assert told(by_role(reviewed(claim(), paths=[MODEL]), verdict)).notices == ()
    model = by_role(
        reviewed(claim(), claim(evidence="from orders"), paths=[MODEL]),
        lambda body: AnswerIncomplete("cut") if "from orders" in evidence_of(body) else ruled(),
    )
    (notice,) = told(model).notices
    assert notice.startswith("1 finding of data-engineer ")


@pytest.mark.parametrize(
    ("verify", "judged"),
    [
        (ruled("refuted", quote="where status = 'paid'"), None),
        (ruled("needs-author", question="Is it?"), Judged.CONCERN),
        (ruled("needs-author", question=""), Judged.CONCERN),
        (ruled("confirmed"), Judged.CONCERN),
        (ruled("refuted"), Judged.CONCERN),
    ],
    ids=["refuted", "a question", "no question", "confirmed", "not refuted"],
)
def test_a_concern_stands_as_long_as_one_of_its_findings_does_or_a_question_about_one(
    verify: Reply, judged: Judged | None
) -> None:
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
    (notice,) = found.notices
    assert notice == ("1 finding of low severity of data-engineer was not verified: most of max-cost-usd was spent.")


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
    assert found.notices == ("9 findings of data-engineer could not be verified and weigh less: no credit left.",)
    assert found.skipped == ()
    assert len(found.claims) == 9


def nobody(error: Exception) -> Callable[[], Model]:
    """Of `Setup.connect`: no model can be had."""

    def connect() -> Model:
        raise error

    return connect


NO_TOKEN = ModelUnavailable("no identity token could be had")


@pytest.mark.parametrize("error", [NO_TOKEN, ModelRefused("no key"), AnswerIncomplete("no SDK")])
@pytest.mark.parametrize("at_once", [1, 3])
def test_where_nobody_can_be_connected_to_all_of_it_is_missing(error: Exception, at_once: int) -> None:
    said: list[str] = []
    made = large(*"abcd")
    changes = {"connect": nobody(error), "identity": KEY, "announce": said.append, "at_once": at_once}
    found = told(Scripted(lambda body: says("")), made, **changes)
    assert missing(found) == [f"{error}; without its review: a/m.sql, b/m.sql, c/m.sql, d/m.sql"]
    assert len(said) == 1
    assert found.report == AgentReport("data-engineer", "claude-sonnet-5-5", Asked.INCOMPLETE)
    assert found == Consulted(found.report, skipped=found.skipped)


def test_where_nobody_can_be_connected_to_what_is_known_is_kept() -> None:
    entry = finding(location=Location("a/m.sql", 1, 1))
    question = {"topic": "volume", "path": "a/m.sql", "question": "How many orders?", "why": "It decides."}

    def pushed(b: str) -> Change:
        made = large("a", "b", b=b)
        return replace(made, findings=(entry,))

    cites = about("a", facts=["F1"])
    model = by_role(answers(cites, about("b"), judged={Standard.COST: "unclear"}, questions=[question]))
    first = told(model, pushed("-- b begins\n"), identity=KEY)
    assert [each.finding.title for each in first.claims] == ["a", "b"]
    second = told(model, pushed("-- other\n"), identity=KEY, recall=lambda: state_of(first), connect=nobody(NO_TOKEN))
    assert missing(second) == ["no identity token could be had; without its review: b/m.sql"]
    assert second.claims == (first.claims[0],)
    assert second.claims[0].rests_on == (entry,)
    assert first.report is not None
    assert second.report is not None
    assert second.report.judgements == first.report.judgements
    assert [each.path for each in second.report.questions] == ["a/m.sql"]
    assert (second.report.carried, second.report.spend) == (1, Spend())
    kept = state_of(second)
    assert kept.findings == (first.claims[0].finding,)
    assert len(kept.files) == 1
    before = len(model.reviews)
    third = told(model, pushed("-- other\n"), identity=KEY, recall=lambda: kept)
    assert [named(body) for body in model.reviews[before:]] == ["b"]
    assert third.claims == second.claims
    assert third.report is not None
    assert third.report.asked is Asked.REVIEWED


def test_where_nobody_can_be_connected_to_what_was_too_much_anyway_has_its_own_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan_module, "MAX_CLUSTERS", 1)
    found = told(Scripted(lambda body: says("")), large("a", "b"), connect=nobody(NO_TOKEN))
    assert missing(found) == [
        "no identity token could be had; without its review: a/m.sql",
        "was not asked: more than 1 conversations are too many for one run; without its review: b/m.sql",
    ]


def test_a_connection_that_fails_for_a_defect_of_ours_is_no_missing_model() -> None:
    with pytest.raises(ZeroDivisionError):
        told(Scripted(lambda body: says("")), connect=nobody(ZeroDivisionError()))


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
