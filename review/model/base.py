"""What the reviewers need of a language model, and nothing more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from review.domain.agent import Tokens


@dataclass(frozen=True)
class ToolUse:
    """The model asks for a tool to be run."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """A whole, valid message of the model: `stop_reason` is `end_turn` or `tool_use`."""

    stop_reason: str
    content: tuple[Mapping[str, Any], ...]
    """The blocks as the API takes them back, unchanged: thinking is bound to the conversation it was part of."""
    text: str
    tool_uses: tuple[ToolUse, ...]
    tokens: Tokens
    request_id: str


class Model(Protocol):
    """A model behind the Messages API."""

    def ask(self, body: Mapping[str, Any], until: float, spent: Callable[[Tokens], object]) -> Reply:
        """Send one request, whose body is given as JSON values, and wait for the whole answer.

        `until` is a `time.monotonic` moment after which it gives up. `spent` is called for every attempt that the API
        counted tokens of, failed ones among them, before this returns or raises; where it answers False, there is no
        money to send the request once more. Raises ModelError: see its children.
        """
