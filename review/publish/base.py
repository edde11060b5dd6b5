"""What came of writing to one surface."""

from dataclasses import dataclass

EARLIER = "earlier threads"
"""The surface of what only tidies up: findings are shown elsewhere whether it is written or not."""


@dataclass(frozen=True)
class Published:
    """It is there (or was there already, the same)."""

    surface: str
    url: str = ""
    """Where a person sees it; empty where there is no such page."""
    left_out: tuple[str, ...] = ()
    """Fingerprints of findings that this surface would not take."""


@dataclass(frozen=True)
class NotPublished:
    """It is not there."""

    surface: str
    reason: str
    """One sentence."""


Outcome = Published | NotPublished
