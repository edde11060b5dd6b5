"""What a model may answer: the JSON schemas it is held to, and its text read into values, or refused.

The schemas keep to what structured outputs take (platform.claude.com, "Structured outputs"): every property required,
no union, no bound on numbers or lengths; an empty text or list stands for none. What the schema cannot say is checked
here. The API does not promise the case of an enum's values, so they are folded.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from review.domain.agent import Judged, Judgement, Question, Topic
from review.domain.changeset import Side
from review.domain.finding import Confidence, Standard
from review.domain.redaction import redact
from review.domain.severity import Severity
from review.errors import AnswerIncomplete

MAX_FINDINGS = 60
"""Findings read of one answer; a change of fifteen thousand tokens has no more worth reading."""
MAX_QUESTIONS = 12
MAX_TEXT = 4_000
"""Characters of any one text; a longer one is cut."""
MAX_LINE = 10_000_000

Member = TypeVar("Member", bound=Enum)


@dataclass(frozen=True)
class Edit:
    """Text to replace whole lines: `original` is what the model believes stands there now."""

    line: int
    end_line: int
    original: str
    replacement: str


@dataclass(frozen=True)
class Draft:
    """A finding as the model gives it, not yet checked against anything."""

    standard: Standard
    path: str
    side: Side
    line: int
    end_line: int
    evidence: str
    """Code quoted from those lines."""
    title: str
    explanation: str
    remediation: str
    cost: str
    scale: str
    facts: tuple[str, ...]
    confidence: Confidence
    severity: Severity
    edit: Edit | None


@dataclass(frozen=True)
class Answer:
    """The whole of one cluster's answer."""

    drafts: tuple[Draft, ...]
    judgements: tuple[Judgement, ...]
    questions: tuple[Question, ...]
    reviewed: frozenset[str]
    """Paths it says it looked at."""
    malformed: int = 0
    """Findings that could not be read."""


class Ruling(Enum):
    """What the sceptic says of one finding."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NEEDS_AUTHOR = "needs-author"


@dataclass(frozen=True)
class Verification:
    """The sceptic's answer."""

    ruling: Ruling
    quote: str
    """Code that contradicts the finding; only where it is refuted."""
    reason: str
    topic: Topic
    question: str
    """What only the author can answer; only where that is what is needed."""


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
    topic=_choice(Topic, "What the question is about."),
    question=described_text("Where the author is needed: the one question; else empty."),
)
"""Of a verification."""


def read_review(text: str) -> Answer:
    """The answer in that text. Raises AnswerIncomplete where it is not the whole object that was asked for.

    A single finding that cannot be read is counted and left out; a judgement of a standard is taken once.
    """
    data = _json(text)
    try:
        raw, said = _array(data, "findings"), _array(data, "standards")
        asked, paths = _array(data, "questions"), _array(data, "reviewed_paths")
        judgements = {each.standard: each for each in map(_judgement, said)}
        questions = tuple(question for question in map(_question, asked[:MAX_QUESTIONS]) if question.text)
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerIncomplete(f"the answer has not the shape that was asked for ({type(error).__name__})") from error
    drafts: list[Draft] = []
    malformed = max(len(raw) - MAX_FINDINGS, 0)
    for entry in raw[:MAX_FINDINGS]:
        try:
            drafts.append(_draft(entry))
        except (KeyError, TypeError, ValueError):
            malformed += 1
    if missing := [standard.value for standard in Standard if standard not in judgements]:
        raise AnswerIncomplete(f"the answer judges no {', no '.join(missing)}")
    in_order = tuple(judgements[standard] for standard in Standard)
    return Answer(tuple(drafts), in_order, questions, frozenset(map(str, paths)), malformed)


def read_verification(text: str) -> Verification:
    """The sceptic's answer in that text. Raises AnswerIncomplete where it is not what was asked for."""
    data = _json(text)
    try:
        return Verification(
            ruling=_member(Ruling, data["verdict"]),
            quote=_string(data, "quote"),
            reason=_words(data, "reason"),
            topic=_member(Topic, data["topic"]),
            question=_words(data, "question"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerIncomplete(f"the answer has not the shape that was asked for ({type(error).__name__})") from error


def _json(text: str) -> Mapping[str, Any]:
    """The object; also one within a code fence, as models write it that no schema holds."""
    text = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnswerIncomplete("the answer is not JSON") from error
    if not isinstance(data, dict):
        raise AnswerIncomplete("the answer is no JSON object")
    return data


def _draft(entry: Mapping[str, Any]) -> Draft:
    edits = [_edit(each) for each in _array(entry, "edit")]
    return Draft(
        standard=_member(Standard, entry["standard"]),
        path=_string(entry, "path"),
        side=_member(Side, entry["side"]),
        line=_integer(entry, "line"),
        end_line=_integer(entry, "end_line"),
        evidence=_string(entry, "evidence"),
        title=_words(entry, "title"),
        explanation=_words(entry, "explanation"),
        remediation=_words(entry, "remediation"),
        cost=_words(entry, "cost"),
        scale=_words(entry, "scale"),
        facts=tuple(str(each) for each in _array(entry, "facts")),
        confidence=_member(Confidence, entry["confidence"]),
        severity=_member(Severity, entry["severity"]),
        edit=edits[0] if len(edits) == 1 else None,
    )


def _edit(entry: Mapping[str, Any]) -> Edit:
    original, replacement = entry["original"], entry["replacement"]
    if not isinstance(original, str) or not isinstance(replacement, str):
        raise TypeError("a text that is none")
    return Edit(_integer(entry, "line"), _integer(entry, "end_line"), original, replacement)


def _judgement(entry: Mapping[str, Any]) -> Judgement:
    return Judgement(
        _member(Standard, entry["standard"]), _member(Judged, entry["judgement"]), _words(entry, "rationale")
    )


def _question(entry: Mapping[str, Any]) -> Question:
    return Question(
        _member(Topic, entry["topic"]), _words(entry, "question"), _words(entry, "why"), _string(entry, "path")
    )


def _array(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data[key]
    if not isinstance(value, list):
        raise TypeError("a list that is none")
    return value


def _string(data: Mapping[str, Any], key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        raise TypeError("a text that is none")
    return value.strip()[:MAX_TEXT]


def _words(data: Mapping[str, Any], key: str) -> str:
    """The same for what will be read and kept: without secrets, also where one would be cut in two."""
    value = data[key]
    if not isinstance(value, str):
        raise TypeError("a text that is none")
    return redact(value.strip()[: 2 * MAX_TEXT])[:MAX_TEXT]


def _integer(data: Mapping[str, Any], key: str) -> int:
    value = data[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_LINE:
        raise ValueError("a number that is none")
    return value


def _member(kind: type[Member], value: Any) -> Member:
    folded = str(value).strip().casefold().replace("_", "-").replace(" ", "-")
    for member in kind:
        if member.value.casefold() == folded:
            return member
    raise ValueError(f"no {kind.__name__}")


def texts(draft: Draft) -> Iterable[str]:
    """The draft's own words, which a reader would see."""
    return (draft.title, draft.explanation, draft.remediation, draft.cost, draft.scale)
