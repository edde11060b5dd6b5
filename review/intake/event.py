"""What an event asks for, from its name and payload alone.

The payload is a snapshot that a re-run replays: only what identifies the subject is taken from it, and the facts are
read again from the API (`target.py`).
"""

from collections.abc import Callable, Mapping

from review.intake.events.comment import CommentEvent, read_issue_comment, read_review_comment
from review.intake.events.dispatch import DispatchEvent, read_dispatch
from review.intake.events.merge_group import MergeGroupEvent, read_merge_group
from review.intake.events.pull_request import PullRequestEvent, read_pull_request
from review.intake.events.workflow_run import WorkflowRunEvent, read_workflow_run
from review.intake.payload import NAME_CHARACTERS, NotReviewable, is_repository_name

__all__ = [
    "REVIEWED_EVENTS",
    "CommentEvent",
    "DispatchEvent",
    "Event",
    "MergeGroupEvent",
    "NotReviewable",
    "PullRequestEvent",
    "WorkflowRunEvent",
    "is_repository_name",
    "read_event",
]

Event = PullRequestEvent | MergeGroupEvent | DispatchEvent | CommentEvent
"""What names a change to review."""

_READERS: Mapping[str, Callable[[object], Event | WorkflowRunEvent | NotReviewable]] = {
    "pull_request": read_pull_request,
    "pull_request_target": lambda payload: read_pull_request(payload, has_base_token=True),
    "merge_group": read_merge_group,
    "workflow_dispatch": read_dispatch,
    "issue_comment": read_issue_comment,
    "pull_request_review_comment": read_review_comment,
    "workflow_run": read_workflow_run,
}
REVIEWED_EVENTS = tuple(_READERS)
"""Names of the events that lead to a review."""


def read_event(name: str, payload: object) -> Event | WorkflowRunEvent | NotReviewable:
    """The event of this name (`GITHUB_EVENT_NAME`) with this payload (the JSON in `GITHUB_EVENT_PATH`, parsed).

    Raises EventError where the payload is not of GitHub's shape.
    """
    reader = _READERS.get(name)
    if reader is None:
        works = ", ".join(REVIEWED_EVENTS)
        return NotReviewable(f"Nothing was reviewed: the event {_shown(name)} is none of those that work: {works}.")
    return reader(payload)


def _shown(name: str) -> str:
    """The event's name as a sentence may show it."""
    return f"`{name}`" if name and NAME_CHARACTERS.issuperset(name) and len(name) <= 40 else "of this run"
