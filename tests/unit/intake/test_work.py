"""What a run is to review, by its event and the inputs."""

from typing import Any

import pytest

from review.config.inputs import Inputs
from review.errors import EventError, InputError
from review.intake.commands import Again
from review.intake.event import CommentEvent, DispatchEvent, Event, MergeGroupEvent, PullRequestEvent
from review.intake.work import ReviewCommits, ReviewPull, ReviewRefs, Work, work_of

REPO, SHA, BASE = "octo/data", "a" * 40, "b" * 40
PULL = PullRequestEvent(REPO, 7, "opened", SHA, "ana")
GROUP = MergeGroupEvent(REPO, BASE, SHA)
SAID = CommentEvent(REPO, 7, 12, None, "ana", False, Again())
ON_DIFF = CommentEvent(REPO, 7, 12, 5, "ana", False, Again())


def work(event: Event, **inputs: Any) -> Work:
    return work_of(event, Inputs("ghs_x", **inputs))


def by_hand(ref: str = "refs/heads/refunds", **inputs: Any) -> Work:
    return work(DispatchEvent(REPO, ref), **inputs)


def test_a_pull_request_is_reviewed_with_the_token_of_its_event() -> None:
    assert work(PULL) == ReviewPull(REPO, 7, SHA, "ana")
    target = PullRequestEvent(REPO, 7, "opened", SHA, "ana", has_base_token=True)
    assert work(target) == ReviewPull(REPO, 7, SHA, "ana", has_base_token=True)


def test_a_comment_in_the_conversation_brings_the_base_repositorys_token_and_one_on_the_diff_does_not() -> None:
    assert work(SAID) == ReviewPull(REPO, 7, has_base_token=True)
    assert work(ON_DIFF) == ReviewPull(REPO, 7)


def test_a_merge_group_is_two_commits() -> None:
    assert work(GROUP) == ReviewCommits(REPO, BASE, SHA)


@pytest.mark.parametrize(
    ("ref", "inputs", "expected"),
    [
        ("refs/heads/refunds", {}, ("", "heads/refunds", "refunds")),
        ("refs/heads/a/b", {"base": "main"}, ("main", "heads/a/b", "a/b")),
        ("refs/tags/v1", {}, ("", "tags/v1", "")),
        ("refs/heads/main", {"head": "refunds"}, ("", "refunds", "refunds")),
        ("refs/heads/main", {"head": "refs/heads/refunds"}, ("", "heads/refunds", "refunds")),
        ("refs/heads/main", {"head": "heads/refunds"}, ("", "heads/refunds", "refunds")),
        ("refs/heads/main", {"head": "refs/tags/v2", "base": "refs/tags/v1"}, ("tags/v1", "tags/v2", "")),
        ("refs/heads/main", {"head": SHA, "base": BASE}, (BASE, SHA, "")),
        ("refs/heads/main", {"head": "abc1234"}, ("", "abc1234", "abc1234")),
        ("refs/heads/main", {"base": "refs/heads/release"}, ("heads/release", "heads/main", "main")),
    ],
)
def test_a_run_by_hand(ref: str, inputs: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert by_hand(ref, **inputs) == ReviewRefs(REPO, *expected)


def test_a_run_by_hand_of_a_pull_request() -> None:
    assert by_hand(pull_request=9) == ReviewPull(REPO, 9, has_base_token=True, is_named=True)


@pytest.mark.parametrize("inputs", [{"head": "x"}, {"base": "x"}, {"head": "x", "base": "y"}])
def test_a_pull_request_has_a_base_and_a_head_of_its_own(inputs: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"^input pull-request: a pull request has a base and a head of its own"):
        by_hand(pull_request=9, **inputs)


def test_a_run_by_hand_that_was_started_nowhere() -> None:
    with pytest.raises(EventError, match="`ref` names no branch and no tag"):
        by_hand("main")
    assert by_hand("main", head="x") == ReviewRefs(REPO, "", "x", "x")


@pytest.mark.parametrize("event", [PULL, GROUP, SAID, ON_DIFF])
@pytest.mark.parametrize(("name", "value"), [("base", "main"), ("head", "x"), ("pull_request", 8)])
def test_an_input_without_effect_is_refused(event: Event, name: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        work(event, **{name: value})
    assert str(caught.value).startswith(f"input {name.replace('_', '-')}: the event says what is reviewed here")


@pytest.mark.parametrize("event", [PULL, SAID, ON_DIFF])
def test_a_workflow_for_several_events_may_name_the_pull_request_that_it_is(event: Event) -> None:
    assert work(event, pull_request=7) == work(event)
