"""Every event but comments, through the console script: what is reviewed, and where it goes."""

from typing import Any

import pytest

from tests.e2e import payloads
from tests.e2e.action import NUMBER, SMALL, SMALL_TEXT, Action, Run, sentence
from tests.github_server.server import READS
from tests.model_server.server import ModelServer

REVIEW, SUMMARY = f"POST pulls/{NUMBER}/reviews", f"POST issues/{NUMBER}/comments"


def on(action: Action, name: str, payload: Any, **more: Any) -> Run:
    """The run that this event starts."""
    return action.run(payload=payload, environ={"GITHUB_EVENT_NAME": name}, **more)


def test_a_change_of_the_base_branch_is_a_whole_review(action: Action) -> None:
    action.open_small()
    changes = {"base": {"ref": {"from": "develop"}, "sha": {"from": "1" * 40}}}
    run = on(action, "pull_request", payloads.pull_request(action, "edited", changes=changes))
    assert (run.status, run.writes, run.outputs["findings"]) == (1, (REVIEW, SUMMARY), "3")


def test_a_draft_is_reviewed_and_so_is_a_locked_conversation(action: Action) -> None:
    action.open_small()
    action.pull.draft = action.pull.locked = True
    run = on(action, "pull_request", payloads.pull_request(action, "converted_to_draft"))
    assert (run.status, run.writes, run.outputs["findings"]) == (1, (REVIEW, SUMMARY), "3")


def test_a_pull_request_that_was_merged_meanwhile_keeps_its_review(action: Action) -> None:
    action.open_small()
    payload = action.payload()
    action.pull.state, action.pull.merged = "closed", True
    run = action.run(payload=payload)
    assert (run.status, run.writes, run.outputs) == (0, (), {})
    assert run.log == f"::notice::Nothing was reviewed: pull request #{NUMBER} is merged by now.\n"


def test_pull_request_target_writes_on_a_forks_pull_request(action: Action) -> None:
    action.open_small()
    action.pull.fork = "eve/data-platform"
    run = on(action, "pull_request_target", payloads.pull_request(action, "opened"))
    assert (run.status, run.writes, len(action.inline)) == (1, (REVIEW, SUMMARY), 3)


def test_dependabot_gets_annotations(action: Action) -> None:
    action.open_small()
    run = on(action, "pull_request", payloads.pull_request(action, "opened", "dependabot[bot]"), token=READS)
    assert (run.status, run.writes) == (1, ())
    assert run.log.count(f"::error file={SMALL},title=") == 3
    assert "3 findings block" in run.summary


def test_a_merge_group_is_reviewed_without_agent_and_comment(action: Action, model: ModelServer) -> None:
    action.open_small()
    action.model = model
    payload = payloads.merge_group(action, action.pull.base_sha, action.pull.head_sha)
    run = on(action, "merge_group", payload)
    assert (run.status, run.writes, run.outputs["comment-url"]) == (1, (), "")
    assert (run.outputs["findings"], run.outputs["verdict"]) == ("3", "fail")
    assert "3 findings block this change" in run.summary
    assert "A merge group is reviewed by rules and linters alone" in run.summary
    assert run.review["target"]["base_sha"] == action.pull.base_sha
    assert model.requests == []


def test_a_merge_group_obeys_the_policy_at_its_base(action: Action) -> None:
    policy = ".github/data-review.yml"
    action.open({SMALL: "select 1\n", policy: "fail-on: never\n"}, {SMALL: SMALL_TEXT, policy: "fail-on: high\n"})
    run = on(action, "merge_group", payloads.merge_group(action, action.pull.base_sha, action.pull.head_sha))
    assert (run.status, run.outputs["findings"]) == (0, "3")


def test_a_run_by_hand_on_a_branch_reviews_its_pull_request(action: Action) -> None:
    action.open_small()
    run = on(action, "workflow_dispatch", payloads.dispatch(action))
    assert (run.status, run.writes, len(action.inline)) == (1, (REVIEW, SUMMARY), 3)
    assert run.review["target"]["pull_request"] == NUMBER


def test_a_run_by_hand_on_a_branch_without_a_pull_request_writes_no_comment(action: Action) -> None:
    action.open_small()
    action.pull.state = "closed"
    run = on(action, "workflow_dispatch", payloads.dispatch(action))
    assert (run.status, run.writes, run.outputs["findings"]) == (1, (), "3")
    assert run.review["target"]["pull_request"] is None
    compared = f"refunds ({action.pull.head_sha[:12]}) was compared with main ({action.pull.base_sha[:12]})"
    assert compared in run.summary
    assert set(run.report) == {"review.json", "review.md", "review.sarif"}


def test_a_run_by_hand_takes_a_tag_and_a_commit(action: Action) -> None:
    action.open_small()
    action.repository.git("tag", "v1/eine#ü", action.pull.base_sha)
    inputs = {"base": "v1/eine#ü", "head": action.pull.head_sha}
    run = on(action, "workflow_dispatch", payloads.dispatch(action, "refs/heads/main"), **inputs)
    assert (run.status, run.writes, run.outputs["findings"]) == (1, (), "3")


def test_a_run_by_hand_of_a_pull_request_that_is_named(action: Action) -> None:
    action.open_small()
    action.pull.fork = "eve/data-platform"
    run = on(action, "workflow_dispatch", payloads.dispatch(action, "refs/heads/main"), pull_request=f"#{NUMBER}")
    assert (run.status, run.writes) == (1, (REVIEW, SUMMARY))


def test_a_run_by_hand_on_the_default_branch_says_what_to_give(action: Action) -> None:
    action.open_small()
    said = sentence(on(action, "workflow_dispatch", payloads.dispatch(action, "refs/heads/main")))
    assert said.startswith("main is the default branch, and no base was given")
    assert all(name in said for name in ("input base", "pull-request", "another branch"))


@pytest.mark.parametrize("head", ["--upload-pack=touch /tmp/x", "main..refunds"])
def test_a_run_by_hand_takes_no_option_and_no_range(action: Action, head: str) -> None:
    action.open_small()
    said = sentence(on(action, "workflow_dispatch", payloads.dispatch(action), head=head))
    assert said.startswith(f"input head: '{head}' is not accepted")
    assert action.server.requests == []


def test_github_enterprise_server_has_its_api_below_a_path(action: Action) -> None:
    action.server.prefix = "/api/v3"
    action.open_small()
    assert action.server.api_url.endswith("/api/v3")
    first, second = action.run(), action.run()
    assert (first.status, first.writes, second.writes) == (1, (REVIEW, SUMMARY), ())
    assert ("POST", "/graphql") in action.server.requests
    assert f"{action.server.url}/shop/data-platform/blob/{action.pull.head_sha}" in action.summaries[0].body
