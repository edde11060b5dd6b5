"""`workflow_dispatch`: somebody with write access started the workflow by hand, on a branch or tag."""

from dataclasses import dataclass

from review.intake.payload import object_of, repository_of, text_of


@dataclass(frozen=True)
class DispatchEvent:
    """A run by hand. What it is to review is in the action's inputs."""

    repository: str
    """`owner/name`."""
    ref: str
    """What it was started on: `refs/heads/…` or `refs/tags/…`."""


def read_dispatch(payload: object) -> DispatchEvent:
    """The event in this payload. Raises EventError where it is not of GitHub's shape
    (https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_dispatch).
    """
    data = object_of(payload, "it")
    return DispatchEvent(repository=repository_of(data), ref=text_of(data, "ref"))
