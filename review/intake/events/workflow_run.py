"""`workflow_run`: another workflow has ended, and left a report that it could not post itself.

Taken from the payload is what GitHub says of that run. Which pull request it was for is asked of the API: the list in
the payload is empty for forks, and what the run left behind was written by whoever opened the pull request.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from review.github.facts import PullFacts
from review.intake.payload import (
    NotReviewable,
    commit_of,
    is_repository_name,
    malformed,
    number_of,
    object_of,
    repository_of,
    text_of,
)

ENDED = ("success", "failure")
"""Conclusions of a run that may have left a report: a review that fails the check is the one that must be read."""


@dataclass(frozen=True)
class WorkflowRunEvent:
    """A run for a pull request that has ended."""

    repository: str
    """`owner/name`."""
    run_id: int
    head_repository: str
    """`owner/name` of where its head is: a fork's, or the same."""
    head_branch: str
    head_sha: str
    actor: str
    """Login of who caused that run, and so decided what its token may do."""
    has_failed: bool = False
    """Whether its conclusion is `failure`: a job of it ended with another exit status than 0."""


def read_workflow_run(payload: object) -> WorkflowRunEvent | NotReviewable:
    """The event in this payload. Raises EventError where it is not of GitHub's shape
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run).
    """
    data = object_of(payload, "it")
    if text_of(data, "action") != "completed":
        return NotReviewable("Nothing was posted: the workflow has not ended yet; listen to `types: [completed]`.")
    run = object_of(data.get("workflow_run"), "`workflow_run`")
    if text_of(run, "event", "workflow_run.") != "pull_request":
        return NotReviewable("Nothing was posted: the workflow ran for no pull request.")
    if run.get("conclusion") not in ENDED:
        return NotReviewable("Nothing was posted: the workflow was stopped before its end, and left no report.")
    if not isinstance(run.get("head_repository"), dict):
        return NotReviewable("Nothing was posted: the fork that the pull request came from is gone.")
    head_repository = text_of(run["head_repository"], "full_name", "workflow_run.head_repository.")
    if not is_repository_name(head_repository):
        raise malformed("`workflow_run.head_repository.full_name` is not of the form owner/name")
    return WorkflowRunEvent(
        repository=repository_of(data),
        run_id=number_of(run, "id", "workflow_run."),
        head_repository=head_repository,
        head_branch=text_of(run, "head_branch", "workflow_run."),
        head_sha=commit_of(run, "head_sha", "workflow_run."),
        actor=text_of(object_of(run.get("actor"), "`workflow_run.actor`"), "login", "workflow_run.actor."),
        has_failed=run["conclusion"] == "failure",
    )


def pull_of(event: WorkflowRunEvent, pulls: Sequence[PullFacts]) -> PullFacts | NotReviewable:
    """The one of the branch's open pull requests that the run was for, or why nothing is posted on any."""
    found = [pull for pull in pulls if pull.head_sha == event.head_sha]
    if len(found) > 1:
        numbers = ", ".join(f"#{pull.number}" for pull in found)
        return NotReviewable(
            f"Nothing was posted: the commit {event.head_sha[:12]} is the head of several open pull requests"
            f" ({numbers}), and the run does not say which of them it was for."
        )
    if found:
        return found[0]
    if pulls:
        return NotReviewable(
            f"Nothing was posted: the report is of {event.head_sha[:12]}, and the head of #{pulls[0].number} is"
            f" {pulls[0].head_sha[:12]} by now; its own run brings the newer report."
        )
    return NotReviewable(f"Nothing was posted: no open pull request has the head {event.head_sha[:12]} any more.")
