"""Facts that GitHub's API tells, as values, and the checks that an answer has the documented shape."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from review.errors import GitHubError

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""What a person may do in a repository, each more than the one before."""
WRITERS = ROLES[ROLES.index("write") :]
"""Those who may merge: they are heeded, and may let a merge pass."""


@dataclass(frozen=True)
class PullFacts:
    """A pull request as the API describes it now."""

    number: int
    title: str
    is_draft: bool
    state: str
    """`open` or `closed`."""
    is_merged: bool
    url: str
    """The page a person opens."""
    author: str
    base_repository: str
    """`owner/name`."""
    base_ref: str
    base_sha: str
    head_repository: str | None
    """`owner/name`; None where the fork was deleted."""
    head_ref: str
    head_sha: str
    clone_url: str
    """The base repository's address for git. It holds the head of a fork, too (`refs/pull/<number>/head`)."""
    default_branch: str
    description: str = ""
    """The text that opens the conversation; empty where there is none."""
    is_locked: bool = False
    """Whether only people with write access may comment."""
    labels: tuple[str, ...] = ()
    """Names, in GitHub's order."""


@dataclass(frozen=True)
class RepositoryFacts:
    """A repository as the API describes it now."""

    name: str
    """`owner/name`, as it is called today."""
    default_branch: str
    clone_url: str
    url: str
    """The page a person opens."""


@dataclass(frozen=True)
class Comment:
    """A comment in the pull request's conversation."""

    id: int
    author: str
    """Login; empty for a deleted account."""
    author_type: str
    """`User`, `Bot` …; empty for a deleted account."""
    body: str
    url: str


@dataclass(frozen=True)
class Upload:
    """What a workflow run left behind (GitHub says *artifact*, which here is a changed file)."""

    id: int
    """A later one's is larger."""
    name: str
    size: int
    """Bytes of the archive."""


@dataclass(frozen=True)
class Labelling:
    """How a label came to be on a pull request."""

    by: str
    """Login; empty for a deleted account."""
    is_person: bool
    """Whether it is a person's account: no bot, no app."""
    at: str
    """As GitHub writes a time: `2027-01-15T09:30:00Z`."""


def odd(what: str) -> GitHubError:
    """The error for an answer about `what` that is not of the documented shape."""
    return GitHubError(f"GitHub's answer for {what} is not of the shape its documentation gives.")


class Shape:
    """Typed access to a JSON object; anything missing or of another type is a GitHubError."""

    def __init__(self, data: object, what: str) -> None:
        if not isinstance(data, dict):
            raise odd(what)
        self._data = data
        self._what = what

    def _value(self, key: str, kind: type) -> Any:
        value = self._data.get(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise odd(self._what)
        return value

    def text(self, key: str) -> str:
        """The text at that key."""
        return str(self._value(key, str))

    def number(self, key: str) -> int:
        """The whole number at that key."""
        return int(self._value(key, int))

    def flag(self, key: str) -> bool:
        """Whether the value at that key is true; an absent one is not."""
        return self._data.get(key) is True

    def inner(self, key: str) -> "Shape":
        """The object at that key."""
        return Shape(self._data.get(key), self._what)

    def items(self, key: str) -> "list[Shape]":
        """The objects in the list at that key; an absent one is empty."""
        value = self._value(key, list) if self.has(key) else []
        return [Shape(item, self._what) for item in value]

    def has(self, key: str) -> bool:
        """Whether there is anything but null at that key."""
        return self._data.get(key) is not None


def pull_facts(data: object, what: str) -> PullFacts:
    """The facts in an answer of `GET /repos/{owner}/{repo}/pulls/{number}`. Raises GitHubError."""
    pull = Shape(data, what)
    base, head = pull.inner("base"), pull.inner("head")
    return PullFacts(
        number=pull.number("number"),
        title=pull.text("title"),
        is_draft=pull.flag("draft"),
        state=pull.text("state"),
        is_merged=pull.flag("merged"),
        url=pull.text("html_url"),
        author=pull.inner("user").text("login") if pull.has("user") else "",
        base_repository=base.inner("repo").text("full_name"),
        base_ref=base.text("ref"),
        base_sha=base.text("sha"),
        head_repository=head.inner("repo").text("full_name") if head.has("repo") else None,
        head_ref=head.text("ref"),
        head_sha=head.text("sha"),
        clone_url=base.inner("repo").text("clone_url"),
        default_branch=base.inner("repo").text("default_branch"),
        description=pull.text("body") if pull.has("body") else "",
        is_locked=pull.flag("locked"),
        labels=tuple(label.text("name") for label in pull.items("labels")),
    )


def repository_facts(data: object, what: str) -> RepositoryFacts:
    """The facts in an answer of `GET /repos/{owner}/{repo}`. Raises GitHubError."""
    repository = Shape(data, what)
    return RepositoryFacts(
        name=repository.text("full_name"),
        default_branch=repository.text("default_branch"),
        clone_url=repository.text("clone_url"),
        url=repository.text("html_url"),
    )


def role_of(data: object, what: str) -> str:
    """The role in an answer of `GET …/collaborators/{user}/permission`. Raises GitHubError.

    `permission` knows neither `maintain` nor `triage`, and gives the next lower one; `role_name` does, but holds
    an organisation's own name for a custom role (https://docs.github.com/en/rest/collaborators/collaborators).
    """
    found = Shape(data, what)
    role, permission = found.text("role_name") if found.has("role_name") else "", found.text("permission")
    return next((name for name in (role, permission) if name in ROLES), ROLES[0])


def comment_of(data: object, what: str) -> Comment:
    """The comment in an item of `GET /repos/{owner}/{repo}/issues/{number}/comments`. Raises GitHubError."""
    comment = Shape(data, what)
    author = comment.inner("user") if comment.has("user") else None
    return Comment(
        id=comment.number("id"),
        author=author.text("login") if author else "",
        author_type=author.text("type") if author else "",
        body=comment.text("body") if comment.has("body") else "",
        url=comment.text("html_url"),
    )


def upload_of(item: Shape) -> Upload:
    """The upload in an item of `GET …/actions/runs/{run_id}/artifacts`. Raises GitHubError."""
    return Upload(item.number("id"), item.text("name"), item.number("size_in_bytes"))


def labelling_of(items: Iterable[object], label: str, what: str) -> Labelling | None:
    """The last labelling with that label in an answer of `GET …/issues/{number}/events`, oldest event first.

    None where the label was taken off since, or never set. Two labels never differ in case alone. Raises GitHubError.
    """
    last: Labelling | None = None
    for item in items:
        event = Shape(item, what)
        kind = event.text("event")
        if kind not in ("labeled", "unlabeled") or event.inner("label").text("name").casefold() != label.casefold():
            continue
        last = _labelling(event) if kind == "labeled" else None
    return last


def _labelling(event: Shape) -> Labelling:
    actor = event.inner("actor") if event.has("actor") else None
    login = actor.text("login") if actor else ""
    is_person = actor is not None and actor.text("type") == "User" and not login.endswith("[bot]")
    return Labelling(login, is_person, event.text("created_at"))
