"""The door to the language model: Claude, on Anthropic's API, on Amazon Bedrock or on Google Cloud.

The SDK repeats requests too, but sleeps as long as `Retry-After` says, be it a day, and gives each attempt the same
time again. So it is told to repeat nothing, and the repeats are made here: of what it would repeat (2.14,
`_should_retry`), within the time that there is. An answer that broke off midway is asked for once more.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from review.config.credentials import Credentials
from review.domain.agent import Tokens
from review.errors import ModelError, ModelUnavailable
from review.model.base import Reply
from review.model.catalogue import served
from review.model.plain import whole

if TYPE_CHECKING:
    from review.model.faults import Fault

_REPEATS = 2
"""Of a request that was not taken, or not answered."""
_LONGEST_WAIT = 60.0
"""Seconds between two attempts; a server that wants more is not waited for."""
_LONGEST_PAUSE = 8.0
"""Seconds between two attempts where the server does not say."""


class Claude:
    """One provider, asked as one account. Implements `review.model.base.Model`; any thread may ask."""

    def __init__(
        self, credentials: Credentials, pause: float = 0.5, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Imports the SDK, and connects to nothing yet. `pause` is the seconds before a first repeat.

        Raises InputError where the provider needs packages that are not installed.
        """
        from review.model.clients import client_of

        self._credentials = credentials
        self._client = client_of(credentials)
        self._pause = pause
        self._sleep = sleep

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def ask(self, body: Mapping[str, Any], until: float, spent: Callable[[Tokens], object]) -> Reply:
        """Send one request and wait for the whole answer, as `Model.ask` has it. It is always streamed.

        Raises ModelRefused where no request of this run can succeed, ModelUnavailable where none did in the time there
        was, AnswerIncomplete where this one has no whole answer. What they say is a clause, for the reader of a review.
        """
        request = whole({**body, "model": served(str(body["model"]), self._credentials.provider)})
        refusals = breaks = 0
        is_affordable = True

        def book(tokens: Tokens) -> None:
            nonlocal is_affordable
            is_affordable = spent(tokens) is not False

        while True:
            started = time.monotonic()
            _check_time(until)
            outcome = self._attempt(request, until, book)
            if isinstance(outcome, Reply):
                return outcome
            _check_time(until, outcome.error)
            refusals, breaks = refusals + (not outcome.is_broken), breaks + outcome.is_broken
            if not (outcome.may_pass and is_affordable) or refusals > _REPEATS or breaks > 1:
                raise outcome.error
            self._wait(outcome, refusals + breaks, until - (time.monotonic() - started))

    def _attempt(self, request: Mapping[str, Any], until: float, spent: Callable[[Tokens], object]) -> "Reply | Fault":
        """One request sent. What it took is told to `spent`, whatever came of it."""
        from review.model import faults, stream

        heard = stream.Heard()
        try:
            stream.listen(self._client, request, until, heard)
            return stream.reply_of(heard, int(request["max_tokens"]))
        except ModelError:
            raise
        except Exception as error:
            asked = faults.Asked(self._credentials, str(request["model"]))
            fault = faults.judge(error, asked, heard.began)
            fault.error.__cause__ = error
            return fault
        finally:
            if heard.tokens != Tokens():
                spent(heard.tokens)

    def _wait(self, fault: "Fault", tries: int, until: float) -> None:
        """Let the time pass that the server wants, or one that doubles. Raises where there is not so much.

        `until` is when the last attempt would have had to begin: the next is likely to take as long, and costs.
        """
        pause = min(self._pause * 2 ** (tries - 1), _LONGEST_PAUSE)
        seconds = pause if fault.wait is None else fault.wait
        if seconds > _LONGEST_WAIT:
            why = f"{fault.error}, and wants {seconds:.0f} s to pass before it is asked again"
            raise ModelUnavailable(why) from fault.error
        if time.monotonic() + seconds >= until:
            raise ModelUnavailable(f"{fault.error}, and no time was left to ask again") from fault.error
        self._sleep(seconds)


def _check_time(until: float, error: ModelError | None = None) -> None:
    if time.monotonic() >= until:
        raise ModelUnavailable("the model gave no whole answer in the time that was left for it") from error
