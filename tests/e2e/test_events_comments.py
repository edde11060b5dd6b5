"""`/data-review` in a comment, through the console script: who is heeded, what is answered, and how often."""

from tests.e2e import payloads
from tests.e2e.action import NUMBER, SMALL, Action, Run
from tests.e2e.test_run import NOOP
from tests.github_server.server import Fault
from tests.github_server.state import BOT, Comment

REVIEW, SUMMARY = f"POST pulls/{NUMBER}/reviews", f"POST issues/{NUMBER}/comments"


def say(action: Action, body: str, login: str = "ana", role: str = "write") -> Comment:
    """A comment in the conversation, by somebody with that role."""
    if not action.root.joinpath("author").exists():
        action.open_small()
    action.repository.roles[login] = role
    return action.repository.add_summary(NUMBER, login, body)


def heard(action: Action, comment: Comment) -> Run:
    """The run that the comment starts."""
    payload = payloads.issue_comment(action, comment)
    return action.run(payload=payload, environ={"GITHUB_EVENT_NAME": "issue_comment"})


def test_a_command_reviews_the_pull_request_even_of_a_fork(action: Action) -> None:
    comment = say(action, "/data-review\r\nplease", role="maintain")
    action.pull.fork = "eve/data-platform"
    run = heard(action, comment)
    eyes = f"POST issues/comments/{comment.id}/reactions"
    assert (run.status, run.writes) == (0, (eyes, REVIEW, SUMMARY, eyes))
    assert action.repository.reactions == {(comment.id, BOT, "eyes"), (comment.id, BOT, "rocket")}
    assert "::error::" not in run.log
    assert "Data Architecture Review: 3 findings block this pull request.\n" in run.log
    assert run.outputs["findings"] == "3"


def test_a_stranger_gets_nothing_written(action: Action) -> None:
    comment = say(action, "/data-review", login="eve", role="read")
    run = heard(action, comment)
    assert (run.status, run.writes, run.outputs, run.summary) == (0, (), {}, "")
    assert run.log == "::notice::Nothing was reviewed: eve has no write access to shop/data-platform.\n"


def test_a_comment_that_is_no_command_costs_nothing(action: Action, python: str) -> None:
    comment = say(action, "Looks good.\n/data-review")
    payload = payloads.issue_comment(action, comment)
    command = (python, "-I", "-c", NOOP)
    run = action.run(
        payload=payload, environ={"GITHUB_EVENT_NAME": "issue_comment"}, command=command, fail_on="nonsense"
    )
    assert (run.status, run.log, action.server.requests) == (0, "imported: []\n", [])


def test_a_rule_is_explained_once(action: Action) -> None:
    comment = say(action, "/data-review explain sql002")
    action.server.faults.append(Fault("POST", r"/reactions$", 403))
    run = heard(action, comment)
    assert (run.status, run.writes[1:]) == (0, (SUMMARY,))
    assert "::warning::Not published: reaction" in run.log
    answer = action.summaries[-1]
    assert answer.body.startswith("## SQL002 ")
    assert "### Why it matters" in answer.body
    page = "https://github.com/acme/data-architecture-review/blob/v0/review/rules/sql/README.md#sql002-"
    assert page in answer.body
    again = heard(action, comment)
    assert (again.status, len(action.summaries)) == (0, 2)


def test_an_ignore_is_acknowledged_and_reviewed(action: Action) -> None:
    comment = say(action, "/data-review ignore SQL002 these tables are public by contract", role="admin")
    run = heard(action, comment)
    reaction = f"POST issues/comments/{comment.id}/reactions"
    assert run.writes == (reaction, REVIEW, SUMMARY, reaction)
    assert run.outputs["findings"] == "1"
    assert "these tables are public by contract" in action.summaries[-1].body


def test_a_thread_on_the_diff_is_answered_there(action: Action) -> None:
    action.open_small()
    place = {"body": "x", "path": SMALL, "line": 1, "side": "RIGHT"}
    first = action.repository.add_inline(action.pull, BOT, place)
    comment = action.repository.add_reply(NUMBER, first.id, "ana", "/data-review please")
    action.repository.roles["ana"] = "write"
    payload = payloads.review_comment(action, comment)
    run = action.run(payload=payload, environ={"GITHUB_EVENT_NAME": "pull_request_review_comment"})
    assert run.writes == (
        f"POST pulls/comments/{comment.id}/reactions",
        f"POST pulls/{NUMBER}/comments/{first.id}/replies",
    )
    assert action.inline[-1].body.startswith("There is no such command.")
    assert (run.status, action.summaries) == (0, [])
