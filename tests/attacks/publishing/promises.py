"""What holds of a pull request after every undisturbed run, whatever happened before it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from review.domain.verdict import Review
from review.render import markers
from review.render.words import is_irrelevant
from tests.attacks.publishing.stage import Stage
from tests.github_server.anchors import anchor, complaint
from tests.github_server.state import BOT, Comment


@dataclass(frozen=True)
class Opened:
    """A thread that a comment of ours opened and that still names its finding, as GitHub stores it."""

    id: int
    fingerprint: str
    path: str
    line: int | None
    is_outdated: bool
    is_on_file: bool
    is_closed: bool
    """We said in it that it is over."""
    is_answered: bool
    """Somebody wrote in it."""
    resolved_by: str

    @property
    def is_live(self) -> bool:
        """Whether it stands there as something to be done."""
        return not self.is_closed and not self.resolved_by

    @property
    def is_dismissed(self) -> bool:
        """Whether a person said that it is none."""
        return not self.is_closed and self.resolved_by in ("ana", "eve")


@dataclass(frozen=True)
class Before:
    """What stood there before the run."""

    threads: tuple[Opened, ...]
    comments: frozenset[int]
    others: Mapping[int, str]
    """Number → text of each comment that is not ours."""
    resolved: Mapping[int, str]
    remembered: frozenset[str]
    """Fingerprints whose comment our summary remembers and nobody finds any more."""
    reopened: frozenset[int]
    """Threads that our summary remembers as folded away and that are not."""


def opened(stage: Stage) -> tuple[Opened, ...]:
    """Ours, by marker and author."""
    return tuple(
        _opened(stage, comment, fingerprint)
        for comment in stage.inline
        if comment.login == BOT
        and "in_reply_to_id" not in comment.place
        and (fingerprint := markers.read_finding(comment.body)) is not None
    )


def before(stage: Stage) -> Before:
    """To be held against what stands there after the run."""
    standing = {comment.id for comment in stage.inline if _names_a_finding(comment)}
    return Before(
        threads=opened(stage),
        comments=frozenset(comment.id for comment in stage.inline),
        others=_others(stage),
        resolved=dict(stage.repository.resolved),
        remembered=frozenset(name for name, number in _remembered(stage).items() if number not in standing),
        reopened=frozenset(_folded(stage)) - _out_of_sight(stage),
    )


def check(stage: Stage, review: Review, was: Before) -> None:
    """Fail with a sentence where a promise is broken. `review` is what the run published."""
    now = opened(stage)
    live = [each for each in now if each.is_live]
    twice = [name for name, times in Counter(each.fingerprint for each in live).items() if times > 1]
    assert not twice, f"shown twice: {twice}"
    _check_shown(stage, review, was, now)
    _check_new(stage, was, now)
    _check_others(stage, was, now)
    again = was.reopened & _out_of_sight(stage)
    assert not again, f"folded away again though somebody opened it: {again}"
    _check_summary(stage, review)


def check_closed(stage: Stage, review: Review, was: Before, unseen: frozenset[str]) -> None:
    """Of findings that are gone no thread stays open where their file was looked at, and every one where it was not."""
    found = {finding.fingerprint for finding in review.findings}
    ignored = {each.finding.fingerprint for each in review.suppressed}
    files = [file for file in review.changeset if file.path in unseen]
    hidden = {path for file in files for path in (file.path, file.old_path or file.path)}
    after = {thread.id: thread for thread in opened(stage)}
    for thread in after.values():
        if thread.fingerprint not in found and thread.is_live:
            assert thread.path in hidden, f"open though nothing is found any more: {thread}"
    for thread in was.threads:
        if thread.path in hidden and thread.is_live and thread.fingerprint not in found | ignored:
            assert after[thread.id].is_live, f"closed though nobody looked: {thread}"


def _check_shown(stage: Stage, review: Review, was: Before, now: Sequence[Opened]) -> None:
    """None is lost, and each is where its lines are."""
    live = [each for each in now if each.is_live]
    shown = {each.fingerprint for each in now if each.is_live or each.is_dismissed}
    wanted = [finding for finding in review.findings if finding.fingerprint in review.inline][: stage.most_inline]
    lost = {each.fingerprint for each in wanted} - shown - was.remembered
    assert not lost, f"nowhere on the diff: {lost}"
    found = {finding.fingerprint: finding for finding in review.findings}
    for each in live:
        finding = found.get(each.fingerprint)
        if finding is not None and not each.is_outdated and not each.is_on_file:
            assert each.line == finding.location.line, f"shown on {each}, found on {finding.location}"
    stale = {each.fingerprint for each in live if each.is_outdated and not each.is_answered}
    left_behind = stale & {each.fingerprint for each in wanted}
    assert not left_behind, f"shown on lines that are gone: {left_behind}"


def _check_new(stage: Stage, was: Before, now: Sequence[Opened]) -> None:
    """What was posted is on the diff, and is nothing that people had done with."""
    new = [each for each in now if each.id not in was.comments]
    names = {each.fingerprint for each in new}
    dismissed = {each.fingerprint for each in was.threads if each.is_dismissed}
    assert not dismissed & names, "posted again though somebody resolved it"
    assert not was.remembered & names, "posted again though somebody removed it"
    misplaced = [each for each in new if complaint(stage.repository, stage.pull, _comment(stage, each.id).place)]
    assert not misplaced, f"outside the diff: {misplaced}"


def _check_others(stage: Stage, was: Before, now: Sequence[Opened]) -> None:
    """Nothing of other people's was touched."""
    assert _others(stage) == was.others, "somebody else's comment was touched"
    ours = {each.id for each in now} | {each.id for each in was.threads}
    mine = [comment for comment in stage.inline if comment.id not in was.comments and comment.login == BOT]
    strange = [each for each in mine if each.place.get("in_reply_to_id", each.id) not in ours]
    assert not strange, f"written in somebody else's thread: {strange}"
    resolved = stage.repository.resolved
    reopened = was.resolved.keys() - resolved.keys() - {_gone(stage, key) for key in was.resolved}
    assert not reopened, f"opened again: {reopened}"
    changed = [key for key in was.resolved.keys() & resolved.keys() if resolved[key] != was.resolved[key]]
    assert not changed, f"resolved once more: {changed}"
    retired = {comment.id for comment in stage.inline if comment.login == BOT and markers.read_retired(comment.body)}
    alien = resolved.keys() - was.resolved.keys() - ours - retired
    assert not alien, f"somebody else's thread was resolved: {alien}"


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


def _opened(stage: Stage, comment: Comment, fingerprint: str) -> Opened:
    replies = [each for each in stage.inline if each.place.get("in_reply_to_id") == comment.id]
    where = anchor(stage.repository, stage.pull, comment)
    return Opened(
        id=comment.id,
        fingerprint=fingerprint,
        path=comment.place["path"],
        line=where.line,
        is_outdated=where.is_outdated,
        is_on_file=comment.place.get("subject_type") == "file",
        is_closed=any(each.login == BOT and markers.read_closed(each.body) for each in replies),
        is_answered=any(each.login != BOT for each in replies),
        resolved_by=stage.repository.resolved.get(comment.id, ""),
    )


def _names_a_finding(comment: Comment) -> bool:
    return comment.login == BOT and bool(markers.read_finding(comment.body) or markers.read_retired(comment.body))


def _others(stage: Stage) -> dict[int, str]:
    return {each.id: each.body for each in (*stage.inline, *stage.conversation) if each.login != BOT}


def _remembered(stage: Stage) -> dict[str, int]:
    state = _state(stage)
    return dict(state.posted) if state is not None else {}


def _folded(stage: Stage) -> tuple[int, ...]:
    state = _state(stage)
    return state.folded if state is not None else ()


def _state(stage: Stage) -> markers.State | None:
    mine = [each for each in stage.conversation if each.login == BOT and markers.is_summary(each.body)]
    return markers.read_state(mine[0].body) if mine else None


def _out_of_sight(stage: Stage) -> set[int]:
    return {*stage.repository.resolved, *stage.repository.minimized}


def _comment(stage: Stage, number: int) -> Comment:
    return next(comment for comment in stage.inline if comment.id == number)


def _gone(stage: Stage, number: int) -> int:
    """The thread's number where none of it is left, else none."""
    left = any(number in (each.id, each.place.get("in_reply_to_id")) for each in stage.inline)
    return 0 if left else number
