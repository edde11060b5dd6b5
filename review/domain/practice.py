"""What a standard asks of one artifact that code can show: evidence for what is there, not only for faults."""

from collections.abc import Iterable
from dataclasses import dataclass

from review.domain.finding import Standard


@dataclass(frozen=True)
class Practice:
    """One thing that a standard asks of a new or largely changed artifact, there or missing.

    It is a fact for whoever reviews the change. Unlike a finding it never fails a run and has no comment of its own.
    """

    path: str
    standard: Standard
    is_there: bool
    text: str
    """What was seen, or is not there, as a clause: `2 retries`, `no failure notification`."""
    line: int | None = None
    """1-based line of the head on which it is seen; None where nothing is."""


_RANKS = {standard: number for number, standard in enumerate(Standard)}


def in_order(practices: Iterable[Practice]) -> tuple[Practice, ...]:
    """By path, then in the order of the standards, and within one as they were found."""
    return tuple(sorted(practices, key=lambda each: (each.path, _RANKS[each.standard])))
