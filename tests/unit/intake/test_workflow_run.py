"""`workflow_run`: which run it was, and the one pull request that it was for."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from review.errors import EventError
from review.github.facts import PullFacts
from review.intake.events.workflow_run import WorkflowRunEvent, pull_of, read_workflow_run
from review.intake.payload import NotReviewable

HEAD, OTHER = "a" * 40, "b" * 40
EVENT = WorkflowRunEvent("shop/data", 4711, "eve/data", "refunds", HEAD, "eve")
PAYLOAD: dict[str, Any] = {
    "action": "completed",
    "repository": {"full_name": "shop/data"},
    "workflow_run": {
        "id": 4711, "event": "pull_request", "conclusion": "failure", "head_branch": "refunds", "head_sha": HEAD,
        "head_repository": {"full_name": "eve/data"}, "actor": {"login": "eve"}, "pull_requests": [{"number": 99}],
    },
}  # fmt: skip


def payload(*place: str, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(PAYLOAD)
    inner = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return data


@pytest.mark.parametrize("conclusion", ["success", "failure"])
def test_a_run_that_may_have_left_a_report(conclusion: str) -> None:
    assert read_workflow_run(payload("workflow_run", "conclusion", value=conclusion)) == replace(
        EVENT, has_failed=conclusion == "failure"
    )


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("action",), "requested", "types: [completed]"),
        (("workflow_run", "event"), "push", "for no pull request"),
        (("workflow_run", "event"), "pull_request_target", "for no pull request"),
        (("workflow_run", "conclusion"), "cancelled", "stopped before its end"),
        (("workflow_run", "conclusion"), "timed_out", "stopped before its end"),
        (("workflow_run", "conclusion"), None, "stopped before its end"),
        (("workflow_run", "head_repository"), None, "fork that the pull request came from is gone"),
    ],
)
def test_a_run_that_left_nothing_to_post(place: tuple[str, ...], value: Any, said: str) -> None:
    found = read_workflow_run(payload(*place, value=value))
    assert isinstance(found, NotReviewable)
    assert said in found.reason


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("workflow_run",), None),
        (("workflow_run", "id"), "1/../2"),
        (("workflow_run", "id"), -1),
        (("workflow_run", "head_sha"), "main"),
        (("workflow_run", "head_branch"), None),
        (("workflow_run", "head_repository", "full_name"), "../../x"),
        (("workflow_run", "actor"), None),
        (("repository", "full_name"), "shop/data?x"),
    ],
)
def test_a_payload_of_another_shape(place: tuple[str, ...], value: Any) -> None:
    with pytest.raises(EventError):
        read_workflow_run(payload(*place, value=value))


def pull(number: int, head: str) -> PullFacts:
    return PullFacts(number, "", False, "open", False, "", "eve", "shop/data", "main", OTHER, "eve/data", "refunds", head, "", "main")  # fmt: skip  # noqa: E501


def test_the_one_pull_request() -> None:
    assert pull_of(EVENT, [pull(7, HEAD)]) == pull(7, HEAD)
    assert pull_of(EVENT, [pull(6, OTHER), pull(7, HEAD)]) == pull(7, HEAD)


@pytest.mark.parametrize(
    ("pulls", "said"),
    [
        ([], f"no open pull request has the head {HEAD[:12]}"),
        ([pull(7, OTHER)], f"the head of #7 is {OTHER[:12]} by now"),
        ([pull(7, HEAD), pull(8, HEAD)], "(#7, #8)"),
    ],
    ids=["none", "stale", "several"],
)
def test_no_pull_request_to_post_on(pulls: list[PullFacts], said: str) -> None:
    found = pull_of(EVENT, pulls)
    assert isinstance(found, NotReviewable)
    assert said in found.reason
