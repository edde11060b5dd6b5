"""Two ways to say less: a text cut to a length, and a list cut to its first entries."""

from collections.abc import Sequence


def shorten(text: str, limit: int) -> str:
    """At most that many characters, an ellipsis in place of the rest."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def listed(names: Sequence[str], most: int) -> str:
    """`a, b and 3 more`: at most that many of the names, and how many are left out."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
