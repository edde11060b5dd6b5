"""Each fault, as SDK 2.14 shows it to a program that streams."""

import json
import time

import anthropic
import httpx2
import pytest

from tests.model_server.script import (
    RESET,
    Answer,
    Message,
    answer,
    broken,
    dropped,
    ended,
    failure,
    page,
    raw,
    script_of,
    sequence,
    stalled,
    with_odd_block,
    with_odd_event,
)
from tests.model_server.server import ModelServer
from tests.unit.model_server.asking import body, said, stream

WHOLE = answer({"verdict": "confirmed"}, thinking="Hm.")
EVENTS = 13
"""What `WHOLE` takes: start; thinking with ping and signature; text in four pieces; delta; stop."""


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (402, anthropic.PaymentRequiredError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (413, anthropic.ContentTooLargeError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (503, anthropic.ServiceUnavailableError),
        (504, anthropic.GatewayTimeoutError),
        (529, anthropic.OverloadedError),
    ],
)
def test_a_status_has_its_error(
    server: ModelServer, client: anthropic.Anthropic, status: int, error: type[anthropic.APIStatusError]
) -> None:
    server.script = script_of(failure(status, message="No."))
    with pytest.raises(error) as raised:
        stream(client)
    assert (raised.value.status_code, raised.value.api_message) == (status, "No.")
    assert raised.value.request_id == "req_000000000000000000000001"
    assert server.calls[0].status == status
    assert server.calls[0].usage == {}
    assert server.offences == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("enforced_spend_limit_reached", "EnforcedSpendLimitReachedError"),
        ("contract_spend_limit_reached", "ContractSpendLimitReachedError"),
        ("ramp_limit_exceeded", "RampLimitExceededError"),
    ],
)
def test_an_error_code_has_its_error(server: ModelServer, client: anthropic.Anthropic, code: str, name: str) -> None:
    server.script = script_of(failure(429, error_code=code))
    with pytest.raises(anthropic.RateLimitError) as raised:
        stream(client)
    assert type(raised.value).__name__ == name
    assert raised.value.error_code == code


def test_what_failed_is_tried_again(server: ModelServer, client: anthropic.Anthropic) -> None:
    later = failure(529, headers={"retry-after-ms": "1"})
    server.script = sequence(later, later, answer({}))
    assert said(stream(client.with_options(max_retries=2))) == "{}"
    assert [call.status for call in server.calls] == [529, 529, 200]
    assert [call.headers["x-stainless-retry-count"] for call in server.calls] == ["0", "1", "2"]


def test_the_api_can_forbid_to_try_again(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(failure(529, headers={"x-should-retry": "false"}))
    with pytest.raises(anthropic.OverloadedError):
        stream(client.with_options(max_retries=2))
    assert len(server.calls) == 1


def test_a_reset_before_the_answer_is_a_connection_error(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(RESET)
    with pytest.raises(anthropic.APIConnectionError):
        stream(client)
    assert server.calls[0].status == 0


def test_silence_before_the_answer_is_a_timeout(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(stalled(WHOLE, 60))
    with pytest.raises(anthropic.APITimeoutError):
        stream(client.with_options(timeout=0.05))


def test_silence_amid_the_stream_is_an_error_of_the_transport(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(stalled(WHOLE, 60, after=4))
    with pytest.raises(httpx2.ReadTimeout):
        stream(client.with_options(timeout=0.25))


def test_a_short_silence_is_waited_out(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(stalled(stalled(WHOLE, 0.02, after=4), 0.02))
    began = time.monotonic()
    assert said(stream(client)) == '{"verdict": "confirmed"}'
    assert time.monotonic() - began > 0.04


def test_a_page_with_500_is_a_server_error(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(page(500))
    with pytest.raises(anthropic.InternalServerError) as raised:
        stream(client)
    assert (raised.value.type, str(raised.value)[:6]) == (None, "<html>")


@pytest.mark.parametrize("given", [page(200), raw(b"{}"), raw(b"[]"), ended(WHOLE, 0)])
def test_an_answer_without_events_is_a_bare_assertion(
    server: ModelServer, client: anthropic.Anthropic, given: Answer
) -> None:
    server.script = script_of(given)
    with pytest.raises(AssertionError) as raised:
        stream(client)
    assert str(raised.value) == ""


def test_what_is_not_the_apis_passes_without_a_stream(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = sequence(page(200), raw(b"{}"), raw(b"<html>"))
    assert str(client.messages.create(**body())).startswith("<html>")
    assert client.messages.create(**body()).stop_reason is None
    with pytest.raises(json.JSONDecodeError):
        client.messages.create(**body())


@pytest.mark.parametrize("after", [0, 1, 2, 7, EVENTS])
def test_a_dropped_connection_is_an_error_of_the_transport(
    server: ModelServer, client: anthropic.Anthropic, after: int
) -> None:
    server.script = script_of(dropped(WHOLE, after))
    with pytest.raises(httpx2.RemoteProtocolError):
        stream(client)
    assert bool(server.calls[0].usage) == (after > 0)


def test_a_reset_amid_the_stream_is_an_error_of_the_transport(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(dropped(WHOLE, 7, reset=True))
    with pytest.raises(httpx2.ReadError):
        stream(client)


@pytest.mark.parametrize("after", [1, 2, 7, EVENTS - 2])
def test_an_early_end_is_no_error_and_has_no_stop_reason(
    server: ModelServer, client: anthropic.Anthropic, after: int
) -> None:
    server.script = script_of(ended(WHOLE, after))
    message = stream(client)
    assert message.stop_reason is None
    assert message.usage.output_tokens == 1


def test_an_end_right_before_message_stop_cannot_be_told_from_a_whole_answer(
    server: ModelServer, client: anthropic.Anthropic
) -> None:
    server.script = script_of(ended(WHOLE, EVENTS - 1))
    assert stream(client).stop_reason == "end_turn"


@pytest.mark.parametrize("after", [0, 1, 7])
def test_an_error_event_is_an_error_with_status_200(
    server: ModelServer, client: anthropic.Anthropic, after: int
) -> None:
    server.script = script_of(broken(WHOLE, after))
    with pytest.raises(anthropic.APIStatusError) as raised:
        stream(client.with_options(max_retries=2))
    assert type(raised.value) is anthropic.APIStatusError
    assert (raised.value.status_code, raised.value.type) == (200, "overloaded_error")
    assert len(server.calls) == 1


@pytest.mark.parametrize("given", [with_odd_event(WHOLE), with_odd_block(WHOLE)])
def test_unknown_events_and_blocks_pass_by(server: ModelServer, client: anthropic.Anthropic, given: Message) -> None:
    server.script = script_of(given)
    message = stream(client)
    assert said(message) == '{"verdict": "confirmed"}'
    assert message.stop_reason == "end_turn"


def test_an_unknown_block_has_no_text(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(with_odd_block(WHOLE))
    odd = stream(client).content[0]
    assert (odd.type, getattr(odd, "text", "")) == ("hologram", None)


def test_a_fault_after_the_last_event_is_an_offence(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(dropped(WHOLE, EVENTS + 1))
    with pytest.raises(anthropic.BadRequestError):
        stream(client)
    assert "the script has something happen after more events than there are" in server.offences[0]


def test_a_fault_of_a_stream_without_a_stream_is_an_offence(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = script_of(dropped(WHOLE, 1))
    with pytest.raises(anthropic.BadRequestError):
        client.messages.create(**body())
    assert "the script has something happen in a stream, and the request is for none" in server.offences[0]
