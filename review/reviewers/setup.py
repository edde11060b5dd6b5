"""What asking an agent needs: who is asked, of which model, for how much, and what is known of the change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from review.domain.agent import AgentReport
from review.domain.artifact import Artifact
from review.domain.consulted import Consulted
from review.domain.finding import Finding
from review.domain.outline import Part
from review.model.base import Model
from review.model.catalogue import Price
from review.model.ledger import Ledger
from review.reviewers.agent_file import Agent
from review.reviewers.brief import About, Voice
from review.reviewers.checks import Subject
from review.reviewers.facts import Fact, facts
from review.reviewers.lineage import Lineage
from review.reviewers.memory import Memory
from review.reviewers.tools import Shelf

SECONDS = 600.0
"""Wall time for all conversations of a run together."""
AT_ONCE = 3
"""Conversations side by side: what the lowest tier of the API's rate limits bears."""


@dataclass(frozen=True)
class Setup:
    """What does not depend on the change."""

    agent: Agent
    verifier: Agent
    voice: Voice
    ledger: Ledger
    connect: Callable[[], Model]
    """Gives the model; may take seconds, since it imports the SDK. Raises ModelError."""
    recall: Callable[[], Memory | None] = lambda: None
    """Gives what an earlier run left. Raises nothing."""
    price: Price | None = None
    """Of the model; None where it is not known."""
    identity: bytes = b""
    """Signs what this run leaves for the next."""
    secrets: tuple[str, ...] = ()
    """What the model is asked with; of whatever form, no answer that holds it is shown."""
    announce: Callable[[str], None] = lambda text: None
    """Told what is about to be asked, in one sentence."""
    seconds: float = SECONDS
    at_once: int = AT_ONCE


@dataclass(frozen=True)
class Change:
    """What is known of the change before anyone is asked."""

    about: About
    subjects: Mapping[str, Subject]
    """By path."""
    lineage: Lineage
    findings: tuple[Finding, ...]
    """Of linters and rules."""
    properties: Mapping[str, tuple[tuple[str, str, Part], ...]]
    """Path of a model → path and text of each properties file, with the part of it that describes the model."""
    shelf: Shelf

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Every changed data file."""
        return self.about.artifacts

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """All that is certain."""
        outlines = {path: subject.outline for path, subject in self.subjects.items()}
        return facts(self.artifacts, self.findings, outlines, self.lineage, self.properties)


ParseEdits = Callable[[Sequence[tuple[Artifact, str]]], Sequence[str]]
"""Whole new texts of files → for each "" where it parses, else why not (`review.evidence`)."""


class Consultant(Protocol):
    """Whoever is asked about the change: an agent, or something that only shows what would be sent."""

    def consult(self, change: Change, parse_edits: ParseEdits) -> Consulted:
        """What there is to say of the change. Raises nothing because of a model."""

    def unheard(self) -> AgentReport | None:
        """What is reported where asking failed on our own account; None for who reports nothing."""
