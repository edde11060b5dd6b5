"""One conversation with the model: a request, its questions about the repository, and one whole answer.

The history only grows, since a model's thinking is bound to what came before it. Calls, turns, time and money are
bounded; the last turn allowed takes the tools away, so that it ends in an answer. Whatever is no whole, valid answer
raises, and is never taken for one.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from review.errors import AnswerIncomplete, ModelUnavailable
from review.model.base import Model, Reply
from review.model.ledger import Ledger, worst
from review.reviewers.tools import Toolbox

TURNS = 6
"""Of one conversation, the last of which answers."""


@dataclass(frozen=True)
class Limits:
    """What all conversations of a run may use together: money, and time until a `time.monotonic` moment."""

    ledger: Ledger
    until: float
    max_tokens: int = 2**31
    """The most that the model can answer with."""
    stopped: Callable[[], str] = lambda: ""
    """Why the run has given up on the model, so that nothing more is sent; empty while it has not."""


def converse(
    model: Model, first: Mapping[str, Any], toolbox: Toolbox | None, limits: Limits, turns: int = TURNS
) -> str:
    """The text of the model's answer. `toolbox` is None where it may not look around.

    Raises ModelError where there is no whole answer: the budget, the deadline or the model put an end to it.
    """
    messages = list(first["messages"])
    for turn in range(1, turns + 1):
        body: dict[str, Any] = {**first, "messages": messages}
        is_last = toolbox is None or turn == turns or limits.ledger.is_soft
        if is_last and "tools" in first:
            body["tool_choice"] = {"type": "none"}
        reply = _ask(model, body, limits)
        if reply.stop_reason == "end_turn":
            return reply.text
        if is_last or toolbox is None:
            raise AnswerIncomplete("the model asked for a tool where it was to answer")
        results = [toolbox.run(use) for use in reply.tool_uses]
        messages = [
            *messages,
            {"role": "assistant", "content": list(reply.content)},
            {"role": "user", "content": results},
        ]
    raise AnswerIncomplete(f"the model did not answer within {turns} turns")


def _ask(model: Model, body: Mapping[str, Any], limits: Limits) -> Reply:
    """One call, once there is money for it, and once more with more room where its answer was cut."""
    try:
        return _call(model, body, limits)
    except AnswerIncomplete as cut:
        if not cut.is_cut:
            raise
        more = min(2 * int(body["max_tokens"]), limits.max_tokens)
        if more <= int(body["max_tokens"]):
            raise
    return _call(model, {**body, "max_tokens": more}, limits)


def _call(model: Model, body: Mapping[str, Any], limits: Limits) -> Reply:
    if why := limits.stopped():
        raise ModelUnavailable(why)
    characters = size(body)
    with limits.ledger.reserved(worst(characters), int(body["max_tokens"]), limits.until) as spent:
        if time.monotonic() >= limits.until:
            raise ModelUnavailable("was not asked: the time for the model was used up")
        return model.ask(body, limits.until, spent)


def size(body: Mapping[str, Any]) -> int:
    """Characters of all text in a request."""
    return _size({key: body[key] for key in ("system", "tools", "messages", "output_config") if key in body})


def _weighed(text: str) -> int:
    """As many characters of ASCII as may take its tokens: of other scripts every byte can be a token by itself."""
    encoded = text.encode("utf-8", "replace")
    others = len(encoded.translate(None, bytes(range(128))))
    return len(encoded) - others + 2 * others


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else _weighed(value)
    if isinstance(value, Mapping):
        return sum(len(str(key)) + 4 + _size(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return sum(_size(each) + 2 for each in value)
    return 6
