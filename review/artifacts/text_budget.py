"""How much text fits into what a worker is told at once, which is one line of ASCII JSON (`Limits.payload_bytes`)."""

import json
from collections.abc import Iterable, Mapping

MAX_BYTES = 14 * 1024 * 1024
"""Of all that is told of a project, as it is sent: a line break is two bytes, a letter with an accent six."""
MAX_FILE = 2 * 1024 * 1024
"""Of one file: larger ones are no code that anyone wrote, and would leave no room for others."""

SEEDS_ROOM = MAX_BYTES // 16
"""Of the first lines of seeds on one side."""


def size(text: str | None) -> int:
    """Bytes of a text, or of nothing, as a value of the line, with what parts it from the next."""
    return len(json.dumps(text)) + 1


def total(texts: Mapping[str, str | None]) -> int:
    """Bytes of texts with their paths."""
    return sum(size(path) + size(text) for path, text in texts.items())


def bounded(texts: Mapping[str, str], room: int) -> dict[str, str]:
    """As many of them, in their order, as there is room for, without those that are too large by themselves."""
    kept: dict[str, str] = {}
    for path, text in texts.items():
        needed = size(path) + size(text)
        if needed <= min(room, MAX_FILE):
            kept[path] = text
            room -= needed
    return kept


def fitting(paths: Iterable[str], room: int) -> tuple[str, ...]:
    """As many paths, in their order, as there is room for."""
    kept = []
    for path in paths:
        room -= size(path)
        if room < 0:
            break
        kept.append(path)
    return tuple(kept)
