"""`data-review run` and the comments that stand on the pull request: whose they are, and which run may write."""

import pytest

from tests.e2e.action import AS_STARTED, SMALL, SMALL_TEXT, Action
from tests.github_server.server import RESOLVES, Fault
from tests.github_server.state import BOT

LIMIT = "You have exceeded a secondary rate limit."


def test_a_persons_token_brings_its_summary_up_to_date(action: Action) -> None:
    action.server.login = "ana"
    action.open({"a.txt": "1\n", SMALL: "select 1\n"}, {SMALL: SMALL_TEXT})
    action.run()
    action.push({SMALL: "select 1\n", "a.txt": "2\n"})
    action.run(command=AS_STARTED)
    (summary,) = action.summaries
    assert "block" not in summary.body


def test_a_marker_of_somebody_else_brings_no_comment_to_an_irrelevant_change(action: Action) -> None:
    action.open({"a.txt": "1\n"}, {"a.txt": "2\n"})
    action.repository.add_summary(7, "eve", "<!-- data-review:summary -->")
    run = action.run()
    assert (run.status, run.writes, len(action.summaries)) == (0, (), 1)


def test_a_run_that_was_stopped_before_its_summary_is_cleaned_up_after(action: Action) -> None:
    action.open({"a.txt": "1\n", SMALL: "select 1\n"}, {SMALL: SMALL_TEXT})
    action.run()
    action.summaries.clear()
    action.push({SMALL: "select 1\n", "a.txt": "2\n"})
    run = action.run()
    assert (run.status, len(run.writes)) == (0, 3), "a reply in each thread"
    assert action.summaries == []


def test_an_ignore_in_each_thread_opens_the_gate(action: Action) -> None:
    action.open_small()
    assert action.run().status == 1
    action.repository.roles.update(ana="write", eve="read")
    for comment in list(action.inline):
        action.repository.add_reply(7, comment.id, "eve", "/data-review ignore I want it so")
        action.repository.add_reply(7, comment.id, "ana", "/data-review ignore this table is public anyway")
    run = action.run(RESOLVES)
    assert (run.status, run.outputs["verdict"], run.outputs["findings"]) == (0, "pass", "0")
    assert len(action.repository.resolved) == 3
    (summary,) = action.summaries
    assert "ignored on this pull request by ana: this table is public anyway" in summary.body
    assert "ignored on this pull request by eve" not in summary.body
    assert "of eve does not count: its author's role is less than write." in run.summary


@pytest.mark.parametrize("login", [BOT, "acme-review[bot]", "ana"])
def test_whose_the_token_is_may_be_asked_again(action: Action, login: str) -> None:
    action.server.login = login
    action.open_small()
    action.run()
    action.server.faults.append(Fault("POST", "/graphql", 502))
    assert action.run().writes == ()


def test_nothing_is_posted_while_nobody_knows_whose_the_token_is(action: Action) -> None:
    """Who takes an app's comments for somebody else's posts them all again."""
    action.server.login = "acme-review[bot]"
    action.open_small()
    action.run()
    action.server.faults.append(Fault("POST", "/graphql", 502, times=99))
    run = action.run()
    assert (run.writes, len(action.inline), len(action.summaries)) == ((), 3, 1)
    assert run.log.count("Not published") == 1


def test_a_server_without_graphql_is_a_workflows_token(action: Action) -> None:
    action.open_small()
    action.server.faults.append(Fault("POST", "/graphql", 404, times=99))
    action.run()
    assert action.run().writes == ()


def test_a_slower_run_of_an_older_head_leaves_the_newer_review(action: Action) -> None:
    action.open_small()
    old = action.pull.head_sha
    new = action.push({SMALL: "select 1\n", "x.sql": "select 1 as one\n"})
    action.run()
    (summary,) = action.summaries
    text = summary.body
    action.pull.head_sha, action.pull.moves_to = old, new
    run = action.run()
    assert (run.writes, summary.body) == ((), text)
    assert f"the head of the pull request is {new[:12]} by now" in run.log


def test_an_unreadable_conversation_costs_the_comments_and_no_more(action: Action) -> None:
    action.open({"a.txt": "1\n"}, {"a.txt": "2\n"})
    action.server.faults.append(Fault("GET", "/issues/7/comments", 403, times=99))
    run = action.run()
    assert (run.status, run.outputs["verdict"]) == (0, "pass")
    assert "Not published: comments" in run.log


def test_a_run_started_again_changes_nothing(action: Action) -> None:
    """Its event names an older head; that it moved is about the run, and no news to the pull request."""
    action.open_small()
    payload = action.payload()
    action.push({"README.md": "x\n"})
    action.run()
    again = action.run(payload=payload)
    assert again.writes == ()
    assert "The head moved" in again.log
    assert "The head moved" in again.summary


def test_a_draft_review_that_a_run_left_behind_is_deleted(action: Action) -> None:
    action.open_small()
    action.repository.pending[BOT] = (9, ("**High**\n\n<!-- data-review:finding 0123456789abcdef -->",))
    run = action.run()
    assert "DELETE pulls/7/reviews/9" in run.writes
    assert len(action.inline) == 3


@pytest.mark.parametrize("bodies", [(), ("Please rename this.",)])
def test_a_draft_review_of_a_person_is_left_alone(action: Action, bodies: tuple[str, ...]) -> None:
    action.server.login = "ana"
    action.open_small()
    action.repository.pending["ana"] = (9, bodies)
    run = action.run()
    assert "ana" in action.repository.pending
    assert "A draft review of ana stands on the pull request" in run.log
    assert len(action.summaries) == 1


def test_a_comment_on_the_file_names_the_line_and_offers_no_edit(action: Action) -> None:
    action.open_example()
    action.server.faults.append(Fault("POST", r"/reviews$", 422))
    action.server.faults.append(Fault("POST", r"/reviews$", 422, times=99, holds="rule:DBT001"))
    action.run()
    (on_file,) = (each for each in action.inline if each.place.get("subject_type") == "file")
    assert "[Line" in on_file.body
    assert "```suggestion" not in on_file.body


@pytest.mark.parametrize("status", [403, 429])
def test_a_short_limit_is_waited_for_and_a_long_one_is_not(action: Action, status: int) -> None:
    action.open_small()
    for path in (r"/reviews$", r"/issues/7/comments$"):
        action.server.faults.append(Fault("POST", path, status, headers={"Retry-After": "1"}, message=LIMIT))
    run = action.run()
    assert (len(action.inline), len(action.summaries)) == (3, 1)
    for fault in (Fault("POST", "/graphql", holds="reviewThreads"), Fault("PATCH", r"/issues/comments/")):
        fault.status, fault.headers, fault.message, fault.times = status, {"Retry-After": "3600"}, LIMIT, 9
        action.server.faults.append(fault)
    action.push({SMALL: SMALL_TEXT + "grant select on shop.payments to public;\n"})
    run = action.run()
    assert run.log.count("rate limit lasts too long") == 2
