"""The range under review, from the event and from what the API says of the pull request now."""

from collections.abc import Iterator

from review.domain.target import PullRequest, Target
from review.github.facts import PullFacts
from review.intake.event import PullRequestEvent

READ_ONLY_ACTORS = frozenset({"dependabot[bot]"})
"""Runs they cause get a read-only token, whatever the workflow's `permissions` say
(https://docs.github.com/en/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions)."""


def target_of(
    event: PullRequestEvent, facts: PullFacts, *, actor: str = "", server_url: str = ""
) -> tuple[Target, tuple[str, ...]]:
    """What to review for this event, by the facts read now, and what a reader should know about how it was found.

    `actor` is who caused the run (`GITHUB_ACTOR`), where it is known; `server_url` the web address of the GitHub server
    (`GITHUB_SERVER_URL`), by default that of the pull request's page.
    """
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
            description=facts.description,
        ),
        is_fork=is_fork,
        can_write=not is_fork and not READ_ONLY_ACTORS.intersection((event.actor, actor)),
        server_url=server_url.rstrip("/") or _origin(facts.url),
    )
    return target, tuple(_notices(event, facts))


def _notices(event: PullRequestEvent, facts: PullFacts) -> Iterator[str]:
    before, now = event.head_sha[:12], facts.head_sha[:12]
    if event.head_sha != facts.head_sha:
        yield (
            f"The head moved from {before} to {now} since the event of this run; the review is of {now}, while the"
            f" check of this run is shown on {before}."
        )
    if facts.state != "open":
        yield f"Pull request #{facts.number} is {facts.state} by now."


def _origin(url: str) -> str:
    """Scheme and host of a web address; empty where it has none."""
    scheme, found, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if found else ""
