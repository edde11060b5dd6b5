"""A scripted message as the API gives it: whole, or as the events of a stream."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.model_server.blocks import Block, tokens
from tests.model_server.cache import Counted
from tests.model_server.script import Message
from tests.model_server.seals import Seals

PIECES = 4
"""Deltas that a text comes in, where it has so many characters."""


@dataclass(frozen=True)
class Composed:
    """A message with all that the API adds to it."""

    id: str
    model: str
    content: Sequence[Block]
    usage: Mapping[str, Any]
    said: Message

    def whole(self) -> dict[str, Any]:
        """The answer to a request without a stream."""
        return {**self._start(), "content": self.content, "usage": self.usage, **self._stop()}

    def events(self) -> Iterator[Mapping[str, Any]]:
        """The answer as a stream."""
        begun = {**self.usage, "output_tokens": 1}
        begun.pop("output_tokens_details")
        nothing = {"stop_reason": None, "stop_sequence": None, "stop_details": None}
        yield {"type": "message_start", "message": {**self._start(), "content": [], "usage": begun, **nothing}}
        yield from self.said.odd_events
        for index, block in enumerate(self.content):
            yield {"type": "content_block_start", "index": index, "content_block": _opening(block)}
            if index == 0:
                yield {"type": "ping"}
            for delta in _deltas(block):
                yield {"type": "content_block_delta", "index": index, "delta": delta}
            yield {"type": "content_block_stop", "index": index}
        yield {"type": "message_delta", "delta": self._stop(), "usage": self._delta_usage()}
        yield {"type": "message_stop"}

    def _start(self) -> dict[str, Any]:
        return {"id": self.id, "type": "message", "role": "assistant", "model": self.model}

    def _stop(self) -> dict[str, Any]:
        details = dict(self.said.stop_details) if self.said.stop_details else None
        return {"stop_reason": self.said.stop_reason, "stop_sequence": None, "stop_details": details}

    def _delta_usage(self) -> dict[str, Any]:
        """Cumulative; where the tokens were cached is only said at the start."""
        unsaid = ("cache_creation", "service_tier", "inference_geo")
        return {name: count for name, count in self.usage.items() if name not in unsaid}


def compose(said: Message, body: Mapping[str, Any], counted: Counted, seals: Seals, number: int) -> Composed:
    """The message as an answer to this request, the server's so many-th: its ids are made of that."""
    shown = (body.get("thinking") or {}).get("display") == "summarized"
    content = [_numbered(block, f"toolu_{number:06}_{index}", shown) for index, block in enumerate(said.content)]
    usage = {**counted.usage, **_output(said.content), "service_tier": "standard", "inference_geo": "global"}
    return Composed(f"msg_{number:024}", body["model"], seals.sealed(body, content), usage, said)


def _numbered(block: Block, tool_use_id: str, shown: bool) -> Block:
    """A tool use with an id; thinking without its text, unless the request asks to be shown it."""
    if block["type"] == "tool_use":
        return {"type": "tool_use", "id": tool_use_id, "name": block["name"], "input": block["input"]}
    return {**block, "thinking": ""} if block["type"] == "thinking" and not shown else block


def _output(content: Sequence[Block]) -> dict[str, Any]:
    thought = sum(tokens(block["thinking"]) for block in content if block["type"] == "thinking")
    said = sum(tokens(block.get("text", block)) for block in content if block["type"] != "thinking")
    return {"output_tokens": 1 + thought + said, "output_tokens_details": {"thinking_tokens": thought}}


def _opening(block: Block) -> dict[str, Any]:
    """The block as it begins: its deltas fill it."""
    empty: dict[str, dict[str, Any]] = {
        "text": {"text": ""},
        "thinking": {"thinking": "", "signature": ""},
        "tool_use": {"input": {}},
    }
    return {**block, **empty.get(block["type"], {})}


def _deltas(block: Block) -> Iterator[dict[str, Any]]:
    if block["type"] == "text":
        yield from ({"type": "text_delta", "text": piece} for piece in _pieces(block["text"]))
    elif block["type"] == "thinking":
        yield from ({"type": "thinking_delta", "thinking": piece} for piece in _pieces(block["thinking"]))
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] == "tool_use":
        said = json.dumps(block["input"], ensure_ascii=False)
        yield from ({"type": "input_json_delta", "partial_json": piece} for piece in ("", *_pieces(said)))


def _pieces(said: str) -> list[str]:
    size = max(1, -(-len(said) // PIECES))
    return [said[at : at + size] for at in range(0, len(said), size)]
