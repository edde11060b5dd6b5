"""Who is heeded, and that an answer is there once whatever the server does."""

from pathlib import Path

import pytest

from review.commands.answering import heed
from review.errors import GitHubError
from review.github.pygithub import PullRequestClient
from review.intake.commands import Again, Command, Explain, Ignore, Unknown
from review.intake.event import CommentEvent
from review.publish.answer import publish_answer
from review.publish.base import NotPublished, Published
from review.render import answer
from tests.e2e.action import NAME, NUMBER, Action
from tests.github_server.server import READS, WRITES, Fault, GitHubServer
from tests.github_server.state import BOT, Comment, Pull
from tests.unit.commands.test_tasks import session

HEARD = pytest.mark.usefixtures("no_pause")


@pytest.fixture
def action(tmp_path: Path, github: GitHubServer) -> Action:
    """Nothing here looks at the commits."""
    made = Action(tmp_path, github)
    made.pull = Pull(NUMBER, "b" * 40, "a" * 40)
    made.repository = github.add(NAME, tmp_path, made.pull)
    return made


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second between two writes that GitHub asks for is the real client's."""
    monkeypatch.setattr(PullRequestClient.__init__, "__defaults__", (0.0, lambda seconds: None))


def said(action: Action, command: Command, author: str = "ana", *, is_bot: bool = False) -> CommentEvent:
    comment = action.repository.add_summary(NUMBER, author or "ghost", "/data-review")
    return CommentEvent(NAME, NUMBER, comment.id, None, author, is_bot, command)


@HEARD
@pytest.mark.parametrize("role", ["admin", "maintain", "write", "custom", "triage", "read", "none"])
def test_only_who_may_write_is_heeded(action: Action, role: str) -> None:
    """GitHub gives a role that an organisation made the permission of the role that it was made from."""
    heeded = role in ("admin", "maintain", "write", "custom")
    action.repository.roles["ana"] = role
    assert heed(said(action, Again()), session(action)) is heeded
    assert len(action.server.writes) == int(heeded)


@pytest.mark.parametrize(("author", "is_bot"), [("", True), ("renovate[bot]", True)])
def test_a_bot_is_not_even_asked_about(action: Action, author: str, is_bot: bool) -> None:
    action.repository.roles[author] = "admin"
    assert not heed(said(action, Again(), author, is_bot=is_bot), session(action))
    assert action.server.requests == []


def test_somebody_github_does_not_know_is_a_stranger(action: Action) -> None:
    action.server.faults.append(Fault("GET", "/permission$", 404))
    assert not heed(said(action, Again()), session(action))


@pytest.mark.parametrize("status", [403, 500])
def test_a_permission_that_cannot_be_read_opens_nothing(action: Action, status: int) -> None:
    action.server.faults.append(Fault("GET", "/permission$", status, times=99))
    with pytest.raises(GitHubError, match="the permission of ana in shop/data-platform"):
        heed(said(action, Again()), session(action))
    assert action.server.writes == []


@HEARD
@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (Explain("SQL002"), "## SQL002 "),
        (Explain("dag001"), "## DAG001 "),
        (Explain("am04"), "`AM04` is a rule of sqlfluff's: [its page](https://docs.sqlfluff.com/"),
        (Explain("XX99"), "There is no rule `XX99`."),
        (Explain("../../etc"), "There is no rule `../../ETC`."),
        (Unknown("<img src=x>"), "There is no such command."),
        (Ignore(""), "Nothing was ignored"),
        (Ignore("SQL001"), "Nothing was ignored"),
        (Ignore("(x) because"), "Nothing was ignored"),
    ],
)
def test_what_is_answered(action: Action, command: Command, begins: str) -> None:
    action.repository.roles["ana"] = "write"
    event = said(action, command)
    assert not heed(event, session(action))
    body = action.summaries[-1].body
    assert body.startswith(begins)
    assert answer.is_answer(body, event.comment_id)
    assert "<img" not in body


@HEARD
@pytest.mark.parametrize("command", [Again(), Ignore("SQL001 public by contract"), Ignore("0123456789abcdef known")])
def test_what_is_answered_by_a_review(action: Action, command: Command) -> None:
    action.repository.roles["ana"] = "write"
    event = said(action, command)
    assert heed(event, session(action))
    assert action.repository.reactions == {(event.comment_id, BOT, "eyes")}
    assert len(action.summaries) == 1


def post(action: Action, thread: int | None = None, token: str = WRITES) -> Published | NotPublished:
    client = PullRequestClient(action.server.url, token, NAME, NUMBER, pause=0.0, sleep=lambda seconds: None)
    return publish_answer(client, answer.answer("Yes.", 12), thread, lambda body: answer.is_answer(body, 12))


@pytest.mark.parametrize("after", [False, True], ids=["request lost", "answer lost"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_answer_is_posted_once(action: Action, status: int, after: bool) -> None:
    action.server.faults.append(Fault("POST", "/issues/7/comments$", status, after=after))
    assert isinstance(post(action), Published)
    assert isinstance(post(action), Published)
    assert [comment.body.split("\n")[0] for comment in action.summaries] == ["Yes."]


@pytest.mark.parametrize("after", [False, True], ids=["request lost", "answer lost"])
def test_so_is_one_in_a_thread(action: Action, after: bool) -> None:
    thread = 900
    action.repository.inline[NUMBER] = [Comment(thread, BOT, "x", {"path": "a.sql", "commit_id": action.pull.head_sha})]
    action.server.faults.append(Fault("POST", "/replies$", 502, after=after))
    assert isinstance(post(action, thread), Published)
    assert isinstance(post(action, thread), Published)
    assert len(action.inline) == 2


def test_a_forged_mark_does_not_silence_us(action: Action) -> None:
    action.repository.add_summary(NUMBER, "eve", answer.answer("No.", 12))
    assert isinstance(post(action), Published)
    assert [comment.login for comment in action.summaries] == ["eve", BOT]


def test_an_answer_to_another_comment_is_another_answer(action: Action) -> None:
    action.repository.add_summary(NUMBER, BOT, answer.answer("Yes.", 123))
    assert isinstance(post(action), Published)
    assert len(action.summaries) == 2


def test_a_token_that_may_not_is_told_so(action: Action) -> None:
    outcome = post(action, token=READS)
    assert isinstance(outcome, NotPublished)
    assert "pull-requests: write" in outcome.reason
    assert action.summaries == []
