"""The range under review, from the event and from what the API says of the pull request now."""

from dataclasses import dataclass

from review.domain.target import PullRequest, Target
from review.github.facts import PullFacts
from review.intake.event import NotReviewable, PullRequestEvent

READ_ONLY_ACTORS = frozenset({"dependabot[bot]"})
"""Runs they cause get a read-only token, whatever the workflow's `permissions` say
(https://docs.github.com/en/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions)."""


@dataclass(frozen=True)
class Found:
    """A target, and what a reader should know about how it was found."""

    target: Target
    notices: tuple[str, ...] = ()


def target_of(event: PullRequestEvent, facts: PullFacts, server_url: str = "") -> Found | NotReviewable:
    """What to review for this event, by the facts read now; a pull request closed since is not reviewed.

    `server_url` is the web address of the GitHub server (`GITHUB_SERVER_URL`); empty: read off the pull request's page.
    """
    if facts.state != "open":
        return NotReviewable(f"Nothing was reviewed: pull request #{facts.number} is {facts.state} by now.")
    is_fork = facts.head_repository is None or facts.head_repository.lower() != facts.base_repository.lower()
    target = Target(
        repository=facts.base_repository,
        base_sha=facts.base_sha,
        head_sha=facts.head_sha,
        pull_request=PullRequest(
            number=facts.number,
            title=facts.title,
            is_draft=facts.is_draft,
            state=facts.state,
            url=facts.url,
            base_ref=facts.base_ref,
            head_ref=facts.head_ref,
        ),
        is_fork=is_fork,
        can_write=not is_fork and event.actor not in READ_ONLY_ACTORS,
        server_url=server_url.rstrip("/") or _origin(facts.url),
    )
    moved = event.head_sha != facts.head_sha
    return Found(target, (_moved(event.head_sha, facts.head_sha),) if moved else ())


def _moved(before: str, now: str) -> str:
    return (
        f"The head moved from {before[:12]} to {now[:12]} since the event of this run; the review is of {now[:12]},"
        " and counts for the check of a run on that commit only."
    )


def _origin(url: str) -> str:
    """Scheme and host of a web address; empty where it has none."""
    scheme, found, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if found else ""
