"""What came of asking about a change: a value of its own, so that a run which asks nobody loads no more than this."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from review.domain.evidence import Skipped
from review.domain.verdict import Suppressed

if TYPE_CHECKING:
    from review.domain.agent import AgentReport, Claim


@dataclass(frozen=True)
class Consulted:
    """What came of asking."""

    report: "AgentReport | None" = None
    """None where nobody was asked."""
    claims: "tuple[Claim, ...]" = ()
    suppressed: tuple[Suppressed, ...] = ()
    """What the sceptic refuted."""
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[str, ...] = field(default=())
