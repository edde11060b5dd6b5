"""What a model answers, read into values or refused.

What its schema cannot say is checked here. The API does not promise the case of an enum's values, so they are folded.
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
from review.reviewers.schemas import EditRuling, Ruling

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
    edit_is_right: bool = False
    """Whether the finding's edit fixes what it says and does nothing else."""


def read_review(text: str) -> Answer:
    """The answer in that text. Raises AnswerIncomplete where it is not the whole object that was asked for.

    A single finding that cannot be read is counted and left out. Of several judgements of one standard the gravest
    counts.
    """
    data = _json(text)
    try:
        raw, said = _array(data, "findings"), _array(data, "standards")
        asked, paths = _array(data, "questions"), _array(data, "reviewed_paths")
        gravest_last = sorted(map(_judgement, said), key=lambda each: -each.judged.rank)
        judgements = {each.standard: each for each in gravest_last}
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
            edit_is_right=_member(EditRuling, data["edit"]) is EditRuling.RIGHT,
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
    """The same for what will be read and kept: without secrets, cut or whole, and without halves of characters."""
    value = data[key]
    if not isinstance(value, str):
        raise TypeError("a text that is none")
    whole = value.strip()[: 2 * MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
    return redact(whole)[:MAX_TEXT]


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
