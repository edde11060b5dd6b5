"""What the API refuses, the fake refuses and keeps as an offence."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import anthropic
import pytest

from tests.model_server import rules
from tests.model_server.routes import KEY
from tests.model_server.server import ModelServer
from tests.unit.model_server.asking import EPHEMERAL, GREP, LONG, body, post, stream

HAIKU = "claude-haiku-4-5"
USE = {"type": "tool_use", "id": "t1", "name": "grep", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "x"}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def marked(count: int) -> list[dict[str, Any]]:
    return [user([text(f"block {number}", cache_control=EPHEMERAL) for number in range(count)])]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "temperature": ({"temperature": 0}, "`temperature` is not supported"),
    "top_p": ({"top_p": 0.9}, "`top_p` is not supported"),
    "top_k": ({"top_k": 5}, "`top_k` is not supported"),
    "unknown key": ({"response_format": {}}, "response_format: Extra inputs are not permitted"),
    "no max_tokens": ({"max_tokens": None}, "max_tokens: Field required"),
    "no max_tokens left": ({"max_tokens": 0}, "max_tokens: Input should be greater"),
    "too many max_tokens": ({"max_tokens": 128_001}, "max_tokens: 128001 > 128000"),
    "any tool": ({"tools": [GREP], "tool_choice": {"type": "any"}}, 'tool_choice: type "tool" and "any"'),
    "this tool": ({"tools": [GREP], "tool_choice": {"type": "tool", "name": "grep"}}, 'tool_choice: type "tool"'),
    "no such choice": ({"tools": [GREP], "tool_choice": {"type": "some"}}, "tool_choice: Input tag 'some'"),
    "choice without tools": ({"tool_choice": {"type": "none"}}, "tool_choice may only be specified"),
    "thinking disabled": ({"thinking": {"type": "disabled"}}, '"thinking.type.disabled" is not supported'),
    "thinking budget": ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, '"thinking.type.enabled" is not'),
    "thinking with more": ({"thinking": {"type": "adaptive", "budget_tokens": 1}}, "thinking.adaptive.budget_tokens"),
    "between tools with more": (
        {"thinking": {"type": "between_tools", "display": "omitted"}},
        "thinking.between_tools",
    ),
    "between tools at max": (
        {"thinking": {"type": "between_tools"}, "output_config": {"effort": "max"}},
        "Use effort 'high' or below",
    ),
    "adaptive on an old model": ({"model": HAIKU, "thinking": {"type": "adaptive"}}, '"thinking.type.adaptive" is not'),
    "effort on an old model": ({"model": HAIKU, "output_config": {"effort": "low"}}, "output_config.effort: 'low'"),
    "no such effort": ({"output_config": {"effort": "huge"}}, "output_config.effort: 'huge'"),
    "no such output": ({"output_config": {"schema": {}}}, "output_config.schema: Extra inputs"),
    "no such format": ({"output_config": {"format": {"type": "json"}}}, "output_config.format"),
    "prefill": ({"messages": [user("Hi."), assistant("{")]}, "does not support assistant message prefill"),
    "five breakpoints": ({"messages": marked(5)}, "A maximum of 4 blocks with cache_control may be provided. Found 5."),
    "four and automatic": (
        {"messages": [*marked(4), user("more")], "cache_control": EPHEMERAL},
        "A maximum of 4 blocks",
    ),
    "short before long": (
        {"system": [text(LONG, cache_control=EPHEMERAL)], "cache_control": {**EPHEMERAL, "ttl": "1h"}},
        "a ttl='1h' block must not come after a ttl='5m' block",
    ),
    "two ttls on one block": ({"messages": marked(1), "cache_control": {**EPHEMERAL, "ttl": "1h"}}, "another ttl"),
    "no such ttl": ({"cache_control": {**EPHEMERAL, "ttl": "2h"}}, "body.cache_control: needs the type"),
    "no messages": ({"messages": []}, "messages: at least one message is required"),
    "empty message": ({"messages": [user([])]}, "all messages must have non-empty content"),
    "blank text": ({"messages": [user(" \n")]}, "must contain non-whitespace text"),
    "blank system": ({"system": [text("")]}, "system.0: text content blocks must contain"),
    "no such role": ({"messages": [{"role": "tool", "content": "x"}]}, "a message has a role"),
    "more in a message": ({"messages": [{**user("x"), "id": "msg_1"}]}, "a message has a role"),
    "more in a block": ({"messages": [user([text("x", parsed_output=None)])]}, "text.parsed_output: Extra inputs"),
    "less in a block": ({"messages": [user([{"type": "tool_result"}])]}, "tool_result.tool_use_id: Field required"),
    "no such block": ({"messages": [user([{"type": "hologram"}])]}, "Input tag 'hologram'"),
    "citations": ({"messages": [user([text("x", citations=[{}])])]}, "citations are not allowed"),
    "system message first": ({"messages": [{"role": "system", "content": "x"}, user("x")]}, "a system message must"),
    "result of nothing": ({"tools": [GREP], "messages": [user([RESULT])]}, "unexpected `tool_use_id` found"),
    "use without result": (
        {"tools": [GREP], "messages": [user("x"), assistant([USE]), user("and?")]},
        "`tool_use` ids were found without `tool_result` blocks immediately after: t1",
    ),
    "result too late": (
        {"tools": [GREP], "messages": [user("x"), assistant([USE]), user("and?"), assistant("."), user([RESULT])]},
        "`tool_use` ids were found without",
    ),
    "two results": (
        {"tools": [GREP], "messages": [user("x"), assistant([USE]), user([RESULT, RESULT])]},
        "each `tool_use` must have a single result",
    ),
    "text before results": (
        {"tools": [GREP], "messages": [user("x"), assistant([USE]), user([text("Here."), RESULT])]},
        "`tool_result` blocks must come before",
    ),
    "an id twice": (
        {"tools": [GREP], "messages": [user("x"), *[assistant([USE]), user([RESULT])] * 2]},
        "`tool_use` ids must be unique",
    ),
    "use without tools": ({"messages": [user("x"), assistant([USE]), user([RESULT])]}, "must define tools"),
    "tools of one name": ({"tools": [GREP, GREP]}, "Tool names must be unique"),
    "tool with a space": ({"tools": [{**GREP, "name": "a b"}]}, "tools.0.custom.name: String should match"),
    "tool with more": ({"tools": [{**GREP, "parameters": {}}]}, "tools.0.custom.parameters: Extra inputs"),
    "tool of a string": ({"tools": [{**GREP, "input_schema": {"type": "string"}}]}, "input_schema.type"),
    "too long": ({"model": HAIKU, "system": "x" * 510_000}, "prompt is too long: 2040"),
}


@pytest.fixture(scope="module")
def shared() -> Iterator[ModelServer]:
    """One server for all that is refused and all that is taken."""
    with ModelServer() as running:
        yield running


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_api_refuses_is_an_offence(shared: ModelServer, any_client: anthropic.Anthropic, case: str) -> None:
    changes, message = REFUSED[case]
    before = len(shared.offences)
    with pytest.raises(anthropic.BadRequestError) as raised:
        post(any_client.with_options(base_url=shared.url), body(**changes))
    assert raised.value.type == "invalid_request_error"
    assert message in str(raised.value.api_message)
    assert [message in offence for offence in shared.offences[before:]] == [True]


TAKEN: dict[str, dict[str, Any]] = {
    "four breakpoints": {"messages": marked(4)},
    "automatic where one is": {"messages": marked(4), "cache_control": EPHEMERAL},
    "between tools": {"thinking": {"type": "between_tools"}, "output_config": {"effort": "high"}},
    "no tool": {"tools": [GREP], "tool_choice": {"type": "none"}},
    "forced on another model": {"model": "claude-sonnet-5", "tools": [GREP], "tool_choice": {"type": "any"}},
    "budget on an old model": {"model": HAIKU, "thinking": {"type": "enabled", "budget_tokens": 1024}},
    "results in two messages": {
        "tools": [GREP],
        "messages": [
            user("x"),
            assistant([USE, {**USE, "id": "t2"}]),
            user([RESULT]),
            user([{**RESULT, "tool_use_id": "t2", "is_error": True, "content": [text("x")]}, text("Go on.")]),
        ],
    },
    "system message after a user": {"messages": [user("x"), {"role": "system", "content": "Be brief."}]},
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_the_api_takes_is_taken(shared: ModelServer, any_client: anthropic.Anthropic, case: str) -> None:
    before = list(shared.offences)
    assert post(any_client.with_options(base_url=shared.url), body(**TAKEN[case]))["type"] == "message"
    assert shared.offences == before


def test_a_count_of_tokens_has_the_same_rules(server: ModelServer, client: anthropic.Anthropic) -> None:
    refused: list[dict[str, Any]] = [{"tools": [GREP], "tool_choice": {"type": "any"}}, {"metadata": {}}]
    for changes in refused:
        with pytest.raises(anthropic.BadRequestError):
            post(client, body(max_tokens=None, **changes), "/v1/messages/count_tokens")
    assert len(server.offences) == 2


def test_a_model_that_there_is_not_is_not_found(server: ModelServer, client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as raised:
        stream(client, model="claude-sonnet-9")
    assert raised.value.api_message == "model: claude-sonnet-9"
    assert server.offences == ["POST /v1/messages: model: claude-sonnet-9"]


@pytest.mark.parametrize("headers", [{"Authorization": anthropic.omit}, {"Authorization": "Bearer other"}])
def test_without_a_known_key_nobody_enters(
    server: ModelServer, client: anthropic.Anthropic, headers: dict[str, Any]
) -> None:
    with pytest.raises(anthropic.AuthenticationError):
        client.messages.create(**body(), extra_headers=headers)
    assert len(server.offences) == 1


def test_a_version_is_demanded(server: ModelServer, client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError):
        client.messages.create(**body(), extra_headers={"anthropic-version": anthropic.omit})
    assert "anthropic-version header" in server.offences[0]
    client.messages.create(**body(), extra_headers={"anthropic-version": "2023-06-01"})
    assert len(server.offences) == 1


@pytest.mark.parametrize("path", ["/v1/messages?beta=true", "/v1/complete", "/v1/messages/batches"])
def test_other_paths_are_unknown(server: ModelServer, client: anthropic.Anthropic, path: str) -> None:
    with pytest.raises(anthropic.NotFoundError):
        post(client, body(), path)
    assert server.offences[0].startswith(f"POST {path}: Not found")


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (json.dumps(body(system="\ud83d")).encode(), 400, "no low surrogate in string: '\\ud83d'"),
        (b'{"max_tokens": NaN}', 400, "NaN is not JSON"),
        (b"\xff", 400, "not valid JSON"),
        (b"[]", 400, "must be an object"),
        (b'{"model": "claude-sonnet-5-5", "max_tokens": 1, "messages": [1]}', 400, "AttributeError"),
        (b" " * (rules.MAX_BYTES + 1), 413, "exceeds the maximum size"),
    ],
    ids=["surrogate", "NaN", "not UTF-8", "a list", "odd", "too large"],
)
def test_a_body_that_cannot_be_read_is_refused(server: ModelServer, content: bytes, status: int, message: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21"}
    asked = urllib.request.Request(f"{server.url}/v1/messages", content, headers)
    with pytest.raises(HTTPError) as raised, urllib.request.urlopen(asked):
        pass
    with raised.value as refused:
        assert (refused.code, json.load(refused)["type"]) == (status, "error")
    assert message in server.offences[0]


def test_the_sdk_itself_refuses_a_lone_surrogate(server: ModelServer, client: anthropic.Anthropic) -> None:
    with pytest.raises(UnicodeEncodeError):
        stream(client, system="\ud83d")
    assert server.requests == []
