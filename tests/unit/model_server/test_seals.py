"""A conversation in which the model thought may only grow."""

import copy
from typing import Any

import anthropic
import pytest

from tests.model_server.script import answer, by_turn, tool_use
from tests.model_server.server import ModelServer
from tests.unit.model_server.asking import EPHEMERAL, GREP, body, post, result, stream


@pytest.fixture
def third(server: ModelServer, client: anthropic.Anthropic) -> dict[str, Any]:
    """The body of a third turn, after two that used tools."""
    look = tool_use("grep", {"pattern": "b", "in": "a"}, ("grep", {"pattern": "c"}), thinking="Look.", said="I look.")
    server.script = by_turn(look, tool_use("grep", {"pattern": "d"}, thinking="More."), answer({}, thinking="Done."))
    given = body(system="You review.", tools=[GREP])
    for _ in range(2):
        said = stream(client, **given)
        given["messages"] = [*given["messages"], said.to_param(), result(said)]
    sent = copy.deepcopy(given)
    sent["messages"] = [
        {**message, "content": [block if isinstance(block, dict) else block.to_dict() for block in message["content"]]}
        if isinstance(message["content"], list)
        else message
        for message in given["messages"]
    ]
    return sent


def test_a_conversation_that_only_grew_is_taken(
    server: ModelServer, client: anthropic.Anthropic, third: dict[str, Any]
) -> None:
    assert post(client, third)["stop_reason"] == "end_turn"
    assert server.offences == []


def test_breakpoints_may_move_and_text_may_change_its_form(
    server: ModelServer, client: anthropic.Anthropic, third: dict[str, Any]
) -> None:
    third["system"] = [{"type": "text", "text": third["system"], "cache_control": EPHEMERAL}]
    third["messages"][0]["content"] = [{"type": "text", "text": "Review this.", "cache_control": EPHEMERAL}]
    third["messages"][2]["content"] = third["messages"][2]["content"][:1]
    third["messages"].insert(3, {"role": "user", "content": result_of(third["messages"][1])[1:]})
    post(client, {**third, "cache_control": EPHEMERAL, "tool_choice": {"type": "none"}})
    assert server.offences == []


def result_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    uses = [block["id"] for block in message["content"] if block["type"] == "tool_use"]
    return [{"type": "tool_result", "tool_use_id": use, "content": "found"} for use in uses]


def edit_system(sent: dict[str, Any]) -> None:
    sent["system"] = "You verify."


def edit_tools(sent: dict[str, Any]) -> None:
    sent["tools"] = [{**GREP, "description": "Find other lines."}]


def drop_tools(sent: dict[str, Any]) -> None:
    sent["tools"] = [*sent["tools"], {**GREP, "name": "more"}]


def edit_first(sent: dict[str, Any]) -> None:
    sent["messages"][0]["content"] = "Review that."


def edit_result(sent: dict[str, Any]) -> None:
    sent["messages"][2]["content"][0]["content"] = "Cleared."


def edit_input(sent: dict[str, Any]) -> None:
    sent["messages"][1]["content"][2]["input"] = {"pattern": "z"}


def swap_input(sent: dict[str, Any]) -> None:
    sent["messages"][1]["content"][2]["input"] = {"in": "a", "pattern": "b"}


def edit_signature(sent: dict[str, Any]) -> None:
    sent["messages"][1]["content"][0]["signature"] = "c2VhbA=="


def edit_thinking(sent: dict[str, Any]) -> None:
    sent["messages"][1]["content"][0]["thinking"] = "Something else."


def forget_thinking(sent: dict[str, Any]) -> None:
    del sent["messages"][3]["content"][0]


def forget_turns(sent: dict[str, Any]) -> None:
    del sent["messages"][1:3]


def other_model(sent: dict[str, Any]) -> None:
    sent["model"] = "claude-opus-5-5"


@pytest.mark.parametrize(
    "edit",
    [
        edit_system,
        edit_tools,
        drop_tools,
        edit_first,
        edit_result,
        edit_input,
        swap_input,
        edit_signature,
        edit_thinking,
        forget_thinking,
        forget_turns,
        other_model,
    ],
)
def test_an_edited_conversation_is_refused(
    server: ModelServer, client: anthropic.Anthropic, third: dict[str, Any], edit: Any
) -> None:
    edit(third)
    with pytest.raises(anthropic.BadRequestError):
        post(client, third)
    assert "thinking" in server.offences[0]
