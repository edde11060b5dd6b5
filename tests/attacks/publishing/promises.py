"""What holds of a pull request after every undisturbed run, whatever happened before it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from review.domain.conversation import Thread
from review.domain.verdict import Review
from review.github.pull_request import PullRequestClient
from review.publish.reconcile import OurThread, State, our_thread
from review.render import markers
from review.render.words import is_irrelevant
from tests.attacks.publishing.change import NAME, NUMBER
from tests.attacks.publishing.stage import Stage
from tests.github_server.anchors import complaint
from tests.github_server.server import RESOLVES
from tests.github_server.state import BOT, Comment


@dataclass(frozen=True)
class Before:
    """What stood there before the run."""

    threads: tuple[OurThread, ...]
    comments: frozenset[int]
    others: Mapping[int, str]
    """Number → text of each comment that is not ours."""
    resolved: Mapping[int, str]
    remembered: frozenset[str]
    """Fingerprints whose comment our summary remembers and nobody finds any more."""


def threads_of(stage: Stage) -> list[Thread]:
    """The threads on the diff, as our client reads them."""
    return list(PullRequestClient(stage.server.url, RESOLVES, NAME, NUMBER, pause=0.0).threads())


def standing(stage: Stage) -> tuple[OurThread, ...]:
    """Those of ours."""
    return tuple(ours for thread in threads_of(stage) if (ours := our_thread(thread, BOT)) is not None)


def before(stage: Stage) -> Before:
    """To be held against what stands there after the run."""
    threads = standing(stage)
    known = {ours.id for ours in threads}
    return Before(
        threads=threads,
        comments=frozenset(comment.id for comment in stage.inline),
        others=_others(stage),
        resolved=dict(stage.repository.resolved),
        remembered=frozenset(name for name, number in _remembered(stage).items() if number not in known),
    )


def check(stage: Stage, review: Review, was: Before) -> None:
    """Fail with a sentence where a promise is broken. `review` is what the run published."""
    now = standing(stage)
    found = {finding.fingerprint: finding for finding in review.findings}
    live = [ours for ours in now if ours.state is State.OPEN]
    shown = {ours.subject.fingerprint for ours in now if ours.state in (State.OPEN, State.DISMISSED)}

    twice = [name for name, times in Counter(ours.subject.fingerprint for ours in live).items() if times > 1]
    assert not twice, f"shown twice: {twice}"

    wanted = [finding for finding in review.findings if finding.fingerprint in review.inline][: stage.most_inline]
    lost = {each.fingerprint for each in wanted} - shown - was.remembered
    assert not lost, f"nowhere on the diff: {lost}"
    for ours in live:
        finding = found.get(ours.subject.fingerprint)
        if finding is None or ours.thread.is_outdated or ours.thread.is_on_file:
            continue
        assert ours.thread.line == finding.location.line, f"shown on {ours.thread}, found on {finding.location}"
    stale = {ours.subject.fingerprint for ours in live if ours.thread.is_outdated and ours.may_follow}
    left_behind = stale & {each.fingerprint for each in wanted}
    assert not left_behind, f"shown on lines that are gone: {left_behind}"

    new = [ours for ours in now if ours.id not in was.comments]
    dismissed = {ours.subject.fingerprint for ours in was.threads if ours.state is State.DISMISSED}
    assert not dismissed & {ours.subject.fingerprint for ours in new}, "posted again though somebody resolved it"
    assert not was.remembered & {ours.subject.fingerprint for ours in new}, "posted again though somebody removed it"
    misplaced = [ours for ours in new if complaint(stage.repository, stage.pull, _comment(stage, ours.id).place)]
    assert not misplaced, f"outside the diff: {misplaced}"

    assert _others(stage) == was.others, "somebody else's comment was touched"
    ours_now = {ours.id for ours in now} | {ours.id for ours in was.threads}
    mine = [comment for comment in stage.inline if comment.id not in was.comments and comment.login == BOT]
    strange = [each for each in mine if each.place.get("in_reply_to_id", each.id) not in ours_now]
    assert not strange, f"written in somebody else's thread: {strange}"
    reopened = was.resolved.keys() - stage.repository.resolved.keys() - {_gone(stage, key) for key in was.resolved}
    assert not reopened, f"opened again: {reopened}"
    both = was.resolved.keys() & stage.repository.resolved.keys()
    changed = [key for key in both if stage.repository.resolved[key] != was.resolved[key]]
    assert not changed, f"resolved once more: {changed}"
    alien = stage.repository.resolved.keys() - was.resolved.keys() - ours_now
    assert not alien, f"somebody else's thread was resolved: {alien}"
    _check_summary(stage, review)


def check_closed(stage: Stage, review: Review, unseen: frozenset[str]) -> None:
    """Of findings that are gone no thread stays open where their file was looked at, and every one where it was not."""
    found = {finding.fingerprint for finding in review.findings}
    for ours in standing(stage):
        if ours.subject.fingerprint in found or ours.state is not State.OPEN:
            continue
        assert ours.thread.path in unseen, f"open though nothing is found any more: {ours}"


def writes(stage: Stage) -> int:
    """How many requests wanted to change something."""
    return len(stage.server.writes)


def _check_summary(stage: Stage, review: Review) -> None:
    mine = [each for each in stage.conversation if each.login == BOT and markers.is_summary(each.body)]
    if is_irrelevant(review) and not mine:
        return
    assert len(mine) == 1, f"{len(mine)} summaries"
    state = markers.read_state(mine[0].body)
    assert state is not None, "the summary's state cannot be read"
    assert state.head_sha == review.changeset.head_sha
    assert state.fingerprints == tuple(finding.fingerprint for finding in review.findings)
    unlisted = [finding.title for finding in review.findings if finding.title not in mine[0].body]
    assert not unlisted, f"not in the summary: {unlisted}"


def _others(stage: Stage) -> dict[int, str]:
    return {each.id: each.body for each in (*stage.inline, *stage.conversation) if each.login != BOT}


def _remembered(stage: Stage) -> dict[str, int]:
    mine = [each for each in stage.conversation if each.login == BOT and markers.is_summary(each.body)]
    state = markers.read_state(mine[0].body) if mine else None
    return dict(state.posted) if state is not None else {}


def _comment(stage: Stage, number: int) -> Comment:
    return next(comment for comment in stage.inline if comment.id == number)


def _gone(stage: Stage, number: int) -> int:
    """The thread's number where none of it is left, else none."""
    left = any(number in (each.id, each.place.get("in_reply_to_id")) for each in stage.inline)
    return 0 if left else number
