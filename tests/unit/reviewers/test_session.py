"""What all conversations of a run share: when it is no use to go on, and what stands in for a model."""

import threading
from collections.abc import Sequence

import pytest

from review.domain.agent import Tokens
from review.errors import AnswerIncomplete, ModelError, ModelRefused, ModelUnavailable
from review.model.base import Model
from review.reviewers.conversation import Limits
from review.reviewers.leaks import Prompts
from review.reviewers.plan import plan
from review.reviewers.session import GIVE_UP, Announcing, Mute, Session, Stop
from tests.unit.reviewers.builders import AGENT, MODEL, Scripted, artifact, change, in_turn, says, setup, soon

DOWN = ModelUnavailable("overloaded")
CUT = AnswerIncomplete("cut")


# Stop


@pytest.mark.parametrize(
    ("came", "why"),
    [
        ([], ""),
        ([None], ""),
        ([DOWN], ""),
        ([DOWN, DOWN], "overloaded"),
        ([DOWN, None, DOWN], ""),
        ([DOWN, CUT, DOWN], ""),
        ([DOWN, None, DOWN, DOWN], "overloaded"),
        ([CUT] * 9, ""),
        ([ModelRefused("no credit")], "no credit"),
        ([None, DOWN, ModelRefused("no credit")], "no credit"),
        ([DOWN, ModelUnavailable("unreachable")], "unreachable"),
        ([ModelError("something else")] * 3, ""),
    ],
)
def test_it_is_no_use_after_a_refusal_or_two_failures_in_a_row(came: Sequence[ModelError | None], why: str) -> None:
    assert GIVE_UP == 2
    stop = Stop()
    for error in came:
        stop.note(error)
    assert stop() == why


def test_what_was_given_up_is_not_taken_up_again_and_the_first_reason_stays() -> None:
    """What was not asked for because of it fails with that reason, and is counted as well."""
    stop = Stop()
    for error in (ModelRefused("no credit"), None, ModelRefused("no key"), DOWN, DOWN):
        stop.note(error)
        assert stop() == "no credit"


def test_threads_may_all_note_at_once() -> None:
    stop, begin = Stop(), threading.Barrier(8)

    def note() -> None:
        begin.wait(5)
        for _ in range(200):
            stop.note(DOWN)

    threads = [threading.Thread(target=note) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert stop() == "overloaded"


# Announcing


def test_the_first_answer_is_announced_when_it_is_there() -> None:
    order: list[str] = []
    reply = says("{}", Tokens(output=7))

    def say(body: object) -> object:
        order.append("asked")
        return reply

    inner = Scripted(say)  # type: ignore[arg-type]
    spent: list[Tokens] = []
    model: Model = Announcing(inner, lambda: order.append("announced"))
    assert model.ask({"model": "m"}, 3.0, spent.append) is reply
    assert order == ["asked", "announced"]
    assert (inner.bodies, spent) == ([{"model": "m"}], [Tokens(output=7)])


@pytest.mark.parametrize("error", [DOWN, CUT, ModelRefused("no key"), ZeroDivisionError()])
def test_one_that_does_not_come_is_not_announced(error: Exception) -> None:
    """What waits for it would be sent to an API that has just refused the like. It begins once that is noted."""
    order: list[str] = []
    model = Announcing(in_turn(error, says("{}")), lambda: order.append("announced"))
    with pytest.raises(type(error)) as caught:
        model.ask({}, soon(), lambda tokens: None)
    assert caught.value is error
    assert order == []
    model.ask({}, soon(), lambda tokens: None)
    assert order == ["announced"]


# Mute


@pytest.mark.parametrize("error", [ModelUnavailable("no identity token"), ModelRefused("no key"), CUT])
def test_a_model_that_cannot_be_had_says_why_whenever_it_is_asked(error: ModelError) -> None:
    model: Model = Mute(error)
    for _ in range(3):
        with pytest.raises(type(error)) as caught:
            model.ask({}, soon(), lambda tokens: pytest.fail("nothing was spent"))
        assert caught.value is error


# Session


def test_a_session_names_its_findings_after_the_agent() -> None:
    made, chosen = change(artifact(MODEL, None, "a\n")), setup(in_turn())
    stop = Stop()
    limits = Limits(chosen.ledger, soon(), chosen.voice.max_tokens, stop)
    session = Session(made, chosen, plan(made, chosen, None), in_turn(), limits, stop, Prompts.of(()))
    assert session.source == f"agent:{AGENT.name}" == "agent:data-engineer"
