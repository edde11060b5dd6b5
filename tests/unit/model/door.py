"""What the tests of the door share: a request, somebody who asks it, and streams that no API would send."""

import json
import time
from typing import Any

import pytest

from review.config.credentials import Credentials, Provider, credentials_of
from review.domain.agent import Tokens
from review.errors import ModelError
from review.model.base import Reply
from review.model.claude import Claude
from tests.model_server.routes import KEY
from tests.model_server.script import Http

BODY: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Review this."}],
}
TOOL = {
    "name": "grep",
    "description": "Search.",
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": True},
}
START = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 3},
    },
}


def credentials_for(url: str, key: str = KEY) -> Credentials:
    made = credentials_of({}, key, "", url)
    assert made is not None
    assert made.provider is Provider.ANTHROPIC
    return made


class Door:
    """Somebody who asks, and remembers what it cost and how long it was made to wait."""

    def __init__(self, credentials: Credentials) -> None:
        self.slept: list[float] = []
        self.spent: list[Tokens] = []
        self.claude = Claude(credentials, sleep=self.slept.append)

    def ask(self, seconds: float = 20.0, **changes: Any) -> Reply:
        return self.claude.ask({**BODY, **changes}, time.monotonic() + seconds, self.spent.append)

    def failure(self, kind: type[ModelError], seconds: float = 20.0, **changes: Any) -> str:
        """What the error of exactly that kind says."""
        with pytest.raises(ModelError) as caught:
            self.ask(seconds, **changes)
        assert caught.type is kind, caught.value
        return str(caught.value)


def events(*given: dict[str, Any] | bytes) -> Http:
    """A stream of these events, word for word."""
    framed = (
        event if isinstance(event, bytes) else f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        for event in given
    )
    return Http(200, b"".join(framed), {"content-type": "text/event-stream"})


def block(index: int, opening: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": opening},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def stop(reason: str, **details: Any) -> list[dict[str, Any]]:
    delta = {"stop_reason": reason, "stop_sequence": None, **details}
    return [{"type": "message_delta", "delta": delta, "usage": {"output_tokens": 42}}, {"type": "message_stop"}]
