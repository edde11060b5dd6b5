"""The summary comment: one on each pull request, edited in place, known again by its marker and its author."""

from collections.abc import Callable, Sequence

from review.errors import Forbidden, GitHubError, NotFound, RateLimited, Unprocessable
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
    Where two runs at once have each created one, the older stays and the other is deleted: both decide the same.
    """
    try:
        standing = _standing(github, is_summary)
        if not standing:
            if only_edit:
                return Published(SURFACE)
            created = post_once(
                lambda: github.create_summary(body), lambda: next(iter(_standing(github, is_summary)), None)
            )
            standing = _standing(github, is_summary) or [created]
        kept, *others = standing
        for other in others:
            _delete(github, other)
        if same(kept.body, body) or says_it(kept.body):
            return Published(SURFACE, kept.url)
        return Published(SURFACE, github.edit_summary(kept, body).url)
    except GitHubError as error:
        return NotPublished(SURFACE, str(error))


def _standing(github: GitHub, is_summary: Callable[[str], bool]) -> list[PostedComment]:
    """Our summaries, the oldest first."""
    login = github.login()
    found = [comment for comment in github.summaries() if comment.author == login and is_summary(comment.body)]
    return sorted(found, key=lambda comment: comment.id)


def _delete(github: GitHub, comment: PostedComment) -> None:
    try:
        github.delete_summary(comment)
    except NotFound:  # the other run was faster
        return


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
    except (Forbidden, NotFound, RateLimited, Unprocessable):
        raise
    except GitHubError:
        return find() or send()
