"""What tools saw, and what was not looked at."""

from dataclasses import dataclass
from enum import Enum


class Stage(Enum):
    """Where in the pipeline something was left out."""

    INTAKE = "intake"
    CLASSIFY = "classify"
    LINT = "lint"
    RULES = "rules"
    AGENT = "agent"
    FINDINGS = "findings"
    PUBLISH = "publish"


@dataclass(frozen=True, order=True)
class Skipped:
    """Something that was not looked at. It travels to the checklist: an incomplete review is never green."""

    stage: str
    """A `Stage` value."""
    subject: str
    """A path, a rule's code, or another name a reader recognises."""
    reason: str
    """One clause that says why, and where it helps, what to do."""
    standards: tuple[str, ...] = ()
    """Values of the standards that are less than fully reviewed because of this; empty means all of them."""
    harmless: bool = False
    """True where nothing was lost that a reviewer would have read (a generated file, a binary, a seed's rows)."""
    remedy: str = ""
    """A sentence that says what helps; empty where the file itself has to become readable, or be left out."""
