"""The range under review, from the event and from what the API says of the pull request now."""

from collections.abc import Iterator

from review.domain.target import PullRequest, Target
from review.errors import InputError
from review.github.facts import PullFacts, RepositoryFacts
from review.intake.payload import NotReviewable
from review.intake.work import ReviewPull

READ_ONLY_ACTORS = frozenset({"dependabot[bot]"})
"""Runs they cause on `pull_request` get a read-only token, whatever the workflow's `permissions` say
(https://docs.github.com/en/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions)."""


def closed(work: ReviewPull, facts: PullFacts) -> NotReviewable | None:
    """Why a pull request is not reviewed any more; None where it is open. Raises InputError where it was asked for.

    What a merged one brings is in its base branch: a review would find an empty change, and overwrite what it said.
    """
    if facts.state == "open":
        return None
    state = "merged" if facts.is_merged else "closed"
    if work.is_named:
        raise InputError(
            f"input pull-request: #{facts.number} is {state}; name one that is open, or give base and head to review"
            " commits."
        )
    return NotReviewable(f"Nothing was reviewed: pull request #{facts.number} is {state} by now.")


def target_of(
    work: ReviewPull, facts: PullFacts, *, actor: str = "", server_url: str = ""
) -> tuple[Target, tuple[str, ...]]:
    """What to review, by the facts read now, and what a reader should know about how it was found.

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
            labels=facts.labels,
        ),
        is_fork=is_fork,
        can_write=work.has_base_token or not (is_fork or READ_ONLY_ACTORS.intersection((work.actor, actor))),
        server_url=server_url.rstrip("/") or _origin(facts.url),
    )
    return target, tuple(_notices(work, facts))


def range_target(facts: RepositoryFacts, base_sha: str, head_sha: str, *, server_url: str = "") -> Target:
    """The target where two commits are reviewed that belong to no pull request."""
    return Target(
        repository=facts.name,
        base_sha=base_sha,
        head_sha=head_sha,
        server_url=server_url.rstrip("/") or _origin(facts.url),
    )


def _notices(work: ReviewPull, facts: PullFacts) -> Iterator[str]:
    before, now = work.head_sha[:12], facts.head_sha[:12]
    if work.head_sha and work.head_sha != facts.head_sha:
        yield (
            f"The head moved from {before} to {now} since the event of this run; the review is of {now}, while the"
            f" check of this run is shown on {before}."
        )


def _origin(url: str) -> str:
    """Scheme and host of a web address; empty where it has none."""
    scheme, found, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if found else ""
