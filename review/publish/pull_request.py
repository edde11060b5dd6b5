"""A review onto its pull request: comments on the diff first, the summary last.

So the summary never points at what is not there, and a run that is stopped anywhere leaves a state that tells less than
what stands there, never more: the next run finds every comment again by its marker and its author.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from review.domain.conversation import Account
from review.domain.finding import Finding
from review.domain.verdict import Review
from review.errors import GitHubError
from review.github.base import GitHub
from review.publish.base import NotPublished, Outcome
from review.publish.comment import ours, publish_summary
from review.publish.inline import publish_inline
from review.publish.patience import Patience
from review.render import markers
from review.render.comment import says_all_of, summary_comment
from review.render.words import is_irrelevant

SURFACE = "comments"


@dataclass(frozen=True)
class Wish:
    """What the workflow wants written."""

    inline: bool = True
    """Whether findings are shown on their lines."""
    most_inline: int = 20
    """Findings, the worst first; the rest stay in the summary."""


def publish_review(
    github: GitHub,
    review: Review,
    wish: Wish,
    obstacle: Callable[[], str] = lambda: "",
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Outcome]:
    """Bring the pull request's comments to the review, and say what came of it, one outcome for each surface.

    `obstacle` is asked right before we write, and again before the summary: it gives the sentence that says why this
    run must not write (any more), or "". It may raise GitHubError. `clock` gives seconds, `sleep` waits.
    """
    try:
        if reason := obstacle():
            return [NotPublished(SURFACE, reason)]
        account = _remembered(github)
    except GitHubError as error:
        return [NotPublished(SURFACE, str(error))]
    outcomes: list[Outcome] = []
    if wish.inline:
        inline = publish_inline(github, review, _wanted(review, wish), account, Patience(clock, sleep))
        outcomes += inline.outcomes
        account = inline.account
        try:
            if reason := obstacle():
                return [*outcomes, NotPublished(SURFACE, reason)]
        except GitHubError as error:
            return [*outcomes, NotPublished(SURFACE, str(error))]
    outcomes.append(
        publish_summary(
            github,
            summary_comment(review, account),
            markers.is_summary,
            only_edit=is_irrelevant(review),
            says_it=lambda text: says_all_of(text, review, account),
        )
    )
    return outcomes


def _remembered(github: GitHub) -> Account:
    """What our summary remembers of comments on the diff; nothing where there is none, or its state is unreadable."""
    earlier = ours(github.summaries(), github.login(), markers.is_summary)
    state = markers.read_state(earlier.body) if earlier is not None else None
    return Account() if state is None else Account(posted=dict(state.posted), folded=frozenset(state.folded))


def _wanted(review: Review, wish: Wish) -> list[Finding]:
    """The findings that belong on their lines."""
    return [finding for finding in review.findings if finding.fingerprint in review.inline][: wish.most_inline]
