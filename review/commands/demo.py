"""`data-review demo`: a small data platform, one realistic pull request, and what we say of it. No key, no network."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from review.commands.local import local
from review.errors import GitError, InputError

EXAMPLE = Path(__file__).parent.parent / "demo"
"""The example's two states, `base/` and `head/`: whole trees of files."""

IDENTITY = {
    "GIT_AUTHOR_NAME": "Data Architecture Review",
    "GIT_AUTHOR_EMAIL": "demo@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-05T09:00:00+0000",
    "GIT_COMMITTER_NAME": "Data Architecture Review",
    "GIT_COMMITTER_EMAIL": "demo@example.invalid",
    "GIT_COMMITTER_DATE": "2026-01-05T09:00:00+0000",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
"""Fixed, so that the example's commits have the same names everywhere."""


def demo(style: str, keep: str | None, cores: int) -> int:
    """Build the example repository, review it, and print the review in that format.

    `keep` is a directory that does not exist yet or is empty, where the repository stays; None builds it in a temporary
    one. Returns 0 whatever the verdict: the example has defects on purpose. Raises InputError for a directory in use.
    """
    with tempfile.TemporaryDirectory(prefix="data-review-demo-") as scratch:
        root = Path(keep) if keep else Path(scratch) / "shop-data-platform"
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise InputError(f"--keep {root}: not an empty directory; name one that does not exist yet.")
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"--keep {root}: the directory cannot be made ({error.strerror}); name one that can."
            ) from error
        build(root)
        local(root, "main", "add-refunds", style, None, cores)
    return 0


def build(root: Path) -> None:
    """Commit both states of the example into a new repository at that empty directory, on `main` and `add-refunds`."""
    _git(root, "init", "--quiet", "--initial-branch=main")
    _commit(root, "base", "A small data platform")
    _git(root, "checkout", "--quiet", "-b", "add-refunds")
    _commit(root, "head", "Bring refunds into the marts")


def _commit(root: Path, state: str, message: str) -> None:
    for entry in root.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    shutil.copytree(EXAMPLE / state, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--no-verify", "-m", message)


def _git(root: Path, *arguments: str) -> None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed; install git 2.30 or newer and try again.") from error
    if done.returncode:
        raise GitError(f"the example repository could not be built (git {arguments[0]}: {done.stderr.strip()[:200]}).")
