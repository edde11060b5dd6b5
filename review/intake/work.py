"""What a run is to review, from its event and the action's inputs: decided before anything is asked of GitHub."""

from dataclasses import dataclass

from review.config.inputs import Inputs
from review.domain.hexadecimal import SHA, is_hex
from review.errors import EventError, InputError
from review.intake.event import CommentEvent, DispatchEvent, Event, MergeGroupEvent, PullRequestEvent

_BRANCH, _TAG = "refs/heads/", "refs/tags/"


@dataclass(frozen=True)
class ReviewPull:
    """Review this pull request, at the commits that the API names now."""

    repository: str
    """`owner/name` of the base repository."""
    number: int
    head_sha: str = ""
    """The head that the run's check is shown on; empty where it is shown on none of the pull request's."""
    actor: str = ""
    """Login of who caused the event; empty where their permissions do not limit the run's."""
    has_base_token: bool = False
    """Whether the token is the base repository's whoever opened the pull request."""
    is_named: bool = False
    """Whether the workflow's author asked for this very one, with the input `pull-request`."""


@dataclass(frozen=True)
class ReviewCommits:
    """Review what one commit brings on top of another, without the agent."""

    repository: str
    base_sha: str
    head_sha: str


@dataclass(frozen=True)
class ReviewRefs:
    """Review the open pull request of a branch, or without one what the head brings on top of the base."""

    repository: str
    base: str
    """A branch, tag or commit as the API takes it; empty for the default branch."""
    head: str
    branch: str
    """The head's name without `heads/`, where it may be a branch that a pull request is open for; else empty."""


Work = ReviewPull | ReviewCommits | ReviewRefs


def work_of(event: Event, inputs: Inputs) -> Work:
    """What this run is to review. Raises InputError for inputs that contradict the event or each other."""
    if isinstance(event, DispatchEvent):
        return _dispatched(event, inputs)
    _refuse_inputs(event, inputs)
    if isinstance(event, MergeGroupEvent):
        return ReviewCommits(event.repository, event.base_sha, event.head_sha)
    if isinstance(event, CommentEvent):
        return ReviewPull(event.repository, event.number, has_base_token=event.thread is None)
    return ReviewPull(event.repository, event.number, event.head_sha, event.actor, event.has_base_token)


def _dispatched(event: DispatchEvent, inputs: Inputs) -> ReviewPull | ReviewRefs:
    if inputs.pull_request is not None:
        if inputs.base or inputs.head:
            raise InputError(
                "input pull-request: a pull request has a base and a head of its own; give either pull-request, or base"
                " and head."
            )
        return ReviewPull(event.repository, inputs.pull_request, has_base_token=True, is_named=True)
    head = inputs.head or event.ref
    if not inputs.head and not head.startswith((_BRANCH, _TAG)):
        raise EventError("The event's payload cannot be used: `ref` names no branch and no tag.")
    may_be_branch = not head.startswith(("tags/", _TAG)) and not is_hex(head, *SHA)
    branch = head.removeprefix("refs/").removeprefix("heads/") if may_be_branch else ""
    base = inputs.base.removeprefix("refs/")
    return ReviewRefs(event.repository, base, head.removeprefix("refs/"), branch)


def _refuse_inputs(event: PullRequestEvent | MergeGroupEvent | CommentEvent, inputs: Inputs) -> None:
    """What a run by hand takes would be without effect elsewhere, and its author would not know."""
    named = [name for name, value in (("base", inputs.base), ("head", inputs.head)) if value]
    number = None if isinstance(event, MergeGroupEvent) else event.number
    if inputs.pull_request not in (None, number):
        named.append("pull-request")
    if named:
        raise InputError(
            f"input {named[0]}: the event says what is reviewed here; leave the input empty, or run the workflow by"
            " hand (workflow_dispatch)."
        )
