"""A command in a comment: who may give it, and what is said in return."""

from collections.abc import Callable

from review import log
from review.commands.session import Session
from review.domain.linter_names import CODES, RUFF_RULES
from review.errors import GitHubError, ReviewError
from review.github.base import GitHub
from review.github.facts import WRITERS
from review.intake.commands import Again, Explain, Ignore
from review.intake.event import CommentEvent, NotReviewable
from review.publish.answer import publish_answer
from review.publish.base import NotPublished
from review.render import answer

SEEN, DONE = "eyes", "rocket"
"""GitHub's names of the signs under a command: it was read, and what it asked for was done."""


def obey(event: CommentEvent, session: Session, review_now: Callable[[], int | NotReviewable]) -> int | NotReviewable:
    """Acknowledge a command and do it: answer, or review the pull request. Gives the run's exit status.

    Whoever may not write to the repository gets nothing written: anybody can comment, and a review costs. Who asked for
    a review that could not be done is told so where they asked: this run is shown nowhere on the pull request. Raises
    GitHubError where it cannot be known who may, and what `review_now` raises.
    """
    refusal = _refusal(event, session)
    if refusal:
        return NotReviewable(refusal)
    from review.github.pull_request import PullRequestClient

    client = PullRequestClient(session.env.api_url, session.inputs.github_token, event.repository, event.number)
    _react(SEEN, client, event, session)
    text = _answer(event, client, session)
    if text is not None:
        _say(text, client, event, session)
        return 0
    try:
        outcome = review_now()
    except ReviewError as error:
        _say(answer.failed(str(error)), client, event, session)
        raise
    if isinstance(outcome, NotReviewable):
        _say(answer.not_reviewed(outcome.reason), client, event, session)
    else:
        _react(DONE, client, event, session)
    return outcome


def _say(text: str, client: GitHub, event: CommentEvent, session: Session) -> None:
    """Answer the comment, once."""

    def is_answer(body: str) -> bool:
        return answer.is_answer(body, event.comment_id)

    outcome = publish_answer(client, answer.answer(text, event.comment_id), event.thread, is_answer)
    if isinstance(outcome, NotPublished):
        log.warning(f"Not published: {outcome.surface}: {outcome.reason}", session.environ)


def _refusal(event: CommentEvent, session: Session) -> str:
    """Why the command is not heeded; empty where it is."""
    if event.is_bot or not event.author:
        return "Nothing was reviewed: the command is not by a person."
    if session.reader.role(event.repository, event.author) not in WRITERS:
        return f"Nothing was reviewed: {event.author} has no write access to {event.repository}."
    return ""


def _react(content: str, client: GitHub, event: CommentEvent, session: Session) -> None:
    """A sign under the comment: this run is shown nowhere else where its author looks."""
    try:
        client.react(event.comment_id, content, on_diff=event.thread is not None)
    except GitHubError as error:
        log.warning(f"Not published: reaction: {error}", session.environ)


def _answer(event: CommentEvent, client: GitHub, session: Session) -> str | None:
    """What to say to the command; None where the review itself is the answer."""
    command = event.command
    if isinstance(command, Again):
        return None
    if isinstance(command, Explain):
        return _explanation(command.code.upper(), session.env.action_url)
    if not isinstance(command, Ignore):
        return answer.no_such_command()
    if event.thread is not None:
        return None if command.text and _may_be_ours(event.thread, client) else answer.nothing_to_ignore()
    if not (command.subject and command.reason):
        return answer.nothing_to_ignore()
    return None if _may_be_found(command.subject, session.inputs.agent) else answer.no_such_rule(command.subject)


def _may_be_ours(thread: int, client: GitHub) -> bool:
    """Whether that comment opened a thread of ours, as far as can be known: no run reads an ignore elsewhere."""
    from review.publish.reconcile import our_thread

    try:
        login = client.login()
        opened = next((each for each in client.threads() if each.first.id == thread), None)
    except GitHubError:
        return True
    return opened is not None and our_thread(opened, login) is not None


def _may_be_found(word: str, agent: str) -> bool:
    """Whether a finding can go by that word. What an agent of the repository's is called stands in its file alone."""
    from review.commands.ignoring import is_fingerprint

    if is_fingerprint(word) or word.lower() == agent or agent.endswith(".md") or word.upper() in {*CODES, *RUFF_RULES}:
        return True
    from review.rules.registry import load

    return any(rule.code == word.upper() for rule in load())


def _explanation(code: str, action_url: str) -> str:
    from review.rules import docs
    from review.rules.registry import load

    for rule in load():
        if rule.code == code:
            return answer.rule_page(docs.section(rule), f"{action_url}/{rule.page}" if action_url else "")
    return answer.linter_page(code) if code in {*CODES, *RUFF_RULES} else answer.no_such_rule(code)
