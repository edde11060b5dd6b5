"""What all conversations of one run share, and when it is no use to go on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import NoReturn

from review.domain.agent import Tokens
from review.errors import ModelError, ModelRefused, ModelUnavailable
from review.model.base import Model, Reply
from review.reviewers.conversation import Limits
from review.reviewers.leaks import Prompts
from review.reviewers.plan import Plan
from review.reviewers.setup import Change, Setup

GIVE_UP = 2
"""Conversations in a row that the API would not serve, after which nothing more is sent."""


class Stop:
    """Whether it makes sense to send anything more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._in_a_row = 0
        self._reason = ""

    def note(self, error: ModelError | None) -> None:
        """Count what came of a conversation."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if isinstance(error, ModelUnavailable) else 0
            if isinstance(error, ModelRefused) or self._in_a_row >= GIVE_UP:
                self._reason = self._reason or str(error)

    def __call__(self) -> str:
        """Why nothing more is to be sent; empty while it makes sense."""
        return self._reason


class Announcing:
    """The model; calls back once an answer is there. What begins after it is then sure to be worth sending."""

    def __init__(self, model: Model, answered: Callable[[], None]) -> None:
        self._model = model
        self._answered = answered

    def ask(self, body: Mapping[str, object], until: float, spent: Callable[[Tokens], object]) -> Reply:
        """As the model."""
        reply = self._model.ask(body, until, spent)
        self._answered()
        return reply


@dataclass(frozen=True)
class Session:
    """One run's conversations: what they are about, and what they share."""

    change: Change
    setup: Setup
    planned: Plan
    model: Model
    limits: Limits
    stop: Stop
    prompts: Prompts

    @property
    def source(self) -> str:
        """What its findings name as theirs."""
        return f"agent:{self.setup.agent.name}"


class Mute:
    """Stands where a model would that cannot be had: asking it says why. A `review.model.base.Model`."""

    def __init__(self, error: ModelError) -> None:
        self._error = error

    def ask(self, body: Mapping[str, object], until: float, spent: Callable[[Tokens], object]) -> NoReturn:
        """Raise the error."""
        raise self._error
