"""What becomes of our earlier threads: closed with a word, retired, or deleted. Every step can be done again."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.domain.verdict import Review
from review.errors import Forbidden, GitHubError, NotFound, RateLimited
from review.github.base import GitHub
from review.publish.base import EARLIER, NotPublished, Outcome, Published
from review.publish.patience import TRIES, Patience
from review.publish.reconcile import Change, Close, Delete, Finish, OurThread, Over, Retire, State, our_threads
from review.render import threads

MOST = 50
"""Threads that one run changes, so that its requests stay bounded; the next run goes on."""


@dataclass(frozen=True)
class Tidied:
    """What came of it."""

    outcome: Outcome
    folded: frozenset[int]
    """Numbers of the comments whose threads are folded away now."""


def tidy(github: GitHub, review: Review, steps: Sequence[Change], patience: Patience) -> Tidied:
    """Take the steps in their order, as far as one run goes.

    A few may fail before it is given up: one that GitHub refuses would stop all others at every run.
    """
    folded: set[int] = set()
    outcome = _tidy(github, review, steps, patience, folded)
    return Tidied(outcome, frozenset(folded))


def _tidy(github: GitHub, review: Review, steps: Sequence[Change], patience: Patience, folded: set[int]) -> Outcome:
    done = 0
    failed: list[GitHubError] = []
    for step in steps[:MOST]:
        if len(failed) == TRIES or not patience.may_write():
            break
        try:
            if _take(github, review, step, patience):
                folded.add(step.ours.id)
        except (Forbidden, RateLimited) as error:
            return NotPublished(EARLIER, str(error))
        except GitHubError as error:
            failed.append(error)
        done += 1
    if failed:
        return NotPublished(EARLIER, str(failed[0]))
    if left := len(steps) - done:
        return NotPublished(EARLIER, f"{left} of {len(steps)} are left for the next run, which closes them.")
    return Published(EARLIER)


def _take(github: GitHub, review: Review, step: Change, patience: Patience) -> bool:
    """Take one step; whether it folded the thread away. A comment that somebody deleted meanwhile needs none."""
    try:
        match step:
            case Close(ours, over, reason):
                _reply(github, ours, _words(review, ours, over, reason), patience)
                return _fold(github, ours)
            case Finish(ours):
                return _fold(github, ours)
            case Retire(ours):
                github.edit_inline(ours.id, threads.retired(ours.subject.fingerprint))
                return not ours.is_answered and _fold(github, ours)
            case Delete(ours):
                github.delete_inline(ours.id)
    except NotFound:
        pass
    return False


def _words(review: Review, ours: OurThread, over: Over, reason: str) -> str:
    fingerprint = ours.subject.fingerprint
    if over is Over.SUPPRESSED:
        return threads.suppressed(reason, fingerprint)
    return threads.gone(review, fingerprint) if over is Over.GONE else threads.left(review, fingerprint)


def _reply(github: GitHub, ours: OurThread, body: str, patience: Patience) -> None:
    """Say it once: after a failure that leaves it open whether it was said, look."""
    for attempt in range(TRIES):
        try:
            github.reply(ours.id, body)
            return
        except (Forbidden, NotFound, RateLimited):
            raise
        except GitHubError:
            patience.wait(attempt)
            if _was_closed(github, ours):
                return
            if attempt == TRIES - 1:
                raise


def _was_closed(github: GitHub, ours: OurThread) -> bool:
    login = github.login()
    now = our_threads(github.threads(), login)
    return any(each.id == ours.id and each.state is State.CLOSED for each in now)


def _fold(github: GitHub, ours: OurThread) -> bool:
    """Resolve the thread where the token may, else fold its comment away where it may; else our word is all.

    Gives whether it is folded away now.
    """
    if ours.thread.is_resolved:
        return True
    if ours.thread.can_resolve:
        github.resolve(ours.thread)
    elif ours.thread.first.can_minimize and not ours.thread.first.is_minimized:
        github.minimize(ours.thread.first)
    else:
        return ours.thread.first.is_minimized
    return True
