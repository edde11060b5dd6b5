"""One attempt: send a request, listen to the stream of its answer, and take the answer only where it is whole.

What can be wrong with a stream, and what the SDK (2.14) makes of it: an `error` event raises APIStatusError with
status 200; a lost connection raises httpx2's own exceptions; an end too early raises nothing, and leaves `stop_reason`
None; a page in place of a stream is a stream without events; a malformed event raises whatever it leads to.
"""

import json
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

import anthropic
import httpx2
from anthropic.types import Message, RawMessageStreamEvent

from review.domain.agent import Tokens
from review.errors import AnswerIncomplete
from review.model.base import Reply, ToolUse
from review.model.clients import CONNECT, Client
from review.model.ledger import estimate
from review.model.plain import plain, whole

_SILENCE = 240.0
"""Seconds without a byte after which a connection counts as lost. Compiling a new schema may take 180
(https://platform.claude.com/docs/en/build-with-claude/structured-outputs)."""
_ENDS = {
    "model_context_window_exceeded": "the request and its answer are longer than the model's context",
    "pause_turn": "the model paused its turn for a tool of the API's, and was given none",
}
"""Why an answer is none, by the reason for which the model stopped."""


class NoAnswer(Exception):
    """The stream had no end, or no message at all. `str(error)` is a clause for the reader."""


class NotTheApi(NoAnswer):
    """What answered is something else: no stream came."""


@dataclass
class Heard:
    """What came of an attempt, up to where it ended."""

    began: bool = False
    """Whether there was a response, and it a good one: from then on nothing is like an HTTP error."""
    message: Message | None = None
    arguments: dict[int, str] = field(default_factory=dict)
    """Index of a block → the JSON of a tool's arguments, as far as it came."""
    characters: int = 0
    is_counted: bool = False
    """Whether the API has said how many tokens the answer has."""
    request_id: str = ""

    @property
    def tokens(self) -> Tokens:
        """What the API counted. An answer that broke off is billed as far as it came: then this is an estimate."""
        usage = getattr(self.message, "usage", None)
        output = _count(usage, "output_tokens")
        return Tokens(
            _count(usage, "input_tokens"),
            output if self.is_counted else max(output, estimate(self.characters)),
            _count(usage, "cache_read_input_tokens"),
            _count(usage, "cache_creation_input_tokens"),
        )


def _count(usage: object, name: str) -> int:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) and value > 0 else 0


def listen(client: Client, body: Mapping[str, Any], until: float, heard: Heard) -> None:
    """Send the request and listen to the end, noting in `heard` what comes. Raises what the SDK raises, or NoAnswer."""
    left = until - time.monotonic()
    connect = min(CONNECT, left / 4)
    timeout = httpx2.Timeout(min(_SILENCE, left - connect), connect=connect)
    # Not `messages.stream()`: it warns about models that are to be retired, as an error where warnings are errors, and
    # knows only the parameters of its own version. This sends the body as it is.
    raw = client.post(
        "/v1/messages",
        cast_to=Message,
        body={**body, "stream": True},
        options={"timeout": timeout},
        stream=True,
        stream_cls=anthropic.Stream[RawMessageStreamEvent],
    )
    heard.began = True
    with anthropic.MessageStream(raw, output_format=anthropic.not_given) as stream:
        heard.request_id = plain(stream.request_id or "")
        alarm = Timer(until - time.monotonic(), _hang_up, (stream.response,))
        alarm.daemon = True
        alarm.start()
        try:
            for event in stream:
                _note(event, stream, heard)
        finally:
            alarm.cancel()
        _check_end(stream.response, heard)


def _hang_up(response: httpx2.Response) -> None:
    """End a stream from another thread: it may be silent, or drip pings, of which the SDK tells nobody."""
    network = response.extensions.get("network_stream")
    connection = network.get_extra_info("socket") if network else None
    if connection:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _note(event: Any, stream: anthropic.MessageStream[Any], heard: Heard) -> None:
    if event.type == "message_start":
        heard.message = stream.current_message_snapshot
    elif event.type == "message_delta":
        heard.is_counted = True
    elif event.type == "content_block_delta":
        said = [getattr(event.delta, name, None) for name in ("text", "thinking", "partial_json")]
        heard.characters += sum(len(part) for part in said if isinstance(part, str))
        if event.delta.type == "input_json_delta":
            heard.arguments[event.index] = heard.arguments.get(event.index, "") + event.delta.partial_json


def _check_end(response: httpx2.Response, heard: Heard) -> None:
    if heard.message is None:
        kind = plain(response.headers.get("content-type", "")).partition(";")[0]
        if "event" not in kind:
            raise NotTheApi(
                f"{response.url.host} answered with {kind or 'something'} where a stream of events was expected: the"
                " base URL is not the API's, or a proxy has put a page before it"
            )
        raise NoAnswer("the stream of the answer was empty")
    if heard.message.stop_reason is None:
        raise NoAnswer("the answer broke off before its end")


def reply_of(heard: Heard, max_tokens: int) -> Reply:
    """The whole answer. Raises AnswerIncomplete for one that was cut, refused, or lacks what it should hold."""
    message = heard.message
    if message is None:
        raise AnswerIncomplete("there was no answer")
    _check_stop(message, max_tokens)
    uses = tuple(
        ToolUse(block.id, block.name, _arguments(block.name, block.input, heard.arguments.get(index, "")))
        for index, block in enumerate(message.content)
        if block.type == "tool_use"
    )
    # The SDK makes a block of text of every type that it does not know.
    texts = [block.text for block in message.content if block.type == "text" and isinstance(block.text, str)]
    text = whole("".join(texts))
    if message.stop_reason == "tool_use" and not uses:
        raise AnswerIncomplete("the model stopped for a tool and asked for none")
    if message.stop_reason == "end_turn" and not text.strip():
        raise AnswerIncomplete("the model's answer is empty")
    content = tuple(whole(block.to_dict(mode="json", warnings=False)) for block in message.content)
    return Reply(str(message.stop_reason), content, text, uses, heard.tokens, heard.request_id)


def _check_stop(message: Message, max_tokens: int) -> None:
    reason = message.stop_reason
    if reason in ("end_turn", "tool_use"):
        return
    if reason == "max_tokens":
        raise AnswerIncomplete(f"the answer was cut at its limit of {max_tokens:,} tokens", is_cut=True)
    if reason == "refusal":
        category = plain(getattr(message.stop_details, "category", None) or "")
        raise AnswerIncomplete(f"the model declined to answer ({category or 'it gave no category'})")
    raise AnswerIncomplete(_ENDS.get(str(reason), f"the model stopped for a reason not known here ({plain(reason)})"))


def _arguments(tool: str, taken: object, said: str) -> Mapping[str, Any]:
    """What the tool is called with. The SDK takes JSON that breaks off for whole: the text itself has to be read."""
    try:
        arguments = json.loads(said) if said else taken
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise AnswerIncomplete(f"the model asked for {plain(tool)} with arguments that are no JSON object")
    cleaned: dict[str, Any] = whole(arguments)
    return cleaned
