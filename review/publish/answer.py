"""An answer to a comment: posted once, in the conversation or in the thread that the comment stands in."""

from collections.abc import Callable, Sequence

from review.errors import GitHubError
from review.github.base import GitHub, PostedComment
from review.publish.base import NotPublished, Outcome, Published
from review.publish.comment import ours, post_once

SURFACE = "answer"


def publish_answer(github: GitHub, body: str, thread: int | None, is_answer: Callable[[str], bool]) -> Outcome:
    """Post it, unless it stands there already. `thread` is the first comment of a thread on the diff."""

    def standing() -> Sequence[PostedComment]:
        return github.summaries() if thread is None else github.inline_comments()

    def send() -> PostedComment:
        return github.create_summary(body) if thread is None else github.reply(thread, body)

    def find() -> PostedComment | None:
        return ours(standing(), github.login(), is_answer)

    try:
        return Published(SURFACE, (find() or post_once(send, find)).url)
    except GitHubError as error:
        return NotPublished(SURFACE, str(error))
