"""When the second step posts nothing: with a warning where that is right, with an error where something is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from review.commands.posting import post
from review.errors import Forbidden, ReportError
from review.intake.events.workflow_run import WorkflowRunEvent
from tests.e2e.action import NAME, NUMBER, RUN_ID, SMALL, SMALL_TEXT, Action
from tests.github_server.server import Fault, GitHubServer
from tests.github_server.state import Pull, Upload
from tests.github_server.uploads import storage
from tests.unit.commands.test_tasks import session

FORK = "eve/data-platform"


@pytest.fixture
def fork(tmp_path: Path, github: GitHubServer) -> Iterator[Action]:
    """A fork's pull request whose run has left nothing yet."""
    action = Action(tmp_path, github)
    action.open_small()
    action.pull.fork = FORK
    with storage(github):
        yield action


def event(action: Action, head_repository: str = FORK, actor: str = "eve") -> WorkflowRunEvent:
    return WorkflowRunEvent(NAME, int(RUN_ID), head_repository, "refunds", action.pull.head_sha, actor)


def leave(action: Action, files: dict[str, bytes], **more: Any) -> None:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    number = len(action.repository.uploads) + 1
    action.repository.uploads.append(Upload(number, int(RUN_ID), "data-review-report", made.getvalue(), **more))


def warned(action: Action, run: WorkflowRunEvent, capsys: pytest.CaptureFixture[str]) -> str:
    """The one warning of a run that ends well and posts nothing."""
    assert post(run, session(action)) == 0
    assert (action.server.writes, action.server.fetches) == ([], [])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::warning::Nothing was posted: ")
    return line


def test_a_branch_of_the_repository_has_posted_its_review_itself(
    fork: Action, capsys: pytest.CaptureFixture[str]
) -> None:
    """So it is with every ordinary pull request: nothing to be warned of."""
    fork.pull.fork = None
    assert post(event(fork, NAME.upper(), "ana"), session(fork)) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "::notice::Nothing was posted: a run for a branch of this repository posts its review itself"
    )
    assert fork.server.requests == []


def test_a_stale_report_is_left_where_it_is(fork: Action, capsys: pytest.CaptureFixture[str]) -> None:
    before = event(fork)
    head = fork.push({SMALL: SMALL_TEXT + "select 1;\n"})
    assert f"the head of #7 is {head[:12]} by now" in warned(fork, before, capsys)


def test_a_push_between_two_looks_is_seen(fork: Action, capsys: pytest.CaptureFixture[str]) -> None:
    before = event(fork)
    head = fork.push({SMALL: SMALL_TEXT + "select 1;\n"})
    fork.pull.head_sha, fork.server.faults = before.head_sha, []
    listed = fork.server.api

    def moving(*arguments: Any) -> Any:
        answer = listed(*arguments)
        fork.pull.head_sha = head
        return answer

    fork.server.api = moving  # type: ignore[method-assign]
    assert "the head has moved" in warned(fork, before, capsys)


def test_none_and_several_pull_requests(fork: Action, capsys: pytest.CaptureFixture[str]) -> None:
    fork.pull.state = "closed"
    assert "no open pull request has the head" in warned(fork, event(fork), capsys)
    fork.pull.state = "open"
    fork.repository.pulls[8] = Pull(8, fork.pull.base_sha, fork.pull.head_sha, base_ref="release", fork=FORK)
    assert f"#{NUMBER}, #8" in warned(fork, event(fork), capsys)


@pytest.mark.parametrize(
    ("files", "more", "said"),
    [
        (None, {}, "left no report `data-review-report`, so there is nothing to post; let its workflow upload"),
        ({"review.json": b"{}"}, {"is_expired": True}, "has expired"),
        ({"x/review.json": b"{}", "../review.json": b"{}"}, {}, "no file review.json"),
        ({"review.json": b"\0" * 50_000_000}, {}, "50,000,000 bytes"),
        ({"review.json": b"{}"}, {"size": 999_999_999}, "999,999,999 bytes"),
        ({"review.json": b"{}"}, {}, "schema_version is no whole number"),
    ],
    ids=["nothing", "expired", "elsewhere", "a bomb", "too large", "no report"],
)
def test_an_upload_that_is_none_is_refused(fork: Action, files: Any, more: dict[str, Any], said: str) -> None:
    if files is not None:
        leave(fork, files, **more)
    with pytest.raises(ReportError) as caught:
        post(event(fork), session(fork))
    assert said in str(caught.value)
    assert fork.server.writes == []


def test_a_run_that_failed_may_have_had_nothing_to_leave(fork: Action) -> None:
    with pytest.raises(ReportError, match=r"left no report .*: it could not review the change \(see its log\)"):
        post(replace(event(fork), has_failed=True), session(fork))


def test_the_newest_attempts_upload_counts(fork: Action) -> None:
    leave(fork, {"review.json": b"{}"})
    leave(fork, {"review.json": b"[]"})
    with pytest.raises(ReportError, match="it is no object"):
        post(event(fork), session(fork))


def test_a_missing_permission_is_named(fork: Action) -> None:
    fork.server.faults.append(Fault("GET", "/artifacts", 403, message="Resource not accessible by integration"))
    with pytest.raises(Forbidden, match="actions: read"):
        post(event(fork), session(fork))
