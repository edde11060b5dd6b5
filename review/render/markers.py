"""Hidden lines by which a later run knows our comments again, and what it said.

A marker alone proves nothing: anybody can write one, so a publisher takes a comment for ours only if its author is ours
too. A state that is corrupt, forged or of another version reads as none, and the next run writes it anew.
"""

import json
from dataclasses import dataclass

from review.domain.verdict import Review

SUMMARY = "<!-- data-review:summary -->"
_STATE = "<!-- data-review:state "
_AGENT = "<!-- data-review:agent "
_FINDING = "<!-- data-review:finding "
_END = " -->"
VERSION = 1
MAX_FINGERPRINTS = 300
"""Kept in the state, some 6,000 characters of the comment's 65,536."""
MAX_STATE = 20_000
"""Characters of a state that is read at all."""
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class State:
    """What an earlier summary comment was about."""

    head_sha: str
    fingerprints: tuple[str, ...]
    """Of its findings, worst first."""
    complete: bool
    """False where there were more findings than a state keeps."""


def summary_markers(review: Review) -> str:
    """The two hidden lines that end our summary comment."""
    fingerprints = [finding.fingerprint for finding in review.findings]
    state = {
        "v": VERSION,
        "head": review.changeset.head_sha,
        "fingerprints": fingerprints[:MAX_FINGERPRINTS],
        "complete": len(fingerprints) <= MAX_FINGERPRINTS,
    }
    lines = [SUMMARY, f"{_STATE}{json.dumps(state, separators=(',', ':'))}{_END}"]
    if review.agent is not None and review.agent.state:
        lines.append(f"{_AGENT}{review.agent.state}{_END}")
    return "\n".join(lines)


def finding_marker(fingerprint: str) -> str:
    """The hidden line that ends an inline comment."""
    return f"{_FINDING}{fingerprint}{_END}"


def is_summary(body: str) -> bool:
    """Whether a comment's text carries the summary's marker."""
    return SUMMARY in _lines(body)


def read_state(body: str) -> State | None:
    """The state of our summary comment; None where there is none that this version can read."""
    found = [line for line in _lines(body) if line.startswith(_STATE) and line.endswith(_END)]
    if len(found) != 1 or len(found[0]) > MAX_STATE:
        return None
    try:
        state = json.loads(found[0][len(_STATE) : -len(_END)])
    except (ValueError, RecursionError):
        return None
    return _state(state)


def read_agent(body: str) -> str:
    """What the agent's review left for the next run, as it stands there; empty where it left nothing, or too much."""
    found = [line for line in _lines(body) if line.startswith(_AGENT) and line.endswith(_END)]
    if len(found) != 1 or len(found[0]) > MAX_STATE:
        return ""
    return found[0][len(_AGENT) : -len(_END)]


def read_finding(body: str) -> str | None:
    """The fingerprint of the finding that an inline comment is about, or None."""
    for line in reversed(_lines(body)):
        if line.startswith(_FINDING) and line.endswith(_END):
            fingerprint = line[len(_FINDING) : -len(_END)]
            return fingerprint if _is_hex(fingerprint, 16) else None
    return None


def _state(value: object) -> State | None:
    if not isinstance(value, dict) or value.get("v") != VERSION or isinstance(value["v"], bool):
        return None
    head, fingerprints, complete = value.get("head"), value.get("fingerprints"), value.get("complete")
    if not isinstance(head, str) or not (_is_hex(head, 40) or _is_hex(head, 64)):
        return None
    if not isinstance(fingerprints, list) or len(fingerprints) > MAX_FINGERPRINTS or not isinstance(complete, bool):
        return None
    if not all(isinstance(entry, str) and _is_hex(entry, 16) for entry in fingerprints):
        return None
    return State(head, tuple(fingerprints), complete)


def _is_hex(value: str, length: int) -> bool:
    return len(value) == length and _HEX.issuperset(value)


def _lines(body: str) -> list[str]:
    """GitHub hands comments back with `\\r\\n`."""
    return [line.strip() for line in body.splitlines()]
