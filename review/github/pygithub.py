"""The only import of PyGithub: our calls on one pull request, and its exceptions as ours.

PyGithub repeats a POST on 5xx by default, which posts a comment twice (reference: PyGithub 2.10, `GithubRetry`): here
only GET and PATCH are repeated, and a failed POST is the caller's to reconcile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import requests
from github import Auth, Github, GithubException
from github.GithubRetry import GithubRetry
from github.Requester import Requester

from review.domain.changeset import Side
from review.errors import Forbidden, GitHubError, NotFound, RateLimited, Unprocessable
from review.github.base import InlineComment, PostedComment

ACTIONS_BOT = "github-actions[bot]"
"""Who a workflow's own token writes as."""
_RETRIES = 3
_LONGEST_WAIT = 120.0
"""Seconds a rate limit may make us wait before the review goes on without its comments."""
_VIEWER = "query { viewer { login } }"


class PullRequestClient:
    """One pull request of one repository. Implements `review.github.base.GitHub`."""

    def __init__(self, api_url: str, token: str, repository: str, number: int, pause: float = 1.0) -> None:
        """`pause` is the seconds between two writes, as GitHub asks ("Best practices for the REST API")."""
        retry = GithubRetry(
            total=_RETRIES,
            allowed_methods=frozenset({"GET", "PATCH"}),
            secondary_rate_wait=60,
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
        """Who our comments are by: the token's own account or app; a workflow's bot where GitHub does not say."""
        return self._login

    @cached_property
    def _login(self) -> str:
        try:
            with self._translated("ask who the token belongs to"):
                _, data = self._requester.graphql_query(_VIEWER, {})
                return str(data["data"]["viewer"]["login"])
        except (GitHubError, KeyError, TypeError):
            return ACTIONS_BOT

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

    @property
    def _requester(self) -> Requester:
        return self._github.requester

    def _list(self, path: str, doing: str) -> list[PostedComment]:
        found: list[PostedComment] = []
        page = 1
        while True:
            with self._translated(doing):
                _, data = self._requester.requestJsonAndCheck("GET", path, parameters={"per_page": 100, "page": page})
            found.extend(_posted(item) for item in data)
            if len(data) < 100:
                return found
            page += 1

    def _send(self, method: str, path: str, payload: dict[str, Any], doing: str) -> dict[str, Any]:
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
        if error.status == 403 and "rate limit" in str(error.data).lower():
            return kinds[429]()
        make = kinds.get(error.status)
        return make() if make else GitHubError(f"{where}: it failed there ({error.status}); run the job again.")


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
