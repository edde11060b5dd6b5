"""The second of two steps: what a run with a token that may only read found is posted by one that may write.

Whoever opened the pull request controls the first run, and so every byte of its report. It may claim that a rule of
ours found something in a place that is there; what kind of finding that is, what the team makes of it and what it means
for the verdict are decided here, from the rules, the policy at base and the commits that we fetch ourselves. Nothing of
the pull request is checked out, and nothing of it is executed.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from review import log
from review.commands.run import published
from review.commands.session import Session
from review.commands.tasks import Task, task_of
from review.domain.target import Target
from review.errors import ReportError
from review.intake.events.workflow_run import WorkflowRunEvent, pull_of
from review.intake.payload import NotReviewable
from review.intake.report import MAX_BYTES, Report, read_report
from review.intake.target import READ_ONLY_ACTORS
from review.intake.work import ReviewPull
from review.publish.base import EARLIER, NotPublished

if TYPE_CHECKING:
    from review.config.policy import Policy
    from review.evidence.collect import Evidence
    from review.pipeline import Crew, Sorted

UPLOAD = "data-review-report"
"""What the first workflow calls its upload: the default of the input `report-dir`, as in the README."""
FILE = "review.json"
_MAX_UPLOAD = 8 * 1024 * 1024
"""Bytes of the archive; a report of 3,000 files has some hundred thousand."""

NOTICE = (
    "This review was made in the pull request's own workflow run, which whoever opened the pull request can change."
    " What it found was checked against the change and the team's policy; what it left out cannot be."
)


def post(event: WorkflowRunEvent, session: Session) -> int:
    """Post the report of that run on its pull request. Returns 0 where that is done, or not wanted any more.

    Raises ReviewError where the report is missing, is of another pull request or commit, or cannot be read, and where
    the review of it could not be written: to post it is all that this run is for.
    """
    if event.head_repository.lower() == event.repository.lower() and event.actor not in READ_ONLY_ACTORS:
        return _leave("Nothing was posted: a run for a branch of this repository posts its review itself.", session)
    pulls = session.reader.open_pulls(event.repository, event.head_branch, event.head_repository)
    pull = pull_of(event, pulls)
    if isinstance(pull, NotReviewable):
        return _leave(pull.reason, session)
    task = task_of(ReviewPull(event.repository, pull.number, event.head_sha, has_base_token=True), session)
    if isinstance(task, NotReviewable):
        return _leave(task.reason, session)
    if task.target.head_sha != event.head_sha:
        return _leave("Nothing was posted: the head has moved, and its own run brings the newer report.", session)
    report = _report(event, session)
    check_is_of(report, task.target)
    if report.merge_base != task.merge_base:
        return _leave(
            f"Nothing was posted: the report is of the change since {report.merge_base[:12]}, and that of the pull"
            f" request begins at {task.merge_base[:12]} by now; run the first workflow again if it has not run since.",
            session,
        )

    def gather(files: "Sorted", policy: "Policy", _crew: "Crew") -> "Evidence":
        from review.commands.reported import taken
        from review.evidence.known import Known

        return taken(report, files.found.artifacts, Known.under(policy, session.env.action_url))

    _, outcomes = published(replace(task, asks_agent=False, notices=(NOTICE,)), session, gather)
    refused = [each for each in outcomes if isinstance(each, NotPublished) and each.surface != EARLIER]
    if refused and _is_current(task, session):
        raise ReportError(f"The review could not be posted: {refused[0].reason}")
    return 0


def check_is_of(report: Report, target: Target) -> None:
    """Raise ReportError where the report is of another repository, pull request or commit than GitHub says."""
    number = target.pull_request.number if target.pull_request is not None else None
    if report.repository.lower() != target.repository.lower() or report.pull_request != number:
        raise ReportError(
            f"The report is not of #{number}, for which the run was, but of another pull request; nothing was posted."
        )
    if report.head_sha != target.head_sha:
        raise ReportError(
            f"The report is of the commit {report.head_sha[:12]}, while the run was of {target.head_sha[:12]}; nothing"
            " was posted."
        )


def _report(event: WorkflowRunEvent, session: Session) -> Report:
    from review.intake.archive import file_in_archive

    uploads = session.reader.uploads(event.repository, event.run_id, UPLOAD)
    if not uploads:
        raise ReportError(
            f"The run {event.run_id} left no upload `{UPLOAD}`, so there is nothing to post; let its workflow upload"
            " the directory of the report with actions/upload-artifact, also where the review fails (`if: always()`)."
        )
    upload = max(uploads, key=lambda each: each.id)
    if upload.size > _MAX_UPLOAD:
        raise ReportError(
            f"The upload with the report has {upload.size:,} bytes, where at most {_MAX_UPLOAD:,} are taken; nothing"
            " was posted."
        )
    archive = session.reader.upload(event.repository, upload)
    return read_report(file_in_archive(archive, FILE, MAX_BYTES))


def _is_current(task: Task, session: Session) -> bool:
    """Whether the pull request still wants this review: open, and at this head. Raises GitHubError."""
    number = task.target.pull_request.number if task.target.pull_request is not None else 0
    facts = session.reader.pull(task.target.repository, number)
    return facts.state == "open" and facts.head_sha == task.target.head_sha


def _leave(reason: str, session: Session) -> int:
    log.warning(reason, session.environ)
    return 0
