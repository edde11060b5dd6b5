"""Hidden lines by which a later run knows our comments again, and what it said.

A marker alone proves nothing: anybody can write one, so a publisher takes a comment for ours only if its author is ours
too. A state that is corrupt, forged or of another version reads as none, and the next run writes it anew.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from review.domain.finding import Finding, Standard
from review.domain.hexadecimal import SHA, is_hex
from review.domain.verdict import Review

if TYPE_CHECKING:
    from review.domain.conversation import Account, Subject

SUMMARY = "<!-- data-review:summary -->"
_STATE = "<!-- data-review:state "
_AGENT = "<!-- data-review:agent "
_FINDING = "<!-- data-review:finding "
_CLOSED = "<!-- data-review:closed "
_RETIRED = "<!-- data-review:retired "
_END = " -->"
VERSION = 2
MAX_FINGERPRINTS = 300
"""Kept in each list of the state, together some 15,000 characters of the comment's 65,536."""
MAX_FOLDED = 200
"""Numbers of folded threads that are kept."""
MAX_STATE = 20_000
"""Characters of a state that is read at all."""
MAX_SOURCE = 800
"""Characters of a finding's source in a marker: an agent's name is short, and each of its signs may take twelve."""
_STANDARDS = frozenset(standard.value for standard in Standard)


@dataclass(frozen=True)
class State:
    """What an earlier summary comment was about."""

    head_sha: str
    fingerprints: tuple[str, ...]
    """Of its findings, worst first."""
    complete: bool
    """False where there were more findings than a state keeps."""
    posted: tuple[tuple[str, int], ...] = ()
    """Fingerprint and number of each inline comment that was posted; none in a state of version 1."""
    folded: tuple[int, ...] = ()
    """As `Account.folded`; none in a state of an earlier release."""


def summary_markers(review: Review, account: "Account | None" = None) -> str:
    """The hidden lines that end our summary comment, with what the next run has to know of the account."""
    from review.domain.conversation import Account

    account = account or Account()
    fingerprints = [finding.fingerprint for finding in review.findings]
    state: dict[str, Any] = {
        "v": VERSION,
        "head": review.changeset.head_sha,
        "fingerprints": fingerprints[:MAX_FINGERPRINTS],
        "complete": len(fingerprints) <= MAX_FINGERPRINTS,
        "posted": dict(kept_posted(account.posted)),
    }
    if account.folded:
        state["folded"] = kept_folded(account.folded)
    lines = [SUMMARY, f"{_STATE}{json.dumps(state, separators=(',', ':'))}{_END}"]
    if review.agent is not None and review.agent.state:
        lines.append(f"{_AGENT}{review.agent.state}{_END}")
    return "\n".join(lines)


def kept_posted(posted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """As many of the posted comments as a state keeps: the newest, which have the highest numbers, in their order."""
    return tuple(sorted(posted.items(), key=lambda entry: (entry[1], entry[0]))[-MAX_FINGERPRINTS:])


def kept_folded(folded: Iterable[int]) -> tuple[int, ...]:
    """As many of the folded threads as a state keeps: the newest."""
    return tuple(sorted(folded)[-MAX_FOLDED:])


def finding_marker(finding: Finding) -> str:
    """The hidden line that ends an inline comment."""
    source = quote(finding.source, safe=":")
    return f"{_FINDING}{finding.fingerprint} {source} {finding.standard.value}{_END}"


def closed_marker(fingerprint: str) -> str:
    """The hidden line that ends a reply which closes a thread of ours: it is said once."""
    return f"{_CLOSED}{fingerprint}{_END}"


def retired_marker(fingerprint: str) -> str:
    """The hidden line that ends a comment of ours whose place another one took."""
    return f"{_RETIRED}{fingerprint}{_END}"


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


def read_subject(body: str) -> "Subject | None":
    """What an inline comment is about, or None where no marker of a finding ends it.

    A comment of an earlier version names the fingerprint alone.
    """
    from review.domain.conversation import Subject

    words = _marked(body, _FINDING)
    if not words or not is_hex(words[0], 16):
        return None
    if len(words) == 1:
        return Subject(words[0])
    if len(words) != 3 or len(words[1]) > MAX_SOURCE or words[2] not in _STANDARDS:
        return None
    return Subject(words[0], unquote(words[1], errors="replace"), words[2])


def read_finding(body: str) -> str | None:
    """The fingerprint of the finding that an inline comment is about, or None."""
    subject = read_subject(body)
    return None if subject is None else subject.fingerprint


def read_closed(body: str) -> str | None:
    """The fingerprint in a reply of ours that closed a thread, or None."""
    return _fingerprint(_marked(body, _CLOSED))


def read_retired(body: str) -> str | None:
    """The fingerprint in a comment of ours whose place another one took, or None."""
    return _fingerprint(_marked(body, _RETIRED))


def _marked(body: str, begin: str) -> list[str]:
    """The words of the last such marker of a text."""
    for line in reversed(_lines(body)):
        if line.startswith(begin) and line.endswith(_END):
            return line[len(begin) : -len(_END)].split(" ")
    return []


def _fingerprint(words: list[str]) -> str | None:
    return words[0] if len(words) == 1 and is_hex(words[0], 16) else None


def _state(value: object) -> State | None:
    if not isinstance(value, dict) or value.get("v") not in (1, VERSION) or isinstance(value["v"], bool):
        return None
    head, fingerprints, complete = value.get("head"), value.get("fingerprints"), value.get("complete")
    if not isinstance(head, str) or not is_hex(head, *SHA):
        return None
    if not isinstance(fingerprints, list) or len(fingerprints) > MAX_FINGERPRINTS or not isinstance(complete, bool):
        return None
    posted: Any = value.get("posted") if value["v"] == VERSION else {}
    folded: Any = value.get("folded", [])
    if not _are_fingerprints(fingerprints) or not _is_posted(posted) or not _is_folded(folded):
        return None
    return State(head, tuple(fingerprints), complete, tuple(posted.items()), tuple(folded))


def _is_posted(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MAX_FINGERPRINTS
        and _are_fingerprints(value)
        and all(map(_is_number, value.values()))
    )


def _is_folded(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MAX_FOLDED and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_fingerprints(values: Iterable[object]) -> bool:
    return all(isinstance(entry, str) and is_hex(entry, 16) for entry in values)


def _lines(body: str) -> list[str]:
    """GitHub hands comments back with `\\r\\n`."""
    return [line.strip() for line in body.splitlines()]
