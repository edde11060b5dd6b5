"""Requests to the fake as our program makes them, through the real SDK."""

from collections.abc import Mapping
from typing import Any

import anthropic
from anthropic.types import Message

Body = dict[str, Any]

GREP: Body = {
    "name": "grep",
    "description": "Find lines.",
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {"pattern": {"type": "string"}},
        "required": ["pattern"],
        "additionalProperties": False,
    },
}
FORMAT: Body = {
    "type": "json_schema",
    "schema": {
        "type": "object",
        "properties": {"verdict": {"type": "string"}},
        "required": ["verdict"],
        "additionalProperties": False,
    },
}
EPHEMERAL = {"type": "ephemeral"}
LONG = "Standards. " * 150
"""More than the 512 tokens from which a prefix is cached."""


def body(**changes: Any) -> Body:
    """A body that the API takes, with changes; None takes a key away."""
    whole: Body = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "Review this."}],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def stream(client: anthropic.Anthropic, **changes: Any) -> Message:
    """The final message of a stream."""
    with client.messages.stream(**body(**changes)) as events:
        return events.get_final_message()


def post(client: anthropic.Anthropic, sent: Mapping[str, Any], path: str = "/v1/messages") -> Any:
    """The answer to a body that the SDK's own types would not let pass."""
    return client.post(path, body=sent, cast_to=object)


def said(message: Message) -> str:
    """The text of a message."""
    return "".join(block.text for block in message.content if block.type == "text")


def result(message: Message, text: str = "found") -> Body:
    """A user's message with a result for each tool use of a message."""
    uses = [block.id for block in message.content if block.type == "tool_use"]
    return {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": use, "content": text} for use in uses],
    }
