"""Comments on the diff, brought to what the review found: new ones posted, those that are over closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from review.domain.conversation import Account
from review.domain.finding import Finding
from review.domain.verdict import Review
from review.errors import GitHubError
from review.github.base import GitHub
from review.publish.base import NotPublished, Outcome, Published
from review.publish.patience import Patience
from review.publish.post import Draft, Poster
from review.publish.reconcile import Plan, reconcile
from review.publish.tidy import tidy
from review.render.comment import inline_comment

SURFACE = "inline comments"


@dataclass(frozen=True)
class Inline:
    """What came of it."""

    outcomes: tuple[Outcome, ...]
    account: Account
    """How the findings stand on the pull request; of what it was before where that could not be read."""


def publish_inline(
    github: GitHub, review: Review, wanted: Sequence[Finding], posted: Mapping[str, int], patience: Patience
) -> Inline:
    """Bring the comments on the diff to the review; `wanted` are the findings that belong on their lines.

    `posted` is what the state of our summary remembers. What was posted is read again, so that two runs at once see
    each other's comments and keep the same ones.
    """
    try:
        threads = github.threads()
        plan = reconcile(review, wanted, threads, github.login(), posted)
        poster = Poster(github, review.changeset.head_sha, frozenset(thread.first.id for thread in threads), patience)
        if plan.posts:
            poster.post([_draft(finding, review) for finding in plan.posts])
            plan = reconcile(review, wanted, github.threads(), github.login(), posted)
    except GitHubError as error:
        return Inline((NotPublished(SURFACE, str(error)),), Account(posted=posted))
    done: Outcome = Published(SURFACE, left_out=tuple(poster.left_out))
    return Inline((done, *_tidied(github, review, plan, patience)), plan.account)


def _tidied(github: GitHub, review: Review, plan: Plan, patience: Patience) -> tuple[Outcome, ...]:
    return (tidy(github, review, plan.changes, patience),) if plan.changes else ()


def _draft(finding: Finding, review: Review) -> Draft:
    return Draft(finding, inline_comment(finding, review), inline_comment(finding, review, on_file=True))
