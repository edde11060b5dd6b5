from typing import Any

import pytest

from review.errors import EventError
from review.intake.event import REVIEWED_EVENTS, NotReviewable, PullRequestEvent, is_repository_name, read_event

SHA = "1" * 40


def payload(**changes: Any) -> dict[str, Any]:
    return {
        "action": "opened",
        "number": 7,
        "pull_request": {"number": 7, "head": {"sha": SHA}},
        "repository": {"full_name": "octo/data"},
        "sender": {"login": "ana"},
        **changes,
    }


@pytest.mark.parametrize(
    "action",
    ["opened", "synchronize", "reopened", "edited", "labeled", "ready_for_review", "converted_to_draft", "queued"],
)
def test_every_type_of_pull_request_is_reviewed(action: str) -> None:
    found = read_event("pull_request", payload(action=action))
    assert found == PullRequestEvent("octo/data", 7, action, SHA, "ana")


def test_a_closed_pull_request_is_a_notice() -> None:
    found = read_event("pull_request", payload(action="closed"))
    assert found == NotReviewable("Nothing was reviewed: pull request #7 is closed.")
    merged = payload(action="closed", pull_request={"number": 7, "merged": True})
    assert read_event("pull_request_target", merged) == NotReviewable(
        "Nothing was reviewed: pull request #7 is merged."
    )


def test_pull_request_target_has_the_base_repositorys_token() -> None:
    found = read_event("pull_request_target", payload())
    assert found == PullRequestEvent("octo/data", 7, "opened", SHA, "ana", has_base_token=True)


@pytest.mark.parametrize("name", ["push", "schedule", "pull_request_review", "repository_dispatch", "Pull_Request"])
def test_other_events_are_a_notice_that_names_what_works(name: str) -> None:
    found = read_event(name, None)
    assert isinstance(found, NotReviewable)
    assert f"`{name}`" in found.reason
    assert found.reason.endswith(f"work: {', '.join(REVIEWED_EVENTS)}.")


@pytest.mark.parametrize("name", ["", "x::set-env name=a::b", "\n::error::", "y" * 99])
def test_an_odd_event_name_is_not_shown(name: str) -> None:
    found = read_event(name, {})
    assert isinstance(found, NotReviewable)
    assert "the event of this run is none of those" in found.reason


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "it is not an object"),
        (None, "it is not an object"),
        ("{}", "it is not an object"),
        ({}, "`action` is not a text"),
        (payload(action=None), "`action` is not a text"),
        (payload(pull_request=None), "`pull_request` is not an object"),
        (payload(pull_request=[]), "`pull_request` is not an object"),
        (payload(pull_request={"number": "7"}), "`pull_request.number` is not a positive number"),
        (payload(pull_request={"number": True}), "`pull_request.number` is not a positive number"),
        (payload(pull_request={"number": -1}), "`pull_request.number` is not a positive number"),
        (payload(pull_request={"number": 7}), "`pull_request.head` is not an object"),
        (payload(pull_request={"number": 7, "head": {}}), "`pull_request.head.sha` is not a text"),
        (payload(repository={}), "`repository.full_name` is not a text"),
        (payload(repository={"full_name": "../../user"}), "`repository.full_name` is not of the form"),
        (payload(sender=None), "`sender` is not an object"),
    ],
)
def test_a_malformed_payload_is_one_sentence(data: object, said: str) -> None:
    with pytest.raises(EventError) as caught:
        read_event("pull_request", data)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "GITHUB_EVENT_PATH" in str(caught.value)


def test_repository_names() -> None:
    assert is_repository_name("octo-org/data.repo_1")
    for name in ("", "a", "a/b/c", "/b", "a/", "a/..", "a/b?x=1", "a/b#", "a/b\n", "é/b", "a /b"):
        assert not is_repository_name(name)
