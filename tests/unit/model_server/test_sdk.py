"""What the fake knows of the API is what the installed SDK knows."""

from collections.abc import Mapping
from typing import Any

import pytest
from anthropic import types
from anthropic.types import message_create_params

from tests.model_server import conversation, rules

HEADERS = frozenset({"user_profile_id", "workspace_id"})
"""Parameters of the SDK's that it sends as headers."""


def keys(params: Any) -> set[str]:
    return set(params.__annotations__)


def test_a_request_has_the_keys_of_the_sdk() -> None:
    asked = keys(message_create_params.MessageCreateParamsStreaming)
    assert asked | keys(message_create_params.MessageCreateParamsBase) - HEADERS == rules.ASKED | asked & HEADERS
    assert keys(types.MessageCountTokensParams) - HEADERS == rules.COUNTED
    assert keys(types.ToolParam) == rules.TOOL


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("text", types.TextBlockParam),
        ("thinking", types.ThinkingBlockParam),
        ("redacted_thinking", types.RedactedThinkingBlockParam),
        ("tool_use", types.ToolUseBlockParam),
        ("tool_result", types.ToolResultBlockParam),
    ],
)
def test_a_block_has_the_keys_of_the_sdk(kind: str, params: Any) -> None:
    assert keys(params) == conversation.BLOCKS[kind]
    needed = {name for name, hint in params.__annotations__.items() if "Required[" in str(hint)}
    assert needed == conversation.NEEDED[kind]


def test_refusals_are_about_what_the_sdk_knows() -> None:
    from tests.model_server.script import CATEGORIES

    hints: Mapping[str, Any] = types.RefusalStopDetails.model_fields
    assert all(str(category) in str(hints["category"].annotation) for category in CATEGORIES if category)
