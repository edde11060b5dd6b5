"""`/data-review ignore …` on a pull request: which of these comments count, read anew at every run.

Nothing is kept: who takes the comment back takes the ignore back. A comment counts if it is by a person who may write
to the repository, and says why.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from review.domain.conversation import BOT, Ignores, StandingIgnore, Subject, Thread
from review.domain.hexadecimal import is_hex
from review.errors import GitHubError
from review.github.base import GitHub
from review.github.facts import ROLES
from review.intake.commands import Ignore, parse_command
from review.publish.reconcile import our_threads
from review.render.escape import plain

MOST_AUTHORS = 20
"""Accounts whose permission one run asks for: anybody can comment on a public repository."""
MOST = 200
"""Ignores that one run looks at, the oldest first."""
EDITOR = "write"
"""Least role of those who may edit what others wrote, so that an author's name stands over words of theirs
(https://docs.github.com/en/communities/moderating-comments-and-conversations/managing-disruptive-comments)."""
_FINGERPRINT = 16


def standing_ignores(github: GitHub, role_of: Callable[[str], str], least: str) -> Ignores:
    """The ignores that count on this pull request, and a notice for each that does not and why.

    `role_of` gives an account's role in the repository (one of `ROLES`) and may raise GitHubError; `least` is the least
    role that may, or `never`. Where the conversation cannot be read nothing is ignored, and the notice says so.
    """
    if least not in ROLES:
        return Ignores()
    try:
        said = list(_said(github))
    except GitHubError as error:
        return Ignores(notices=(f"Ignores on this pull request could not be read, so none counts: {error}",))
    if not said:
        return Ignores()
    judge = _Judge(role_of, least)
    counting = tuple(each for each in said[:MOST] if judge.lets(each))
    return Ignores(counting, tuple(judge.notices(len(said) - MOST)))


def _said(github: GitHub) -> Iterator[StandingIgnore]:
    """All ignores of people, whoever they are: those in threads of ours, then those in the conversation."""
    login = github.login()
    for ours in our_threads(github.threads(), login):
        yield from _in_thread(ours.subject, ours.thread)
    for comment in github.summaries():
        command = parse_command(comment.body)
        if isinstance(command, Ignore) and _is_person(comment.author):
            yield replace(_in_conversation(comment.author, command), is_edited=comment.is_edited)


def _in_thread(subject: Subject, thread: Thread) -> Iterator[StandingIgnore]:
    """The rest of the line is the reason; a code before it, which the thread tells already, is none."""
    for reply in thread.replies:
        command = parse_command(reply.body)
        if isinstance(command, Ignore) and _is_person(reply.author):
            code = subject.source.partition(":")[2]
            names = command.subject.lower() in (code.lower(), subject.fingerprint)
            reason = command.reason if names else command.text
            is_edited = reply.is_edited or thread.first.is_edited
            yield StandingIgnore(reply.author, reason, "", subject, thread, is_edited)


def _in_conversation(author: str, command: Ignore) -> StandingIgnore:
    word = command.subject
    if is_fingerprint(word):
        return StandingIgnore(author, command.reason, subject=Subject(word))
    return StandingIgnore(author, command.reason, code=word)


def is_fingerprint(word: str) -> bool:
    """Whether a word names one finding, and no rule."""
    return is_hex(word, _FINGERPRINT)


def _is_person(author: str) -> bool:
    return bool(author) and not author.endswith(BOT)


@dataclass
class _Judge:
    """Decides which ignores count, asking once for each author."""

    role_of: Callable[[str], str]
    least: str
    refused: dict[str, list[str]] = field(default_factory=dict)
    """Why → whose, once for each ignore that does not count."""
    _may: dict[str, str] = field(default_factory=dict)
    """Author → why theirs do not count, or "" where they do."""

    def lets(self, ignore: StandingIgnore) -> bool:
        """Whether it counts."""
        if ignore.by not in self._may:
            self._may[ignore.by] = self._why_not(ignore.by)
        why = self._may[ignore.by]
        if not why and not ignore.reason:
            why = "it gives no reason"
        if not why and ignore.subject is None and not ignore.code:
            why = "it names no rule"
        if not why and ignore.is_edited and self.least != EDITOR:
            why = "a comment was edited there, which people of a lesser role may do; say it again"
        if why:
            self.refused.setdefault(why, []).append(ignore.by)
        return not why

    def notices(self, unseen: int) -> Iterator[str]:
        """One sentence for each reason."""
        for why, authors in self.refused.items():
            who = ", ".join(dict.fromkeys(authors[:MOST_AUTHORS]))
            yield f"`/data-review ignore` of {who} does not count: {why}."
        if unseen > 0:
            yield f"{unseen} more `/data-review ignore` were not looked at: a run looks at {MOST}."

    def _why_not(self, author: str) -> str:
        if len(self._may) >= MOST_AUTHORS:
            return f"more than {MOST_AUTHORS} people gave one, and no more are looked up"
        try:
            role = self.role_of(author)
        except GitHubError as error:
            return f"whether its author may could not be read ({plain(str(error)).removesuffix('.')})"
        return "" if ROLES.index(role) >= ROLES.index(self.least) else f"its author's role is less than {self.least}"
