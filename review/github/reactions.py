"""The sign under a comment that what it asked for was done; that it was seen is `PullRequestClient.react`."""

import time

from review.github.pygithub import Connection

TIMEOUT = 30
"""Seconds that GitHub's answer may take."""


def mark_done(api_url: str, token: str, repository: str, comment_id: int, thread: int | None) -> None:
    """Put a rocket under a comment of the conversation, or of that thread on the diff. A second time adds none.

    Raises GitHubError.
    """
    path = f"/repos/{repository}/{'issues' if thread is None else 'pulls'}/comments/{comment_id}/reactions"
    connection = Connection(api_url, token, repository, 0.0, time.sleep, TIMEOUT)
    connection.once(path, {"content": "rocket"}, "react to a comment")
