"""The few facts that every run reads, on `http.client` alone.

PyGithub costs a third of a second to import, and a pull request that touches no data file should not pay it. Only
reads are here, so every request may be repeated (`transport.py`); what cannot be read becomes one sentence of
`review.errors` that names the permission the token lacks.
"""

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from review.errors import Forbidden, GitHubError, NoCommonHistory, NotFound
from review.github.facts import (
    Comment,
    Labelling,
    PullFacts,
    RepositoryFacts,
    Shape,
    Upload,
    comment_of,
    labelling_of,
    odd,
    pull_facts,
    repository_facts,
    role_of,
    upload_of,
)
from review.github.transport import DEADLINE, Answer, Transport

__all__ = ["Comment", "PullFacts", "Reader"]

_PAGES = 100


class Reader:
    """Reads one GitHub server. `api_url` is GITHUB_API_URL, which has a path on GitHub Enterprise Server."""

    def __init__(
        self,
        api_url: str,
        token: str = "",
        *,
        deadline: float = DEADLINE,
        environ: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Raises InputError where the address is not http(s). See `Transport` for the rest."""
        self._transport = Transport(api_url, token, deadline, environ, sleep, clock, now, jitter)

    def pull(self, repository: str, number: int) -> PullFacts:
        """The facts of a pull request. Raises GitHubError."""
        what = f"pull request #{number} of {repository}"
        data, _ = self._json(f"/repos/{repository}/pulls/{number}", what, "pull-requests: read")
        return pull_facts(data, what)

    def repository(self, repository: str) -> RepositoryFacts:
        """The facts of a repository. Raises GitHubError."""
        what = f"the repository {repository}"
        data, _ = self._json(f"/repos/{repository}", what, "contents: read")
        return repository_facts(data, what)

    def open_pulls(self, repository: str, branch: str, head_repository: str = "") -> tuple[PullFacts, ...]:
        """The open pull requests whose head is that branch of the repository itself, or of that fork of it.

        Raises GitHubError.
        """
        source = head_repository or repository
        what = f"the open pull requests of {branch} in {repository}"
        head = quote(f"{source.partition('/')[0]}:{branch}", safe="")
        path = f"/repos/{repository}/pulls?state=open&head={head}&per_page=100"
        data, _ = self._json(path, what, "pull-requests: read")
        if not isinstance(data, list):
            raise odd(what)
        found = [pull_facts(item, what) for item in data]
        return tuple(pull for pull in found if _is_of(pull, source) and pull.head_ref == branch)

    def uploads(self, repository: str, run_id: int, name: str) -> tuple[Upload, ...]:
        """What a workflow run left under that name: one for each attempt. Raises GitHubError."""
        what = f"the uploads of the workflow run {run_id} of {repository}"
        path = f"/repos/{repository}/actions/runs/{run_id}/artifacts?name={quote(name, safe='')}&per_page=100"
        data, _ = self._json(path, what, "actions: read")
        found = [upload_of(item) for item in Shape(data, what).items("artifacts")]
        return tuple(upload for upload in found if upload.name == name)

    def upload(self, repository: str, upload: Upload) -> bytes:
        """The archive of an upload. GitHub sends us to another host for it, which gets no token. Raises GitHubError."""
        what = f"the upload {upload.id} of {repository}"
        path = f"{self._transport.api_url}/repos/{repository}/actions/artifacts/{upload.id}/zip"
        answer = self._transport.get(path, what)
        if answer.status != 200:
            raise _refusal(answer, what, "actions: read", (404, 410))
        return answer.body

    def commit_sha(self, repository: str, ref: str) -> str:
        """The full name of the commit that a branch, tag or (short) commit name stands for.

        A page of one file, since GitHub shows the commit's whole difference with it.

        Raises NotFound where the repository has none of that name, GitHubError for the rest.
        """
        what = f"the commit {ref} of {repository}"
        path = f"/repos/{repository}/commits/{quote(ref, safe='/')}?per_page=1"
        data, _ = self._json(path, what, "contents: read", absent=(404, 422))
        return Shape(data, what).text("sha")

    def role(self, repository: str, login: str) -> str:
        """What that account may do in the repository, one of `ROLES`; `none` for one that GitHub does not know.

        Raises GitHubError.
        """
        what = f"the permission of {login} in {repository}"
        path = f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission"
        try:
            data, _ = self._json(path, what, "contents: read")
        except NotFound:
            return "none"
        return role_of(data, what)

    def merge_base(self, repository: str, base_sha: str, head_sha: str) -> str:
        """The merge base of two commits of that repository or its forks. Raises GitHubError or NoCommonHistory."""
        what = f"the merge base of {base_sha[:12]} and {head_sha[:12]} in {repository}"
        path = f"/repos/{repository}/compare/{base_sha}...{head_sha}?per_page=1"
        data, _ = self._json(path, what, "contents: read")
        return Shape(data, what).inner("merge_base_commit").text("sha")

    def issue_comments(self, repository: str, number: int) -> tuple[Comment, ...]:
        """All comments in the conversation of a pull request, oldest first. Raises GitHubError."""
        what = f"the comments of pull request #{number} of {repository}"
        items = self._items(f"/repos/{repository}/issues/{number}/comments?per_page=100", what)
        return tuple(comment_of(item, what) for item in items)

    def inline_comments(self, repository: str, number: int) -> tuple[Comment, ...]:
        """All comments on the diff of a pull request, oldest first. Raises GitHubError."""
        what = f"the inline comments of pull request #{number} of {repository}"
        items = self._items(f"/repos/{repository}/pulls/{number}/comments?per_page=100", what)
        return tuple(comment_of(item, what) for item in items)

    def labelling(self, repository: str, number: int, label: str) -> Labelling | None:
        """Who set that label on the pull request; None where it was taken off again, or never set by this name.

        Raises GitHubError.
        """
        what = f"the labels' history of pull request #{number} of {repository}"
        items = self._items(f"/repos/{repository}/issues/{number}/events?per_page=100", what)
        return labelling_of(items, label, what)

    def _items(self, path: str, what: str) -> list[Any]:
        """Everything in a list of a pull request's, oldest first."""
        following: str | None = path
        items: list[Any] = []
        for _ in range(_PAGES):
            if following is None:
                return items
            data, following = self._json(following, what, "pull-requests: read")
            if not isinstance(data, list):
                raise odd(what)
            items.extend(data)
        raise GitHubError(f"There are more than {_PAGES * 100:,} entries for {what}, too many to be read.")

    def _json(self, path: str, what: str, permission: str, absent: tuple[int, ...] = (404,)) -> tuple[Any, str | None]:
        """The JSON at a path below the API's address (or at a whole address), and the next page's address.

        `absent` are the statuses that say there is no such thing.
        """
        url = self._transport.api_url + path if path.startswith("/") else path
        answer = self._transport.get(url, what)
        if answer.status != 200:
            raise _refusal(answer, what, permission, absent)
        try:
            data = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise odd(what) from error
        following = _next_page(answer.headers.get("link", ""))
        if following is not None and not self._transport.is_ours(following):
            raise odd(what)
        return data, following


def _is_of(pull: PullFacts, repository: str) -> bool:
    """Whether the pull request's head is in that repository."""
    return pull.head_repository is not None and pull.head_repository.lower() == repository.lower()


def _next_page(link: str) -> str | None:
    """The address marked `rel="next"` in a Link header."""
    for part in link.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return address.strip().removeprefix("<").removesuffix(">")
    return None


def _refusal(answer: Answer, what: str, permission: str, absent: tuple[int, ...]) -> GitHubError | NoCommonHistory:
    """The error for an answer other than 200. GitHub's own words stay out of it: they can quote the pull request."""
    if answer.status == 401:
        return Forbidden(
            f"GitHub does not accept the token when asked for {what}: it is wrong or has expired (input github-token)."
        )
    if answer.status == 403:
        return Forbidden(f"The token may not read {what}: give the job `permissions: {permission}`.")
    if answer.status == 404 and "no common ancestor" in answer.message.lower():
        return NoCommonHistory(
            "Base and head share no ancestor, so there is no change to review; rebase the branch onto its base."
        )
    if answer.status in absent:
        return NotFound(
            f"GitHub does not have {what}, or the token may not see it: give the job `permissions: {permission}`."
        )
    return GitHubError(f"GitHub answered with status {answer.status} when asked for {what}.")
