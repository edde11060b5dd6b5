"""What an event asks for, from its name and payload alone.

The payload is a snapshot that a re-run replays: only what identifies the pull request is taken from it, and the facts
are read again from the API (`target.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from review.errors import EventError

REVIEWED_EVENTS = ("pull_request",)
"""Names of the events that lead to a review."""
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@dataclass(frozen=True)
class PullRequestEvent:
    """A pull request that wants a review."""

    repository: str
    """`owner/name` of the base repository."""
    number: int
    action: str
    """GitHub's activity type: `opened`, `synchronize`, `edited` …"""
    head_sha: str
    """The head when the event happened; the pull request may have moved on."""
    actor: str
    """Login of who caused the event."""


@dataclass(frozen=True)
class NotReviewable:
    """There is nothing to review, and that is no error: the run ends with exit status 0 and this notice."""

    reason: str
    """One sentence."""


def read_event(name: str, payload: object) -> PullRequestEvent | NotReviewable:
    """The event of this name (`GITHUB_EVENT_NAME`) with this payload (the JSON in `GITHUB_EVENT_PATH`, parsed).

    Raises EventError where the payload is not of GitHub's shape
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request).
    """
    if name not in REVIEWED_EVENTS:
        works = ", ".join(REVIEWED_EVENTS)
        return NotReviewable(f"Nothing was reviewed: the event {_shown(name)} is not supported yet; {works} is.")
    data = _object(payload, "it")
    action = _text(data, "action")
    pull_request = _object(data.get("pull_request"), "`pull_request`")
    number = pull_request.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise _malformed("`pull_request.number` is not a positive number")
    repository = _text(_object(data.get("repository"), "`repository`"), "full_name", "repository.")
    if not is_repository_name(repository):
        raise _malformed("`repository.full_name` is not of the form owner/name")
    if action == "closed":
        return NotReviewable(f"Nothing was reviewed: pull request #{number} is closed.")
    return PullRequestEvent(
        repository=repository,
        number=number,
        action=action,
        head_sha=_text(_object(pull_request.get("head"), "`pull_request.head`"), "sha", "pull_request.head."),
        actor=_text(_object(data.get("sender"), "`sender`"), "login", "sender."),
    )


def is_repository_name(text: str) -> bool:
    """Whether the text is `owner/name` in GitHub's alphabet, safe to be put into a URL's path."""
    parts = text.split("/")
    return len(parts) == 2 and all(part not in ("", ".", "..") and _NAME_CHARACTERS.issuperset(part) for part in parts)


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _malformed(f"{what} is not an object")
    return value


def _text(data: Mapping[str, Any], key: str, where: str = "") -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise _malformed(f"`{where}{key}` is not a text")
    return value


def _malformed(what: str) -> EventError:
    return EventError(
        f"The event's payload cannot be used: {what}. It is read from the file that GITHUB_EVENT_PATH names;"
        " GitHub writes it, so run the action from a workflow."
    )


def _shown(name: str) -> str:
    """The event's name as a sentence may show it."""
    return f"`{name}`" if name and _NAME_CHARACTERS.issuperset(name) and len(name) <= 40 else "of this run"
