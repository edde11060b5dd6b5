"""The JSON schemas that a model's answers are held to.

They keep to what structured outputs take (platform.claude.com, "Structured outputs"): every property required, no
union, no bound on numbers or lengths; an empty text or list stands for none. What a schema cannot say is checked where
the answer is read (`answer.py`).
"""

from enum import Enum
from typing import Any

from review.domain.agent import Judged, Topic
from review.domain.changeset import Side
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity


class EditRuling(Enum):
    """What the sceptic says of a finding's edit."""

    NONE = "none"
    """There is none."""
    RIGHT = "right"
    WRONG = "wrong"


class Ruling(Enum):
    """What the sceptic says of one finding."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NEEDS_AUTHOR = "needs-author"


def described_object(**properties: Any) -> dict[str, Any]:
    """The schema of an object that has exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(of: dict[str, Any], said: str) -> dict[str, Any]:
    return {"type": "array", "items": of, "description": said}


def described_text(said: str) -> dict[str, Any]:
    """The schema of a text."""
    return {"type": "string", "description": said}


def described_whole(said: str) -> dict[str, Any]:
    """The schema of a whole number."""
    return {"type": "integer", "description": said}


def _choice(kind: type[Enum], said: str = "") -> dict[str, Any]:
    return {"type": "string", "enum": [member.value for member in kind], **({"description": said} if said else {})}


_EDIT = described_object(
    line=described_whole("First line replaced, as the gutter numbers it on side R."),
    end_line=described_whole("Last line replaced, this one included."),
    original=described_text("Exactly the lines that stand there now, without the gutter."),
    replacement=described_text("The lines to put there, with their indentation."),
)
_FINDING = described_object(
    standard=_choice(Standard),
    path=described_text("The file, as its FILE line gives it."),
    side=_choice(Side, "RIGHT for the new version, LEFT for removed lines."),
    line=described_whole("First line, from the gutter."),
    end_line=described_whole("Last line, this one included."),
    evidence=described_text("Code copied verbatim from those lines, without the gutter."),
    title=described_text("The pattern in at most ten words."),
    explanation=described_text("What happens, when, to whom, and the trade-off; one to three sentences."),
    remediation=described_text("What to do, concretely; one or two sentences."),
    cost=described_text("What it costs or saves, or empty."),
    scale=described_text("What it does at 10 or 100 times the data, or empty."),
    facts=_list({"type": "string"}, "Ids of the facts it rests on, such as F3; empty where it rests on none."),
    edit=_list(_EDIT, "One exact edit that fixes it entirely, or nothing."),
    confidence=_choice(Confidence),
    severity=_choice(Severity),
)
REVIEW_SCHEMA: dict[str, Any] = described_object(
    findings=_list(_FINDING, "Every problem that the change brings or touches."),
    standards=_list(
        described_object(
            standard=_choice(Standard),
            rationale=described_text("One sentence that names what it rests on."),
            judgement=_choice(Judged),
        ),
        "All eight standards, each once.",
    ),
    questions=_list(
        described_object(
            topic=_choice(Topic),
            path=described_text("The file it is about, or empty."),
            question=described_text("The question, to the author."),
            why=described_text("What depends on the answer."),
        ),
        "What only the author can say; nothing that the change or the context answers.",
    ),
    reviewed_paths=_list({"type": "string"}, "Every file of this cluster that was looked at."),
)
"""Of a review. The order of the properties is that of the answer: evidence comes before severity."""

VERIFY_SCHEMA: dict[str, Any] = described_object(
    reason=described_text("Why, in one or two sentences."),
    quote=described_text(
        "Where refuted: code copied verbatim from the excerpt that contradicts the finding; else empty."
    ),
    verdict=_choice(Ruling),
    edit=_choice(EditRuling, "Whether the edit, if there is one, fixes what the finding says and does nothing else."),
    topic=_choice(Topic, "What the question is about."),
    question=described_text("Where the author is needed: the one question; else empty."),
)
"""Of a verification."""
