"""Inline comments: one for each finding whose lines the diff shows, once and only once.

GitHub takes a review whole or not at all and does not say which comment it refused, so a refused batch is sent again
one by one; a comment that is refused alone goes to the file, and where that is refused too, the finding stays in the
summary.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from review.domain.finding import Finding
from review.errors import Forbidden, GitHubError, NotFound, RateLimited, Unprocessable
from review.github.base import GitHub, InlineComment
from review.publish.base import NotPublished, Outcome, Published

SURFACE = "inline comments"
BATCH = 25
"""Comments in one review: some 70 in one request have ended in a server error after a part of them was posted."""


@dataclass(frozen=True)
class Draft:
    """A finding and the text of its comment."""

    finding: Finding
    body: str
    file_body: str
    """The text of a comment on the whole file, for where the lines are not taken."""


def publish_inline(
    github: GitHub, drafts: Sequence[Draft], head_sha: str, fingerprint_of: Callable[[str], str | None]
) -> Outcome:
    """Post the drafts that are not on the pull request yet. `fingerprint_of` reads our marker in a comment's text."""
    if not drafts:
        return Published(SURFACE)
    refused: list[str] = []
    try:
        missing = _missing(github, drafts, fingerprint_of)
        for start in range(0, len(missing), BATCH):
            refused.extend(_post(github, missing[start : start + BATCH], head_sha, fingerprint_of))
    except GitHubError as error:
        return NotPublished(SURFACE, str(error))
    return Published(SURFACE, left_out=tuple(refused))


def _missing(github: GitHub, drafts: Iterable[Draft], fingerprint_of: Callable[[str], str | None]) -> list[Draft]:
    """The drafts whose finding has no comment of ours; a marker in somebody else's comment counts for nothing."""
    login = github.login()
    posted = {fingerprint_of(comment.body) for comment in github.inline_comments() if comment.author == login}
    return [draft for draft in drafts if draft.finding.fingerprint not in posted]


def _post(github: GitHub, drafts: list[Draft], head_sha: str, fingerprint_of: Callable[[str], str | None]) -> list[str]:
    """Post one batch; the fingerprints of those that GitHub takes nowhere on the diff."""
    try:
        github.create_review(head_sha, [_comment(draft) for draft in drafts])
        return []
    except Unprocessable:
        _clear_the_way(github, fingerprint_of)
        left = _missing(github, drafts, fingerprint_of)
    except (Forbidden, NotFound, RateLimited):
        raise
    except GitHubError:
        left = _missing(github, drafts, fingerprint_of)
        if len(left) == len(drafts):
            github.create_review(head_sha, [_comment(draft) for draft in drafts])
            return []
    return [draft.finding.fingerprint for draft in left if not _alone(github, draft, head_sha)]


def _clear_the_way(github: GitHub, fingerprint_of: Callable[[str], str | None]) -> None:
    """Delete a draft review of ours that a run left behind: while one stands, GitHub refuses every other comment.

    Raises Unprocessable where the draft is a person's, whose account the token is: it is not ours to delete.
    """
    for draft in github.pending_reviews():
        if not draft.bodies or not all(map(fingerprint_of, draft.bodies)):
            raise Unprocessable(
                f"A draft review of {github.login()} stands on the pull request, and GitHub takes no other comment of"
                " that account until it is submitted or deleted."
            )
        github.delete_pending_review(draft.id)


def _alone(github: GitHub, draft: Draft, head_sha: str) -> bool:
    """Whether one comment was taken: on its lines, or else on its file."""
    try:
        github.create_inline_comment(head_sha, _comment(draft))
        return True
    except Unprocessable:
        pass
    try:
        github.create_file_comment(head_sha, draft.finding.location.path, draft.file_body)
    except Unprocessable:
        return False
    return True


def _comment(draft: Draft) -> InlineComment:
    return InlineComment(draft.finding.location, draft.body)
