"""`issue_comment` and `pull_request_review_comment`: somebody wrote on a pull request, and may ask for something."""

from dataclasses import dataclass

from review.intake.commands import Command, parse_command
from review.intake.payload import NotReviewable, number_of, object_of, repository_of, text_of

_QUIET = NotReviewable("")
"""The workflow starts for every comment, and hardly any is for us."""


@dataclass(frozen=True)
class CommentEvent:
    """A command in a comment on a pull request. Anybody may write one."""

    repository: str
    """`owner/name`."""
    number: int
    """The pull request's."""
    comment_id: int
    thread: int | None
    """The first comment of the thread on the diff it was written in; None in the conversation."""
    author: str
    """Login of who wrote it; empty for a deleted account."""
    is_bot: bool
    command: Command


def read_issue_comment(payload: object) -> CommentEvent | NotReviewable:
    """The command in the payload of a comment in a conversation. Raises EventError where it is not of GitHub's shape
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment).
    """
    data = object_of(payload, "it")
    if text_of(data, "action") != "created":
        return _QUIET
    issue = object_of(data.get("issue"), "`issue`")
    found = _command(data, number_of(issue, "number", "issue."), on_diff=False)
    if isinstance(found, CommentEvent) and not isinstance(issue.get("pull_request"), dict):
        return NotReviewable(f"Nothing was reviewed: #{found.number} is an issue, and commands work on pull requests.")
    return found


def read_review_comment(payload: object) -> CommentEvent | NotReviewable:
    """The same for a comment on the diff
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review_comment).
    """
    data = object_of(payload, "it")
    if text_of(data, "action") != "created":
        return _QUIET
    pull_request = object_of(data.get("pull_request"), "`pull_request`")
    return _command(data, number_of(pull_request, "number", "pull_request."), on_diff=True)


def _command(data: object, number: int, *, on_diff: bool) -> CommentEvent | NotReviewable:
    event = object_of(data, "it")
    comment = object_of(event.get("comment"), "`comment`")
    body = comment.get("body")
    command = parse_command(body) if isinstance(body, str) else None
    if command is None:
        return _QUIET
    comment_id = number_of(comment, "id", "comment.")
    is_reply = comment.get("in_reply_to_id") is not None
    user = object_of(comment.get("user"), "`comment.user`") if comment.get("user") is not None else {}
    return CommentEvent(
        repository=repository_of(event),
        number=number,
        comment_id=comment_id,
        thread=(number_of(comment, "in_reply_to_id", "comment.") if is_reply else comment_id) if on_diff else None,
        author=text_of(user, "login", "comment.user.") if user else "",
        is_bot=user.get("type") != "User",
        command=command,
    )
