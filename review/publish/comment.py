"""The summary comment: one on each pull request, edited in place, known again by its marker and its author."""

from collections.abc import Callable, Sequence

from review.errors import GitHubError, RateLimited, Unprocessable
from review.github.base import GitHub, PostedComment
from review.publish.base import NotPublished, Outcome, Published

SURFACE = "summary comment"


def publish_summary(
    github: GitHub,
    body: str,
    is_summary: Callable[[str], bool],
    *,
    only_edit: bool = False,
    says_it: Callable[[str], bool] = lambda text: False,
) -> Outcome:
    """Bring the summary comment to that text: create it, edit it, or leave it where it says so already.

    With `only_edit` none is created where none stands. `says_it` tells of other texts that need no edit.
    """
    try:
        existing = ours(github.summaries(), github.login(), is_summary)
        if existing is not None and (same(existing.body, body) or says_it(existing.body)):
            return Published(SURFACE, existing.url)
        if existing is not None:
            return Published(SURFACE, github.edit_summary(existing, body).url)
        if only_edit:
            return Published(SURFACE)
        return Published(
            SURFACE,
            post_once(
                lambda: github.create_summary(body), lambda: ours(github.summaries(), github.login(), is_summary)
            ).url,
        )
    except GitHubError as error:
        return NotPublished(SURFACE, str(error))


def ours(comments: Sequence[PostedComment], login: str, is_summary: Callable[[str], bool]) -> PostedComment | None:
    """Our summary among the comments: marker and author both; the first where there are several."""
    return next((comment for comment in comments if comment.author == login and is_summary(comment.body)), None)


def same(posted: str, body: str) -> bool:
    """Whether two texts are one comment: GitHub gives line ends and trailing blanks back its own way."""
    return posted.replace("\r\n", "\n").strip() == body.replace("\r\n", "\n").strip()


def post_once(send: Callable[[], PostedComment], find: Callable[[], PostedComment | None]) -> PostedComment:
    """Post with `send`; after a failure that does not say whether it arrived, look for it before posting once more."""
    try:
        return send()
    except (Unprocessable, RateLimited):
        raise
    except GitHubError:
        return find() or send()
