"""The only import of PyGithub: requests for one pull request, and its exceptions as ours.

PyGithub repeats a POST on 5xx by default, which posts a comment twice (reference: PyGithub 2.10, `GithubRetry`), and
sleeps as long as a server asks for. Here only what can be repeated is, a failed POST is the caller's to reconcile, and
one run waits for no more than so long. What a rate limit refused was not done, so that may be sent again.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from github import Auth, Github, GithubException

from review.errors import Forbidden, GitHubError, NotFound, RateLimited, Unprocessable

_RETRIES = 3
PATIENCE = 120.0
"""Seconds that all rate limits of one run together may make us wait, before the review goes on without its comments."""
_SECONDARY_WAIT = 60.0
"""What GitHub asks for where a limit comes without `Retry-After`
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)."""
_PAGES = 100
_LOCKED = "locked"
"""In GitHub's words for a conversation that takes no comment."""
_TOO_FAST = "submitted too quickly"
"""In GitHub's words for content that it does not take yet, said with a 422."""
_LASTING = (
    "FORBIDDEN",
    "INSUFFICIENT_SCOPES",
    "MAX_NODE_LIMIT_EXCEEDED",
    "NOT_FOUND",
    "RESOURCE_LIMITS_EXCEEDED",
    "UNPROCESSABLE",
)
"""Kinds of GraphQL's errors that asking again does not change; one without a kind but with a place is the document's,
as of a server that does not know a field of it. All others pass: "Something went wrong while executing your query"."""


class Connection:
    """A GitHub server and a token. `what` is named in errors: "pull request #7 of acme/shop"."""

    def __init__(
        self, api_url: str, token: str, what: str, pause: float, sleep: Callable[[float], None], timeout: int
    ) -> None:
        """`pause` is the seconds between two writes, `timeout` those that one answer may take."""
        settings: dict[str, Any] = {
            "auth": Auth.Token(token),
            "base_url": api_url,
            "retry": None,
            "timeout": timeout,
            "per_page": 100,
            "seconds_between_requests": 0,
            "user_agent": "data-architecture-review",
        }
        self._github = Github(**settings, seconds_between_writes=pause)
        self._asking = Github(**settings, seconds_between_writes=0)
        """For GraphQL's queries: they are sent by POST, and PyGithub would take them for writes and wait for each."""
        self._what = what
        self._sleep = sleep
        self._patience = PATIENCE

    def pages(self, path: str, doing: str) -> list[Any]:
        """All items of a list. Raises GitHubError."""
        found: list[Any] = []
        for page in range(1, _PAGES + 1):
            data = self.repeated("GET", path, doing, parameters={"per_page": 100, "page": page})
            if not isinstance(data, list):
                raise GitHubError(f"GitHub's answer when asked to {doing} of {self._what} is not a list.")
            found.extend(data)
            if len(data) < 100:
                return found
        raise GitHubError(f"There is too much of it to {doing} of {self._what}.")

    def repeated(self, method: str, path: str, doing: str, **arguments: Any) -> Any:
        """Send what may be sent twice, until there is an answer: a GET, a PATCH or a DELETE. Raises GitHubError."""
        return self._until_answered(
            lambda: self._github.requester.requestJsonAndCheck(method, path, **arguments), doing
        )

    def once(self, path: str, payload: Mapping[str, Any], doing: str) -> Any:
        """POST, again only after a rate limit refused it. Raises GitHubError: it may have arrived all the same."""
        return self._through_limits(
            lambda: self._github.requester.requestJsonAndCheck("POST", path, input=dict(payload)), doing
        )

    def query(self, document: str, variables: Mapping[str, Any], doing: str) -> Any:
        """The answer to a GraphQL query. Raises GitHubError."""
        return self._until_answered(lambda: self._asking.requester.graphql_query(document, dict(variables)), doing)

    def mutate(self, document: str, variables: Mapping[str, Any], doing: str) -> Any:
        """The answer to a GraphQL mutation that may be repeated. Raises GitHubError."""
        return self._until_answered(lambda: self._github.requester.graphql_query(document, dict(variables)), doing)

    def _until_answered(self, request: Callable[[], tuple[Any, Any]], doing: str) -> Any:
        for attempt in range(_RETRIES):
            try:
                return self._through_limits(request, doing)
            except (Forbidden, NotFound, RateLimited, Unprocessable):
                raise
            except GitHubError as error:
                if attempt == _RETRIES - 1 or status_of(error) == 400:
                    raise
                self._sleep(2.0**attempt * (1 + random.random()))  # noqa: S311 - spreads the retries of many runs
        raise AssertionError("not reached")

    def _through_limits(self, request: Callable[[], tuple[Any, Any]], doing: str) -> Any:
        while True:
            try:
                with self._translated(doing):
                    return request()[1]
            except RateLimited as error:
                wait = _wait(error.__cause__)
                if wait > self._patience:
                    raise
                self._patience -= wait
            self._sleep(wait)

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        """PyGithub's and requests' exceptions as ours, in a sentence that says what to do."""
        try:
            yield
        except GithubException as error:
            raise self._refusal(error, doing) from error
        except requests.RequestException as error:
            raise GitHubError(
                f"GitHub could not be reached to {doing} of {self._what} ({type(error).__name__}); run the job again."
            ) from error
        except (ValueError, TypeError, AttributeError, AssertionError) as error:  # what PyGithub makes of a damaged one
            raise GitHubError(
                f"GitHub's answer when asked to {doing} of {self._what} cannot be read; run the job again."
            ) from error

    def _refusal(self, error: GithubException, doing: str) -> GitHubError:
        where = f"GitHub would not let us {doing} of {self._what}"
        kinds: dict[int, Callable[[], GitHubError]] = {
            401: lambda: Forbidden(f"{where}: the token is not valid (401)."),
            404: lambda: NotFound(f"{where}: not found, or not visible to the token (404)."),
            422: lambda: Unprocessable(f"{where}: not accepted as sent (422)."),
            429: lambda: RateLimited(f"{where}: the rate limit lasts too long (429); run the job again later."),
            403: lambda: Forbidden(f"{where}: the token may not (403); give the job `pull-requests: write`."),
        }
        said = str(error.data).lower()
        if error.status in (400, 403) and ("rate limit" in said or _headers(error).get("retry-after")):
            return kinds[429]()
        if error.status == 422 and _TOO_FAST in said:
            return kinds[429]()
        if error.status == 403 and _LOCKED in said:
            return Forbidden(f"{where}: the conversation is locked (403); unlock it to have the review written there.")
        make = kinds.get(error.status)
        return make() if make else GitHubError(f"{where}: it failed there ({error.status}); run the job again.")


def status_of(error: GitHubError) -> int:
    """The HTTP status behind an error; 0 where there was no answer, or one that says nothing but that it failed.

    PyGithub makes GraphQL's errors 400, which come with status 200.
    """
    cause = error.__cause__
    return 0 if _is_passing(cause) else int(getattr(cause, "status", 0))


def _is_passing(cause: BaseException | None) -> bool:
    """Whether these are errors of GraphQL's that may be gone the next time."""
    data = cause.data if isinstance(cause, GithubException) and cause.status == 400 else None
    errors = data.get("errors") if isinstance(data, dict) else None
    return isinstance(errors, list) and not all(isinstance(each, dict) and _is_lasting(each) for each in errors)


def _is_lasting(error: Mapping[str, Any]) -> bool:
    kind = error.get("type")
    return kind in _LASTING if kind else bool(error.get("locations") or error.get("extensions"))


def _headers(error: GithubException) -> dict[str, str]:
    return {name.lower(): value for name, value in (error.headers or {}).items()}


def _wait(error: BaseException | None) -> float:
    """Seconds until a request that a rate limit refused may be sent again."""
    headers = _headers(error) if isinstance(error, GithubException) else {}
    if headers.get("retry-after", "").isdecimal():
        return max(float(headers["retry-after"]), 1.0)
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdecimal():
        return max(float(headers["x-ratelimit-reset"]) - time.time(), 1.0)
    return _SECONDARY_WAIT
