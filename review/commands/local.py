"""`data-review local`: review a range of a git repository, without GitHub."""

import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from review import pipeline
from review.config.policy import Policy
from review.domain.target import Target
from review.domain.verdict import Review
from review.errors import GitError, InputError
from review.git.repository import Repository
from review.git.revision import Revisions
from review.stopwatch import Stopwatch

POLICY = ".github/data-review.yml"
"""Where the team's policy lies unless an input says otherwise."""


def local(repo: Path, base: str | None, head: str, style: str, output: str | None, cores: int) -> int:
    """Review `base..head` of the repository at that directory and write the review in that format.

    Only what is committed is reviewed. `base` defaults to the main branch. Returns the verdict's exit status. Raises
    InputError and GitError with a sentence that says what to do.
    """
    reviewed = review_range(repo, base, head, cores)
    write(reviewed, style, output)
    return reviewed.verdict.exit_status


def review_range(repo: Path, base: str | None, head: str, cores: int) -> Review:
    """The review of a range of a repository on disk."""
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
        policy = Policy.at(repository.tree(base_sha), POLICY, datetime.now(UTC).date())
        target = Target(repository=repo.resolve().name, base_sha=base_sha, head_sha=head_sha)
        reviewed = pipeline.review(
            pipeline.Range(target, merge_base, _notices(base_sha, head_sha, base)), repository, policy, watch, cores
        )
    _progress("")
    return reviewed


def _notices(base_sha: str, head_sha: str, base: str | None) -> tuple[str, ...]:
    if base_sha != head_sha:
        return ()
    named = "the main branch, which is the base where none is named," if base is None else "the base"
    return (
        f"{named[0].upper()}{named[1:]} is the very commit under review, so there is no change; name another base.",
    )


def write(review: Review, style: str, output: str | None) -> None:
    """Write the review to that file, or to standard output. Raises InputError where the file cannot be written."""
    if style == "text" and output is None:
        from review.render.terminal import print_review

        print_review(review, sys.stdout, shutil.get_terminal_size((100, 24)).columns)
        return
    text = rendered(review, style)
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
