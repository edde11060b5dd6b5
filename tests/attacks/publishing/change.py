"""A pull request's files as they change from push to push, and the review that each head deserves.

A line `smell N` is a defect for as long as the pull request introduces it: the finder here is three lines long, so that
what a test says of publishing does not hang on what any rule says of SQL.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import Changeset, Status
from review.domain.conversation import Ignores
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Standard, Tier
from review.domain.severity import Severity
from review.domain.target import PullRequest, Target
from review.domain.verdict import Review, Usage
from review.findings.funnel import funnel
from review.verdict.decide import decide
from tests.attacks.publishing.history import History

NAME = "shop/data-platform"
NUMBER = 7
SMELL = "smell "
MOVED = "-- moved"
SUBJECTS = {standard: frozenset({Kind.SQL_QUERY}) for standard in Standard}
Files = Mapping[str, tuple[str, ...]]
"""Path → lines."""


def plain(name: str, lines: int = 24) -> tuple[str, ...]:
    """A file without a defect, of which the diff shows only what is changed."""
    return tuple(f"select {name}_{number}" for number in range(lines))


@dataclass
class Branch:
    """A pull request's branch and its base: what a push can do to them."""

    history: History
    base_files: Files
    files: dict[str, tuple[str, ...]]
    base_sha: str = field(init=False)
    """The tip of the base branch."""
    head_sha: str = field(init=False)
    _root: str = field(init=False)
    """Where the branch leaves the base."""
    _moved: list[str] = field(default_factory=list)
    """Files that changed on the base since."""

    def __post_init__(self) -> None:
        self.base_sha = self._commit(self.base_files)
        self.rebase()

    def push(self) -> None:
        """A further commit with the files as they are."""
        self.head_sha = self._commit(self.files, self.head_sha)

    def squash(self) -> None:
        """One commit in the place of all others: a force-push."""
        self.head_sha = self._commit(self.files, self._root)

    def rebase(self) -> None:
        """The same on the present base, with what changed there."""
        for path in self._moved:
            if path in self.files:
                self.files[path] = (MOVED, *self.files[path])
        self._moved.clear()
        self._root = self.base_sha
        self.squash()

    def move_base(self, path: str) -> None:
        """Somebody else's change to a file reaches the base branch; the pull request does not have it yet."""
        self.base_files = {**self.base_files, path: (MOVED, *self.base_files[path])}
        self.base_sha = self._commit(self.base_files, self.base_sha)
        self._moved.append(path)

    def _commit(self, files: Files, *parents: str) -> str:
        texts = {path: "".join(f"{line}\n" for line in lines) for path, lines in files.items()}
        return self.history.commit(texts, *parents)


@dataclass(frozen=True)
class Seen:
    """How a run looks at a head."""

    unseen: frozenset[str] = frozenset()
    """Files that the rules could not look at."""
    unwanted: frozenset[str] = frozenset()
    """Smells that the team's policy suppresses."""
    ignores: Ignores = field(default_factory=Ignores)


EVERYTHING = Seen()


def review_of(branch: Branch, seen: Seen = EVERYTHING) -> Review:
    """The review of the branch's head, by the real funnel and the real verdict."""
    changeset = branch.history.changeset(branch.base_sha, branch.head_sha)
    artifacts = tuple(_artifacts(branch, changeset))
    read = [each for each in artifacts if each.path not in seen.unseen]
    found = funnel(_findings(branch, read), changeset, lambda finding: _unwanted(finding, seen))
    skipped = tuple(Skipped(Stage.RULES.value, path, "its worker died") for path in sorted(seen.unseen))
    return Review(
        target=_target(branch),
        changeset=changeset,
        artifacts=artifacts,
        findings=found.findings,
        inline=found.inline,
        suppressed=found.suppressed,
        skipped=skipped,
        verdict=decide(artifacts, found.findings, skipped, SUBJECTS, Severity.HIGH),
        usage=Usage({"git": 0.1}),
    )


def finding(path: str, line: int, smell: str, identity_path: str = "") -> Finding:
    """The defect of that name on that line."""
    return Finding(
        source=f"rule:SQL00{1 + sum(map(ord, smell)) % 3}",
        standard=Standard.DATA_QUALITY,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        tier=Tier.PROVEN,
        location=Location(path, line, line),
        title=f"This is {SMELL}{smell}",
        explanation="Rows are lost.",
        remediation="Keep them.",
        evidence=smell,
        identity_path=identity_path,
    )


def smell_of(line: str) -> str:
    """The name of the defect on a line, or ""; what follows the name is no part of it."""
    return line.removeprefix(SMELL).split(" ")[0] if line.startswith(SMELL) else ""


def _artifacts(branch: Branch, changeset: Changeset) -> Iterable[Artifact]:
    for file in changeset:
        if file.path.endswith(".sql"):
            head = branch.files.get(file.path)
            yield Artifact(
                file,
                Kind.SQL_QUERY,
                dialect="ansi",
                head=None if head is None or file.status is Status.DELETED else Version(file.path, "\n".join(head)),
            )


def _findings(branch: Branch, artifacts: Collection[Artifact]) -> Iterable[Finding]:
    for artifact in artifacts:
        if artifact.head is None:
            continue
        old = artifact.file.old_path or ""
        for number, line in enumerate(branch.files[artifact.path], 1):
            if smell := smell_of(line):
                yield finding(artifact.path, number, smell, old if old != artifact.path else "")


def _unwanted(found: Finding, seen: Seen) -> str | None:
    if found.evidence in seen.unwanted:
        return "the policy does not want it"
    return seen.ignores.reason(found)


def _target(branch: Branch) -> Target:
    return Target(
        repository=NAME,
        base_sha=branch.base_sha,
        head_sha=branch.head_sha,
        pull_request=PullRequest(
            number=NUMBER,
            title="Bring refunds into the marts",
            is_draft=False,
            state="open",
            url=f"https://github.com/{NAME}/pull/{NUMBER}",
            base_ref="main",
            head_ref="refunds",
        ),
        can_write=True,
        server_url="https://github.com",
    )
