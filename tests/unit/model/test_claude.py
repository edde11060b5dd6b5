"""What is asked, and what is taken for an answer."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.config.credentials import Credentials, credentials_of
from review.domain.agent import Tokens
from review.errors import AnswerIncomplete, ModelRefused, ModelUnavailable
from tests.model_server.routes import KEY
from tests.model_server.script import (
    CATEGORIES,
    answer,
    by_turn,
    cut,
    failure,
    paced,
    refusal,
    stalled,
    text,
    tool_use,
    with_odd_block,
    with_odd_event,
)
from tests.model_server.server import ModelServer
from tests.unit.model.door import BODY, START, TOOL, Door, block, credentials_for, events, stop


def test_the_request_is_sent_as_it_is(server: ModelServer, door: Door) -> None:
    given: dict[str, Any] = {
        "system": [{"type": "text", "text": "You review.", "cache_control": {"type": "ephemeral"}}],
        "tools": [TOOL],
        "tool_choice": {"type": "none"},
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "medium"},
        "cache_control": {"type": "ephemeral"},
    }
    door.ask(**given)
    (request,) = server.requests
    assert request.body == {**BODY, **given, "stream": True}
    assert (request.method, request.path) == ("POST", "/v1/messages")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["anthropic-version"] == "2026-10-21"
    assert request.headers["x-api-key"] == KEY
    assert server.offences == []


def test_only_a_gateway_gets_the_key_where_the_api_used_to_read_it() -> None:
    from review.model.clients import gateway_headers

    def headers(**environ: str) -> dict[str, str]:
        known = credentials_of(environ)
        assert known is not None
        return gateway_headers(known)

    assert headers(ANTHROPIC_API_KEY=KEY) == {}
    assert headers(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL="https://gateway.example/a") == {"X-Api-Key": KEY}
    assert headers(ANTHROPIC_AUTH_TOKEN=KEY, ANTHROPIC_BASE_URL="https://gateway.example/a") == {}


def test_an_answer_is_handed_over_with_what_it_took(server: ModelServer, door: Door) -> None:
    server.script = lambda _: answer({"verdict": "größer → 😀"}, parts=2)
    reply = door.ask()
    assert (reply.stop_reason, json.loads(reply.text)) == ("end_turn", {"verdict": "größer → 😀"})
    assert [item["type"] for item in reply.content] == ["text", "text"]
    usage = server.requests[0].usage
    assert door.spent == [reply.tokens] == [Tokens(input=usage["input_tokens"], output=usage["output_tokens"])]
    assert reply.request_id.startswith("req_")
    assert reply.tool_uses == ()


def test_what_is_cached_is_counted_apart(server: ModelServer, door: Door) -> None:
    system = [{"type": "text", "text": "standard " * 600, "cache_control": {"type": "ephemeral"}}]
    first, second = door.ask(system=system).tokens, door.ask(system=system).tokens
    assert first.cache_write > 1000
    assert second.cache_read == first.cache_write
    assert (first.cache_read, second.cache_write) == (0, 0)
    assert second.sent == first.sent


def test_a_conversation_goes_back_as_it_came(server: ModelServer, door: Door) -> None:
    """The server checks the seal of the thinking, which is bound to everything before it."""
    server.script = by_turn(
        tool_use("grep", {"pattern": "ö", "deep": {"list": [1, None]}}, ("grep", {}), thinking="Hm.", said="I look."),
        answer({}),
    )
    first = door.ask(tools=[TOOL], thinking={"type": "adaptive"})
    assert first.stop_reason == "tool_use"
    assert [item["type"] for item in first.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert [(use.name, use.arguments) for use in first.tool_uses] == [
        ("grep", {"pattern": "ö", "deep": {"list": [1, None]}}),
        ("grep", {}),
    ]
    results = [{"type": "tool_result", "tool_use_id": use.id, "content": "nothing"} for use in first.tool_uses]
    messages = [
        *BODY["messages"],
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": results},
    ]
    assert door.ask(tools=[TOOL], thinking={"type": "adaptive"}, messages=messages).stop_reason == "end_turn"
    assert server.offences == []
    assert json.loads(json.dumps(first.content)) == list(first.content)


def test_what_is_still_to_be_invented_is_no_text(server: ModelServer, door: Door) -> None:
    server.script = lambda _: with_odd_event(with_odd_block(text("Fine.")))
    reply = door.ask()
    assert reply.text == "Fine."
    assert reply.content == ({"type": "hologram", "depth": 3}, {"type": "text", "text": "Fine."})
    unknown_delta = block(
        0, {"type": "text", "text": ""}, {"type": "glow", "n": 1}, {"type": "text_delta", "text": "Hi"}
    )
    server.script = lambda _: events(START, *unknown_delta, *stop("end_turn"))
    assert door.ask().text == "Hi"


def test_half_characters_do_not_get_through(server: ModelServer, door: Door) -> None:
    half = [*block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "a\ud83d"})]
    server.script = lambda _: events(START, *half, *stop("end_turn"))
    reply = door.ask(messages=[{"role": "user", "content": "b\udcff"}])
    assert server.requests[0].body["messages"][0]["content"] == "b\ufffd"
    assert reply.text == "a\ufffd"
    assert reply.content[0]["text"] == "a\ufffd"


def test_a_model_that_is_to_be_retired_is_asked_without_a_warning(server: ModelServer, door: Door) -> None:
    assert door.ask(model="claude-sonnet-4-5").stop_reason == "end_turn"


@pytest.mark.parametrize("said", [cut({"a": "b" * 40}), answer({"a": 1}, stop_reason="max_tokens")])
def test_an_answer_at_its_limit_is_cut_even_if_its_json_is_whole(server: ModelServer, door: Door, said: Any) -> None:
    server.script = lambda _: said
    with pytest.raises(AnswerIncomplete, match="cut at its limit of 1,000 tokens") as caught:
        door.ask()
    assert caught.value.is_cut
    assert len(door.spent) == len(server.requests) == 1


@pytest.mark.parametrize("category", [*CATEGORIES, "phrenology\n::error::x"])
@pytest.mark.parametrize("said", ["", '{"findings": []}'])
def test_a_refusal_is_told_with_its_category(server: ModelServer, door: Door, category: str | None, said: str) -> None:
    server.script = lambda _: refusal(category, said=said)
    clause = door.failure(AnswerIncomplete)
    shown = (category or "it gave no category").replace("\n", " ")
    assert clause == f"the model declined to answer ({shown})"
    assert len(server.requests) == 1
    assert len(door.spent) == 1


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("pause_turn", "paused its turn"),
        ("model_context_window_exceeded", "longer than the model's context"),
        ("stop_sequence", "not known here (stop_sequence)"),
        ("sulk\n::error::x", "not known here (sulk ::error::x)"),
    ],
)
def test_other_ends_are_no_answers(server: ModelServer, door: Door, reason: str, said: str) -> None:
    server.script = lambda _: answer({"findings": []}, stop_reason=reason)
    assert said in door.failure(AnswerIncomplete)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("content", "reason", "said"),
    [
        ([], "end_turn", "answer is empty"),
        (block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": " \n"}), "end_turn", "answer is empty"),
        (block(0, {"type": "thinking", "thinking": "", "signature": ""}), "end_turn", "answer is empty"),
        (block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "x"}), "tool_use", "asked for none"),
    ],
)
def test_an_answer_must_hold_what_its_end_promises(
    server: ModelServer, door: Door, content: list[dict[str, Any]], reason: str, said: str
) -> None:
    server.script = lambda _: events(START, *content, *stop(reason))
    assert said in door.failure(AnswerIncomplete)


@pytest.mark.parametrize("pieces", [['{"path": "a', '.sql"'], ['"a.sql"'], ["[1]"], ["null"]])
def test_arguments_of_a_tool_must_be_a_whole_object(server: ModelServer, door: Door, pieces: list[str]) -> None:
    """The SDK closes what is open in JSON that broke off, and takes it."""
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    use = block(0, {"type": "tool_use", "id": "toolu_1", "name": "read\u0007file", "input": {}}, *deltas)
    server.script = lambda _: events(START, *use, *stop("tool_use"))
    clause = door.failure(AnswerIncomplete)
    assert clause == "the model asked for read file with arguments that are no JSON object"


def test_a_tool_without_arguments_is_asked_with_none(server: ModelServer, door: Door) -> None:
    use = block(0, {"type": "tool_use", "id": "toolu_1", "name": "list", "input": {}})
    server.script = lambda _: events(START, *use, *stop("tool_use"))
    assert door.ask().tool_uses[0].arguments == {}


def test_the_deadline_ends_a_silent_stream_one_that_drips_and_one_that_only_pings(
    server: ModelServer, door: Door
) -> None:
    pings = replace(answer({}), odd_events=({"type": "ping"},) * 500, pace=0.02)
    for said in (stalled(answer({}), 9.0, after=2), paced(answer({}), 0.09), pings, stalled(answer({}), 9.0)):
        server.script = lambda _, said=said: said
        started = time.monotonic()
        door.failure(ModelUnavailable, seconds=0.4)
        assert time.monotonic() - started < 0.6
    assert len(server.requests) == 4


def test_nothing_is_sent_after_the_deadline(server: ModelServer, door: Door) -> None:
    assert "in the time that was left" in door.failure(ModelUnavailable, seconds=-1)
    assert server.requests == []


def test_several_threads_ask_through_one_door(server: ModelServer, door: Door) -> None:
    server.script = lambda body: paced(text(body["messages"][0]["content"]), 0.01)
    heard: dict[str, str] = {}

    def ask(name: str) -> None:
        heard[name] = door.ask(messages=[{"role": "user", "content": name}]).text

    threads = [threading.Thread(target=ask, args=(f"question {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {name: name for name in (f"question {number}" for number in range(6))}
    assert server.most_at_once > 1


def test_nothing_but_the_credentials_counts(
    server: ModelServer,
    opened: Callable[[Credentials], Door],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Whatever the process's environment or a home directory says: the SDK reads all of this where it is let."""
    (tmp_path / "configs").mkdir()
    profile = {"authentication": {"type": "static"}, "base_url": "http://127.0.0.1:9"}
    (tmp_path / "configs" / "default.json").write_text(json.dumps(profile))
    hostile = {
        "ANTHROPIC_API_KEY": "sk-ant-other",
        "ANTHROPIC_AUTH_TOKEN": "other",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "ANTHROPIC_CONFIG_DIR": str(tmp_path),
        "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer other\nX-Api-Key: other\nAnthropic-Beta: other\nX-Other: 1",
        "ANTHROPIC_OPEN_TELEMETRY": "true",
        "ANTHROPIC_PROFILE": "default",
    }
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    door = opened(credentials_for(server.url))
    door.ask()
    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["x-api-key"] == KEY
    assert not {"x-other", "anthropic-beta", "traceparent"} & set(headers)


def test_the_sdk_writes_no_log(
    server: ModelServer, opened: Callable[[Credentials], Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold the pull request's text, on a stream whose commands the runner obeys."""
    from anthropic._utils._logs import setup_logging

    monkeypatch.setenv("ANTHROPIC_LOG", "debug")
    setup_logging()
    opened(credentials_for(server.url)).ask()
    for name in ("anthropic._base_client", "httpx2", "httpcore2.http11"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)


def test_a_token_is_sent_like_a_key(server: ModelServer, opened: Callable[[Credentials], Door]) -> None:
    credentials = credentials_of({"ANTHROPIC_AUTH_TOKEN": KEY, "ANTHROPIC_BASE_URL": server.url})
    assert credentials is not None
    opened(credentials).ask()
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    server.script = lambda _: failure(401)
    assert "check ANTHROPIC_AUTH_TOKEN" in opened(credentials).failure(ModelRefused)
