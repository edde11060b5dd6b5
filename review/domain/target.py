"""What is reviewed, and where the review may be written."""

from dataclasses import dataclass

from review.domain.evidence import Skipped


@dataclass(frozen=True)
class PullRequest:
    """The facts of a pull request, as the API gave them (never as a replayed event payload says)."""

    number: int
    title: str
    is_draft: bool
    state: str
    """`open` or `closed`."""
    url: str
    """The page a person opens."""
    base_ref: str
    head_ref: str
    description: str = ""
    """What its author says of it; empty where nothing is said."""
    labels: tuple[str, ...] = ()
    """Names."""


@dataclass(frozen=True)
class Target:
    """The range under review.

    `base_sha` is the tip of the base branch: policy, agent and lint configuration are read there. What changed is
    measured from the merge base of the two commits (`Changeset.merge_base`).
    """

    repository: str
    """`owner/name`; for `data-review local` the directory's name."""
    base_sha: str
    head_sha: str
    pull_request: PullRequest | None = None
    is_fork: bool = False
    can_write: bool = False
    """May comments be posted: false for a fork's or Dependabot's read-only token, and locally."""
    server_url: str = ""
    """Web address of the GitHub server, for permalinks; empty where there is none."""


@dataclass(frozen=True)
class Range:
    """The commits of one review, all three held by the repository they are read from."""

    target: Target
    merge_base: str
    notices: tuple[str, ...] = ()
    pages: str = ""
    """Web address under which this action's own files are shown, for the rules' pages; empty where nobody knows."""
    skipped: tuple[Skipped, ...] = ()
    """What was known to be missed before the change was read."""
