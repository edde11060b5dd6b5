"""The GraphQL documents that the fake answers, and no other.

Each is valid by GitHub's schema (@octokit/graphql-schema 15.26.1, checked with graphql-core); a document that differs
is an offence, so whoever changes one checks it against the schema and then writes it here.
"""

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.github_server.anchors import anchor
from tests.github_server.schema import NOW
from tests.github_server.state import Comment, Pull, Repository

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer, Token

VIEWER = "query { viewer { login } }"
THREADS = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    reviewThreads(first: 50, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id path line startLine diffSide subjectType isOutdated isResolved viewerCanResolve resolvedBy { login }
        comments(first: 100) {
          totalCount
          nodes {
            id fullDatabaseId body state isMinimized viewerCanMinimize author { __typename login }
            lastEditedAt editor { __typename login }
          }
        }
      }
    }
  } }
}
"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
MINIMIZE = """
mutation($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: RESOLVED}) { minimizedComment { isMinimized } }
}
"""
PAGE = 50
LONGEST = 100
"""Comments of a thread in one answer."""


def answer(server: "GitHubServer", token: "Token", body: Any) -> Any:
    """What GitHub answers, with status 200 also where it is an error."""
    known: dict[str, Callable[[GitHubServer, Token, dict[str, Any]], Any]] = {
        _plain(VIEWER): lambda server, token, given: {"viewer": {"login": server.login}},
        _plain(THREADS): _threads,
        _plain(RESOLVE): _resolve,
        _plain(MINIMIZE): _minimize,
    }
    handle = known.get(_plain(body.get("query", ""))) if set(body) == {"query", "variables"} else None
    if handle is None:
        server.offences.append(f"GraphQL: {body}")
        return {"errors": [{"message": "unknown document"}]}
    try:
        return {"data": handle(server, token, body["variables"])}
    except LookupError:
        return {"data": None, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a node."}]}
    except PermissionError:
        refused = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
        return {"data": None, "errors": [refused]}


def _plain(document: str) -> str:
    return " ".join(document.split())


def _threads(server: "GitHubServer", token: "Token", given: dict[str, Any]) -> Any:
    repo = server.repositories[f"{given['owner']}/{given['name']}"]
    pull = repo.pulls[given["number"]]
    comments = repo.inline.get(pull.number, [])
    opened: dict[int, list[Comment]] = {}
    for comment in comments:
        opened.setdefault(comment.place.get("in_reply_to_id", comment.id), []).append(comment)
    everything = [_thread(repo, pull, number, several, token) for number, several in opened.items()]
    everything += _drafts(repo, server.login)
    start = int(base64.b64decode(given["after"]).decode()) if given["after"] else 0
    end = start + PAGE
    page = {
        "pageInfo": {
            "hasNextPage": end < len(everything),
            "endCursor": base64.b64encode(str(end).encode()).decode() if everything else None,
        },
        "nodes": everything[start:end],
    }
    return {"repository": {"pullRequest": {"reviewThreads": page}}}


def _thread(repo: Repository, pull: Pull, number: int, comments: list[Comment], token: "Token") -> Any:
    first = comments[0]
    now = anchor(repo, pull, first)
    resolved = repo.resolved.get(number)
    return {
        "id": f"PRRT_{number}",
        "path": first.place["path"],
        "line": now.line,
        "startLine": now.start_line,
        "diffSide": first.place.get("side", "RIGHT"),
        "subjectType": first.place.get("subject_type", "line").upper(),
        "isOutdated": now.is_outdated,
        "isResolved": resolved is not None,
        "viewerCanResolve": token.may_resolve and resolved is None,
        "resolvedBy": {"login": resolved} if resolved else None,
        "comments": {
            "totalCount": len(comments),
            "nodes": [_remark(repo, comment, may_minimize=token.may_write) for comment in comments[:LONGEST]],
        },
    }


def _drafts(repo: Repository, login: str) -> list[Any]:
    """The threads of the account's own draft review: shown to it beside the others, and to nobody else."""
    number, bodies = repo.pending.get(login, (0, ()))
    place = {"path": "draft.sql", "commit_id": "", "line": 1}
    found = []
    for index, body in enumerate(bodies):
        comment = Comment(number * 1_000_000 + index, login, body, place)
        remark = {**_remark(repo, comment, may_minimize=False), "state": "PENDING"}
        found.append(
            {
                "id": f"PRRT_{comment.id}",
                "path": place["path"],
                "line": 1,
                "startLine": None,
                "diffSide": "RIGHT",
                "subjectType": "LINE",
                "isOutdated": False,
                "isResolved": False,
                "viewerCanResolve": False,
                "resolvedBy": None,
                "comments": {"totalCount": 1, "nodes": [remark]},
            }
        )
    return found


def _remark(repo: Repository, comment: Comment, *, may_minimize: bool) -> Any:
    return {
        "id": f"PRRC_{comment.id}",
        "fullDatabaseId": str(comment.id),
        "body": comment.body,
        "state": "SUBMITTED",
        "isMinimized": comment.id in repo.minimized,
        "viewerCanMinimize": may_minimize,
        "author": _actor(comment.login),
        "lastEditedAt": comment.updated_at if comment.updated_at != NOW else None,
        "editor": _actor(comment.edited_by),
    }


def _actor(login: str) -> Any:
    """An account, which GraphQL names without the sign of an app; none where it is deleted."""
    if not login:
        return None
    return {"__typename": "Bot" if login.endswith("[bot]") else "User", "login": login.removesuffix("[bot]")}


def _resolve(server: "GitHubServer", token: "Token", given: dict[str, Any]) -> Any:
    repo, number = _find(server, given["id"], "PRRT_")
    if not token.may_resolve:
        raise PermissionError
    repo.resolved.setdefault(number, server.login.removesuffix("[bot]"))
    return {"resolveReviewThread": {"thread": {"isResolved": True}}}


def _minimize(server: "GitHubServer", token: "Token", given: dict[str, Any]) -> Any:
    repo, number = _find(server, given["id"], "PRRC_")
    if not token.may_write:
        raise PermissionError
    repo.minimized.add(number)
    return {"minimizeComment": {"minimizedComment": {"isMinimized": True}}}


def _find(server: "GitHubServer", node: str, prefix: str) -> tuple[Repository, int]:
    """The repository that has this comment, and its number. Raises LookupError."""
    number = int(node.removeprefix(prefix))
    for repo in server.repositories.values():
        if any(comment.id == number for comments in repo.inline.values() for comment in comments):
            return repo, number
    raise LookupError
