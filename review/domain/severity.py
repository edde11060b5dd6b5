"""How bad: a module of its own, since the workflow's inputs need it where nothing else of a review is loaded yet."""

from enum import Enum


class Severity(Enum):
    """Harm if the finding is true."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst; sorts findings and compares with the fail level."""
        return list(Severity).index(self)
