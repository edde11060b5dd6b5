"""A pull request on the strict fake of GitHub, to which reviews are published in this process and without pauses.

What is found is written in the files: each line that ends in `-- BAD name` has the finding of that name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Hunk, Status
from review.domain.conversation import Thread
from review.domain.finding import Finding, Location
from review.domain.verdict import Review
from review.github.pull_request import PullRequestClient
from review.publish.base import Outcome
from review.publish.pull_request import Wish, publish_review
from review.render import markers
from tests.github_server.anchors import hunks
from tests.github_server.server import WRITES, GitHubServer
from tests.github_server.state import Comment, Pull, Repository
from tests.unit.git.git_checkout import Checkout
from tests.unit.render.builders import finding, review

NAME = "shop/data-platform"
NUMBER = 7
PATH = "models/orders.sql"


def text(*bad: str, lines: int = 12) -> str:
    """A file of that many lines and one line for each finding, in the middle."""
    plain = [f"select {number}" for number in range(lines)]
    wrong = [f"select x -- BAD {name}" for name in bad]
    return "\n".join((*plain[: lines // 2], *wrong, *plain[lines // 2 :])) + "\n"


@dataclass
class Scene:
    """One pull request. `before` are the files at its base."""

    root: Path
    server: GitHubServer
    before: Mapping[str, str] = field(default_factory=lambda: {PATH: text()})
    checkout: Checkout = field(init=False)
    pull: Pull = field(init=False)
    repository: Repository = field(init=False)

    def __post_init__(self) -> None:
        self.checkout = Checkout(self.root / "author")
        base = self.checkout.commit(self.before, message="base")
        self.pull = Pull(NUMBER, base, base)
        self.repository = self.server.add(NAME, self.root / "author" / ".git", self.pull)

    def push(self, files: Mapping[str, str], delete: Iterable[str] = (), onto: str = "") -> str:
        """A further commit on the branch; with `onto` the branch is that commit and this one, as by a forced push."""
        if onto:
            self.checkout.git("reset", "-q", "--hard", onto)
        self.pull.head_sha = self.checkout.commit(files, delete=delete, message="more")
        return self.pull.head_sha

    def client(self, token: str = WRITES, sleep: Callable[[float], None] = lambda seconds: None) -> PullRequestClient:
        """A client that does not pause."""
        return PullRequestClient(self.server.api_url, token, NAME, NUMBER, pause=0, sleep=sleep, timeout=2)

    def review(self, **changes: Any) -> Review:
        """The review of the present head, by what its files say."""
        files = self._files()
        artifacts = [self._artifact(file) for file in files]
        made = review([found for each in artifacts for found in _findings(each)], artifacts, files, **changes)
        target = replace(made.target, repository=NAME, head_sha=self.pull.head_sha, base_sha=self.pull.base_sha)
        return replace(made, target=target, changeset=replace(made.changeset, head_sha=self.pull.head_sha))

    def publish(self, token: str = WRITES, made: Review | None = None, **wish: Any) -> list[Outcome]:
        """Publish a review, by default of the present head."""
        return publish_review(self.client(token), made or self.review(), Wish(**wish), sleep=lambda seconds: None)

    @property
    def threads(self) -> list[Thread]:
        """As our own client reads them."""
        return list(self.client().threads())

    @property
    def shown(self) -> list[str]:
        """Names of the findings that open threads of ours show at lines of the diff, one for each thread."""
        names = {found.fingerprint: found.evidence for found in self.review().findings}
        found = [
            markers.read_finding(thread.first.body)
            for thread in self.threads
            if not (thread.is_outdated or thread.is_resolved) and thread.first.author == self.server.login
            and not any(markers.read_closed(reply.body) for reply in thread.replies)
        ]  # fmt: skip
        return sorted(names.get(fingerprint, "?") for fingerprint in found if fingerprint)

    @property
    def summary(self) -> str:
        """The text of the one summary."""
        (comment,) = self.repository.conversation[NUMBER]
        return comment.body

    def comment_of(self, name: str) -> Comment:
        """The newest comment that shows the finding of that name."""
        return next(each for each in reversed(self.repository.inline[NUMBER]) if f"BAD {name}" in each.body)

    def say(self, comment: Comment, body: str, login: str = "ana") -> None:
        """A person's reply in the thread that the comment opened."""
        self.repository.add_reply(NUMBER, comment.id, login, body)

    @property
    def writes(self) -> list[str]:
        """Method and path of every request that would change something, and `graphql`."""
        asked = [each for each in self.server.requests if each[0] != "GET"]
        return [f"{method} {path.partition(NAME + '/')[2] or path.strip('/')}" for method, path in asked]

    def _files(self) -> list[ChangedFile]:
        listed = self.repository.git("diff", "--name-status", "-M", self.pull.base_sha, self.pull.head_sha)
        shown = hunks(self.repository, self.pull)
        files = []
        for line in listed.splitlines():
            status, *paths = line.split("\t")
            files.append(
                ChangedFile(
                    path=paths[-1],
                    status={"A": Status.ADDED, "D": Status.DELETED, "M": Status.MODIFIED}.get(status, Status.RENAMED),
                    old_path=paths[0] if len(paths) > 1 else None,
                    hunks=tuple(
                        Hunk(each.left.start, len(each.left), each.right.start, len(each.right))
                        for each in shown.get(paths[-1], [])
                    ),
                )
            )
        return files

    def _artifact(self, file: ChangedFile) -> Artifact:
        head = file.head_path
        content = self.repository.git("show", f"{self.pull.head_sha}:{head}") if head else ""
        return Artifact(file, Kind.DBT_MODEL, head=Version(head, content) if head else None)


def _findings(artifact: Artifact) -> list[Finding]:
    if artifact.head is None:
        return []
    lines = artifact.head.text.split("\n")
    return [
        finding(
            location=Location(artifact.path, number, number),
            evidence=line.partition("-- BAD ")[2],
            title=f"Found: BAD {line.partition('-- BAD ')[2]}.",
            identity_path=artifact.file.old_path or "",
        )
        for number, line in enumerate(lines, 1)
        if "-- BAD " in line
    ]
