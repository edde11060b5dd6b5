"""Thinking is tied to the conversation it was part of: a block is sealed over all that came before it.

https://platform.claude.com/docs/en/build-with-claude/preserved-thinking. A block whose conversation changed before it
is refused, and so is a turn that was made to forget what it thought before it called a tool.
"""

import base64
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any

from tests.model_server.blocks import Block, Turn, bare, blocks, encoded, turns
from tests.model_server.refusals import invalid

THOUGHTS = frozenset({"thinking", "redacted_thinking"})


class Seals:
    """Seals thinking blocks, and knows its own seals again."""

    def __init__(self) -> None:
        self._thoughts: dict[str, list[Any]] = {}
        """Id of a tool use → what the model thought in the same message."""
        self._lock = Lock()

    def sealed(self, body: Mapping[str, Any], content: Sequence[Block]) -> list[Block]:
        """The blocks of an answer, those of thinking with their signatures."""
        said: list[Block] = []
        for block in content:
            if block["type"] == "thinking":
                block = {**block, "signature": _seal(body, [*turns(body["messages"]), Turn("assistant", said)], block)}
            said = [*said, block]
        with self._lock:
            self._thoughts |= {block["id"]: _thoughts(said) for block in said if block["type"] == "tool_use"}
        return said

    def check(self, body: Mapping[str, Any]) -> None:
        """Refuse a conversation that is not what it was when the model thought."""
        history = turns(body["messages"])
        for number, turn in enumerate(history):
            for index, block in enumerate(turn.blocks):
                where = f"turn {number}, block {index}"
                if block["type"] == "thinking":
                    before = [*history[:number], Turn(turn.role, turn.blocks[:index])]
                    if block["signature"] != _seal(body, before, block):
                        raise invalid(
                            f"{where}: Invalid `signature` in `thinking` block: it, or what came before it in the "
                            "conversation (system, tools, messages), is not what it was. Only append to a conversation."
                        )
                if block["type"] == "tool_use":
                    self._check_kept(where, block, turn)

    def _check_kept(self, where: str, block: Block, turn: Turn) -> None:
        with self._lock:
            thought = self._thoughts.get(block["id"])
        if thought is not None and _thoughts(turn.blocks) != thought:
            raise invalid(f"{where}: `thinking` blocks in a turn that uses tools must be passed back as they came")


def _thoughts(content: Sequence[Block]) -> list[Any]:
    return [bare(block) for block in content if block["type"] in THOUGHTS]


def _seal(body: Mapping[str, Any], before: Sequence[Turn], block: Block) -> str:
    """The signature of a thinking block after these turns."""
    history = [[turn.role, turn.blocks] for turn in before if turn.blocks]
    text = {"thinking": block["thinking"]}
    sealed = encoded([body["model"], body.get("tools") or [], blocks(body.get("system")), history, text])
    return base64.b64encode(b"\x12\x98seal" + blake2b(sealed, digest_size=32).digest()).decode()
