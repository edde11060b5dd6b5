"""One conversation: a history that only grows, an end that always comes, and no half answer taken for a whole one."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from review.domain.agent import Spend, Tokens
from review.errors import AnswerIncomplete, ModelRefused, ModelUnavailable
from review.model.base import Reply
from review.model.ledger import Ledger, worst
from review.reviewers.conversation import TURNS, Limits, converse, size
from review.reviewers.tools import Toolbox
from tests.unit.reviewers.builders import PRICE, Scripted, in_turn, looks, says, shelf, soon

FIRST: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 16_000,
    "system": [{"type": "text", "text": "You review."}],
    "tools": [{"name": "list_files"}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "The change."}]}],
    "cache_control": {"type": "ephemeral"},
}
NONE = {"type": "none"}
LIST = ("list_files", {"glob": "*.sql"})


def limits(cap: float = 1.0, seconds: float = 5.0, max_tokens: int = 64_000) -> Limits:
    return Limits(Ledger(cap, PRICE, "m"), soon(seconds), max_tokens)


def toolbox() -> Toolbox:
    return Toolbox(shelf({"a.sql": "select 1\n"}))


def result(number: int, content: str = "a.sql") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": content}


# The history


def test_an_answer_at_once() -> None:
    model, within = in_turn(says("{}")), limits()
    assert converse(model, FIRST, toolbox(), within) == "{}"
    assert model.bodies == [FIRST]
    assert within.ledger.spend == Spend(1, Tokens(input=1_000, output=100), pytest.approx(0.003))


def test_the_history_only_grows_and_what_the_model_said_goes_back_unchanged() -> None:
    first, second = looks(LIST, ("list_files", {"glob": "*.py"})), looks(("read_file", {"path": "nowhere"}))
    model = in_turn(first, second, says("{}"))
    assert converse(model, FIRST, toolbox(), limits()) == "{}"
    one, two, three = (body["messages"] for body in model.bodies)
    assert one == FIRST["messages"]
    assert two == [
        *one,
        {"role": "assistant", "content": list(first.content)},
        {"role": "user", "content": [result(1), result(2, "No file matches.")]},
    ]
    assert three[:3] == two
    assert three[3] == {"role": "assistant", "content": list(second.content)}
    assert three[4]["content"] == [{**result(1, "`start_line` must be a whole number."), "is_error": True}]
    rest = [{key: value for key, value in body.items() if key != "messages"} for body in model.bodies]
    assert rest == [{key: value for key, value in FIRST.items() if key != "messages"}] * 3


def test_the_first_request_is_left_as_it_was() -> None:
    before = json.dumps(FIRST)
    converse(in_turn(looks(LIST), says("{}")), FIRST, toolbox(), limits())
    assert json.dumps(FIRST) == before


# The end


def test_on_the_last_turn_there_are_no_tools_any_more() -> None:
    model = in_turn(*[looks(LIST)] * 5, says("{}"))
    assert TURNS == 6
    assert converse(model, FIRST, toolbox(), limits()) == "{}"
    assert [body.get("tool_choice") for body in model.bodies] == [None] * 5 + [NONE]


@pytest.mark.parametrize("turns", [1, 2, 6])
def test_a_model_that_asks_on_the_last_turn_has_not_answered(turns: int) -> None:
    model = Scripted(lambda body: looks(LIST))
    with pytest.raises(AnswerIncomplete, match="the model asked for a tool where it was to answer"):
        converse(model, FIRST, toolbox(), limits(), turns)
    assert [body.get("tool_choice") for body in model.bodies] == [None] * (turns - 1) + [NONE]


def test_without_a_toolbox_the_first_turn_is_the_last() -> None:
    model = in_turn(says("{}"))
    assert converse(model, FIRST, None, limits()) == "{}"
    assert model.bodies == [{**FIRST, "tool_choice": NONE}]
    with pytest.raises(AnswerIncomplete, match="where it was to answer"):
        converse(in_turn(looks(LIST)), FIRST, None, limits())


def test_where_no_tools_were_given_none_are_taken_away() -> None:
    plain = {key: value for key, value in FIRST.items() if key != "tools"}
    model = in_turn(says("{}"))
    converse(model, plain, None, limits())
    assert model.bodies == [plain]


def test_with_seven_tenths_of_the_money_spent_the_next_turn_answers() -> None:
    within = limits()
    dear = looks(LIST)
    dear = Reply(dear.stop_reason, dear.content, "", dear.tool_uses, Tokens(output=70_000), "req_1")
    model = in_turn(looks(LIST), dear, says("{}"))
    assert converse(model, FIRST, toolbox(), within) == "{}"
    assert [body.get("tool_choice") for body in model.bodies] == [None, None, NONE]


# Answers that are cut


def test_a_cut_answer_is_asked_for_once_more_with_double_the_room() -> None:
    model = in_turn(AnswerIncomplete("cut", is_cut=True), says("{}"))
    assert converse(model, FIRST, toolbox(), limits()) == "{}"
    assert model.bodies == [FIRST, {**FIRST, "max_tokens": 32_000}]


@pytest.mark.parametrize(("most", "room"), [(16_001, 16_001), (20_000, 20_000), (32_000, 32_000), (128_000, 32_000)])
def test_the_room_is_no_more_than_the_model_has(most: int, room: int) -> None:
    model = in_turn(AnswerIncomplete("cut", is_cut=True), says("{}"))
    assert converse(model, FIRST, toolbox(), limits(cap=2.0, max_tokens=most)) == "{}"
    assert [body["max_tokens"] for body in model.bodies] == [16_000, room]


@pytest.mark.parametrize("most", [16_000, 8_000])
def test_where_there_is_no_more_room_a_cut_answer_is_not_asked_for_again(most: int) -> None:
    """It would be cut in the same place, for the same money."""
    model = in_turn(AnswerIncomplete("cut at the most it can", is_cut=True), says("{}"))
    with pytest.raises(AnswerIncomplete, match="cut at the most it can"):
        converse(model, FIRST, toolbox(), limits(max_tokens=most))
    assert [body["max_tokens"] for body in model.bodies] == [16_000]


def test_the_room_is_doubled_for_one_turn() -> None:
    model = in_turn(AnswerIncomplete("cut", is_cut=True), looks(LIST), AnswerIncomplete("cut", is_cut=True), says("{}"))
    assert converse(model, FIRST, toolbox(), limits()) == "{}"
    assert [body["max_tokens"] for body in model.bodies] == [16_000, 32_000, 16_000, 32_000]
    assert model.bodies[0]["messages"] == model.bodies[1]["messages"]
    assert model.bodies[2]["messages"] == model.bodies[3]["messages"]


def test_and_not_a_third_time() -> None:
    model = in_turn(AnswerIncomplete("cut", is_cut=True), AnswerIncomplete("cut again", is_cut=True), says("{}"))
    with pytest.raises(AnswerIncomplete, match="cut again"):
        converse(model, FIRST, toolbox(), limits())
    assert len(model.bodies) == 2


@pytest.mark.parametrize(
    "error", [AnswerIncomplete("refused by the model"), ModelUnavailable("overloaded"), ModelRefused("no key")]
)
def test_what_is_not_cut_is_not_asked_for_again(error: Exception) -> None:
    model = in_turn(looks(LIST), error)
    with pytest.raises(type(error), match=str(error)):
        converse(model, FIRST, toolbox(), limits())
    assert len(model.bodies) == 2


# What puts an end to it


def test_a_call_that_the_cap_does_not_allow_is_not_made() -> None:
    """Sixteen thousand tokens of answer could cost $0.16."""
    model = in_turn(says("{}"))
    with pytest.raises(AnswerIncomplete, match=r"was not asked: it could cost \$0.16"):
        converse(model, FIRST, toolbox(), limits(cap=0.15))
    assert model.bodies == []


def test_nor_is_the_second_attempt_where_only_the_first_fits() -> None:
    model = in_turn(AnswerIncomplete("cut", is_cut=True), says("{}"))
    with pytest.raises(AnswerIncomplete, match=r"was not asked: it could cost \$0.32"):
        converse(model, FIRST, toolbox(), limits(cap=0.30))
    assert len(model.bodies) == 1


def test_what_went_before_counts() -> None:
    within = limits(cap=0.5)
    model = in_turn(says("{}", Tokens(output=34_500)), says("{}"))
    converse(model, FIRST, None, within)
    with pytest.raises(AnswerIncomplete, match=r"of the \$0.50 that max-cost-usd allows \$0.3"):
        converse(model, FIRST, None, within)
    assert len(model.bodies) == 1


def test_after_the_deadline_nothing_is_asked() -> None:
    model = in_turn(says("{}"))
    with pytest.raises(ModelUnavailable, match="was not asked: the time for the model was used up"):
        converse(model, FIRST, toolbox(), limits(seconds=-1))
    assert model.bodies == []


def test_the_deadline_is_the_models_as_well() -> None:
    seen: list[float] = []

    class Watched(Scripted):
        def ask(self, body: Mapping[str, Any], until: float, spent: Any) -> Reply:
            seen.append(until)
            return super().ask(body, until, spent)

    within = limits()
    converse(Watched(lambda body: says("{}")), FIRST, None, within)
    assert seen == [within.until]
    assert seen[0] > time.monotonic()


def test_once_the_run_has_given_up_nothing_is_asked() -> None:
    model = in_turn(looks(LIST), says("{}"))
    why = ["", "the API is overloaded"]
    within = Limits(Ledger(1.0, PRICE, "m"), soon(), 64_000, lambda: why.pop(0))
    with pytest.raises(ModelUnavailable, match="the API is overloaded"):
        converse(model, FIRST, toolbox(), within)
    assert len(model.bodies) == 1


def test_nor_is_a_cut_answer_once_more() -> None:
    model = in_turn(AnswerIncomplete("cut", is_cut=True), says("{}"))
    why = ["", "the API is overloaded"]
    within = Limits(Ledger(1.0, PRICE, "m"), soon(), 64_000, lambda: why.pop(0))
    with pytest.raises(ModelUnavailable, match="the API is overloaded"):
        converse(model, FIRST, toolbox(), within)
    assert len(model.bodies) == 1


# How much is sent


def test_all_text_of_a_request_counts() -> None:
    """The estimate of its price rests on it: more than the text, and not much more."""
    body = {
        "model": "m" * 1_000,
        "system": [{"type": "text", "text": "s" * 1_000}],
        "tools": [{"name": "t", "description": "d" * 1_000}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "m" * 1_000}]}],
        "output_config": {"format": {"schema": {"enum": ["e" * 1_000]}}},
    }
    assert 4_000 < size(body) < 4_300
    assert size({}) == 0
    assert size({"messages": []}) < 20


@pytest.mark.parametrize(
    ("text", "weight"),
    [("a" * 90, 90), ("é" * 90, 360), ("表" * 90, 540), ("🙂" * 90, 720), ("a" * 50 + "表", 56), ("\ud800", 1)],
)
def test_of_other_scripts_every_byte_may_be_a_token(text: str, weight: int) -> None:
    empty = size({"messages": [{"role": "user", "content": ""}]})
    assert size({"messages": [{"role": "user", "content": text}]}) == empty + weight
    others = sum(len(sign.encode("utf-8", "replace")) for sign in text if not sign.isascii())
    assert worst(weight) >= others
