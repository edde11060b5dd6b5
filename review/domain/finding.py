"""One problem, at one location, found by one rule, linter or agent."""

import hashlib
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any, Self

from review.domain.changeset import Side
from review.domain.redaction import redact
from review.domain.severity import Severity


class Standard(Enum):
    """The eight quality standards of the data-engineer agent, in the order of its checklist."""

    ERROR_HANDLING = "error-handling"
    MONITORING = "monitoring"
    DATA_QUALITY = "data-quality"
    DOCUMENTATION = "documentation"
    TESTING = "testing"
    COST = "cost"
    SECURITY = "security"
    SCALABILITY = "scalability"

    @property
    def title(self) -> str:
        """As a heading shows it."""
        return self.value.replace("-", " ").capitalize()


class Confidence(Enum):
    """Chance that the finding is true."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Tier(Enum):
    """What stands behind a finding, and so what it may do to the check."""

    PROVEN = "proven"
    """A deterministic fact: may block."""
    CORROBORATED = "corroborated"
    """An agent's claim that survived verification: blocks where the team allows it."""
    ADVISORY = "advisory"
    """Never blocks."""


@dataclass(frozen=True)
class Location:
    """A range of whole lines, 1-based, both ends included."""

    path: str
    line: int
    end_line: int
    side: Side = Side.RIGHT


@dataclass(frozen=True)
class Suggestion:
    """Text that replaces exactly the lines of the finding's location (no trailing newline)."""

    replacement: str


@dataclass(frozen=True)
class Finding:
    """See the module's first line. Every text is plain: renderers escape it for their surface."""

    source: str
    """`rule:DBT001`, `sqlfluff:AM04` or `agent:data-engineer`."""
    standard: Standard
    severity: Severity
    confidence: Confidence
    tier: Tier
    location: Location
    title: str
    """At most 80 characters; names the pattern, not the remedy."""
    explanation: str
    """Why it matters here, in one to three sentences."""
    remediation: str
    """What to do, in one or two sentences."""
    evidence: str
    """The code or fact that proves it, normalised: part of the fingerprint, so without line numbers."""
    symbol: str = ""
    """The enclosing dag/task, model/CTE or function; part of the fingerprint."""
    suggestion: Suggestion | None = None
    help_url: str = ""
    """The rule's page; empty where there is none."""
    ordinal: int = 0
    """Tells apart findings alike in all that the fingerprint sees: 0 for the first in the file, then 1, 2 …"""
    identity_path: str = ""
    """The path at the merge base where the file was renamed, so that a rename keeps the fingerprint."""
    cost: str = ""
    """What it costs, or would save; empty where nobody can say."""
    scale: str = ""
    """What it does at ten or a hundred times the data; empty where nobody can say."""

    @property
    def code(self) -> str:
        """The rule's code, or the agent's name."""
        return self.source.partition(":")[2]

    @cached_property
    def proof(self) -> str:
        """The evidence in one line and without secrets: all that the fingerprint sees, and all that is published of it.

        So whoever has a published finding can compute its fingerprint again: once more, nothing would be blotted out.
        """
        return _blotted(" ".join(self.evidence.split()))

    @cached_property
    def scope(self) -> str:
        """The symbol without secrets, likewise."""
        return _blotted(self.symbol)

    @cached_property
    def fingerprint(self) -> str:
        """Identity across pushes, 16 hexadecimal digits: independent of line numbers and of the wording."""
        path = self.identity_path or self.location.path
        parts = (self.source, path, self.scope, self.proof, str(self.ordinal))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]

    def with_ordinal(self, ordinal: int) -> "Finding":
        """The same finding as the n-th of its like in its file."""
        return replace(self, ordinal=ordinal)

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON values; `from_dict` gives an equal finding back."""
        where = self.location
        return {
            "source": self.source,
            "standard": self.standard.value,
            "severity": self.severity.value,
            "confidence": self.confidence.value,
            "tier": self.tier.value,
            "location": {
                "path": where.path,
                "side": where.side.value,
                "line": where.line,
                "end_line": where.end_line,
            },
            "title": self.title,
            "explanation": self.explanation,
            "remediation": self.remediation,
            "evidence": self.evidence,
            "symbol": self.symbol,
            "suggestion": self.suggestion.replacement if self.suggestion else None,
            "help_url": self.help_url,
            "ordinal": self.ordinal,
            "identity_path": self.identity_path,
            "cost": self.cost,
            "scale": self.scale,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The finding that `to_dict` gave. Raises KeyError, TypeError or ValueError on any other shape."""
        where = data["location"]
        suggestion = data["suggestion"]
        return cls(
            source=data["source"],
            standard=Standard(data["standard"]),
            severity=Severity(data["severity"]),
            confidence=Confidence(data["confidence"]),
            tier=Tier(data["tier"]),
            location=Location(where["path"], int(where["line"]), int(where["end_line"]), Side(where["side"])),
            title=data["title"],
            explanation=data["explanation"],
            remediation=data["remediation"],
            evidence=data["evidence"],
            symbol=data["symbol"],
            suggestion=None if suggestion is None else Suggestion(suggestion),
            help_url=data["help_url"],
            ordinal=int(data["ordinal"]),
            identity_path=data["identity_path"],
            cost=data["cost"],
            scale=data["scale"],
        )


def _blotted(text: str) -> str:
    before = ""
    while text != before:
        text, before = redact(text), text
    return text
