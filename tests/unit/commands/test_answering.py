"""Who is heeded, and that an answer is there once whatever the server does."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from review.commands.answering import obey
from review.errors import GitError, GitHubError
from review.github.pull_request import PullRequestClient
from review.intake.commands import Again, Command, Explain, Ignore, Unknown
from review.intake.event import CommentEvent, NotReviewable
from review.publish.answer import publish_answer
from review.publish.base import NotPublished, Published
from review.render import answer
from review.render.markers import finding_marker
from tests.e2e.action import NAME, NUMBER, SMALL, Action
from tests.github_server.server import READS, WRITES, Fault, GitHubServer
from tests.github_server.state import BOT, Pull
from tests.unit.commands.test_tasks import session
from tests.unit.render.builders import finding

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
    client = partial(PullRequestClient, pause=0.0, sleep=lambda seconds: None)
    monkeypatch.setattr("review.github.pull_request.PullRequestClient", client)


@dataclass
class Reviewer:
    """Stands for the review that a command asks for."""

    outcome: int | NotReviewable | GitError = 1
    asked: int = 0

    def __call__(self) -> int | NotReviewable:
        self.asked += 1
        if isinstance(self.outcome, GitError):
            raise self.outcome
        return self.outcome


def said(action: Action, command: Command, author: str = "ana", *, is_bot: bool = False) -> CommentEvent:
    comment = action.repository.add_summary(NUMBER, author or "ghost", "/data-review")
    return CommentEvent(NAME, NUMBER, comment.id, None, author, is_bot, command)


@HEARD
@pytest.mark.parametrize("role", ["admin", "maintain", "write", "custom", "triage", "read", "none"])
def test_only_who_may_write_is_heeded(action: Action, role: str) -> None:
    """GitHub gives a role that an organisation made the permission of the role that it was made from."""
    heeded = role in ("admin", "maintain", "write", "custom")
    action.repository.roles["ana"] = role
    reviewer = Reviewer()
    outcome = obey(said(action, Again()), session(action), reviewer)
    assert (outcome == 1, reviewer.asked, len(action.server.writes)) == (heeded, heeded, 2 * heeded)


@pytest.mark.parametrize(("author", "is_bot"), [("", True), ("renovate[bot]", True)])
def test_a_bot_is_not_even_asked_about(action: Action, author: str, is_bot: bool) -> None:
    action.repository.roles[author] = "admin"
    outcome = obey(said(action, Again(), author, is_bot=is_bot), session(action), Reviewer())
    assert outcome == NotReviewable("Nothing was reviewed: the command is not by a person.")
    assert action.server.requests == []


def test_somebody_github_does_not_know_is_a_stranger(action: Action) -> None:
    action.server.faults.append(Fault("GET", "/permission$", 404))
    outcome = obey(said(action, Again()), session(action), Reviewer())
    assert outcome == NotReviewable("Nothing was reviewed: ana has no write access to shop/data-platform.")


@pytest.mark.parametrize("status", [403, 500])
def test_a_permission_that_cannot_be_read_opens_nothing(action: Action, status: int) -> None:
    action.server.faults.append(Fault("GET", "/permission$", status, times=99))
    with pytest.raises(GitHubError, match="the permission of ana in shop/data-platform"):
        obey(said(action, Again()), session(action), Reviewer())
    assert action.server.writes == []


@HEARD
@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (Explain("SQL002"), "## SQL002 "),
        (Explain("dag001"), "## DAG001 "),
        (Explain("am04"), "`AM04` is a rule of sqlfluff's: [its page](https://docs.sqlfluff.com/"),
        (Explain("s113"), "`S113` is a rule of ruff's: [its page](https://docs.astral.sh/"),
        (Explain("XX99"), "There is no rule `XX99`."),
        (Explain("../../etc"), "There is no rule `../../ETC`."),
        (Unknown("<img src=x>"), "There is no such command."),
        (Ignore(""), "Nothing was ignored"),
        (Ignore("SQL001"), "Nothing was ignored"),
        (Ignore("(x) because"), "Nothing was ignored"),
        (Ignore("SQL999 known"), "There is no rule `SQL999`."),
        (Ignore("this is a false positive"), "There is no rule `this`."),
        (Ignore("0123456789abcde known"), "There is no rule `0123456789abcde`."),
    ],
)
def test_what_is_answered(action: Action, command: Command, begins: str) -> None:
    action.repository.roles["ana"] = "write"
    event = said(action, command)
    reviewer = Reviewer()
    assert (obey(event, session(action), reviewer), reviewer.asked) == (0, 0)
    body = action.summaries[-1].body
    assert body.startswith(begins)
    assert answer.is_answer(body, event.comment_id)
    assert "<img" not in body


@HEARD
@pytest.mark.parametrize(
    "command",
    [
        Again(),
        Ignore("SQL001 public by contract"),
        Ignore("sql001 public by contract"),
        Ignore("am04 public by contract"),
        Ignore("0123456789abcdef known"),
        Ignore("data-engineer not this time"),
    ],
)
def test_what_is_answered_by_a_review(action: Action, command: Command) -> None:
    action.repository.roles["ana"] = "write"
    event = said(action, command)
    assert obey(event, session(action), Reviewer(0)) == 0
    assert action.repository.reactions == {(event.comment_id, BOT, sign) for sign in ("eyes", "rocket")}
    assert len(action.summaries) == 1


@HEARD
def test_a_sign_that_cannot_be_set_changes_nothing(action: Action, capsys: pytest.CaptureFixture[str]) -> None:
    action.repository.roles["ana"] = "write"
    action.server.faults.append(Fault("POST", "/reactions$", 403, times=2))
    assert obey(said(action, Again()), session(action), Reviewer(0)) == 0
    assert capsys.readouterr().out.count("::warning::Not published: reaction: ") == 2


@HEARD
@pytest.mark.parametrize(("author", "marked", "asked"), [(BOT, True, 1), (BOT, False, 0), ("eve", True, 0)])
def test_a_reply_ignores_in_a_thread_of_ours_alone(action: Action, author: str, marked: bool, asked: int) -> None:
    """In another one it would be read by no run, and whoever gave it would not know."""
    action.open_small()
    action.repository.roles["ana"] = "write"
    body = f"Public.\n\n{finding_marker(finding())}" if marked else "Public."
    place = {"body": body, "path": SMALL, "line": 1, "side": "RIGHT"}
    thread = action.repository.add_inline(action.pull, author, place).id
    reply = action.repository.add_reply(NUMBER, thread, "ana", "/data-review ignore by contract")
    event = CommentEvent(NAME, NUMBER, reply.id, thread, "ana", False, Ignore("by contract"))
    reviewer = Reviewer(0)
    assert (obey(event, session(action), reviewer), reviewer.asked) == (0, asked)
    assert action.inline[-1].body.startswith("Nothing was ignored" if not asked else "/data-review ignore")


@HEARD
def test_a_thread_that_cannot_be_read_is_reviewed_all_the_same(action: Action) -> None:
    action.open_small()
    action.repository.roles["ana"] = "write"
    action.server.faults.append(Fault("GET", "/comments", 404, times=99))
    action.server.faults.append(Fault("POST", "/graphql$", 404, times=99))
    event = CommentEvent(NAME, NUMBER, 12, 5, "ana", False, Ignore("by contract"))
    reviewer = Reviewer(0)
    assert (obey(event, session(action), reviewer), reviewer.asked) == (0, 1)


@HEARD
def test_the_name_that_an_agents_file_gives_is_not_known_here(action: Action) -> None:
    action.repository.roles["ana"] = "write"
    reviewer = Reviewer(0)
    assert obey(said(action, Ignore("our-own nit")), session(action, agent="agents/own.md"), reviewer) == 0
    assert reviewer.asked == 1


@HEARD
def test_who_asked_is_told_of_a_review_that_was_not_made(action: Action) -> None:
    action.repository.roles["ana"] = "write"
    closed = NotReviewable("Nothing was reviewed: pull request #7 is closed by now.")
    assert obey(said(action, Again()), session(action), Reviewer(closed)) == closed
    assert action.summaries[-1].body.startswith("Nothing was reviewed: pull request #\u200b7 is closed by now.\n")
    assert {sign for _, _, sign in action.repository.reactions} == {"eyes"}


@HEARD
def test_and_of_one_that_failed(action: Action) -> None:
    action.repository.roles["ana"] = "write"
    event, failed = said(action, Again()), GitError("git could not read <img src=x> for @ana.")
    for _ in range(2):
        with pytest.raises(GitError):
            obey(event, session(action), Reviewer(failed))
    assert len(action.summaries) == 2
    body = action.summaries[-1].body
    assert body.startswith("The review could not be done. git could not read")
    assert "<img" not in body
    assert "@ana" not in body
    assert {sign for _, _, sign in action.repository.reactions} == {"eyes"}


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
    action.open_small()
    place = {"body": "x", "path": SMALL, "line": 1, "side": "RIGHT"}
    thread = action.repository.add_inline(action.pull, BOT, place).id
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
