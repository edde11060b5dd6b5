"""The only import of PyGithub: our calls on one pull request, and its exceptions as ours.

PyGithub repeats a POST on 5xx by default, which posts a comment twice (reference: PyGithub 2.10, `GithubRetry`): here
only GET and PATCH are repeated, and a failed POST is the caller's to reconcile. What a rate limit refused was not done,
so that is waited for, as long as it does not take too long.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import requests
from github import Auth, Github, GithubException, RateLimitExceededExceedsMaxWait
from github.GithubRetry import GithubRetry
from github.Requester import Requester

from review.domain.changeset import Side
from review.errors import Forbidden, GitHubError, NotFound, RateLimited, Unprocessable
from review.github.base import InlineComment, PendingReview, PostedComment

ACTIONS_BOT = "github-actions[bot]"
"""Who a workflow's own token writes as."""
_RETRIES = 3
_LONGEST_WAIT = 120.0
"""Seconds a rate limit may make us wait before the review goes on without its comments."""
_SECONDARY_WAIT = 60.0
"""What GitHub asks for where a limit comes without `Retry-After`
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)."""
_VIEWER = "query { viewer { login } }"
_NO_VIEWER = (400, 403, 404)
"""Answers that will not change: GraphQL errors (PyGithub makes them 400), a token without it, a server without it."""


class _Retry(GithubRetry):
    """PyGithub bounds every wait but the one that `Retry-After` names, which urllib3 would sleep through for hours."""

    def increment(
        self, method: str | None = None, url: str | None = None, response: Any = None, *rest: Any, **named: Any
    ) -> Any:
        wait = self.get_retry_after(response) if response else None
        if wait is not None and wait > _LONGEST_WAIT:
            raise RateLimitExceededExceedsMaxWait(response.status, None, dict(response.headers), wait=wait)
        return super().increment(method, url, response, *rest, **named)


class PullRequestClient:
    """One pull request of one repository. Implements `review.github.base.GitHub`."""

    def __init__(
        self,
        api_url: str,
        token: str,
        repository: str,
        number: int,
        pause: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`pause` is the seconds between two writes, as GitHub asks ("Best practices for the REST API")."""
        self._sleep = sleep
        retry = _Retry(
            total=_RETRIES,
            allowed_methods=frozenset({"GET", "PATCH"}),
            secondary_rate_wait=_SECONDARY_WAIT,
            max_rate_limit_wait=_LONGEST_WAIT,
        )
        self._github = Github(
            auth=Auth.Token(token),
            base_url=api_url,
            retry=retry,
            timeout=30,
            per_page=100,
            seconds_between_requests=0,
            seconds_between_writes=pause,
            user_agent="data-architecture-review",
        )
        self._base = f"/repos/{repository}"
        self._number = number
        self._what = f"pull request #{number} of {repository}"

    def login(self) -> str:
        """Who our comments are by: the token's own account or app; a workflow's bot where GitHub has no answer.

        Raises GitHubError where it is not known: a guess would take our own comments for somebody else's.
        """
        return self._login

    @cached_property
    def _login(self) -> str:
        tries = 0
        while True:
            try:
                with self._translated("ask whose the token is, for its comments"):
                    _, data = self._requester.graphql_query(_VIEWER, {})
                    return str(data["data"]["viewer"]["login"])
            except (KeyError, TypeError):
                return ACTIONS_BOT
            except GitHubError as error:
                if getattr(error.__cause__, "status", 0) in _NO_VIEWER and not isinstance(error, RateLimited):
                    return ACTIONS_BOT
                tries += 1
                if tries == _RETRIES or isinstance(error, Forbidden | RateLimited):
                    raise
                self._sleep(1.0)

    def summaries(self) -> Sequence[PostedComment]:
        """The comments of the conversation, oldest first."""
        return self._list(f"{self._base}/issues/{self._number}/comments", "read the comments")

    def inline_comments(self) -> Sequence[PostedComment]:
        """The comments on the diff, oldest first."""
        return self._list(f"{self._base}/pulls/{self._number}/comments", "read the inline comments")

    def create_summary(self, body: str) -> PostedComment:
        """Post a comment to the conversation."""
        path = f"{self._base}/issues/{self._number}/comments"
        return _posted(self._send("POST", path, {"body": body}, "post the summary comment"))

    def edit_summary(self, comment: PostedComment, body: str) -> PostedComment:
        """Replace a comment's text."""
        path = f"{self._base}/issues/comments/{comment.id}"
        return _posted(self._send("PATCH", path, {"body": body}, "edit the summary comment"))

    def reply(self, comment_id: int, body: str) -> PostedComment:
        """Post a comment to the thread that this comment on the diff begins."""
        path = f"{self._base}/pulls/{self._number}/comments/{comment_id}/replies"
        return _posted(self._send("POST", path, {"body": body}, "answer in a thread"))

    def react(self, comment_id: int, *, on_diff: bool) -> None:
        """Put a pair of eyes under a comment: seen."""
        path = f"{self._base}/{'pulls' if on_diff else 'issues'}/comments/{comment_id}/reactions"
        self._send("POST", path, {"content": "eyes"}, "react to a comment")

    def create_review(self, head_sha: str, comments: Sequence[InlineComment]) -> None:
        """Post comments on lines, all or none. `event` is given always: without it the review stays invisible."""
        payload = {
            "commit_id": head_sha,
            "event": "COMMENT",
            "body": "",
            "comments": [_lines(comment) for comment in comments],
        }
        self._send("POST", f"{self._base}/pulls/{self._number}/reviews", payload, "post inline comments")

    def create_inline_comment(self, head_sha: str, comment: InlineComment) -> None:
        """Post one comment on lines."""
        payload = {"commit_id": head_sha, **_lines(comment)}
        self._send("POST", f"{self._base}/pulls/{self._number}/comments", payload, "post an inline comment")

    def create_file_comment(self, head_sha: str, path: str, body: str) -> None:
        """Post one comment on a whole file of the diff."""
        payload = {"commit_id": head_sha, "path": path, "body": body, "subject_type": "file"}
        self._send("POST", f"{self._base}/pulls/{self._number}/comments", payload, "post a comment on a file")

    def pending_reviews(self) -> Sequence[PendingReview]:
        """The account's own draft reviews; at most one, by GitHub's rules."""
        reviews = f"{self._base}/pulls/{self._number}/reviews"
        return [
            PendingReview(
                int(item["id"]),
                tuple(
                    str(comment.get("body") or "")
                    for comment in self._pages(f"{reviews}/{item['id']}/comments", "read a draft review")
                ),
            )
            for item in self._pages(reviews, "read the reviews")
            if item["state"] == "PENDING"
        ]

    def delete_pending_review(self, review_id: int) -> None:
        """Delete a draft review with its comments."""
        path = f"{self._base}/pulls/{self._number}/reviews/{review_id}"
        with self._translated("delete a draft review"):
            self._requester.requestJsonAndCheck("DELETE", path)

    @property
    def _requester(self) -> Requester:
        return self._github.requester

    def _list(self, path: str, doing: str) -> list[PostedComment]:
        return [_posted(item) for item in self._pages(path, doing)]

    def _pages(self, path: str, doing: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            with self._translated(doing):
                _, data = self._requester.requestJsonAndCheck("GET", path, parameters={"per_page": 100, "page": page})
            found.extend(data)
            if len(data) < 100:
                return found
            page += 1

    def _send(self, method: str, path: str, payload: dict[str, Any], doing: str) -> dict[str, Any]:
        try:
            return self._send_once(method, path, payload, doing)
        except RateLimited as error:
            wait = _wait(error.__cause__)
            if wait > _LONGEST_WAIT:
                raise
        self._sleep(wait)
        return self._send_once(method, path, payload, doing)

    def _send_once(self, method: str, path: str, payload: dict[str, Any], doing: str) -> dict[str, Any]:
        data: dict[str, Any] = {}
        with self._translated(doing):
            _, data = self._requester.requestJsonAndCheck(method, path, input=payload)
        return data

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

    def _refusal(self, error: GithubException, doing: str) -> GitHubError:
        where = f"GitHub would not let us {doing} of {self._what}"
        kinds: dict[int, Callable[[], GitHubError]] = {
            401: lambda: Forbidden(f"{where}: the token is not valid (401)."),
            404: lambda: NotFound(f"{where}: not found, or not visible to the token (404)."),
            422: lambda: Unprocessable(f"{where}: not accepted as sent (422)."),
            429: lambda: RateLimited(f"{where}: the rate limit lasts too long (429); run the job again later."),
            403: lambda: Forbidden(f"{where}: the token may not (403); give the job `pull-requests: write`."),
        }
        is_limit = isinstance(error, RateLimitExceededExceedsMaxWait) or "rate limit" in str(error.data).lower()
        if error.status == 403 and (is_limit or _headers(error).get("retry-after")):
            return kinds[429]()
        make = kinds.get(error.status)
        return make() if make else GitHubError(f"{where}: it failed there ({error.status}); run the job again.")


def _headers(error: GithubException) -> dict[str, str]:
    return {name.lower(): value for name, value in (error.headers or {}).items()}


def _wait(error: BaseException | None) -> float:
    """Seconds until a request that a rate limit refused may be sent again."""
    if isinstance(error, RateLimitExceededExceedsMaxWait) or not isinstance(error, GithubException):
        return float("inf")
    headers = _headers(error)
    if headers.get("retry-after", "").isdigit():
        return float(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        return max(float(headers["x-ratelimit-reset"]) - time.time(), 1.0)
    return _SECONDARY_WAIT


def _lines(comment: InlineComment) -> dict[str, Any]:
    """The fields that place a comment; `start_line` only for more than one line, as GitHub wants it."""
    where = comment.location
    side = "LEFT" if where.side is Side.LEFT else "RIGHT"
    fields: dict[str, Any] = {"path": where.path, "body": comment.body, "line": where.end_line, "side": side}
    if where.line != where.end_line:
        fields |= {"start_line": where.line, "start_side": side}
    return fields


def _posted(data: dict[str, Any]) -> PostedComment:
    user = data.get("user") or {}
    return PostedComment(
        int(data["id"]), str(user.get("login", "")), str(data.get("body") or ""), str(data["html_url"])
    )
