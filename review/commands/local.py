"""`data-review local`: review a range of a git repository, without GitHub."""

import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from review import log, pipeline
from review.commands.agent import Wish
from review.commands.policies import policies
from review.config.policy import Policy
from review.domain.target import Range, Target
from review.domain.tree import Tree
from review.domain.verdict import Review
from review.errors import GitError, InputError
from review.git.repository import Repository
from review.git.revision import Revisions
from review.git.tree import GitTree
from review.git.uncommitted import uncommitted
from review.git.workspace import Workspace
from review.render import words
from review.stopwatch import Stopwatch

if TYPE_CHECKING:
    from review.model.base import Model
    from review.reviewers.setup import Consultant

POLICY = ".github/data-review.yml"
"""Where the team's policy lies unless an input says otherwise."""


def local(
    repo: Path,
    base: str | None,
    head: str,
    style: str,
    output: str | None,
    cores: int,
    asked: "Asked | None" = None,
) -> int:
    """Review `base..head` of the repository at that directory and write the review in that format.

    Only what is committed is reviewed. `base` defaults to the main branch. `asked` says which agent to ask, if any.
    Returns the verdict's exit status. Raises InputError and GitError with a sentence that says what to do.
    """
    from review.commands.dry_run import DryRun, nothing

    made: list[Consultant] = []

    def consultant(tree: Tree) -> "Consultant | None":
        if asked is not None:
            made.append(asked.consultant(tree))
        return made[0] if made else None

    reviewed = review_range(repo, base, head, cores, consultant)
    if asked is not None and asked.dry_run:
        shown = made[0].text(style) if made and isinstance(made[0], DryRun) else nothing(asked.wish.agent, style)
        _deliver(shown, output)
        return 0
    write(reviewed, style, output)
    return reviewed.verdict.exit_status


@dataclass(frozen=True)
class Asked:
    """Which agent a local review asks, and how."""

    wish: Wish
    environ: Mapping[str, str]
    dry_run: bool
    transcript: str | None
    """Directory for what is said; None where it is not kept."""

    def consultant(self, base: Tree) -> "Consultant":
        """Whoever is asked. Raises InputError where there is no key to ask with."""
        from review.commands.agent import AgentConsultant, setup_of
        from review.commands.dry_run import DryRun
        from review.config.credentials import credentials_of

        if self.dry_run:
            shown = DryRun(setup_of(self.wish, base, self.environ, connect=_nobody))
            self._tell(shown.setup.agent.notices)
            return shown
        credentials = credentials_of(self.environ)
        if credentials is None:
            raise InputError(
                "--agent needs a key: set ANTHROPIC_API_KEY, or the variables of the provider that the environment"
                " names (README, Providers); or add --dry-run to see what would be sent without one."
            )
        wrap = _kept_in(Path(self.transcript)) if self.transcript else _as_it_is
        made = AgentConsultant(
            self.wish,
            credentials,
            base,
            self.environ,
            wrap=wrap,
            announce=lambda text: log.notice(text, self.environ),
        )
        self._tell(made.setup.agent.notices)
        return made

    def _tell(self, notices: Iterable[str]) -> None:
        """What of the agent's file has no effect."""
        for clause in notices:
            log.notice(f"{self.wish.agent}: {clause}.", self.environ)


def _kept_in(directory: Path) -> "Callable[[Model], Model]":
    from review.model.transcript import Transcript

    return lambda model: Transcript(model, directory)


def _as_it_is(model: "Model") -> "Model":
    return model


def _nobody() -> "Model":
    raise InputError("A dry run asks nobody.")


def review_range(
    repo: Path,
    base: str | None,
    head: str,
    cores: int,
    consultant: "Callable[[Tree], Consultant | None]" = lambda base: None,
) -> Review:
    """The review of a range of a repository on disk; `consultant` gives whoever is asked, from the tree at base."""
    if not repo.is_dir():
        raise InputError(f"--repo {repo}: there is no such directory.")
    watch = Stopwatch(time.monotonic, _progress)
    with watch.stage("git"), Revisions(repo) as revisions:
        head_sha = revisions.resolve(head)
        base_sha = revisions.resolve(revisions.default_base() if base is None else base)
        repository = Repository.from_workspace(revisions.workspace.git, base_sha, head_sha)
    if repository is None:
        raise GitError(
            f"{repo}: some objects of {base_sha[:12]} or {head_sha[:12]} are missing; fetch them and try again."
        )
    with repository:
        merge_base = repository.merge_base(base_sha, head_sha)
        tree = repository.tree
        read = policies(tree(base_sha), tree(merge_base), tree(head_sha), POLICY, datetime.now(UTC).date())
        target = Target(repository=repo.resolve().name, base_sha=base_sha, head_sha=head_sha)
        notices = list(_no_change(base_sha, head_sha, merge_base, base))
        if head == "HEAD":
            notices += _left_behind(tree(head_sha), read.policy, revisions.workspace)
        reviewed = pipeline.review(
            Range(target, merge_base, (*notices, *read.notices), skipped=read.skipped),
            repository,
            read.policy,
            watch,
            cores,
            lambda: consultant(repository.tree(base_sha)),
        )
    _progress("")
    return reviewed


def _no_change(base_sha: str, head_sha: str, merge_base: str, base: str | None) -> tuple[str, ...]:
    """Why there is nothing between the two, where one is all in the other."""
    if merge_base != head_sha:
        return ()
    named = "The main branch, which is the base where none is named," if base is None else "The base"
    if base_sha == head_sha:
        return (f"{named} is the very commit under review, so there is no change; name another base.",)
    return (f"{named} holds all of the commit under review already, so there is no change; name another base.",)


def _left_behind(head: GitTree, policy: Policy, workspace: Workspace) -> tuple[str, ...]:
    """That files in the working directory are not as committed, where some that may be data files are not."""
    kept_elsewhere = ".csv"  # seeds are often in git-lfs, and never look as committed then
    paths = (path for path in head.paths() if pipeline.matters(path, policy) and not path.endswith(kept_elsewhere))
    number = uncommitted(head, paths, workspace)
    if not number:
        return ()
    return (
        f"{words.count(number, 'file')} that could be ours to review {'is' if number == 1 else 'are'} not as committed:"
        " only what is committed was reviewed.",
    )


def write(review: Review, style: str, output: str | None) -> None:
    """Write the review to that file, or to standard output. Raises InputError where the file cannot be written."""
    if style == "text" and output is None:
        from review.render.terminal import print_review

        print_review(review, sys.stdout, shutil.get_terminal_size((100, 24)).columns)
        return
    _deliver(rendered(review, style), output)


def _deliver(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--output {output!r}: cannot be written ({error.strerror}).") from error


def rendered(review: Review, style: str) -> str:
    """The review in that format, ending in a newline."""
    if style == "markdown":
        from review.render.markdown import markdown

        return markdown(review)
    if style == "json":
        from review.render.json import review_json

        return review_json(review)
    if style == "sarif":
        from review.render.sarif import sarif_json

        return sarif_json(review)
    from review.render.terminal import plain_text

    return plain_text(review)


def _progress(stage: str) -> None:
    """One line that replaces itself, on a terminal only; the empty stage takes it away."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{stage and f'data-review: {stage} …'}")
        sys.stderr.flush()
