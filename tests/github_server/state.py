"""What GitHub stores of a repository and its pull requests, and the rules by which it refuses."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from githubkit_schemas.v2026_03_10 import models

from tests.github_server.anchors import Hunk, anchor, complaint
from tests.github_server.schema import LATER, NOW, example

MAX_BODY = 65_536
"""Characters of a comment."""
BOT = "github-actions[bot]"


class Refused(Exception):
    """GitHub's answer to a request it does not take: status, name of the error's schema, body."""

    def __init__(self, status: int, schema: str, body: dict[str, Any]) -> None:
        super().__init__(body["message"])
        self.headers: dict[str, str] = {}
        self.status, self.schema = status, schema
        self.body = {"documentation_url": "https://docs.github.com/rest", **body}


def not_found() -> Refused:
    return Refused(404, "error", {"message": "Not Found", "status": "404"})


ONE_DRAFT = "User can only have one pending review per pull request"


def invalid(resource: str, name: str, message: str) -> Refused:
    """A 422 as most endpoints give it."""
    errors = [{"resource": resource, "code": "custom", "field": name, "message": message}]
    return Refused(422, "validation error", {"message": "Validation Failed", "errors": errors})


def unprocessable(*reasons: str) -> Refused:
    """A 422 as `POST …/reviews` gives it: sentences, and no word on which comment is meant."""
    return Refused(422, "simple validation error", {"message": "Unprocessable Entity", "errors": list(reasons)})


@dataclass
class Pull:
    """One pull request. The shas may be moved by a test, as a push would."""

    number: int
    base_sha: str
    head_sha: str
    title: str = "Bring refunds into the marts"
    body: str | None = None
    """What its author says of it."""
    draft: bool = False
    state: str = "open"
    base_ref: str = "main"
    head_ref: str = "refunds"
    fork: str | None = None
    """`owner/name` of the head's repository where it is a fork."""
    merged: bool = False
    locked: bool = False
    labels: tuple[str, ...] = ()
    history: list[tuple[str, str, str]] = field(default_factory=list)
    """What happened to its labels: `labeled` or `unlabeled`, the label, and by whom."""
    moves_to: str = ""
    """The head after the next look at the pull request: somebody pushes while a run is on its way."""


def refuse_locked(pull: Pull) -> None:
    """403, as an app gets it on a locked conversation."""
    if pull.locked:
        message = "Unable to create comment because issue is locked."
        raise Refused(403, "error", {"message": message, "status": "403"})


@dataclass
class Comment:
    """A comment anywhere on a pull request."""

    id: int
    login: str
    body: str
    place: Mapping[str, Any] = field(default_factory=dict)
    """For an inline comment, the fields that place it."""
    merge_base: str = ""
    """For an inline comment, that of the pull request when it was written."""
    updated_at: str = NOW
    edited_by: str = ""

    def edit(self, login: str, body: str) -> None:
        """Another text, by anybody who may write to the repository."""
        self.body, self.edited_by, self.updated_at = body, login, LATER


@dataclass
class Upload:
    """What a workflow run left behind (an artifact, as GitHub says)."""

    id: int
    run_id: int
    name: str
    content: bytes
    """The archive."""
    is_expired: bool = False
    size: int | None = None
    """What the API says of it, where that is not the archive's size."""


@dataclass
class Repository:
    """A repository on the server; its objects are those of a bare repository on disk."""

    name: str
    directory: Path
    pulls: dict[int, Pull] = field(default_factory=dict)
    conversation: dict[int, list[Comment]] = field(default_factory=dict)
    inline: dict[int, list[Comment]] = field(default_factory=dict)
    pending: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """Login → number and comments' bodies of a review that was never submitted. Nobody else sees it."""
    roles: dict[str, str] = field(default_factory=dict)
    """Login → role in the repository, of those who have one."""
    reactions: set[tuple[int, str, str]] = field(default_factory=set)
    """Comment, login and emoji of each."""
    uploads: list[Upload] = field(default_factory=list)
    resolved: dict[int, str] = field(default_factory=dict)
    """First comment of each resolved thread → who resolved it, as GraphQL names accounts."""
    minimized: set[int] = field(default_factory=set)
    """Comments that were folded away."""
    diffs: dict[tuple[str, str], dict[str, list[Hunk]]] = field(default_factory=dict)
    moves: dict[tuple[str, str, str], list[Hunk]] = field(default_factory=dict)
    """Both are what git said once: commits do not change."""
    count: int = 0

    def next_id(self) -> int:
        """A number for a new thing."""
        self.count += 1
        return 1000 + self.count

    def git(self, *arguments: str) -> str:
        """What git prints, run in the repository."""
        done = subprocess.run(["git", "-C", self.directory, *arguments], capture_output=True, check=True)
        return done.stdout.decode("utf-8", "surrogateescape")

    def resolve(self, ref: str) -> str:
        """The commit that a branch, tag or commit's name stands for; empty where there is none of it."""
        done = subprocess.run(
            ["git", "-C", self.directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    def merge_base(self, base: str, head: str) -> str:
        """The merge base of two commits; 404 as GitHub words it where there is none."""
        done = subprocess.run(
            ["git", "-C", self.directory, "merge-base", base, head], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Refused(404, "error", {"message": f"No common ancestor between {base} and {head}.", "status": "404"})
        return done.stdout.strip()

    def add_summary(self, number: int, login: str, body: str) -> Comment:
        """A comment in the conversation."""
        self._check_body(body, "IssueComment")
        comment = Comment(self.next_id(), login, body)
        self.conversation.setdefault(number, []).append(comment)
        return comment

    def edit_summary(self, comment_id: int, login: str, body: str) -> Comment:
        """Another text for a comment in a conversation."""
        self._check_body(body, "IssueComment")
        for comments in self.conversation.values():
            for comment in comments:
                if comment.id == comment_id:
                    comment.edit(login, body)
                    return comment
        raise not_found()

    def edit_inline(self, comment_id: int, login: str, body: str) -> tuple[Pull, Comment]:
        """Another text for a comment on the diff."""
        self._check_body(body, "PullRequestReviewComment")
        for number, comments in self.inline.items():
            for comment in comments:
                if comment.id == comment_id:
                    comment.edit(login, body)
                    return self.pulls[number], comment
        raise not_found()

    def delete(self, lists: Mapping[int, list[Comment]], comment_id: int) -> None:
        """Take a comment away; replies to it stay."""
        for comments in lists.values():
            for comment in comments:
                if comment.id == comment_id:
                    comments.remove(comment)
                    return
        raise not_found()

    def at_commit(self, pull: Pull, data: Mapping[str, Any], resource: str) -> Pull:
        """The pull request as of the commit that is commented on, whose diff places the comments: one of its own."""
        commit = data.get("commit_id", pull.head_sha)
        listed = self.git("rev-list", f"{pull.base_sha}..{pull.head_sha}").split()
        if commit not in listed:
            raise invalid(resource, "commit_id", "commit_id is not part of the pull request")
        return replace(pull, head_sha=commit)

    def add_inline(self, pull: Pull, login: str, data: Mapping[str, Any]) -> Comment:
        """One comment on the diff, at once visible."""
        pull = self.at_commit(pull, data, "PullRequestReviewComment")
        if login in self.pending:
            raise invalid("PullRequestReview", "user_id", ONE_DRAFT)
        self._check_body(data["body"], "PullRequestReviewComment")
        if reason := complaint(self, pull, data):
            raise invalid("PullRequestReviewComment", "line", reason)
        return self._place(pull, login, data)

    def add_reply(self, number: int, comment_id: int, login: str, body: str) -> Comment:
        """A reply in a thread of the diff; GitHub takes it for the thread's first comment only."""
        self._check_body(body, "PullRequestReviewComment")
        first = next((each for each in self.inline.get(number, []) if each.id == comment_id), None)
        if first is None or "in_reply_to_id" in first.place:
            raise not_found()
        place = {**first.place, "in_reply_to_id": comment_id}
        comment = Comment(self.next_id(), login, body, place, first.merge_base)
        self.inline[number].append(comment)
        return comment

    def add_review(self, pull: Pull, login: str, data: Mapping[str, Any]) -> str:
        """A review with its comments, all or none. Returns its state. Without an event it stays invisible."""
        pull = self.at_commit(pull, data, "PullRequestReview")
        if login in self.pending:
            raise unprocessable(ONE_DRAFT)
        comments = data.get("comments") or []
        complaints = [reason for place in comments if (reason := complaint(self, pull, place))]
        if complaints:
            raise unprocessable(complaints[0])
        if any(len(place["body"]) > MAX_BODY for place in comments):
            raise unprocessable(f"Body is too long (maximum is {MAX_BODY} characters)")
        if not comments and not data.get("body"):
            raise unprocessable("Body can't be blank")
        if "event" not in data:
            self.pending[login] = (self.next_id(), tuple(str(place["body"]) for place in comments))
            return "PENDING"
        for place in comments:
            self._place(pull, login, place)
        return "COMMENTED"

    def pending_review(self, login: str, review_id: int) -> tuple[str, ...]:
        """The bodies of the comments of the account's own draft review of that number."""
        number, bodies = self.pending.get(login, (0, ()))
        if number != review_id:
            raise not_found()
        return bodies

    def _place(self, pull: Pull, login: str, data: Mapping[str, Any]) -> Comment:
        place = {key: value for key, value in data.items() if key != "body"}
        place.setdefault("commit_id", pull.head_sha)
        base = self.merge_base(pull.base_sha, pull.head_sha)
        comment = Comment(self.next_id(), login, str(data["body"]), place, base)
        self.inline.setdefault(pull.number, []).append(comment)
        return comment

    @staticmethod
    def _check_body(body: str, resource: str) -> None:
        if not body.strip():
            raise invalid(resource, "body", "Body can't be blank")
        if len(body) > MAX_BODY:
            raise invalid(resource, "body", f"Body is too long (maximum is {MAX_BODY} characters)")


def user(login: str) -> dict[str, Any]:
    """An account."""
    kind = "Bot" if login.endswith("[bot]") else "User"
    return example(models.SimpleUser, login=login, type=kind)


def repository(name: str, url: str) -> dict[str, Any]:
    """A repository; `url` is the server's address."""
    owner, _, short = name.partition("/")
    return example(
        models.Repository,
        name=short,
        full_name=name,
        owner=user(owner),
        clone_url=f"{url}/{name}.git",
        html_url=f"{url}/{name}",
        default_branch="main",
    )


def pull_request(repo: Repository, pull: Pull, url: str) -> dict[str, Any]:
    """A pull request as `GET …/pulls/{number}` shows it."""
    head = {"label": f"x:{pull.head_ref}", "ref": pull.head_ref, "sha": pull.head_sha, "user": user("ana")}
    base = {"label": f"x:{pull.base_ref}", "ref": pull.base_ref, "sha": pull.base_sha, "user": user("shop")}
    return example(
        models.PullRequest,
        number=pull.number,
        title=pull.title,
        body=pull.body,
        draft=pull.draft,
        state=pull.state,
        merged=pull.merged,
        locked=pull.locked,
        labels=[example(models.PullRequestPropLabelsItems, name=name) for name in pull.labels],
        user=user("ana"),
        html_url=f"{url}/{repo.name}/pull/{pull.number}",
        head={**head, "repo": repository(pull.fork or repo.name, url)},
        base={**base, "repo": repository(repo.name, url)},
        created_at=NOW,
        updated_at=NOW,
    )


def comparison(repo: Repository, base: str, head: str) -> dict[str, Any]:
    """Two commits compared, without the commits between."""
    merge_base = example(models.Commit, sha=repo.merge_base(base, head))
    return example(models.CommitComparison, merge_base_commit=merge_base, base_commit=example(models.Commit, sha=base))


def issue_comment(repo: Repository, comment: Comment, url: str) -> dict[str, Any]:
    """A comment in a conversation."""
    return example(
        models.IssueComment,
        id=comment.id,
        body=comment.body,
        user=user(comment.login),
        html_url=f"{url}/{repo.name}/issues/1#issuecomment-{comment.id}",
        author_association="NONE",
        performed_via_github_app=None,
        created_at=NOW,
        updated_at=comment.updated_at,
    )


def review_comment(repo: Repository, pull: Pull, comment: Comment, url: str) -> dict[str, Any]:
    """A comment on the diff, with the lines it has at the present head."""
    now = anchor(repo, pull, comment)
    kept = ("path", "side", "in_reply_to_id", "subject_type")
    place = {key: value for key, value in comment.place.items() if key in kept}
    if place.get("subject_type") != "file":
        place |= {"line": now.line, "original_line": comment.place["line"]}
    if "start_line" in comment.place:
        place |= {"start_line": now.start_line, "original_start_line": comment.place["start_line"]}
    return example(
        models.PullRequestReviewComment,
        id=comment.id,
        body=comment.body,
        user=user(comment.login),
        html_url=f"{url}/{repo.name}/pull/1#discussion_r{comment.id}",
        commit_id=comment.place["commit_id"],
        original_commit_id=comment.place["commit_id"],
        created_at=NOW,
        updated_at=comment.updated_at,
        **place,
    )


def review(state: str, login: str, head_sha: str, number: int = 1) -> dict[str, Any]:
    """A review."""
    return example(models.PullRequestReview, id=number, state=state, user=user(login), commit_id=head_sha)


def draft_comment(body: str, login: str) -> dict[str, Any]:
    """A comment of a review that was not submitted."""
    return example(models.ReviewComment, body=body, user=user(login), created_at=NOW, updated_at=NOW)
