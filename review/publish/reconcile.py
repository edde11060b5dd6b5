"""What to do about our comments on the diff, from what was found and what stands there: one pure function.

A comment is ours only if it carries our marker and our account wrote it. Whatever a person did stays done: a thread
that somebody resolved, and a comment that somebody deleted, are never posted again. A run that was stopped anywhere is
made whole by the next one, because every step leaves behind what makes it unnecessary.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from review.domain.conversation import Account, Remark, Subject, Thread, is_of
from review.domain.finding import Finding
from review.domain.verdict import Review
from review.publish.covered import is_changed, is_covered
from review.render import markers


class State(Enum):
    """How a thread of ours stands."""

    OPEN = "open"
    DISMISSED = "dismissed"
    """Somebody resolved it, and not after a word of ours that closed it."""
    CLOSED = "closed"
    """We said in it that it is over. Should the finding come back, it gets a new thread."""
    RETIRED = "retired"
    """Another comment took its place."""


@dataclass(frozen=True)
class OurThread:
    """A thread that a comment of ours opened."""

    thread: Thread
    subject: Subject
    state: State
    is_answered: bool
    """Whether anybody but us wrote in it."""

    @property
    def id(self) -> int:
        """The number of the comment that opened it."""
        return self.thread.first.id

    @property
    def is_known(self) -> bool:
        """Whether all is known that a person may have done: REST does not tell who resolved a thread."""
        return bool(self.thread.node) and self.thread.is_whole

    @property
    def may_follow(self) -> bool:
        """Whether the finding may move to a new thread: not away from what people said of it."""
        return self.is_known and not self.is_answered


class Over(Enum):
    """Why a thread is closed."""

    GONE = "gone"
    """Its place was looked at, and the finding was not found any more."""
    LEFT = "left"
    """The pull request does not change the file any more."""
    SUPPRESSED = "suppressed"
    """It is found, and the team or somebody on the pull request does not want it to count."""


@dataclass(frozen=True)
class Post:
    """Put the finding on its lines."""

    finding: Finding


@dataclass(frozen=True)
class Close:
    """Say in the thread that it is over, then resolve it."""

    ours: OurThread
    over: Over
    reason: str = ""
    """Why it does not count, where it is suppressed."""


@dataclass(frozen=True)
class Finish:
    """Resolve a thread that is over: we said so in it, or another one took its place."""

    ours: OurThread


@dataclass(frozen=True)
class Retire:
    """Edit our comment: another one shows the finding now."""

    ours: OurThread


@dataclass(frozen=True)
class Delete:
    """Delete our comment: another one shows the finding, and nobody wrote in this thread."""

    ours: OurThread


Change = Close | Finish | Retire | Delete
"""A step about a thread that stands there."""
Step = Post | Change


@dataclass(frozen=True)
class Plan:
    """What to do, in this order, and what became of the findings once it is done."""

    steps: tuple[Step, ...]
    account: Account

    @property
    def posts(self) -> tuple[Finding, ...]:
        """The findings to be posted."""
        return tuple(step.finding for step in self.steps if isinstance(step, Post))

    @property
    def changes(self) -> tuple[Change, ...]:
        """The steps about threads that stand there."""
        return tuple(step for step in self.steps if not isinstance(step, Post))


def reconcile(
    review: Review, wanted: Sequence[Finding], threads: Iterable[Thread], login: str, earlier: Account
) -> Plan:
    """The plan for a review whose `wanted` findings belong on their lines.

    `threads` are all that stand on the pull request, `login` is our account, `earlier` what the state of our
    summary remembers of earlier runs.
    """
    standing = our_threads(threads, login)
    matched = _matched(review.findings, standing)
    places = {finding.fingerprint for finding in wanted}
    known = {ours.id for ours in standing}
    steps: list[Step] = []
    shown: dict[str, int] = {}
    dismissed: dict[str, str] = {}
    removed: set[str] = set()
    visible: set[str] = set()
    taken: set[int] = set()
    for finding in review.findings:
        mine = matched.get(finding.fingerprint, [])
        taken.update(ours.id for ours in mine)
        kept, extra = _choose([ours for ours in mine if ours.state in (State.OPEN, State.DISMISSED)])
        steps.extend(extra)
        if kept is None:
            number = earlier.posted.get(finding.fingerprint)
            if number is not None and number not in known:
                removed.add(finding.fingerprint)
            elif finding.fingerprint in places:
                steps.append(Post(finding))
            continue
        shown[finding.fingerprint] = kept.id
        if kept.state is State.DISMISSED:
            dismissed[finding.fingerprint] = kept.thread.resolved_by
        elif not kept.thread.is_outdated:
            visible.add(finding.fingerprint)
        elif finding.fingerprint in places and kept.may_follow:
            steps.append(Post(finding))
    steps.extend(_ends(review, [ours for ours in standing if ours.id not in taken and ours.state is State.OPEN]))
    steps.extend(Finish(ours) for ours in standing if ours.id not in earlier.folded and _is_unfinished(ours))
    account = Account(
        commented=frozenset(visible),
        dismissed=dismissed,
        removed=frozenset(removed),
        gone=len(_gone(review, standing, steps)),
        posted=_remembered(earlier.posted, standing, steps, shown),
        folded=frozenset(ours.id for ours in standing if _was_folded(ours, earlier.folded)),
    )
    return Plan(tuple(steps), account)


def our_threads(threads: Iterable[Thread], login: str) -> list[OurThread]:
    """Those of the threads that are ours, in their order."""
    return [ours for thread in threads if (ours := our_thread(thread, login)) is not None]


def our_thread(thread: Thread, login: str) -> OurThread | None:
    """The thread as one of ours; None where somebody else opened it, or no marker of ours is in its first comment."""
    first = thread.first
    if first.author != login:
        return None
    answered = not thread.is_whole or any(not _is_ours(reply, login) for reply in thread.replies)
    retired = markers.read_retired(first.body)
    if retired is not None:
        return OurThread(thread, Subject(retired), State.RETIRED, answered)
    subject = markers.read_subject(first.body)
    if subject is None:
        return None
    if any(_is_ours(reply, login) and markers.read_closed(reply.body) for reply in thread.replies):
        return OurThread(thread, subject, State.CLOSED, answered)
    return OurThread(thread, subject, State.DISMISSED if thread.is_resolved else State.OPEN, answered)


def _is_ours(reply: Remark, login: str) -> bool:
    return reply.author == login and markers.read_closed(reply.body) is not None


def _matched(findings: Iterable[Finding], standing: Sequence[OurThread]) -> dict[str, list[OurThread]]:
    """Fingerprint → the threads about that finding: those that name it; else one whose finding was worded anew."""
    by_name: dict[str, list[OurThread]] = {}
    for ours in standing:
        by_name.setdefault(ours.subject.fingerprint, []).append(ours)
    found = {finding.fingerprint: by_name.get(finding.fingerprint, []) for finding in findings}
    free = [
        ours
        for ours in standing
        if ours.state in (State.OPEN, State.DISMISSED) and ours.subject.fingerprint not in found
    ]
    for finding in findings:
        if any(ours.state in (State.OPEN, State.DISMISSED) for ours in found[finding.fingerprint]):
            continue
        reworded = next((ours for ours in free if is_of(finding, ours.subject, ours.thread)), None)
        if reworded is not None:
            free.remove(reworded)
            found[finding.fingerprint] = [*found[finding.fingerprint], reworded]
    return found


def _choose(standing: Sequence[OurThread]) -> tuple[OurThread | None, list[Step]]:
    """The one thread of a finding that stays, and what becomes of the others.

    It is the one that a person closed; else the oldest whose lines GitHub still shows: two runs at once decide alike.
    """
    if not standing:
        return None, []
    kept = min(standing, key=lambda ours: (ours.state is not State.DISMISSED, ours.thread.is_outdated, ours.id))
    others = [ours for ours in standing if ours is not kept and ours.state is State.OPEN]
    return kept, [Retire(ours) if _has_history(ours) else Delete(ours) for ours in others]


def _has_history(ours: OurThread) -> bool:
    """Whether deleting the comment would take something from the page that people may have read."""
    return ours.is_answered or ours.thread.is_outdated


def _ends(review: Review, rest: Iterable[OurThread]) -> list[Step]:
    """What becomes of open threads whose finding is not among those of the review."""
    kept: set[str] = set()
    steps: list[Step] = []
    for ours in sorted(rest, key=lambda each: each.id):
        if ours.subject.fingerprint in kept:
            steps.append(Retire(ours) if _has_history(ours) else Delete(ours))
            continue
        kept.add(ours.subject.fingerprint)
        if not ours.is_known:
            continue
        suppressed = next((each for each in review.suppressed if is_of(each.finding, ours.subject, ours.thread)), None)
        if suppressed is not None:
            steps.append(Close(ours, Over.SUPPRESSED, suppressed.reason))
        elif is_covered(review, ours.subject, ours.thread.path):
            steps.append(Close(ours, Over.GONE if is_changed(review, ours.thread.path) else Over.LEFT))
    return steps


def _is_unfinished(ours: OurThread) -> bool:
    """Whether a thread that is over is still to be resolved, and nobody wrote in it since: people are heard."""
    thread = ours.thread
    if ours.state is State.CLOSED:
        is_last = _is_ours(thread.remarks[-1], thread.first.author)
    else:
        is_last = ours.state is State.RETIRED and not ours.is_answered
    if not is_last or thread.is_resolved:
        return False
    return thread.can_resolve or (thread.first.can_minimize and not thread.first.is_minimized)


def _was_folded(ours: OurThread, before: Collection[int]) -> bool:
    """Whether a thread that is over was folded away, by whoever did it, and even if a person has opened it since."""
    is_over = ours.state in (State.CLOSED, State.RETIRED)
    return is_over and (ours.id in before or ours.thread.is_resolved or ours.thread.first.is_minimized)


def _gone(review: Review, standing: Iterable[OurThread], steps: Iterable[Step]) -> set[str]:
    """Findings that we say, or said in earlier runs, are over, and that are neither found nor suppressed now."""
    closed = {ours.subject.fingerprint for ours in standing if ours.state is State.CLOSED}
    still = {finding.fingerprint for finding in review.findings}
    still |= {each.finding.fingerprint for each in review.suppressed}
    now = {
        step.ours.subject.fingerprint for step in steps if isinstance(step, Close) and step.over is not Over.SUPPRESSED
    }
    return (closed | now) - still


def _remembered(
    posted: Mapping[str, int], standing: Sequence[OurThread], steps: Iterable[Step], shown: Mapping[str, int]
) -> dict[str, int]:
    """What the next run has to know: where each finding's comment is, and which comments somebody took away.

    A comment that still stands for a finding is remembered whether or not the finding was made this time.
    """
    known = {ours.id for ours in standing}
    ended = {step.ours.id for step in steps if isinstance(step, Close | Retire | Delete)}
    live = {
        ours.subject.fingerprint: ours.id
        for ours in sorted(standing, key=lambda each: each.id)
        if ours.state in (State.OPEN, State.DISMISSED) and ours.id not in ended
    }
    return {**{name: number for name, number in posted.items() if number not in known}, **live, **shown}
