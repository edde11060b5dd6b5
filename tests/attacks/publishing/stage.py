"""A pull request on a fake GitHub, and runs that publish what the review of its head says."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from review.github.pull_request import PullRequestClient
from review.publish.base import NotPublished, Outcome
from review.publish.pull_request import Wish, publish_review
from tests.attacks.publishing.change import EVERYTHING, NAME, NUMBER, Branch, Seen, review_of
from tests.github_server.server import RESOLVES, WRITES, GitHubServer
from tests.github_server.state import Comment, Pull, Repository


@dataclass
class Clock:
    """Time that passes only while somebody sleeps."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    """The pull request. Its branch is changed by `branch`; a run sees what was pushed."""

    server: GitHubServer
    branch: Branch
    repository: Repository = field(init=False)
    pull: Pull = field(init=False)
    may_resolve: bool = True
    most_inline: int = 20

    def __post_init__(self) -> None:
        self.repository = self.branch.history.fresh(NAME)
        self.pull = Pull(NUMBER, self.branch.base_sha, self.branch.head_sha)
        self.repository.pulls[NUMBER] = self.pull
        self.repository.roles["ana"] = "write"
        self.server.repositories[NAME] = self.repository

    def show(self) -> None:
        """GitHub has received what was pushed."""
        self.pull.base_sha, self.pull.head_sha = self.branch.base_sha, self.branch.head_sha

    def run(self, seen: Seen = EVERYTHING, reviewed: Callable[[Any], Any] = lambda review: review) -> list[Outcome]:
        """One run of the action on the present head, from what the review says to what came of publishing it."""
        clock = Clock()
        client = PullRequestClient(
            self.server.url,
            RESOLVES if self.may_resolve else WRITES,
            NAME,
            NUMBER,
            pause=0.0,
            sleep=clock.sleep,
        )
        head = self.branch.head_sha
        review = reviewed(review_of(self.branch, seen))

        def obstacle() -> str:
            return "" if self.pull.head_sha == head else "the head moved"

        return publish_review(client, review, Wish(most_inline=self.most_inline), obstacle, clock, clock.sleep)

    @property
    def inline(self) -> list[Comment]:
        """The comments on the diff."""
        return self.repository.inline.setdefault(NUMBER, [])

    @property
    def conversation(self) -> list[Comment]:
        """The comments in the conversation."""
        return self.repository.conversation.setdefault(NUMBER, [])

    def kept(self) -> dict[str, Any]:
        """All that GitHub stores of the conversation, to be put back."""
        names = ("inline", "conversation", "resolved", "minimized", "pending", "count")
        return copy.deepcopy({name: getattr(self.repository, name) for name in names})

    def put_back(self, kept: dict[str, Any]) -> None:
        """The conversation as it was."""
        for name, value in copy.deepcopy(kept).items():
            setattr(self.repository, name, value)


def failures(outcomes: list[Outcome]) -> list[str]:
    """What was not published, and why."""
    return [f"{each.surface}: {each.reason}" for each in outcomes if isinstance(each, NotPublished)]
