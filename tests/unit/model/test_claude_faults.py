"""What can go wrong between us and the model: what is asked again, after how long, and what the reader is told."""

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from review.config.credentials import Credentials
from review.errors import AnswerIncomplete, ModelError, ModelRefused, ModelUnavailable
from review.model.catalogue import Price
from review.model.ledger import Ledger
from tests.model_server.routes import KEY
from tests.model_server.script import (
    RESET,
    Answer,
    Http,
    answer,
    broken,
    dropped,
    ended,
    failure,
    page,
    raw,
    sequence,
    stalled,
)
from tests.model_server.server import ModelServer
from tests.unit.model.door import BODY, START, Door, block, credentials_for, events, stop


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        (failure(400, message="schema: too complex"), AnswerIncomplete, "(400) (schema: too complex)"),
        (failure(422, error_type="invalid_request_error"), AnswerIncomplete, "did not take the request (422)"),
        (failure(413), AnswerIncomplete, "larger than the API takes (413)"),
        (failure(401), ModelRefused, "(401): check the secret behind input anthropic-api-key"),
        (failure(402, message="No card."), ModelRefused, "no credit left, or cannot be billed (402): see its billing"),
        (
            failure(400, message="Your credit balance is too low to access the Anthropic API."),
            ModelRefused,
            "no credit left, or cannot be billed (400)",
        ),
        (failure(403, message="Not yours."), ModelRefused, "model claude-sonnet-5-5 is not allowed here (403)"),
        (failure(404, message="model: x"), ModelRefused, "there is no model claude-sonnet-5-5 here (404): set input"),
        (page(404), ModelRefused, "no Messages API at 127.0.0.1 (404): check the base URL"),
        (Http(302, b"", {"location": "/v1/elsewhere"}), ModelRefused, "status 302, as no Messages API does"),
        (page(405), ModelRefused, "status 405, as no Messages API does"),
        (
            failure(429, error_code="enforced_spend_limit_reached", message="Tier 1."),
            ModelRefused,
            "its limit of spending (429): raise it, or wait (Tier 1.)",
        ),
        (failure(429, error_code="contract_spend_limit_reached"), ModelRefused, "its limit of spending (429)"),
        (
            failure(402, error_code="linked_organization_spend_limit_reached"),
            ModelRefused,
            "cannot be billed (402)",
        ),
    ],
)
def test_what_no_repeat_can_help_is_told_at_once(
    server: ModelServer, door: Door, given: Answer, kind: type[ModelError], said: str
) -> None:
    server.script = lambda _: given
    assert said in door.failure(kind)
    assert len(server.requests) == 1
    assert door.slept == []
    assert door.spent == []


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_asked_twice_more(server: ModelServer, door: Door, status: int) -> None:
    passing = Http(status, b"{}", {"content-type": "application/json"})
    server.script = sequence(passing, passing, answer({"ok": 1}))
    assert json.loads(door.ask().text) == {"ok": 1}
    assert door.slept == [0.5, 1.0]
    server.script = lambda _: passing
    assert f"({status})" in door.failure(ModelUnavailable)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "soon"}, 0.5),
        ({"retry-after": "nan"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 2026 00:00:00 GMT"}, 0.0),
    ],
)
def test_the_server_says_how_long_to_wait(
    server: ModelServer, door: Door, headers: dict[str, str], wait: float
) -> None:
    server.script = sequence(failure(429, headers=headers), answer({}))
    door.ask()
    assert door.slept == [wait]


def test_a_date_to_wait_for_is_understood(server: ModelServer, door: Door) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=9), usegmt=True)
    server.script = sequence(failure(529, headers={"retry-after": moment}), answer({}))
    door.ask()
    assert 7 < door.slept[0] <= 9


@pytest.mark.parametrize("wait", ["3600", "61", "inf", "4294967"])
def test_nobody_waits_for_an_hour(server: ModelServer, door: Door, wait: str) -> None:
    server.script = lambda _: failure(429, headers={"retry-after": wait})
    clause = door.failure(ModelUnavailable, seconds=9e9)
    assert (
        clause
        == f"the API's rate limit is reached (429) (Failed.), and wants {wait} s to pass before it is asked again"
    )
    assert door.slept == []
    assert len(server.requests) == 1


def test_nobody_waits_beyond_the_deadline(server: ModelServer, door: Door) -> None:
    server.script = lambda _: failure(429, headers={"retry-after": "30"})
    assert "no time was left to ask again" in door.failure(ModelUnavailable, seconds=5)
    server.script = lambda _: failure(500)
    assert "the API failed (500)" in door.failure(ModelUnavailable, seconds=0.4)
    assert len(server.requests) == 2


def test_a_server_may_forbid_a_repeat(server: ModelServer, door: Door) -> None:
    server.script = lambda _: failure(529, headers={"x-should-retry": "false"})
    assert "the API is overloaded (529)" in door.failure(ModelUnavailable)
    assert len(server.requests) == 1


def test_growth_that_is_too_fast_passes(server: ModelServer, door: Door) -> None:
    server.script = sequence(failure(429, error_code="ramp_limit_exceeded", headers={"retry-after": "1"}), answer({}))
    door.ask()
    assert door.slept == [1.0]


def test_a_connection_that_is_reset_is_made_anew(server: ModelServer, door: Door) -> None:
    server.script = sequence(RESET, answer({}))
    door.ask()
    server.script = lambda _: RESET
    assert "127.0.0.1 could not be reached (ReadError: " in door.failure(ModelUnavailable)
    assert len(server.requests) == 5


def test_nobody_there_is_told(opened: Callable[[Credentials], Door]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        door = opened(credentials_for(f"http://127.0.0.1:{taken.getsockname()[1]}"))
        clause = door.failure(ModelUnavailable)
    assert clause.startswith("127.0.0.1 could not be reached (ConnectError: ")
    assert door.slept == [0.5, 1.0]


def test_no_second_attempt_is_begun_that_has_less_time_than_the_first_took(server: ModelServer, door: Door) -> None:
    server.script = lambda _: stalled(failure(500), 0.35)
    assert "no time was left to ask again" in door.failure(ModelUnavailable, seconds=1.0)
    assert len(server.requests) == 1


BREAKS: list[tuple[Answer, type[ModelError], str]] = [
    (dropped(answer({"a": 1}), 3), AnswerIncomplete, "broke off (RemoteProtocolError: "),
    (dropped(answer({"a": 1}), 3, reset=True), AnswerIncomplete, "broke off (ReadError: "),
    (ended(answer({"a": 1}), 3), AnswerIncomplete, "broke off before its end"),
    (ended(answer({"a": 1}), 0), AnswerIncomplete, "the stream of the answer was empty"),
    (answer({"a": 1}, stop_reason=None), AnswerIncomplete, "broke off before its end"),
    (broken(answer({"a": 1}), 3), ModelUnavailable, "the API is overloaded (529) (Overloaded)"),
    (broken(answer({"a": 1}), 0), ModelUnavailable, "the API is overloaded (529) (Overloaded)"),
    (broken(answer({"a": 1}), 3, "api_error"), ModelUnavailable, "the API failed (500)"),
    (broken(answer({"a": 1}), 3, "rate_limit_error"), ModelUnavailable, "the API's rate limit is reached (429)"),
    (broken(answer({"a": 1}), 3, "a_new_error"), ModelUnavailable, "the API failed (500)"),
    (page(200), ModelUnavailable, "127.0.0.1 answered with text/html where a stream of events was expected"),
    (raw(b"{}"), ModelUnavailable, "127.0.0.1 answered with application/json where"),
    (Http(200, b""), ModelUnavailable, "127.0.0.1 answered with something where"),
    (events(START, b"event: content_block_start\ndata: {not json\n\n"), AnswerIncomplete, "broke off (JSONDecodeError"),
    (events(START, b"event: ping2\ndata: \xff\n\n"), AnswerIncomplete, "broke off (UnicodeDecodeError"),
    (events(START, *block(4, {"type": "text", "text": ""}), *stop("end_turn")), AnswerIncomplete, "(IndexError"),
    (events({"type": "message_start", "message": {}}, *stop("end_turn")), AnswerIncomplete, "broke off ("),
    (events({"type": "message_start", "message": "no"}, *stop("end_turn")), AnswerIncomplete, "broke off ("),
    (events({"type": "message_start"}, *stop("end_turn")), AnswerIncomplete, "broke off ("),
    (events(*stop("end_turn")), AnswerIncomplete, "the stream of the answer was empty"),
    (events(b"event: error\ndata: Oops\n\n"), ModelUnavailable, "the API failed (500)"),
]


@pytest.mark.parametrize(("given", "kind", "said"), BREAKS, ids=range(len(BREAKS)))
def test_an_answer_that_breaks_off_is_asked_for_once_more(
    server: ModelServer, door: Door, given: Answer, kind: type[ModelError], said: str
) -> None:
    server.script = lambda _: given
    assert said in door.failure(kind)
    assert len(server.requests) == 2
    assert door.slept == [0.5]
    server.script = sequence(given, answer({"ok": 1}))
    assert json.loads(door.ask().text) == {"ok": 1}


@pytest.mark.parametrize(
    ("error_type", "kind", "said"),
    [
        ("invalid_request_error", AnswerIncomplete, "did not take the request (400)"),
        ("authentication_error", ModelRefused, "(401): check the secret behind input anthropic-api-key"),
        ("permission_error", ModelRefused, "not allowed here (403)"),
        ("billing_error", ModelRefused, "cannot be billed (402)"),
    ],
)
def test_an_error_amid_a_stream_means_what_it_means_elsewhere(
    server: ModelServer, door: Door, error_type: str, kind: type[ModelError], said: str
) -> None:
    server.script = lambda _: broken(answer({}), 2, error_type)
    assert said in door.failure(kind)
    assert len(server.requests) == 1


def test_both_kinds_of_repeat_go_together(server: ModelServer, door: Door) -> None:
    server.script = sequence(failure(529), dropped(answer({}), 2), failure(529), answer({"ok": 1}))
    assert json.loads(door.ask().text) == {"ok": 1}
    assert door.slept == [0.5, 1.0, 2.0]


def test_failed_attempts_are_paid_for_as_far_as_they_came(server: ModelServer, door: Door) -> None:
    long = answer({"text": "x" * 1000})
    server.script = sequence(dropped(long, 5), long)
    reply = door.ask()
    failed, whole = door.spent
    assert whole == reply.tokens
    assert failed.input == whole.input > 0
    assert 0.4 * whole.output < failed.output < whole.output


@pytest.mark.parametrize("usage", [None, "many", {"input_tokens": -5, "output_tokens": "x"}])
def test_usage_that_is_none_costs_nothing(server: ModelServer, door: Door, usage: Any) -> None:
    start = {**START, "message": {**START["message"], "usage": usage}}
    server.script = lambda _: events(start, b"event: content_block_start\ndata: {\n\n")
    door.failure(AnswerIncomplete)
    assert door.spent == []


def test_what_the_api_says_is_shown_on_one_line_without_the_key(server: ModelServer, door: Door) -> None:
    words = f"Bad\x1b[31m\n::error::{KEY} and ghp_0123456789abcdefghij \u202e" + "x" * 900
    server.script = lambda _: failure(400, message=words)
    clause = door.failure(AnswerIncomplete)
    assert clause.startswith("the API did not take the request (400) (Bad [31m ::error::(redacted) and (redacted) xxx")
    assert clause.isprintable()
    assert len(clause) < 400


def test_the_key_is_in_no_representation(server: ModelServer, door: Door) -> None:
    assert KEY not in repr(vars(door.claude)["_credentials"])
    server.script = lambda _: events(START, f"event: error\ndata: {KEY}\n\n".encode())
    assert KEY not in door.failure(ModelUnavailable)


@pytest.mark.parametrize(("said", "requests"), [(False, 1), (True, 2), (None, 2)])
def test_what_the_cap_does_not_allow_again_is_not_repeated(
    server: ModelServer, door: Door, said: bool | None, requests: int
) -> None:
    server.script = lambda _: broken(answer({"a": 1}), 3)
    with pytest.raises(ModelUnavailable):
        door.claude.ask(BODY, time.monotonic() + 20, lambda tokens: said)
    assert len(server.requests) == requests


def test_a_ledger_without_room_for_the_same_again_is_asked_once(server: ModelServer, door: Door) -> None:
    server.script = lambda _: broken(answer({"a": 1}), 3)
    price = Price(input=10, output=10, cache_write=10, cache_read=10)
    for cap, requests in ((0.0101, 1), (1.0, 2)):
        server.requests.clear()
        ledger = Ledger(cap, price, "m")
        with pytest.raises(ModelUnavailable), ledger.reserved(10, 1_000, time.monotonic() + 20) as spent:
            door.claude.ask(BODY, time.monotonic() + 20, spent)
        assert (len(server.requests), ledger.spend.calls) == (requests, requests)
