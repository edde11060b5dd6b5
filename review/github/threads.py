"""Threads on the diff as GitHub tells them: the GraphQL documents we send, and answers as values.

REST does not know threads: it has no word on who resolved what, or what the token may do. GraphQL names an app without
the `[bot]` that REST ends its login in; here it always has it. Valid by GitHub's published schema
(@octokit/graphql-schema 15.26.1).
"""

from collections.abc import Iterable

from review.domain.changeset import Side
from review.domain.conversation import BOT, Remark, Thread
from review.github.facts import Shape, odd

PAGE = 50
"""Threads in one answer."""
REMARKS = 100
"""Comments of each; what a longer thread says last is not read."""

THREADS = f"""\
query($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{
    reviewThreads(first: {PAGE}, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        id path line startLine diffSide subjectType isOutdated isResolved viewerCanResolve resolvedBy {{ login }}
        comments(first: {REMARKS}) {{
          totalCount
          nodes {{
            id fullDatabaseId body state isMinimized viewerCanMinimize author {{ __typename login }}
            lastEditedAt editor {{ __typename login }}
          }}
        }}
      }}
    }}
  }} }}
}}"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
MINIMIZE = (
    "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: RESOLVED})"
    " { minimizedComment { isMinimized } } }"
)


def threads_of(data: object, what: str) -> tuple[list[Thread], str]:
    """The threads in one answer to `THREADS`, and where the next page begins, or "". Raises GitHubError."""
    pull = Shape(data, what).inner("data").inner("repository").inner("pullRequest")
    connection = pull.inner("reviewThreads")
    page = connection.inner("pageInfo")
    threads = [thread for node in connection.items("nodes") if (thread := _thread(node, what)) is not None]
    return threads, page.text("endCursor") if page.flag("hasNextPage") else ""


def check_resolved(data: object, what: str) -> None:
    """Raises GitHubError where the answer to `RESOLVE` does not say that the thread is resolved."""
    if not Shape(data, what).inner("data").inner("resolveReviewThread").inner("thread").flag("isResolved"):
        raise odd(what)


def check_minimized(data: object, what: str) -> None:
    """Raises GitHubError where the answer to `MINIMIZE` does not say that the comment is folded away."""
    if not Shape(data, what).inner("data").inner("minimizeComment").inner("minimizedComment").flag("isMinimized"):
        raise odd(what)


def threads_of_comments(data: Iterable[object], what: str) -> list[Thread]:
    """The threads of comments as `GET …/pulls/{number}/comments` lists them, without a word on resolution.

    Raises GitHubError.
    """
    opened: dict[int, list[Shape]] = {}
    for item in data:
        comment = Shape(item, what)
        first = comment.number("in_reply_to_id") if comment.has("in_reply_to_id") else comment.number("id")
        opened.setdefault(first, []).append(comment)
    return [_thread_of(comments) for comments in opened.values()]


def _thread(node: Shape, what: str) -> Thread | None:
    """None for a thread of which no comment is left to see.

    A comment of a draft review, which only its author is shown, is not on the pull request.
    """
    comments = node.inner("comments")
    nodes = comments.items("nodes")
    remarks = tuple(_remark(each, what) for each in nodes if each.text("state") != "PENDING")
    if not remarks:
        return None
    return Thread(
        path=node.text("path"),
        remarks=remarks,
        line=node.number("line") if node.has("line") else None,
        start_line=node.number("startLine") if node.has("startLine") else None,
        side=_side(node.text("diffSide")),
        is_on_file=node.text("subjectType") == "FILE",
        is_outdated=node.flag("isOutdated"),
        is_resolved=node.flag("isResolved"),
        resolved_by=node.inner("resolvedBy").text("login") if node.has("resolvedBy") else "",
        node=node.text("id"),
        can_resolve=node.flag("viewerCanResolve"),
        is_whole=comments.number("totalCount") == len(nodes),
    )


def _remark(node: Shape, what: str) -> Remark:
    number = node.text("fullDatabaseId")
    if not (number.isascii() and number.isdecimal()):
        raise odd(what)
    author = _login(node.inner("author")) if node.has("author") else ""
    return Remark(
        id=int(number),
        author=author,
        body=node.text("body"),
        node=node.text("id"),
        is_minimized=node.flag("isMinimized"),
        can_minimize=node.flag("viewerCanMinimize"),
        is_edited=node.has("lastEditedAt") and not (node.has("editor") and _login(node.inner("editor")) == author),
    )


def _login(author: Shape) -> str:
    login = author.text("login")
    return f"{login}{BOT}" if author.text("__typename") == "Bot" and not login.endswith(BOT) else login


def _thread_of(comments: list[Shape]) -> Thread:
    first = comments[0]
    is_on_file = first.has("subject_type") and first.text("subject_type") == "file"
    line = first.number("line") if first.has("line") else None
    return Thread(
        path=first.text("path"),
        remarks=tuple(_remark_of(comment) for comment in comments),
        line=line,
        start_line=first.number("start_line") if first.has("start_line") else None,
        side=_side(first.text("side") if first.has("side") else ""),
        is_on_file=is_on_file,
        is_outdated=line is None and not is_on_file,
    )


def _remark_of(comment: Shape) -> Remark:
    return Remark(
        id=comment.number("id"),
        author=comment.inner("user").text("login") if comment.has("user") else "",
        body=comment.text("body"),
        is_edited=comment.text("created_at") != comment.text("updated_at"),
    )


def _side(text: str) -> Side:
    return Side.LEFT if text == "LEFT" else Side.RIGHT
