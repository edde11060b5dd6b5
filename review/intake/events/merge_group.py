"""`merge_group`: a merge queue made a commit of pull requests on top of the base branch and wants it checked."""

from dataclasses import dataclass

from review.intake.payload import NotReviewable, commit_of, object_of, repository_of, text_of


@dataclass(frozen=True)
class MergeGroupEvent:
    """The commits that a merge queue is about to bring to a branch."""

    repository: str
    """`owner/name`."""
    base_sha: str
    """What the group stands on; may itself be the head of the group before it."""
    head_sha: str


def read_merge_group(payload: object) -> MergeGroupEvent | NotReviewable:
    """The event in this payload. Raises EventError where it is not of GitHub's shape
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group).
    """
    data = object_of(payload, "it")
    if text_of(data, "action") != "checks_requested":
        return NotReviewable("Nothing was reviewed: the merge queue asks for no checks of this group.")
    group = object_of(data.get("merge_group"), "`merge_group`")
    return MergeGroupEvent(
        repository=repository_of(data),
        base_sha=commit_of(group, "base_sha", "merge_group."),
        head_sha=commit_of(group, "head_sha", "merge_group."),
    )
