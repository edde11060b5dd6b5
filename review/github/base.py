"""What publishers need of GitHub, and nothing more: the calls and the values they give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from review.domain.conversation import Remark, Thread
from review.domain.finding import Location


@dataclass(frozen=True)
class InlineComment:
    """A comment to be put on lines of the diff. `location.side` tells which version the lines count in."""

    location: Location
    body: str


@dataclass(frozen=True)
class PostedComment:
    """A comment that is on the pull request."""

    id: int
    author: str
    """Login; empty for a deleted account."""
    body: str
    url: str
    is_edited: bool = False
    """Whether it was edited, by whom is not told."""


@dataclass(frozen=True)
class PendingReview:
    """A review of ours that was begun and never submitted, so that nobody else sees it."""

    id: int
    bodies: tuple[str, ...]
    """Of its comments."""


class GitHub(Protocol):
    """One pull request, to be written to. Every call raises `review.errors.GitHubError` or one of its children.

    No comment is posted twice by the client: after a failure the caller reads what is there before it posts again.
    What can be repeated is (an edit, a deletion), within the bounds of one run.
    """

    def login(self) -> str:
        """Who our comments will be by."""

    def summaries(self) -> Sequence[PostedComment]:
        """The comments of the conversation, oldest first."""

    def inline_comments(self) -> Sequence[PostedComment]:
        """The comments on the diff, oldest first."""

    def threads(self) -> Sequence[Thread]:
        """The threads on the diff, oldest first. Where resolution cannot be known, their `node` is empty."""

    def create_summary(self, body: str) -> PostedComment:
        """Post a comment to the conversation."""

    def edit_summary(self, comment: PostedComment, body: str) -> PostedComment:
        """Replace a comment's text."""

    def delete_summary(self, comment: PostedComment) -> None:
        """Delete a comment of the conversation (NotFound where it is gone already)."""

    def reply(self, comment_id: int, body: str) -> PostedComment:
        """Post a comment to the thread that this comment on the diff begins."""

    def react(self, comment_id: int, content: str, *, on_diff: bool) -> None:
        """Put a sign under a comment, on the diff or in the conversation: `eyes`, `rocket`. A second time adds none."""

    def create_review(self, head_sha: str, comments: Sequence[InlineComment]) -> None:
        """Post comments on lines, all or none (Unprocessable)."""

    def create_file_comment(self, head_sha: str, path: str, body: str) -> None:
        """Post one comment on a whole file of the diff (Unprocessable where it does not show the file)."""

    def edit_inline(self, comment_id: int, body: str) -> None:
        """Replace the text of a comment on the diff (NotFound where it is gone)."""

    def delete_inline(self, comment_id: int) -> None:
        """Delete a comment on the diff (NotFound where it is gone already)."""

    def resolve(self, thread: Thread) -> None:
        """Resolve a thread; once more changes nothing."""

    def minimize(self, remark: Remark) -> None:
        """Fold a comment of a thread away as resolved; once more changes nothing."""

    def pending_reviews(self) -> Sequence[PendingReview]:
        """The account's own draft reviews: GitHub shows those of no one else, and allows one at a time."""

    def delete_pending_review(self, review_id: int) -> None:
        """Delete a draft review with its comments."""
