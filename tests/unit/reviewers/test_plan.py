"""What will be sent, and for how much, before anything is."""

from dataclasses import replace
from typing import Any

import pytest

from review.domain.agent import Tokens
from review.domain.artifact import Artifact, Kind
from review.domain.finding import Location
from review.domain.outline import Outline
from review.reviewers import plan as module
from review.reviewers.memory import Memory
from review.reviewers.plan import Estimate, Plan, forecast, plan, requests
from review.reviewers.setup import Change, Setup
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import AGENT, MODEL, PRICE, VERIFIER, VOICE, artifact, change, in_turn, setup

SETUP = setup(in_turn())


def planned(made: Change, memory: Memory | None = None, chosen: Setup = SETUP) -> Plan:
    return plan(made, chosen, memory)


def paths(found: Plan) -> list[str]:
    return [path for cluster in found.clusters for path in cluster.paths]


def lines(number: int, width: int = 10) -> str:
    return "".join(f"{line:0{width}}\n" for line in range(number))


def memory_of(found: Plan, *known: str) -> Memory:
    return Memory(found.review, frozenset(found.keys[path] for path in known), (), {}, (), ())


# Depth


@pytest.mark.parametrize(
    ("artifacts", "with_tools"),
    [
        ((artifact(MODEL, None, lines(40)),), False),
        ((artifact(MODEL, None, lines(41)),), True),
        ((artifact(MODEL, lines(20), None), artifact("m/b.sql", None, lines(20))), False),
        ((artifact(MODEL, lines(21), None), artifact("m/b.sql", None, lines(20))), True),
        ((artifact(MODEL, None, lines(40, 130)),), False),
        ((artifact(MODEL, None, lines(40, 140)),), True),
        (
            (artifact("p/a.sql", lines(145, 80), lines(146, 80)), artifact("q/b.sql", lines(145, 80), lines(146, 80))),
            True,
        ),
    ],
    ids=["40 lines", "41 lines", "40 on both sides", "41 on both sides", "short", "long", "more than one cluster"],
)
def test_a_small_change_needs_no_tools(artifacts: tuple[Artifact, ...], with_tools: bool) -> None:
    made = change(*artifacts)
    found = planned(made)
    assert found.with_tools is with_tools
    for body in requests(found, made, SETUP):
        assert body.get("tool_choice") == (None if with_tools else {"type": "none"})
        assert len(body["tools"]) == 4


def test_a_trivial_file_is_not_sent() -> None:
    made = change(
        artifact("a.sql", "a\n", "-- why\na\n"),
        artifact("b.sql", "b\n", "c\n"),
        outlines={"a.sql": Outline(trivial=True)},
    )
    found = planned(made)
    assert (paths(found), found.trivial, set(found.keys)) == (["b.sql"], ("a.sql",), {"b.sql"})


def test_where_all_is_trivial_there_is_nothing_to_ask() -> None:
    found = planned(change(artifact("a.sql", "a\n", "a \n"), outlines={"a.sql": Outline(trivial=True)}))
    assert (found.clusters, found.trivial, found.carried, dict(found.keys)) == ((), ("a.sql",), (), {})


def test_too_many_clusters_leave_those_of_least_risk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CLUSTERS", 2)
    files = [artifact(f"{name}/m.sql", None, lines(300, 40)) for name in "abcd"]
    made = change(*files, findings=[finding(location=Location("c/m.sql", 1, 1))])
    found = planned(made)
    assert [cluster.paths for cluster in found.clusters] == [("c/m.sql",), ("a/m.sql",)]
    assert [cluster.paths for cluster in found.left] == [("b/m.sql",), ("d/m.sql",)]
    assert len(requests(found, made, SETUP)) == 2


def test_what_is_cut_is_counted_for_files_sent_now_or_before_but_for_no_seed() -> None:
    files = [artifact("a.sql", None, lines(1_000, 50)), artifact("b.csv", None, lines(1_000, 50), Kind.DBT_SEED)]
    made = change(*files, artifact("c.sql", None, lines(9)))
    found = planned(made)
    assert list(found.cut) == ["a.sql"]
    assert 300 < found.cut["a.sql"] < 600
    assert planned(made, memory_of(found, "a.sql", "b.csv")).cut == found.cut


def test_facts_go_where_their_files_go() -> None:
    files = [artifact(f"{name}/m.sql", None, lines(300, 40)) for name in "ab"]
    found = planned(change(*files, findings=[finding(location=Location(f"{name}/m.sql", 1, 1)) for name in "ba"]))
    assert [[fact.id for fact in found.facts_of(cluster) if fact.finding] for cluster in found.clusters] == [
        ["F1"],
        ["F3"],
    ]


# What an earlier run knew

TWO = (artifact("a/a.sql", "a\n", "b\n"), artifact("b/b.sql", "a\n", "b\n"))


def test_what_was_reviewed_as_it_is_is_not_sent_again() -> None:
    first = planned(change(*TWO))
    assert (paths(first), first.carried) == (["a/a.sql", "b/b.sql"], ())
    second = planned(change(*TWO), memory_of(first, "a/a.sql"))
    assert (paths(second), second.carried) == (["b/b.sql"], ("a/a.sql",))
    third = planned(change(*TWO), memory_of(first, "a/a.sql", "b/b.sql"))
    assert (paths(third), third.carried) == ([], ("a/a.sql", "b/b.sql"))
    assert third.keys == first.keys


@pytest.mark.parametrize(
    "other",
    [
        change(artifact("a/a.sql", "a\n", "c\n"), TWO[1]),
        change(artifact("a/a.sql", "c\n", "b\n"), TWO[1]),
        change(*TWO, findings=[finding(location=Location("a/a.sql", 1, 1))]),
        change(*TWO, outlines={"a/a.sql": Outline(reads=("ref:new",))}),
    ],
    ids=["new text", "another base", "a new finding", "a new parent"],
)
def test_a_file_of_which_anything_changed_is_sent_again(other: Change) -> None:
    known = memory_of(planned(change(*TWO)), "a/a.sql", "b/b.sql")
    found = planned(other, known)
    assert (paths(found), found.carried) == (["a/a.sql"], ("b/b.sql",))


@pytest.mark.parametrize(
    ("changes", "context"),
    [
        ({"agent": replace(AGENT, name="other")}, {}),
        ({"agent": replace(AGENT, body="Be kind.")}, {}),
        ({"verifier": replace(VERIFIER, body="Be kind.")}, {}),
        ({"voice": replace(VOICE, model="claude-opus-5-5")}, {}),
        ({"voice": replace(VOICE, effort="high")}, {}),
        ({"agent": replace(AGENT, max_turns=3)}, {}),
        ({"agent": replace(AGENT, tools=("Read", "Grep"))}, {}),
        ({"agent": replace(AGENT, tools=())}, {}),
        ({}, {"volume": "2 TB"}),
    ],
    ids=[
        "agent",
        "what the agent is told",
        "what the sceptic is told",
        "model",
        "effort",
        "turns",
        "tools",
        "no tools",
        "context",
    ],
)
def test_another_reviewer_reviews_everything_anew(changes: dict[str, Any], context: dict[str, str]) -> None:
    known = memory_of(planned(change(*TWO)), "a/a.sql", "b/b.sql")
    found = planned(change(*TWO, context=context), known, replace(SETUP, **changes))
    assert (paths(found), found.carried) == (["a/a.sql", "b/b.sql"], ())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"effort": "low"}, {"effort": "high"}),
        ({"max_turns": 1}, {"max_turns": 11}),
        ({"tools": ("Read",)}, {"tools": ("Read", "Glob")}),
        ({"tools": None}, {"tools": ()}),
    ],
    ids=["effort", "turns", "tools", "all tools and none"],
)
def test_how_an_agent_reviews_is_part_of_the_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    def chosen(said: dict[str, Any]) -> Setup:
        if "effort" in said:
            return replace(SETUP, voice=replace(VOICE, **said))
        return replace(SETUP, agent=replace(AGENT, **said))

    first, second = (planned(change(*TWO), chosen=chosen(said)) for said in (one, other))
    assert first.review != second.review
    assert set(first.keys.values()).isdisjoint(second.keys.values())
    assert planned(change(*TWO), chosen=chosen(one)).review == first.review


@pytest.mark.parametrize(
    "changes",
    [
        {"agent": replace(AGENT, description="Other words.", notices=("a hook has no effect here",))},
        {"seconds": 9.0, "at_once": 1},
    ],
    ids=["what people read", "pace"],
)
def test_what_changes_no_answer_is_no_reason_to_review_again(changes: dict[str, Any]) -> None:
    known = memory_of(planned(change(*TWO)), "a/a.sql", "b/b.sql")
    assert planned(change(*TWO), known, replace(SETUP, **changes)).clusters == ()


def test_a_state_of_another_key_knows_no_file() -> None:
    """Only who has the key can make a file whose key stands in a state: a search over 48 bits would find one."""
    first = planned(change(*TWO), chosen=replace(SETUP, identity=b"the key"))
    second = planned(change(*TWO), memory_of(first, "a/a.sql", "b/b.sql"), replace(SETUP, identity=b"another"))
    assert second.review == first.review
    assert second.carried == ()
    assert set(second.keys.values()).isdisjoint(first.keys.values())


@pytest.mark.parametrize("name", ["HARNESS", "SCEPTIC", "REVIEW_SCHEMA", "VERIFY_SCHEMA", "CHECKS_VERSION"])
def test_other_instructions_of_ours_are_a_reason_to_review_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = memory_of(planned(change(*TWO)), "a/a.sql", "b/b.sql")
    monkeypatch.setattr(module, name, {"type": "object"} if name.endswith("SCHEMA") else "other")
    found = planned(change(*TWO), known)
    assert found.review != known.review
    assert found.carried == ()


def test_the_authors_words_alone_are_no_reason_to_review_again() -> None:
    known = memory_of(planned(change(*TWO)), "a/a.sql", "b/b.sql")
    assert planned(change(*TWO, title="Another"), known).clusters == ()


# What it will take


def body(system: int, messages: int) -> dict[str, Any]:
    """A request of so many characters of each, as they are counted."""
    return {
        "system": "s" * (system - 10),
        "messages": [{"role": "user", "content": "m" * (messages - 37)}],
    }


def test_one_conversation_without_tools() -> None:
    """A thousand tokens that all share, a thousand of its own; one answer, and three findings for the sceptic."""
    assert forecast([body(2_500, 2_500)], False, PRICE) == Estimate(
        4, Tokens(input=5_400, output=3_300, cache_read=5_400, cache_write=2_000), pytest.approx(0.04934)
    )


def test_what_is_shared_is_read_from_the_cache_from_the_second_on() -> None:
    found = forecast([body(2_500, 2_500)] * 2, False, PRICE)
    assert found.tokens == Tokens(input=10_800, output=6_600, cache_read=11_800, cache_write=3_000)
    assert found.calls == 8


def test_with_tools_every_turn_reads_what_went_before() -> None:
    found = forecast([body(2_500, 2_500)], True, PRICE)
    assert found.tokens == Tokens(input=5_400, output=6_900, cache_read=12_700, cache_write=8_600)
    assert found.calls == 6


def test_without_a_price_there_is_no_sum() -> None:
    assert forecast([body(2_500, 2_500)], True, None).dollars is None
    assert forecast([], True, PRICE) == Estimate(0, Tokens(), 0.0)
