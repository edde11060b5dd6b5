"""A checkout on this machine, fetched from as if it were a server.

An earlier step of the job may have run the pull request's code, and git believes what an object file says of itself.
What is fetched is named anew by what it holds, so that a forged commit, tree or blob can pass for nothing.
"""

from typing import TYPE_CHECKING

from review.git.remote import FETCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.git.command import Git
    from review.git.repository import Repository

_TIMEOUT = 120.0
_ENVIRONMENT = {"GIT_ALLOW_PROTOCOL": "file", "GIT_PROTOCOL_FROM_USER": "0"}


class Neighbour:
    """A source of objects like `Remote`, around a repository of ours that borrows the checkout's objects."""

    def __init__(self, borrowing: "Repository") -> None:
        """Takes the repository over: `close` closes it."""
        self._borrowing = borrowing
        self.url = str(borrowing.directory)

    def close(self) -> None:
        """Remove the repository that borrows."""
        self._borrowing.close()

    def fetch_commits(self, git: "Git", commits: "Iterable[str]") -> None:
        """Fetch these commits with all their trees. Raises GitError where the checkout does not hold them whole."""
        wanted = sorted(set(commits))
        options = ("--depth=1", "--filter=blob:none", "--refmap=")
        git.run(*FETCH, *options, "origin", *wanted, timeout=_TIMEOUT, extra=_ENVIRONMENT).checked("fetch")
        # A fetch with a filter does not mind what is absent: the server is trusted to have it, a checkout is not.
        listing = ("rev-list", "--quiet", "--objects", "--no-walk", "--filter=blob:none", "--missing=error")
        git.run(*listing, *wanted, timeout=_TIMEOUT).checked("list the trees")

    def fetch_blobs(self, git: "Git", blobs: "Iterable[str]") -> None:
        """Fetch those of the blobs that the checkout holds. Raises GitError."""
        names = "".join(f"{name}\n" for name in sorted(self._borrowing.sizes(blobs))).encode("ascii")
        if names:
            options = ("--filter=blob:none", "--refmap=", "--stdin", "origin")
            git.run(*FETCH, *options, stdin=names, timeout=_TIMEOUT, extra=_ENVIRONMENT).checked("fetch content")
