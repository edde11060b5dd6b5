"""What the events ask GitHub for beside a pull request: repositories, commits by name, roles; reactions, replies."""

from typing import Any
from urllib.parse import unquote

from githubkit_schemas.v2026_03_10 import models

from tests.github_server import state
from tests.github_server.schema import NOW, check, example
from tests.github_server.server import Answer, GitHubServer, Request, pull_of, refuse_reader, route
from tests.github_server.state import Pull, Refused, Repository


@route("GET", "")
def _get_repository(server: GitHubServer, request: Request, repo: Repository) -> Answer:
    shown = example(
        models.FullRepository,
        **{key: state.repository(repo.name, server.url)[key] for key in ("name", "full_name", "owner", "clone_url")},
        html_url=f"{server.url}/{repo.name}",
        default_branch="main",
        pushed_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )
    return 200, "repository", shown


@route("GET", "/pulls", parameters=("state", "head"))
def _list_pulls(server: GitHubServer, request: Request, repo: Repository) -> Answer:
    """`head` is `owner:branch`; GitHub leaves out what is closed unless asked otherwise."""
    owner, _, branch = request.query.get("head", "").partition(":")
    found = [
        pull
        for pull in repo.pulls.values()
        if pull.state == request.query.get("state", "open")
        and (not branch or (pull.head_ref == branch and (pull.fork or repo.name).split("/")[0] == owner))
    ]
    return 200, "pull requests", [_simple(repo, pull, server.url) for pull in found]


def _simple(repo: Repository, pull: Pull, url: str) -> dict[str, Any]:
    shown = state.pull_request(repo, pull, url)
    keys = {field.alias or name for name, field in models.PullRequestSimple.model_fields.items()}
    return example(models.PullRequestSimple, **{key: value for key, value in shown.items() if key in keys})


@route("GET", "/commits/(.+)")
def _get_commit(server: GitHubServer, request: Request, repo: Repository, ref: str) -> Answer:
    sha = repo.resolve(unquote(ref))
    if not sha:
        raise Refused(422, "error", {"message": f"No commit found for SHA: {unquote(ref)}", "status": "422"})
    return 200, "commit", example(models.Commit, sha=sha)


@route("GET", "/collaborators/{}/permission")
def _get_permission(server: GitHubServer, request: Request, repo: Repository, login: str) -> Answer:
    role = repo.roles.get(unquote(login), "none")
    legacy = {"maintain": "write", "triage": "read", "custom": "write"}.get(role, role)
    shown = example(models.RepositoryCollaboratorPermission, permission=legacy, role_name=role, user=None)
    return 200, "permission", shown


@route("POST", "/(issues|pulls)/comments/{}/reactions")
def _react(server: GitHubServer, request: Request, repo: Repository, kind: str, comment_id: str) -> Answer:
    refuse_reader(request)
    check("POST reaction", request.body)
    lists = repo.conversation if kind == "issues" else repo.inline
    if int(comment_id) not in {comment.id for comments in lists.values() for comment in comments}:
        raise state.not_found()
    given = (int(comment_id), request.login, request.body["content"])
    status = 200 if given in repo.reactions else 201
    repo.reactions.add(given)
    return status, "reaction", example(models.Reaction, content=given[2], user=state.user(request.login))


@route("POST", "/pulls/{}/comments/{}/replies")
def _reply(server: GitHubServer, request: Request, repo: Repository, number: str, comment_id: str) -> Answer:
    refuse_reader(request)
    check("POST reply", request.body)
    pull = pull_of(repo, number)
    state.refuse_locked(pull)
    comment = repo.add_reply(pull.number, int(comment_id), request.login, request.body["body"])
    return 201, "inline comment", state.review_comment(repo, pull, comment, server.url)
