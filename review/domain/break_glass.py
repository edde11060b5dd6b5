"""The label by which somebody takes the responsibility for a merge that the gate would stop."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BreakGlass:
    """It is on the pull request, and whoever set it may write to the repository. The review records both."""

    label: str
    by: str
    """Login."""
    at: str
    """When it was set, as GitHub writes it: `2027-01-15T09:30:00Z`."""
