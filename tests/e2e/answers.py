"""What a scripted model answers: whole answers by the schemas, of which a test writes only what it is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from review.domain.finding import Standard
from tests.model_server.script import Answer, Script, Step, answer, by_system, user_text

SCEPTIC = "You check one finding"
"""How the instructions of a verification begin."""
Values = dict[str, Any]


def finding(path: str, line: int, evidence: str, **given: Any) -> Values:
    """A finding on that line, on the side RIGHT unless `side` says otherwise; `evidence` may have several lines."""
    return {
        "standard": "data-quality",
        "path": path,
        "side": "RIGHT",
        "line": line,
        "end_line": line + evidence.count("\n"),
        "evidence": evidence,
        "title": f"Something is wrong on line {line}",
        "explanation": "Rows are lost where the key has no match.",
        "remediation": "Keep the rows that have none.",
        "cost": "",
        "scale": "",
        "facts": [],
        "edit": [],
        "confidence": "high",
        "severity": "high",
        **given,
    }


def edit(line: int, original: str, replacement: str) -> list[Values]:
    """The `edit` of a finding: other text for the lines that are `original`."""
    end_line = line + original.count("\n")
    return [{"line": line, "end_line": end_line, "original": original, "replacement": replacement}]


def question(topic: str, asked: str, path: str = "") -> Values:
    """A question for the author."""
    return {"topic": topic, "path": path, "question": asked, "why": "The judgement depends on it."}


def review_values(
    *findings: Values,
    judgements: Mapping[str, tuple[str, str]] | None = None,
    questions: Sequence[Values] = (),
    paths: Sequence[str] = (),
) -> Values:
    """A review as JSON values. `judgements`: standard → judgement and rationale; the others pass."""
    said = judgements or {}
    standards = [(each.value, *said.get(each.value, ("pass", f"Looked at {each.value}."))) for each in Standard]
    return {
        "findings": list(findings),
        "standards": [
            {"standard": name, "rationale": rationale, "judgement": judged} for name, judged, rationale in standards
        ],
        "questions": list(questions),
        "reviewed_paths": list(paths),
    }


def reviewed(*findings: Values, **more: Any) -> Script:
    """The answer to a request for a review: the findings on its files, all of which were looked at.

    Takes what `review_values` takes.
    """

    def run(body: dict[str, Any]) -> Answer:
        paths = paths_in(body)
        mine = [each for each in findings if each["path"] in paths]
        return answer(review_values(*mine, **{"paths": paths, **more}), thinking="Considering the files. " * 5)

    return run


def verified(verdict: str = "confirmed", *, quote: str = "", topic: str = "volume", asked: str = "") -> Answer:
    """The answer to a request for a verification. `quote` refutes, `asked` is the question for the author."""
    reason = "The lines show it."
    return answer(
        {"reason": reason, "quote": quote, "verdict": verdict, "edit": "right", "topic": topic, "question": asked}
    )


def by_title(verdicts: Mapping[str, Step], otherwise: Step) -> Script:
    """The verification by a part of the finding's title."""

    def run(body: dict[str, Any]) -> Answer:
        said = user_text(body)
        step = next((step for part, step in verdicts.items() if part in said), otherwise)
        return step(body) if callable(step) else step

    return run


def agent(review: Step, verification: Step | None = None) -> Script:
    """A model that reviews, and verifies what it found: everything is confirmed unless `verification` is given."""
    return by_system({SCEPTIC: verification or verified(), "": review})


def is_verification(body: Mapping[str, Any]) -> bool:
    """Whether a request asks for a verification."""
    return str(body["system"][0]["text"]).startswith(SCEPTIC)


def paths_in(body: dict[str, Any]) -> list[str]:
    """The files that a request for a review shows."""
    lines = user_text(body).split("\n")
    return [line.split(" ", 2)[2].split(" | ")[0] for line in lines if line.startswith("=== FILE ")]
