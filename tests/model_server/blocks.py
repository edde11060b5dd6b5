"""What a request is made of, in one form: the cache, the token count and the seals of thinking all compare it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Block = Mapping[str, Any]

FREE = frozenset({"input", "input_schema", "schema"})
"""Keys of values whose own keys have an order that counts: the API shows them to the model as they came."""


@dataclass
class Turn:
    """Consecutive messages of one role, which the API takes as one."""

    role: str
    blocks: list[Block] = field(default_factory=list)


def blocks(content: Any) -> list[Block]:
    """The blocks of a `content` or `system`; a string is short for one block of text."""
    if not content:
        return []
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def turns(messages: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """The messages, consecutive ones of one role together."""
    found: list[Turn] = []
    for message in messages:
        if not found or found[-1].role != message["role"]:
            found.append(Turn(message["role"]))
        found[-1].blocks += blocks(message["content"])
    return found


def bare(value: Any, free: bool = False) -> Any:
    """Without `cache_control` and nulls, keys in one order: what is left is what the model sees."""
    if isinstance(value, Mapping):
        names = value if free else sorted(name for name in value if name != "cache_control" and value[name] is not None)
        return {name: bare(value[name], free or name in FREE) for name in names}
    return [bare(each, free) for each in value] if isinstance(value, list) else value


def encoded(value: Any) -> bytes:
    """The value as JSON, without what the model does not see."""
    return json.dumps(bare(value), ensure_ascii=False, separators=(",", ":")).encode()


def tokens(value: Any) -> int:
    """An estimate: the documentation's 2.5 characters to a token. Text counts as it is, all else as JSON."""
    return math.ceil(len(value.encode() if isinstance(value, str) else encoded(value)) / 2.5)
