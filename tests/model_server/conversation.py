"""What the API demands of `messages`: roles, blocks, and tool results that answer tool uses."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.model_server.blocks import Block, Turn, blocks, turns
from tests.model_server.refusals import invalid

NEEDED = {
    "text": frozenset({"type", "text"}),
    "thinking": frozenset({"type", "thinking", "signature"}),
    "redacted_thinking": frozenset({"type", "data"}),
    "tool_use": frozenset({"type", "id", "name", "input"}),
    "tool_result": frozenset({"type", "tool_use_id"}),
}
"""Type of block → the keys it must have. The API knows more types; nothing here needs them."""
BLOCKS = {
    "text": NEEDED["text"] | {"cache_control", "citations"},
    "thinking": NEEDED["thinking"],
    "redacted_thinking": NEEDED["redacted_thinking"],
    "tool_use": NEEDED["tool_use"] | {"cache_control", "caller", "toolset_name"},
    "tool_result": NEEDED["tool_result"] | {"content", "is_error", "cache_control", "toolset_name"},
}
"""Type of block → the keys it may have."""
ROLES = {
    "user": frozenset({"text", "tool_result"}),
    "assistant": frozenset({"text", "thinking", "redacted_thinking", "tool_use"}),
    "system": frozenset({"text"}),
}
"""Role → the types of block in its messages."""
IDENTIFIER = re.compile(r"[a-zA-Z0-9_-]+")


def check(messages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse messages that the API would not take."""
    if not messages:
        raise invalid("messages: at least one message is required")
    for index, message in enumerate(messages):
        _check_message(f"messages.{index}", message)
    _check_system_messages(messages)
    spoken = turns([message for message in messages if message["role"] != "system"])
    if spoken[-1].role == "assistant":
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    for before, turn in zip([Turn("user"), *spoken], spoken, strict=False):
        _check_results(before, turn)
    _check_ids(spoken)


def check_text(where: str, block: Block) -> None:
    """Refuse a text block with nothing in it."""
    if not isinstance(block.get("text"), str) or not block["text"].strip():
        raise invalid(f"{where}: text content blocks must contain non-whitespace text")


def _check_message(where: str, message: Mapping[str, Any]) -> None:
    if set(message) != {"role", "content"} or message["role"] not in ROLES:
        raise invalid(f"{where}: a message has a role, one of {sorted(ROLES)}, and a content. Found {sorted(message)}")
    content = blocks(message["content"])
    if not content:
        raise invalid(f"{where}: all messages must have non-empty content")
    for index, block in enumerate(content):
        _check_block(f"{where}.content.{index}", message["role"], block)


def _check_block(where: str, role: str, block: Block) -> None:
    kind = block.get("type")
    if kind not in ROLES[role]:
        raise invalid(f"{where}: Input tag '{kind}' does not match any of the expected tags: {sorted(ROLES[role])}")
    if extra := sorted(set(block) - BLOCKS[kind]):
        raise invalid(f"{where}.{kind}.{extra[0]}: Extra inputs are not permitted")
    if missing := sorted(NEEDED[kind] - set(block)):
        raise invalid(f"{where}.{kind}.{missing[0]}: Field required")
    if kind == "text":
        check_text(where, block)
        if block.get("citations"):
            raise invalid(f"{where}.text.citations: citations are not allowed here")
    elif kind == "tool_use" and not isinstance(block.get("input"), dict):
        raise invalid(f"{where}.tool_use.input: Input should be a valid dictionary")
    elif kind == "tool_result":
        _check_result(where, block)


def _check_result(where: str, block: Block) -> None:
    for index, inner in enumerate(blocks(block.get("content"))):
        if set(inner) != {"type", "text"} or inner["type"] != "text":
            raise invalid(f"{where}.tool_result.content.{index}: only text is known here, found {sorted(inner)}")
        check_text(f"{where}.tool_result.content.{index}", inner)
    if not isinstance(block.get("is_error", False), bool):
        raise invalid(f"{where}.tool_result.is_error: Input should be a valid boolean")


def _check_system_messages(messages: Sequence[Mapping[str, Any]]) -> None:
    """An instruction amid a conversation comes after the user and before the assistant."""
    roles = ["", *(message["role"] for message in messages), "assistant"]
    for index, (before, role, after) in enumerate(zip(roles, roles[1:], roles[2:], strict=False)):
        if role == "system" and (before, after) != ("user", "assistant"):
            raise invalid(f"messages.{index}: a system message must follow a user turn and be last or precede a reply")


def _check_results(before: Turn, turn: Turn) -> None:
    """Every tool use is answered once, in the very next turn, before anything else that is said there."""
    asked = [block["id"] for block in before.blocks if block["type"] == "tool_use"]
    kinds = [block["type"] for block in turn.blocks]
    answered = [block["tool_use_id"] for block in turn.blocks if block["type"] == "tool_result"]
    if unexpected := [each for each in answered if each not in asked]:
        raise invalid(
            f"unexpected `tool_use_id` found in `tool_result` blocks: {', '.join(unexpected)}. "
            "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
        )
    if missing := [each for each in asked if each not in answered]:
        raise invalid(
            f"`tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(missing)}. "
            "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
        )
    if len(answered) != len(set(answered)):
        raise invalid(f"each `tool_use` must have a single result. Found several for one of: {', '.join(asked)}")
    if kinds[: len(answered)] != ["tool_result"] * len(answered):
        raise invalid("`tool_result` blocks must come before any other content of the message")


def _check_ids(spoken: Sequence[Turn]) -> None:
    ids = [block["id"] for turn in spoken for block in turn.blocks if block["type"] == "tool_use"]
    if wrong := [each for each in ids if not IDENTIFIER.fullmatch(each)]:
        raise invalid(f"tool_use.id: String should match pattern '^{IDENTIFIER.pattern}$'. Found {wrong}")
    if len(ids) != len(set(ids)):
        raise invalid("messages: `tool_use` ids must be unique")
