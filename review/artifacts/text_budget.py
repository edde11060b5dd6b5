"""How much text fits into what a worker is told at once."""

from collections.abc import Mapping


def bounded(texts: Mapping[str, str], room: int) -> dict[str, str]:
    """As many of them, in their order, as there is room for."""
    kept: dict[str, str] = {}
    for path, text in texts.items():
        if len(text) <= room:
            kept[path] = text
            room -= len(text)
    return kept
