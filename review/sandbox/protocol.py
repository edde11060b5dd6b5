"""One message is one line of JSON, both ways: what is sent to a worker, and what may be believed of its answer.

A worker may have been taken over by what it parsed. So an answer is never unpickled, is bounded before it is decoded,
and carries nothing but data: which job it belongs to is the parent's own knowledge.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Ask(Enum):
    """What a message wants of the worker."""

    SHARE = "share"
    JOB = "job"


class Trouble(Enum):
    """What a worker may say of a job that gave no answer, besides the name of an exception."""

    MEMORY = "memory"
    RECURSION = "recursion"


class UnreadableError(Exception):
    """The line is not an answer: the worker that sent it is not to be trusted any further."""


@dataclass(frozen=True)
class Answer:
    """What a worker said: a value, or why there is none."""

    value: dict[str, Any] | None = None
    trouble: Trouble | None = None
    failure: str | None = None
    """One printable line of at most 200 characters: an exception's name, or why the worker is not ready."""


def encode(message: Mapping[str, Any]) -> bytes:
    """The message as one line. ASCII only, so that lone surrogates of a badly decoded file travel too."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Answer:
    """The answer in a line that has been read up to a limit. Raises UnreadableError for anything else."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableError from error
    if not isinstance(message, dict):
        raise UnreadableError
    value, failure = message.get("answer"), message.get("failure")
    if isinstance(value, dict) and failure is None:
        return Answer(value)
    if not isinstance(failure, str):
        raise UnreadableError
    for trouble in Trouble:
        if failure == trouble.value:
            return Answer(trouble=trouble)
    return Answer(failure="".join(character for character in failure[:200] if character.isprintable()))
