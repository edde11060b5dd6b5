"""What stands on a pull request beside the code: threads on the diff, and what people decided in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from review.domain.changeset import Side
from review.domain.finding import Finding

BOT = "[bot]"
"""What the login of an app ends in; a person's login holds no bracket."""


@dataclass(frozen=True)
class Remark:
    """One comment of a thread."""

    id: int
    author: str
    """Login, with `[bot]` for an app; empty for a deleted account."""
    body: str
    node: str = ""
    """What GraphQL calls it."""
    is_minimized: bool = False
    can_minimize: bool = False
    """Whether our token may fold it away."""
    is_edited: bool = False
    """Whether somebody else may have changed it: a last editor who is not its author, or one that is not known."""


@dataclass(frozen=True)
class Thread:
    """A comment on the diff with the replies to it."""

    path: str
    remarks: tuple[Remark, ...]
    """Oldest first; at least one."""
    line: int | None = None
    """The last line, counted in the version of `side` at the present head; None where it is lost or there is none."""
    start_line: int | None = None
    """The first line, where there are several."""
    side: Side = Side.RIGHT
    is_on_file: bool = False
    is_outdated: bool = False
    """GitHub has lost the lines, and folds the thread away."""
    is_resolved: bool = False
    resolved_by: str = ""
    """Login; empty where the thread is open or nobody knows."""
    node: str = ""
    """What GraphQL calls it; empty where only REST was to be had, which does not tell of resolution."""
    can_resolve: bool = False
    """Whether our token may resolve it (for a workflow's token: `contents: write`)."""
    is_whole: bool = True
    """Whether all of its remarks are here."""

    @property
    def first(self) -> Remark:
        """The comment that opened it."""
        return self.remarks[0]

    @property
    def replies(self) -> tuple[Remark, ...]:
        """All others."""
        return self.remarks[1:]


@dataclass(frozen=True)
class Subject:
    """What a comment of ours is about, as its marker says."""

    fingerprint: str
    source: str = ""
    """As in `Finding.source`; empty in comments of old."""
    standard: str = ""
    """As in `Standard`; empty in comments of old."""


def is_of(finding: Finding, subject: Subject, thread: Thread) -> bool:
    """Whether a thread with that subject is about the finding.

    A model words its findings anew at each run, which changes the fingerprint: an agent's finding of the same standard
    on lines of the thread is the one that the thread was opened for.
    """
    if finding.fingerprint == subject.fingerprint:
        return True
    where = finding.location
    return (
        finding.source.startswith("agent:")
        and (finding.source, finding.standard.value) == (subject.source, subject.standard)
        and (where.path, where.side) == (thread.path, thread.side)
        and thread.line is not None
        and where.line <= thread.line
        and (thread.start_line or thread.line) <= where.end_line
    )


@dataclass(frozen=True)
class StandingIgnore:
    """A `/data-review ignore` on the pull request, by somebody who may."""

    by: str
    reason: str
    code: str = ""
    """The rule whose findings it is about; empty where it is about one finding."""
    subject: Subject | None = None
    """The finding it is about."""
    thread: Thread | None = None
    """Where it was said, if in a thread of ours."""
    is_edited: bool = False
    """Whether the words, or what they are about, may be those of somebody who edited the comment."""

    def covers(self, finding: Finding) -> bool:
        """Whether it is about that finding."""
        if self.subject is None:
            return self.code.lower() == finding.code.lower()
        if self.thread is None:
            return self.subject.fingerprint == finding.fingerprint
        return is_of(finding, self.subject, self.thread)


@dataclass(frozen=True)
class Ignores:
    """All of them, and what a reader should know of those that do not count."""

    standing: tuple[StandingIgnore, ...] = ()
    notices: tuple[str, ...] = ()

    def reason(self, finding: Finding) -> str | None:
        """Why people do not want that finding to count on this pull request; None where nobody says so."""
        found = next((each for each in self.standing if each.covers(finding)), None)
        return None if found is None else f"ignored on this pull request by {found.by}: {found.reason}"


@dataclass(frozen=True)
class Account:
    """What became of a review's findings on the pull request. Fingerprints are those of findings made this time."""

    commented: frozenset[str] = frozenset()
    """Findings that a comment of ours shows on the diff."""
    dismissed: Mapping[str, str] = field(default_factory=dict)
    """Findings whose thread somebody resolved → who; empty where nobody knows."""
    removed: frozenset[str] = frozenset()
    """Findings whose comment somebody deleted, or took our marker from."""
    gone: int = 0
    """Findings of earlier runs that were not found any more."""
    posted: Mapping[str, int] = field(default_factory=dict)
    """Fingerprint → number of the comment that was posted for it, whatever became of it: kept for the next run."""
    folded: frozenset[int] = frozenset()
    """Numbers of the comments whose threads are over and were folded away: who opens one again has the last word."""
