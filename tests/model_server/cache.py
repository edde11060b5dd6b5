"""The prompt cache: what of a request is read from it, what is written to it, and what that makes of `usage`.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching. Entries do not expire here: tests are short.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Any

from tests.model_server.blocks import blocks, encoded, tokens, turns
from tests.model_server.refusals import invalid

MINIMUM = 512
"""Tokens below which a prefix is not cached."""
LOOK_BACK = 20
"""Positions at which a breakpoint looks for an entry, its own first."""
BREAKPOINTS = 4
UNCACHEABLE = frozenset({"thinking", "redacted_thinking"})


@dataclass
class Part:
    """One block of a request, with the prefix that ends at it."""

    where: str
    kind: str
    ttl: str | None
    """How long a breakpoint here keeps the prefix; None where there is no breakpoint."""
    cacheable: bool
    prefix: bytes
    """The hash of everything up to here: what an entry of the cache is known by."""
    total: int
    """Tokens up to here."""


@dataclass(frozen=True)
class Counted:
    """How the input of one request is billed."""

    input: int = 0
    read: int = 0
    written: Mapping[str, int] = field(default_factory=lambda: {"5m": 0, "1h": 0})
    """Time to live → tokens."""
    entries: tuple[bytes, ...] = ()
    """What the response writes once it has begun."""

    @property
    def usage(self) -> dict[str, Any]:
        """As `message_start` has it, without the output."""
        return {
            "input_tokens": self.input,
            "cache_creation_input_tokens": sum(self.written.values()),
            "cache_read_input_tokens": self.read,
            "cache_creation": {f"ephemeral_{ttl}_input_tokens": count for ttl, count in self.written.items()},
        }


class PromptCache:
    """The entries that earlier responses wrote."""

    def __init__(self) -> None:
        self._entries: set[bytes] = set()
        self._lock = Lock()

    def count(self, body: Mapping[str, Any]) -> Counted:
        """How this request would be billed now."""
        found = parts(body)
        breakpoints = [index for index, part in enumerate(found) if part.ttl]
        with self._lock:
            hits = [index for start in breakpoints for index in _positions(found, start) if self._has(found[index])]
        read = found[max(hits)].total if hits else 0
        written, end, entries = {"5m": 0, "1h": 0}, read, []
        for part in (found[index] for index in breakpoints):
            if part.ttl and part.total > read and part.total >= MINIMUM:
                written[part.ttl] += part.total - end
                end = part.total
                entries.append(part.prefix)
        return Counted(found[-1].total - end, read, written, tuple(entries))

    def write(self, counted: Counted) -> None:
        """The response has begun: what it writes can be read from now on."""
        with self._lock:
            self._entries.update(counted.entries)

    def _has(self, part: Part) -> bool:
        return part.prefix in self._entries


def _positions(found: list[Part], start: int) -> Iterator[int]:
    """Where a breakpoint looks, last first. A run of tool uses, or of their results, is one position."""
    left, previous = LOOK_BACK, ""
    for index in range(start, -1, -1):
        kind = found[index].kind
        left -= not (kind == previous and kind in ("tool_use", "tool_result"))
        if left < 0:
            return
        previous = kind
        yield index


def parts(body: Mapping[str, Any]) -> list[Part]:
    """The blocks of a request in the order that the model reads them: tools, system, messages.

    Beside the blocks, what changes a prefix is the model and the output format; and, for the messages alone,
    `tool_choice`, `thinking` and the effort.
    """
    config = body.get("output_config") or {}
    state = _chain(b"", [body["model"], config.get("format")])
    found: list[Part] = []

    def add(where: str, kind: str, block: Mapping[str, Any], role: str = "") -> None:
        nonlocal state
        state = _chain(state, [role, block])
        total = (found[-1].total if found else 0) + tokens(block)
        ttl = _ttl(where, block.get("cache_control"))
        cacheable = kind not in UNCACHEABLE and block.get("text") != ""
        found.append(Part(where, kind, ttl, cacheable, state, total))

    for index, tool in enumerate(body.get("tools") or ()):
        add(f"tools.{index}", "tool", tool)
    for index, block in enumerate(blocks(body.get("system"))):
        add(f"system.{index}", "text", block)
    state = _chain(state, [body.get("tool_choice"), body.get("thinking"), config.get("effort")])
    for turn in turns(body["messages"]):
        for block in turn.blocks:
            add("messages", block["type"], block, turn.role)
    _mark_last(found, body.get("cache_control"))
    return found


def _chain(state: bytes, value: Any) -> bytes:
    return sha256(state + encoded(value)).digest()


def _ttl(where: str, mark: Mapping[str, Any] | None) -> str | None:
    """How long a `cache_control` keeps what it marks."""
    if mark is None:
        return None
    ttl = mark.get("ttl", "5m")
    if mark.get("type") != "ephemeral" or ttl not in ("5m", "1h") or not set(mark) <= {"type", "ttl"}:
        raise invalid(f"{where}.cache_control: needs the type 'ephemeral' and may have a ttl, '5m' or '1h'")
    return str(ttl)


def _mark_last(found: list[Part], mark: Mapping[str, Any] | None) -> None:
    """The breakpoint that a `cache_control` of the request itself sets: at the last block that can have one."""
    last = next((part for part in reversed(found) if part.cacheable), None)
    ttl = _ttl("body", mark)
    if ttl is None or last is None:
        return
    if last.ttl and last.ttl != ttl:
        raise invalid("cache_control: the last block has a cache_control with another ttl")
    last.ttl = ttl


def check(body: Mapping[str, Any]) -> None:
    """Refuse breakpoints that the API would not take."""
    marked = [part for part in parts(body) if part.ttl]
    if wrong := next((part for part in marked if not part.cacheable), None):
        raise invalid(f"{wrong.where}: cache_control cannot be set for empty text or thinking blocks")
    if len(marked) > BREAKPOINTS:
        raise invalid(f"A maximum of {BREAKPOINTS} blocks with cache_control may be provided. Found {len(marked)}.")
    ttls = [part.ttl for part in marked]
    if ttls != sorted(ttls, key=("1h", "5m").index):
        raise invalid("cache_control: a ttl='1h' block must not come after a ttl='5m' block")
