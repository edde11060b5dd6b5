"""Comments on the diff, brought to what the review found: new ones posted, those that are over closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from review.domain.conversation import Account
from review.domain.finding import Finding
from review.domain.verdict import Review
from review.errors import GitHubError
from review.github.base import GitHub
from review.publish.base import NotPublished, Outcome, Published
from review.publish.patience import Patience
from review.publish.post import Draft, Poster
from review.publish.reconcile import reconcile
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
    github: GitHub, review: Review, wanted: Sequence[Finding], earlier: Account, patience: Patience
) -> Inline:
    """Bring the comments on the diff to the review; `wanted` are the findings that belong on their lines.

    `earlier` is what the state of our summary remembers. What was posted is read again, so that two runs at once see
    each other's comments and keep the same ones.
    """
    try:
        threads = github.threads()
        plan = reconcile(review, wanted, threads, github.login(), earlier)
        poster = Poster(github, review.changeset.head_sha, frozenset(thread.first.id for thread in threads), patience)
        if plan.posts:
            poster.post([_draft(finding, review) for finding in plan.posts])
            plan = reconcile(review, wanted, github.threads(), github.login(), earlier)
    except GitHubError as error:
        return Inline((NotPublished(SURFACE, str(error)),), earlier)
    done: Outcome = Published(SURFACE, left_out=tuple(poster.left_out))
    if not plan.changes:
        return Inline((done,), plan.account)
    tidied = tidy(github, review, plan.changes, patience)
    return Inline((done, tidied.outcome), replace(plan.account, folded=plan.account.folded | tidied.folded))


def _draft(finding: Finding, review: Review) -> Draft:
    return Draft(finding, inline_comment(finding, review), inline_comment(finding, review, on_file=True))
