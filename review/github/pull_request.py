"""Our calls on one pull request, through PyGithub: what `base.py` promises."""

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from review.domain.changeset import Side
from review.domain.conversation import Remark, Thread
from review.errors import GitHubError, RateLimited
from review.github import threads
from review.github.base import InlineComment, PendingReview, PostedComment
from review.github.facts import Shape
from review.github.pygithub import Connection, status_of

ACTIONS_BOT = "github-actions[bot]"
"""Who a workflow's own token writes as."""
_VIEWER = "query { viewer { login } }"
_NO_GRAPHQL = (400, 403, 404)
"""Answers that will not change: GraphQL's lasting errors, a token without it, a server without it."""
_PAGES = 40


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
        timeout: int = 30,
    ) -> None:
        """`pause` is the seconds between two writes: GitHub asks for one, and takes no more than 80 in a minute.

        `timeout` is the seconds that one answer may take
        (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
        """
        self._what = f"pull request #{number} of {repository}"
        self._connection = Connection(api_url, token, self._what, pause, sleep, timeout)
        self._base = f"/repos/{repository}"
        self._pull = f"{self._base}/pulls/{number}"
        self._issue = f"{self._base}/issues/{number}"
        owner, _, name = repository.partition("/")
        self._names = {"owner": owner, "name": name, "number": number}

    def login(self) -> str:
        """Who our comments are by: the token's own account or app; a workflow's bot where GitHub has no answer.

        Raises GitHubError where it is not known: a guess would take our own comments for somebody else's.
        """
        return self._login

    @cached_property
    def _login(self) -> str:
        doing = "ask whose the token is, for its comments"
        try:
            data = self._connection.query(_VIEWER, {}, doing)
        except GitHubError as error:
            if _has_no_graphql(error):
                return ACTIONS_BOT
            raise
        try:
            return Shape(data, doing).inner("data").inner("viewer").text("login")
        except GitHubError:  # an app's token without a viewer
            return ACTIONS_BOT

    def summaries(self) -> Sequence[PostedComment]:
        """The comments of the conversation, oldest first."""
        return self._list(f"{self._issue}/comments", "read the comments")

    def inline_comments(self) -> Sequence[PostedComment]:
        """The comments on the diff, oldest first."""
        return self._list(f"{self._pull}/comments", "read the inline comments")

    def threads(self) -> Sequence[Thread]:
        """The threads on the diff, oldest first; by REST where there is no GraphQL."""
        doing = "read the threads"
        found: list[Thread] = []
        after: str | None = None
        for _ in range(_PAGES):
            try:
                data = self._connection.query(threads.THREADS, {**self._names, "after": after}, doing)
            except GitHubError as error:
                if _has_no_graphql(error):
                    return threads.threads_of_comments(
                        self._connection.pages(f"{self._pull}/comments", doing), self._what
                    )
                raise
            page, after = threads.threads_of(data, self._what)
            found.extend(page)
            if not after:
                return found
        raise GitHubError(f"There are too many threads on {self._what} to be read.")

    def create_summary(self, body: str) -> PostedComment:
        """Post a comment to the conversation."""
        return self._posted(self._connection.once(f"{self._issue}/comments", {"body": body}, "post a comment"))

    def edit_summary(self, comment: PostedComment, body: str) -> PostedComment:
        """Replace a comment's text."""
        path, payload = f"{self._base}/issues/comments/{comment.id}", {"body": body}
        return self._posted(self._connection.repeated("PATCH", path, "edit the summary comment", input=payload))

    def delete_summary(self, comment: PostedComment) -> None:
        """Delete a comment of the conversation."""
        self._connection.repeated("DELETE", f"{self._base}/issues/comments/{comment.id}", "delete a summary comment")

    def reply(self, comment_id: int, body: str) -> PostedComment:
        """Post a comment to the thread that this comment on the diff begins."""
        path = f"{self._pull}/comments/{comment_id}/replies"
        return self._posted(self._connection.once(path, {"body": body}, "answer in a thread"))

    def react(self, comment_id: int, content: str, *, on_diff: bool) -> None:
        """Put a sign under a comment."""
        path = f"{self._base}/{'pulls' if on_diff else 'issues'}/comments/{comment_id}/reactions"
        self._connection.once(path, {"content": content}, "react to a comment")

    def create_review(self, head_sha: str, comments: Sequence[InlineComment]) -> None:
        """Post comments on lines, all or none. `event` is given always: without it the review stays invisible."""
        payload = {
            "commit_id": head_sha,
            "event": "COMMENT",
            "body": "",
            "comments": [_lines(comment) for comment in comments],
        }
        # PyGithub takes a proxy's page for an answer: only the review itself says that it was posted.
        Shape(self._connection.once(f"{self._pull}/reviews", payload, "post inline comments"), self._what).number("id")

    def create_file_comment(self, head_sha: str, path: str, body: str) -> None:
        """Post one comment on a whole file of the diff."""
        payload = {"commit_id": head_sha, "path": path, "body": body, "subject_type": "file"}
        self._posted(self._connection.once(f"{self._pull}/comments", payload, "post a comment on a file"))

    def edit_inline(self, comment_id: int, body: str) -> None:
        """Replace the text of a comment on the diff."""
        path, payload = f"{self._base}/pulls/comments/{comment_id}", {"body": body}
        self._posted(self._connection.repeated("PATCH", path, "edit an inline comment", input=payload))

    def delete_inline(self, comment_id: int) -> None:
        """Delete a comment on the diff."""
        self._connection.repeated("DELETE", f"{self._base}/pulls/comments/{comment_id}", "delete an inline comment")

    def resolve(self, thread: Thread) -> None:
        """Resolve a thread."""
        data = self._connection.mutate(threads.RESOLVE, {"id": thread.node}, "resolve a thread")
        threads.check_resolved(data, self._what)

    def minimize(self, remark: Remark) -> None:
        """Fold a comment of a thread away."""
        data = self._connection.mutate(threads.MINIMIZE, {"id": remark.node}, "fold an inline comment away")
        threads.check_minimized(data, self._what)

    def pending_reviews(self) -> Sequence[PendingReview]:
        """The account's own draft reviews; at most one, by GitHub's rules."""
        doing = "read draft reviews"
        reviews = f"{self._pull}/reviews"
        drafts = [Shape(item, self._what) for item in self._connection.pages(reviews, doing)]
        return [
            PendingReview(number, tuple(self._bodies(f"{reviews}/{number}/comments", doing)))
            for number in (each.number("id") for each in drafts if each.text("state") == "PENDING")
        ]

    def delete_pending_review(self, review_id: int) -> None:
        """Delete a draft review with its comments."""
        self._connection.repeated("DELETE", f"{self._pull}/reviews/{review_id}", "delete a draft review")

    def _bodies(self, path: str, doing: str) -> list[str]:
        return [Shape(item, self._what).text("body") for item in self._connection.pages(path, doing)]

    def _list(self, path: str, doing: str) -> list[PostedComment]:
        return [self._posted(item) for item in self._connection.pages(path, doing)]

    def _posted(self, data: object) -> PostedComment:
        """Raises GitHubError where the answer is not that comment: it may have been posted all the same."""
        comment = Shape(data, self._what)
        return PostedComment(
            id=comment.number("id"),
            author=comment.inner("user").text("login") if comment.has("user") else "",
            body=comment.text("body") if comment.has("body") else "",
            url=comment.text("html_url"),
            is_edited=comment.text("created_at") != comment.text("updated_at"),
        )


def _has_no_graphql(error: GitHubError) -> bool:
    return status_of(error) in _NO_GRAPHQL and not isinstance(error, RateLimited)


def _lines(comment: InlineComment) -> dict[str, Any]:
    """The fields that place a comment; `start_line` only for more than one line, as GitHub wants it."""
    where = comment.location
    side = "LEFT" if where.side is Side.LEFT else "RIGHT"
    fields: dict[str, Any] = {"path": where.path, "body": comment.body, "line": where.end_line, "side": side}
    if where.line != where.end_line:
        fields |= {"start_line": where.line, "start_side": side}
    return fields
