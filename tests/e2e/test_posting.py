"""Forks and Dependabot in two steps: a run that may only read leaves a report, and a `workflow_run` posts it."""

import json
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.e2e import payloads
from tests.e2e.action import RUN_ID, SMALL, Action, Run, sentence
from tests.github_server.server import READS, GitHubServer
from tests.github_server.state import Upload
from tests.github_server.uploads import storage

FORK = "eve/data-platform"
SECOND = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_RUN_ID": "9000", "GITHUB_ACTOR": "eve"}
POSTED = ("POST pulls/7/reviews", "POST issues/7/comments")


@pytest.fixture
def fork(action: Action, github: GitHubServer) -> Iterator[Action]:
    """A fork's pull request with three findings."""
    action.open_small()
    action.pull.fork = FORK
    with storage(github):
        yield action


def zipped(files: dict[str, str]) -> bytes:
    """The archive that actions/upload-artifact makes of a report's directory."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def leave(action: Action, files: dict[str, str]) -> None:
    """What the first run leaves behind."""
    number = len(action.repository.uploads) + 1
    action.repository.uploads.append(Upload(number, int(RUN_ID), "data-review-report", zipped(files)))


def first(action: Action, **environ: str) -> Run:
    """The pull request's own run, with a token that may only read."""
    run = action.run(READS, environ=environ)
    assert run.writes == ()
    leave(action, dict(run.report))
    return run


def second(action: Action, payload: Any = None, **inputs: str) -> Run:
    """The run that may write, started by the end of the first."""
    payload = payload or payloads.workflow_run(action)
    return action.run(payload=payload, environ=SECOND, **inputs)


def test_a_forks_review_is_posted_in_the_second_step(fork: Action) -> None:
    asked = first(fork)
    run = second(fork)
    assert (asked.status, run.status) == (1, 0)
    assert run.writes == POSTED
    assert [comment.place["line"] for comment in fork.inline] == [1, 2, 5]
    (summary,) = fork.summaries
    assert "3 findings block" in summary.body
    assert "made in the pull request's own workflow run" in summary.body
    assert run.outputs["verdict"] == asked.outputs["verdict"] == "fail"
    assert [each["fingerprint"] for each in run.review["findings"]] == [
        each["fingerprint"] for each in asked.review["findings"]
    ]
    assert run.review["checklist"] == asked.review["checklist"]
    again = second(fork)
    assert (again.status, again.writes) == (0, ())


def test_dependabots_review_is_posted_in_the_second_step(action: Action, github: GitHubServer) -> None:
    action.open_small()
    with storage(github):
        assert first(action, GITHUB_ACTOR="dependabot[bot]").status == 1
        run = second(action, payloads.workflow_run(action, "dependabot[bot]"))
    assert (run.status, run.writes) == (0, POSTED)


HOSTILE = "<img src=x onerror=alert(1)> @acme/admins [click](https://evil.example) ::set-output name=x::y\n# Big"


def forge(report: dict[str, Any]) -> None:
    """All that a report may say so as to open the gate, to speak for us, or to be obeyed."""
    report |= {"verdict": "pass", "exit_status": 0, "notices": ["Approved by the security team"]}
    for item in report["checklist"]:
        item |= {"status": "pass", "evidence": "all fine"}
    report["suppressed"] = [
        {**finding, "severity": "low", "tier": "advisory", "confidence": "low", "standard": "documentation",
         "title": HOSTILE, "explanation": HOSTILE, "remediation": HOSTILE, "suggestion": "drop table x;",
         "help_url": "https://github.com/eve/evil", "reason": "waived"}
        for finding in report["findings"]
    ]  # fmt: skip
    report["findings"] = []
    skip = {"stage": "lint", "subject": SMALL, "reason": HOSTILE, "standards": [], "harmless": False}
    report["skipped"].append(skip)


def test_a_forged_report_opens_no_gate_and_does_nothing(fork: Action) -> None:
    report = fork.run(READS).review
    forge(report)
    leave(fork, {"review.json": json.dumps(report)})
    run = second(fork)
    assert (run.status, run.outputs["verdict"], run.outputs["blocking"]) == (0, "fail", "3")
    assert len(fork.inline) == 3
    for text in (run.summary, run.log, *(comment.body for comment in (*fork.summaries, *fork.inline))):
        for wrong in ("<img", "@acme", "](https://evil", "```suggestion", "\n# Big", "\n::set-output", "eve/evil"):
            assert wrong not in text
        assert "Approved by" not in text


def test_what_a_report_leaves_out_closes_no_thread(fork: Action) -> None:
    """Whoever can change the report could otherwise have us say that a finding is gone."""
    first(fork)
    second(fork)
    report = fork.run(READS).review
    report["findings"] = report["findings"][1:]
    leave(fork, {"review.json": json.dumps(report)})
    run = second(fork)
    assert run.writes == ("PATCH issues/comments/1004",)
    assert len(fork.inline) == 3
    assert "not found any more" not in fork.summaries[0].body


def test_a_report_of_another_pull_request_is_refused(fork: Action) -> None:
    report = fork.run(READS).review
    report["target"]["pull_request"] = 8
    leave(fork, {"review.json": json.dumps(report)})
    assert "another pull request" in sentence(second(fork))


def test_a_report_from_before_another_base_is_left_where_it_is(fork: Action) -> None:
    """What it says is of another change, though the head is the same."""
    between = fork.push({"a.sql": "select 1\n"})
    fork.push({"a.sql": "select 2\n"})
    first(fork)
    fork.pull.base_ref, fork.pull.base_sha = "release", between
    run = second(fork)
    assert (run.status, run.writes) == (0, ())
    assert f"begins at {between[:12]} by now" in run.log


def test_a_second_step_that_may_not_write_is_no_success(fork: Action) -> None:
    first(fork)
    run = fork.run(READS, payload=payloads.workflow_run(fork), environ=SECOND)
    assert (run.status, fork.summaries, fork.inline) == (2, [], [])
    assert "::error::The review could not be posted: " in run.log
    assert "pull-requests: write" in run.log
