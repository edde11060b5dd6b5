"""How a test says what the model answers: a script takes the body of a request and gives the answer to it.

Scripts run in the threads of the requests, several at once. What the model thought is only shown to a request that asks
for it (`thinking.display`: "summarized"); to others the block of thinking comes without its text, as from the API.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Literal

from tests.model_server.blocks import Block, blocks
from tests.model_server.refusals import TYPES, error


@dataclass(frozen=True)
class Fault:
    """Where a stream goes wrong: once `after` of its events were sent. The first is `message_start`."""

    after: int
    kind: Literal["drop", "reset", "end", "error", "stall"]
    error_type: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Message:
    """A message of the model's, in a stream or whole."""

    content: tuple[Block, ...]
    stop_reason: str | None = "end_turn"
    stop_details: Mapping[str, Any] | None = None
    odd_events: tuple[Mapping[str, Any], ...] = ()
    """Events that no client knows; they come right after `message_start`."""
    pace: float = 0.0
    """Seconds between any two events."""
    fault: Fault | None = None


@dataclass(frozen=True)
class Http:
    """An answer below the API: a status and a body, whatever they are."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reset:
    """No answer: the connection is reset."""


@dataclass(frozen=True)
class Stall:
    """Nothing at all for so many seconds, then the answer."""

    seconds: float
    then: "Answer"


Answer = Message | Http | Reset | Stall
Script = Callable[[dict[str, Any]], Answer]
Step = Answer | Script

RESET = Reset()
CATEGORIES = ("cyber", "bio", "frontier_llm", "reasoning_extraction", "general_harms", None)
"""What a refusal may be about."""


def answer(data: Any, *, thinking: str = "", stop_reason: str | None = "end_turn", parts: int = 1) -> Message:
    """The data as JSON, in so many blocks of text. `stop_reason` may be one that no client knows, or None."""
    return text(json.dumps(data, ensure_ascii=False), thinking=thinking, stop_reason=stop_reason, parts=parts)


def text(said: str, *, thinking: str = "", stop_reason: str | None = "end_turn", parts: int = 1) -> Message:
    """The text as it is, JSON or not."""
    size = -(-len(said) // parts)
    pieces = [said[at : at + size] for at in range(0, len(said), size)] if said else []
    return Message((*_thought(thinking), *({"type": "text", "text": piece} for piece in pieces)), stop_reason)


def cut(data: Any, *, keep: float = 0.5, thinking: str = "") -> Message:
    """An answer that ran into `max_tokens` with so much of its JSON said. Whole JSON: `answer(…, stop_reason=…)`."""
    said = json.dumps(data, ensure_ascii=False)
    return text(said[: max(1, int(len(said) * keep))], thinking=thinking, stop_reason="max_tokens")


def tool_use(
    name: str, arguments: Mapping[str, Any], *more: tuple[str, Mapping[str, Any]], thinking: str = "", said: str = ""
) -> Message:
    """The model asks for a tool, or for several at once. What it says before is `said`."""
    uses = [{"type": "tool_use", "name": each, "input": dict(given)} for each, given in ((name, arguments), *more)]
    before = ({"type": "text", "text": said},) if said else ()
    return Message((*_thought(thinking), *before, *uses), "tool_use")


def refusal(category: str | None, *, said: str = "") -> Message:
    """The model, or what watches over it, declines."""
    details = {"type": "refusal", "category": category, "explanation": "This request is declined."}
    return replace(text(said, stop_reason="refusal"), stop_details=details)


def _thought(thinking: str) -> tuple[Block, ...]:
    return ({"type": "thinking", "thinking": thinking},) if thinking else ()


def failure(
    status: int,
    *,
    error_type: str = "",
    error_code: str = "",
    message: str = "Failed.",
    headers: Mapping[str, str] = {},
) -> Http:
    """An error as the API words it; headers such as `retry-after` and `x-should-retry` as given."""
    body = error(error_type or TYPES.get(status, "api_error"), message, error_code)
    return Http(status, json.dumps(body).encode(), {"content-type": "application/json", **headers})


def page(status: int) -> Http:
    """A page for people: with 500 some proxy's error, with 200 its login."""
    body = b"<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>"
    return Http(status, body, {"content-type": "text/html; charset=utf-8"})


def raw(body: bytes, status: int = 200) -> Http:
    """A body of JSON that is not the API's, `{}` for one."""
    return Http(status, body, {"content-type": "application/json"})


def stalled(then: Answer, seconds: float, *, after: int = 0) -> Answer:
    """Silence for so long: before the answer, or amid a stream after so many events. Closing the server ends it."""
    if after and isinstance(then, Message):
        return replace(then, fault=Fault(after, "stall", seconds=seconds))
    return Stall(seconds, then)


def dropped(message: Message, after: int, *, reset: bool = False) -> Message:
    """The connection goes after so many events; the body is left without its end."""
    return replace(message, fault=Fault(after, "reset" if reset else "drop"))


def ended(message: Message, after: int) -> Message:
    """The body ends in good order after so many events; none of them: an empty stream."""
    return replace(message, fault=Fault(after, "end"))


def broken(message: Message, after: int, error_type: str = "overloaded_error") -> Message:
    """An `error` event after so many events."""
    return replace(message, fault=Fault(after, "error", error_type))


def paced(message: Message, seconds: float) -> Message:
    """A stream that takes its time: so many seconds between events."""
    return replace(message, pace=seconds)


def with_odd_event(message: Message) -> Message:
    """The same with an event of a type that is still to be invented."""
    return replace(message, odd_events=({"type": "hologram_start", "hologram": {"depth": 3}},))


def with_odd_block(message: Message) -> Message:
    """The same after a block of a type that is still to be invented."""
    return replace(message, content=({"type": "hologram", "depth": 3}, *message.content))


def script_of(step: Step) -> Script:
    """An answer as the script that always gives it."""
    if isinstance(step, Message | Http | Reset | Stall):
        return lambda _: step
    return step


def sequence(*steps: Step) -> Script:
    """One answer for each request, in the order they come; the last for all that come later."""
    lock, scripts = Lock(), [script_of(step) for step in steps]

    def run(body: dict[str, Any]) -> Answer:
        with lock:
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return script(body)

    return run


def by_turn(*steps: Step) -> Script:
    """The answer by how often the model spoke before in the conversation: also right where several go on at once."""

    def run(body: dict[str, Any]) -> Answer:
        spoken = sum(message["role"] == "assistant" for message in body["messages"])
        return script_of(steps[min(spoken, len(steps) - 1)])(body)

    return run


def when(holds: Callable[[dict[str, Any]], bool], then: Step, otherwise: Step) -> Script:
    """One of two answers."""
    return lambda body: script_of(then if holds(body) else otherwise)(body)


def by_system(steps: Mapping[str, Step]) -> Script:
    """The answer by a part of the system text, the first that is in it; the part "" is in all of them."""

    def run(body: dict[str, Any]) -> Answer:
        said = system_text(body)
        found = [step for part, step in steps.items() if part in said]
        if not found:
            raise LookupError(f"the script has no answer for the system text {said[:200]!r}")
        return script_of(found[0])(body)

    return run


def system_text(body: Mapping[str, Any]) -> str:
    """All of the system text of a request."""
    return _said(blocks(body.get("system")))


def user_text(body: Mapping[str, Any]) -> str:
    """All that the user says in a request; results of tools are not the user's."""
    return _said([block for each in body["messages"] if each["role"] == "user" for block in blocks(each["content"])])


def results(body: Mapping[str, Any]) -> list[str]:
    """The results of tools in the last message of a request, in their order."""
    content = blocks(body["messages"][-1]["content"])
    return [_said(blocks(block.get("content"))) for block in content if block["type"] == "tool_result"]


def _said(content: Sequence[Block]) -> str:
    return "\n".join(block["text"] for block in content if block["type"] == "text")
