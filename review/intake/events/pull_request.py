"""`pull_request` and `pull_request_target`: something happened to a pull request."""

from dataclasses import dataclass

from review.intake.payload import NotReviewable, number_of, object_of, repository_of, sender_of, text_of


@dataclass(frozen=True)
class PullRequestEvent:
    """A pull request that wants a review."""

    repository: str
    """`owner/name` of the base repository."""
    number: int
    action: str
    """GitHub's activity type: `opened`, `synchronize`, `edited` …"""
    head_sha: str
    """The head when the event happened; the pull request may have moved on."""
    actor: str
    """Login of who caused the event."""
    has_base_token: bool = False
    """Whether the run has the base repository's token even for a fork's pull request (`pull_request_target`)."""


def read_pull_request(payload: object, *, has_base_token: bool = False) -> PullRequestEvent | NotReviewable:
    """The event in this payload. Raises EventError where it is not of GitHub's shape
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request).

    Every activity type leads to a whole review, since any may come first (`edited` is the one that a change of the
    base branch makes); only a pull request that is closed has nothing more to be decided.
    """
    data = object_of(payload, "it")
    action = text_of(data, "action")
    pull_request = object_of(data.get("pull_request"), "`pull_request`")
    number = number_of(pull_request, "number", "pull_request.")
    repository = repository_of(data)
    if action == "closed":
        state = "merged" if pull_request.get("merged") is True else "closed"
        return NotReviewable(f"Nothing was reviewed: pull request #{number} is {state}.")
    return PullRequestEvent(
        repository=repository,
        number=number,
        action=action,
        head_sha=text_of(object_of(pull_request.get("head"), "`pull_request.head`"), "sha", "pull_request.head."),
        actor=sender_of(data),
        has_base_token=has_base_token,
    )
