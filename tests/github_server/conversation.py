"""Routes of what people and programs say on a pull request: comments, reviews, draft reviews."""

from tests.github_server import state
from tests.github_server.schema import check
from tests.github_server.server import Answer, GitHubServer, Request, pull_of, refuse_reader, route
from tests.github_server.state import Repository


@route("GET", "/issues/{}/comments")
def _list_comments(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    comments = repo.conversation.get(pull_of(repo, number).number, [])
    return 200, "issue comments", [state.issue_comment(repo, comment, server.url) for comment in comments]


@route("POST", "/issues/{}/comments")
def _post_comment(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    refuse_reader(request)
    check("POST issue comment", request.body)
    pull = pull_of(repo, number)
    state.refuse_locked(pull)
    comment = repo.add_summary(pull.number, request.login, request.body["body"])
    return 201, "issue comment", state.issue_comment(repo, comment, server.url)


@route("PATCH", "/issues/comments/{}")
def _patch_comment(server: GitHubServer, request: Request, repo: Repository, comment_id: str) -> Answer:
    refuse_reader(request)
    check("PATCH issue comment", request.body)
    comment = repo.edit_summary(int(comment_id), request.login, request.body["body"])
    return 200, "issue comment", state.issue_comment(repo, comment, server.url)


@route("DELETE", "/issues/comments/{}")
def _delete_comment(server: GitHubServer, request: Request, repo: Repository, comment_id: str) -> Answer:
    refuse_reader(request)
    repo.delete(repo.conversation, int(comment_id))
    return 204, "nothing", None


@route("GET", "/pulls/{}/comments")
def _list_inline(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    pull = pull_of(repo, number)
    comments = repo.inline.get(pull.number, [])
    return 200, "inline comments", [state.review_comment(repo, pull, comment, server.url) for comment in comments]


@route("POST", "/pulls/{}/comments")
def _post_inline(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    refuse_reader(request)
    check("POST inline comment", request.body)
    pull = pull_of(repo, number)
    state.refuse_locked(pull)
    comment = repo.add_inline(pull, request.login, request.body)
    return 201, "inline comment", state.review_comment(repo, pull, comment, server.url)


@route("PATCH", "/pulls/comments/{}")
def _patch_inline(server: GitHubServer, request: Request, repo: Repository, comment_id: str) -> Answer:
    refuse_reader(request)
    check("PATCH inline comment", request.body)
    pull, comment = repo.edit_inline(int(comment_id), request.login, request.body["body"])
    return 200, "inline comment", state.review_comment(repo, pull, comment, server.url)


@route("DELETE", "/pulls/comments/{}")
def _delete_inline(server: GitHubServer, request: Request, repo: Repository, comment_id: str) -> Answer:
    refuse_reader(request)
    repo.delete(repo.inline, int(comment_id))
    return 204, "nothing", None


@route("POST", "/pulls/{}/reviews")
def _post_review(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    refuse_reader(request)
    check("POST review", request.body)
    pull = pull_of(repo, number)
    state.refuse_locked(pull)
    made = repo.add_review(pull, request.login, request.body)
    return 200, "review", state.review(made, request.login, pull.head_sha)


@route("GET", "/pulls/{}/reviews")
def _list_reviews(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    pull = pull_of(repo, number)
    drafts = [repo.pending[request.login][0]] if request.login in repo.pending else []
    return 200, "reviews", [state.review("PENDING", request.login, pull.head_sha, draft) for draft in drafts]


@route("GET", "/pulls/{}/reviews/{}/comments")
def _list_review(server: GitHubServer, request: Request, repo: Repository, number: str, review_id: str) -> Answer:
    pull_of(repo, number)
    bodies = repo.pending_review(request.login, int(review_id))
    return 200, "review's comments", [state.draft_comment(body, request.login) for body in bodies]


@route("DELETE", "/pulls/{}/reviews/{}")
def _delete_review(server: GitHubServer, request: Request, repo: Repository, number: str, review_id: str) -> Answer:
    refuse_reader(request)
    pull = pull_of(repo, number)
    repo.pending_review(request.login, int(review_id))
    del repo.pending[request.login]
    return 200, "review", state.review("PENDING", request.login, pull.head_sha, int(review_id))
