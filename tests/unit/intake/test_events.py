"""Payloads of the events that are no `pull_request`: what is taken from them, and what is wrong with them."""

from typing import Any

import pytest

from review.errors import EventError
from review.intake.commands import Again, Explain, Unknown
from review.intake.event import CommentEvent, DispatchEvent, MergeGroupEvent, NotReviewable, read_event

BASE, HEAD = "b" * 40, "a" * 64
REPOSITORY = {"full_name": "octo/data"}
QUIET = NotReviewable("")


def merge_group(**changes: Any) -> dict[str, Any]:
    group = {"base_sha": BASE, "head_sha": BASE, **changes}
    return {"action": "checks_requested", "merge_group": group, "repository": REPOSITORY}


def comment(body: str | None = "/data-review", **changes: Any) -> dict[str, Any]:
    return {
        "action": "created",
        "issue": {"number": 7, "pull_request": {}},
        "comment": {"id": 12, "body": body, "user": {"login": "ana", "type": "User"}},
        "repository": REPOSITORY,
        **changes,
    }


def on_diff(body: str = "/data-review", **changes: Any) -> dict[str, Any]:
    return {**comment(body), "pull_request": {"number": 7}, **changes}


def test_a_merge_group_is_its_two_commits() -> None:
    assert read_event("merge_group", merge_group()) == MergeGroupEvent("octo/data", BASE, BASE)
    long = merge_group(base_sha=HEAD, head_sha=HEAD)
    assert read_event("merge_group", long) == MergeGroupEvent("octo/data", HEAD, HEAD)


def test_a_merge_group_that_is_gone_is_a_notice() -> None:
    found = read_event("merge_group", {**merge_group(), "action": "destroyed"})
    assert isinstance(found, NotReviewable)
    assert "merge queue" in found.reason


def test_a_run_by_hand_is_where_it_was_started() -> None:
    payload = {"ref": "refs/heads/a/b", "inputs": None, "repository": REPOSITORY}
    assert read_event("workflow_dispatch", payload) == DispatchEvent("octo/data", "refs/heads/a/b")


def test_a_command_in_the_conversation() -> None:
    found = read_event("issue_comment", comment("/Data-Review explain AM04\nthanks"))
    assert found == CommentEvent("octo/data", 7, 12, None, "ana", False, Explain("AM04"))


def test_a_command_on_the_diff_belongs_to_a_thread() -> None:
    found = read_event("pull_request_review_comment", on_diff())
    assert found == CommentEvent("octo/data", 7, 12, 12, "ana", False, Again())
    reply = on_diff(comment={**comment("/data-review x")["comment"], "in_reply_to_id": 5})
    assert read_event("pull_request_review_comment", reply) == CommentEvent(
        "octo/data", 7, 12, 5, "ana", False, Unknown("x")
    )


@pytest.mark.parametrize("name", ["issue_comment", "pull_request_review_comment"])
@pytest.mark.parametrize(
    "body",
    [
        "",
        None,
        "Nice!",
        "> /data-review",
        "```\n/data-review\n```",
        " /data-review",
        "/data-reviewer",
        "\n/data-review",
    ],
)
def test_what_is_no_command_is_passed_over_in_silence(name: str, body: str | None) -> None:
    assert read_event(name, {**comment(body), "pull_request": {"number": 7}}) == QUIET


@pytest.mark.parametrize("name", ["issue_comment", "pull_request_review_comment"])
@pytest.mark.parametrize("action", ["edited", "deleted", "pinned"])
def test_only_a_new_comment_is_a_command(name: str, action: str) -> None:
    assert read_event(name, on_diff(action=action)) == QUIET


def test_a_command_on_an_issue_is_a_notice() -> None:
    found = read_event("issue_comment", comment(issue={"number": 7}))
    assert found == NotReviewable("Nothing was reviewed: #7 is an issue, and commands work on pull requests.")
    assert read_event("issue_comment", comment("Nice!", issue={"number": 7})) == QUIET


@pytest.mark.parametrize(
    "user", [None, {"login": "x[bot]", "type": "Bot"}, {"login": "x"}, {"login": "o", "type": "Organization"}]
)
def test_only_a_person_is_one(user: object) -> None:
    found = read_event("issue_comment", comment(comment={"id": 12, "body": "/data-review", "user": user}))
    assert isinstance(found, CommentEvent)
    assert found.is_bot


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("merge_group", None, "it is not an object"),
        ("merge_group", {}, "`action` is not a text"),
        ("merge_group", {**merge_group(), "merge_group": None}, "`merge_group` is not an object"),
        ("merge_group", merge_group(base_sha=None), "`merge_group.base_sha` is not a text"),
        ("merge_group", merge_group(base_sha="main"), "`merge_group.base_sha` is not a commit's full name"),
        ("merge_group", merge_group(head_sha="A" * 40), "`merge_group.head_sha` is not a commit's full name"),
        ("merge_group", merge_group(head_sha="--upload-pack=" + "a" * 26), "`merge_group.head_sha` is not a commit's"),
        ("merge_group", {**merge_group(), "repository": {"full_name": "a/b?x"}}, "not of the form owner/name"),
        ("merge_group", {**merge_group(), "repository": None}, "`repository` is not an object"),
        ("workflow_dispatch", [], "it is not an object"),
        ("workflow_dispatch", {"repository": REPOSITORY}, "`ref` is not a text"),
        ("workflow_dispatch", {"ref": "refs/heads/x"}, "`repository` is not an object"),
        ("issue_comment", {"action": "created"}, "`issue` is not an object"),
        ("issue_comment", comment(issue={"number": "7"}), "`issue.number` is not a positive number"),
        ("issue_comment", comment(comment=[]), "`comment` is not an object"),
        ("issue_comment", comment(comment={"body": "/data-review"}), "`comment.id` is not a positive number"),
        (
            "issue_comment",
            comment(comment={"id": 1, "body": "/data-review", "user": []}),
            "`comment.user` is not an object",
        ),
        (
            "issue_comment",
            comment(comment={"id": 1, "body": "/data-review", "user": {"type": "User"}}),
            "`comment.user.login` is not a text",
        ),
        ("pull_request_review_comment", comment(), "`pull_request` is not an object"),
        (
            "pull_request_review_comment",
            on_diff(comment={"id": 1, "body": "/data-review", "in_reply_to_id": "x"}),
            "`comment.in_reply_to_id` is not a positive number",
        ),
    ],
)
def test_a_malformed_payload_is_one_sentence(name: str, payload: object, said: str) -> None:
    with pytest.raises(EventError) as caught:
        read_event(name, payload)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
