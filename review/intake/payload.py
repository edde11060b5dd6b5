"""Typed access to an event's payload: whatever is missing or of another type is one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from review.domain.hexadecimal import SHA, is_hex
from review.errors import EventError

NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@dataclass(frozen=True)
class NotReviewable:
    """There is nothing to review, and that is no error: the run ends with exit status 0 and this notice."""

    reason: str
    """One sentence; empty where nobody needs to know."""


def object_of(value: object, what: str) -> Mapping[str, Any]:
    """The value, if it is an object. Raises EventError."""
    if not isinstance(value, dict):
        raise malformed(f"{what} is not an object")
    return value


def text_of(data: Mapping[str, Any], key: str, where: str = "") -> str:
    """The text at that key, not empty. Raises EventError."""
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise malformed(f"`{where}{key}` is not a text")
    return value


def number_of(data: Mapping[str, Any], key: str, where: str = "") -> int:
    """The number at that key, above zero. Raises EventError."""
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise malformed(f"`{where}{key}` is not a positive number")
    return value


def commit_of(data: Mapping[str, Any], key: str, where: str = "") -> str:
    """The full name of a commit at that key. Raises EventError."""
    value = text_of(data, key, where)
    if not is_hex(value, *SHA):
        raise malformed(f"`{where}{key}` is not a commit's full name (40 or 64 hexadecimal digits)")
    return value


def repository_of(data: Mapping[str, Any]) -> str:
    """`owner/name` of the payload's repository. Raises EventError."""
    name = text_of(object_of(data.get("repository"), "`repository`"), "full_name", "repository.")
    if not is_repository_name(name):
        raise malformed("`repository.full_name` is not of the form owner/name")
    return name


def sender_of(data: Mapping[str, Any]) -> str:
    """Login of who caused the event. Raises EventError."""
    return text_of(object_of(data.get("sender"), "`sender`"), "login", "sender.")


def is_repository_name(text: str) -> bool:
    """Whether the text is `owner/name` in GitHub's alphabet, safe to be put into a URL's path."""
    parts = text.split("/")
    return len(parts) == 2 and all(part not in ("", ".", "..") and NAME_CHARACTERS.issuperset(part) for part in parts)


def malformed(what: str) -> EventError:
    """The error for a payload in which something is wrong."""
    return EventError(
        f"The event's payload cannot be used: {what}. It is read from the file that GITHUB_EVENT_PATH names;"
        " GitHub writes it, so run the action from a workflow."
    )
