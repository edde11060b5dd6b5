"""What the team keeps out of a review, as the checklist says it: a row must not say that nothing is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from review.domain.artifact import Artifact, Kind
from review.domain.finding import Standard
from review.domain.verdict import Suppressed

Off = Mapping[Standard, Mapping[str, frozenset[Kind]]]
"""Standard → code of each of its rules that the policy switches off everywhere → the kinds that it speaks of."""
NAMED = 4
"""Codes that a row names."""


@dataclass(frozen=True)
class Quiet:
    """The rules that did not run, and the findings that nobody wants to see."""

    off: Off = field(default_factory=dict)
    suppressed: tuple[Suppressed, ...] = ()

    def off_for(self, standard: Standard, artifacts: Iterable[Artifact]) -> str:
        """`SQL001, SQL002`: the rules of the standard that would speak of any of these, if they were not off."""
        kinds = {artifact.kind for artifact in artifacts}
        codes = sorted(code for code, spoken_of in self.off.get(standard, {}).items() if kinds & spoken_of)
        more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
        return ", ".join(codes[:NAMED]) + more

    def number(self, standard: Standard) -> int:
        """How many findings of the standard the team suppresses: by a waiver, by the policy, by a comment."""
        return sum(drop.by_team and drop.finding.standard is standard for drop in self.suppressed)


LOUD = Quiet()
"""Nothing is kept out."""


def counted(suppressed: int) -> str:
    """`2 suppressed findings`."""
    return f"{suppressed:,} suppressed finding{'s' * (suppressed > 1)}"


def nothing(what: str, suppressed: int, off: str) -> str:
    """What follows `nothing found`: ` in 1 SQL query but 2 suppressed findings; off by the policy: SQL001`."""
    but = f" but {counted(suppressed)}" if suppressed else ""
    return f"{f' in {what}' if what else ''}{but}{f'; off by the policy: {off}' if off else ''}"
