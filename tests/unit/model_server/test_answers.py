import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import anthropic
import pytest

from tests.model_server.routes import KEY, Kind
from tests.model_server.script import (
    Answer,
    answer,
    by_system,
    by_turn,
    cut,
    paced,
    refusal,
    results,
    script_of,
    sequence,
    stalled,
    text,
    tool_use,
    user_text,
    when,
)
from tests.model_server.server import ModelServer
from tests.unit.model_server.asking import FORMAT, GREP, body, post, result, said, stream

FINDING = {"verdict": "confirmed", "quote": "prix – «élevé» 漢字"}


def test_a_stream_gives_the_data(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(answer(FINDING, thinking="Hm."))
    with client.messages.stream(**body(output_config={"format": FORMAT})) as events:
        kinds = [event.type for event in events]
        message, request_id = events.get_final_message(), events.request_id
    assert json.loads(said(message)) == FINDING
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens == server.calls[0].usage["output_tokens"] > 10
    assert message.usage.output_tokens_details is not None
    assert message.usage.output_tokens_details.thinking_tokens == 2
    assert kinds.count("text") == 4
    assert request_id
    assert server.offences == []


def test_a_whole_answer_is_the_same(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(answer(FINDING, parts=3))
    whole, streamed = client.messages.create(**body()), stream(client)
    assert [block.type for block in whole.content] == ["text"] * 3
    assert said(whole) == said(streamed) == json.dumps(FINDING, ensure_ascii=False)
    assert whole.usage.output_tokens == streamed.usage.output_tokens
    assert whole._request_id == "req_000000000000000000000001"


def test_thinking_is_shown_where_it_is_asked_for(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(answer({}, thinking="Let me see."))
    hidden, shown = (
        stream(client, thinking={"type": "adaptive", **display}).content[0]
        for display in ({}, {"display": "summarized"})
    )
    assert hidden.type == shown.type == "thinking"
    assert (hidden.thinking, shown.thinking) == ("", "Let me see.")
    assert hidden.signature


def test_a_character_of_several_bytes_arrives_in_two_chunks(server: ModelServer) -> None:
    server.script = script_of(answer(FINDING))
    chunks = _chunks(server, body(stream=True))
    assert any(not _is_text(chunk) for chunk in chunks)
    assert "élevé" in b"".join(chunks).decode()


def _chunks(server: ModelServer, sent: dict[str, Any]) -> list[bytes]:
    content = json.dumps(sent).encode()
    head = f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nanthropic-version: 2026-10-21\r\n"
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as connection:
        connection.sendall(f"{head}Connection: close\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        with connection.makefile("rb") as lines:
            while lines.readline().strip():
                pass
            found = []
            while size := int(lines.readline(), 16):
                found.append(lines.read(size))
                lines.readline()
    return found


def _is_text(chunk: bytes) -> bool:
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_tools_are_used_and_answered(server: ModelServer, client: anthropic.Anthropic) -> None:
    asked = tool_use("grep", {"pattern": "é"}, ("grep", {"pattern": "b"}), thinking="Look.", said="I look.")
    server.script = by_turn(asked, lambda sent: answer({"seen": results(sent)}))
    first = stream(client, tools=[GREP])
    assert first.stop_reason == "tool_use"
    assert [block.input for block in first.content if block.type == "tool_use"] == [{"pattern": "é"}, {"pattern": "b"}]
    history = [*body()["messages"], first.to_param(), result(first, "line 3")]
    second = stream(client, tools=[GREP], messages=history, tool_choice={"type": "none"})
    assert json.loads(said(second)) == {"seen": ["line 3", "line 3"]}
    assert server.offences == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answer({}, stop_reason="max_tokens"), "max_tokens"),
        (answer({}, stop_reason="pause_turn"), "pause_turn"),
        (answer({}, stop_reason="model_context_window_exceeded"), "model_context_window_exceeded"),
        (answer({}, stop_reason="tired"), "tired"),
        (answer({}, stop_reason=None), None),
    ],
)
def test_stop_reasons_reach_the_client(
    server: ModelServer, client: anthropic.Anthropic, given: Answer, reason: str | None
) -> None:
    server.script = script_of(given)
    message = stream(client)
    assert (message.stop_reason, said(message)) == (reason, "{}")


def test_an_answer_is_cut_by_max_tokens(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(cut(FINDING))
    message = stream(client)
    assert message.stop_reason == "max_tokens"
    assert json.dumps(FINDING, ensure_ascii=False).startswith(said(message))
    with pytest.raises(json.JSONDecodeError):
        json.loads(said(message))


@pytest.mark.parametrize("category", ["cyber", "bio", "frontier_llm", "reasoning_extraction", "general_harms", None])
@pytest.mark.parametrize("words", ["", "I cannot."])
def test_a_refusal_says_what_it_is_about(
    server: ModelServer, client: anthropic.Anthropic, category: str | None, words: str
) -> None:
    server.script = script_of(refusal(category, said=words))
    message = stream(client)
    assert message.stop_reason == "refusal"
    assert message.stop_details is not None
    assert message.stop_details.category == category
    assert said(message) == words


def test_a_stream_takes_its_time(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(paced(answer({}), 0.01))
    began = time.monotonic()
    stream(client)
    assert time.monotonic() - began > 0.05


def test_requests_are_recorded(server: ModelServer, client: anthropic.Anthropic) -> None:
    stream(client, metadata={"user_id": "u"})
    client.models.retrieve("claude-sonnet-5-5")
    call, card = server.requests
    assert (call.method, call.path, call.kind, call.status) == ("POST", "/v1/messages", Kind.MESSAGE, 200)
    assert call.headers["anthropic-version"] == "2026-10-21"
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert "x-api-key" not in call.headers
    assert call.body == body(stream=True, metadata={"user_id": "u"})
    assert call.at <= time.monotonic()
    assert (card.path, card.body, card.usage) == ("/v1/models/claude-sonnet-5-5", None, {})
    assert server.calls == [call]


def test_requests_are_served_at_once(server: ModelServer, client: anthropic.Anthropic) -> None:
    meet = Barrier(3, timeout=30)

    def together(_: dict[str, Any]) -> Answer:
        meet.wait()
        return answer({})

    server.script = together
    with ThreadPoolExecutor(3) as pool:
        assert [said(each) for each in pool.map(lambda _: stream(client), range(3))] == ["{}"] * 3
    assert server.most_at_once == 3


def test_one_request_after_another_is_one_at_once(server: ModelServer, client: anthropic.Anthropic) -> None:
    for _ in range(20):
        stream(client)
        client.messages.create(**body())
    assert server.most_at_once == 1


def test_tokens_are_counted(server: ModelServer, client: anthropic.Anthropic) -> None:
    sent = body(max_tokens=None, system="You review.", tools=[GREP])
    counted = client.messages.count_tokens(**sent).input_tokens
    usage = stream(client, system="You review.", tools=[GREP]).usage
    assert counted == usage.input_tokens > 50
    assert server.offences == []


def test_models_have_cards(server: ModelServer, client: anthropic.Anthropic) -> None:
    card = client.models.retrieve("claude-sonnet-5-5")
    assert (card.lifecycle, card.max_tokens, card.max_input_tokens) == ("active", 128_000, 1_000_000)
    assert card.capabilities is not None
    assert card.capabilities.structured_outputs.supported
    assert card.capabilities.effort.supported
    assert not card.capabilities.thinking.types.disabled.supported
    old = client.models.retrieve("claude-sonnet-4-5")
    assert (old.lifecycle, str(old.retires_at)[:10]) == ("deprecated", "2026-11-30")
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude-sonnet-9")
    assert server.offences == []


def test_scripts_tell_requests_apart(server: ModelServer, client: anthropic.Anthropic) -> None:
    found = sequence(text("one"), text("two"))
    server.script = by_system({"You verify": text("verified"), "You find": found})
    assert said(stream(client, system="You verify.")) == "verified"
    assert [said(stream(client, system=[{"type": "text", "text": "You find."}])) for _ in range(3)] == [
        "one",
        "two",
        "two",
    ]
    server.script = when(lambda sent: "Review" in user_text(sent), text("yes"), text("no"))
    assert said(stream(client)) == "yes"
    assert said(stream(client, messages=[{"role": "user", "content": "Hi."}])) == "no"


def test_a_script_without_an_answer_is_an_offence(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = by_system({"You verify": answer({})})
    with pytest.raises(anthropic.BadRequestError):
        stream(client, system="You find.")
    assert "the script has no answer for the system text 'You find.'" in server.offences[0]


def test_closing_ends_what_is_stalled(any_client: anthropic.Anthropic) -> None:
    server = ModelServer(stalled(answer({}), 60))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(post, any_client.with_options(base_url=server.url), body())
        while not server.calls:
            time.sleep(0.001)
        began = time.monotonic()
        server.close()
        assert asked.result(timeout=30)
    assert time.monotonic() - began < 30
