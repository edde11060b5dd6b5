"""The only exception tree of the project.

Every class carries one sentence for the author of the workflow: what happened, where, and what to do about it.
A foreign exception is translated into one of these at the door of its package, and nowhere else.

```
ReviewError                 the review could not be done: exit status 2
├── InputError              an input, an option or an environment variable is wrong
├── PolicyError             the policy file is wrong (names line, key and what was expected)
├── EventError              the event payload is missing or malformed
├── ReportError             the report of another run is missing, malformed or about something else
├── GitError                git could not give what was asked
│   └── NoCommonHistory     base and head share no ancestor
├── GitHubError             GitHub's API refused or failed
│   ├── Forbidden           403: the token may not do that
│   ├── NotFound            404
│   ├── Unprocessable       422: GitHub does not accept what was sent
│   └── RateLimited         the limit outlasts the deadline
├── AgentFileError          the agent's file cannot be used
├── ModelError              the language model gave no whole answer
│   ├── ModelRefused        the API takes no request of this run: key, permission, model, limit of spending
│   ├── ModelUnavailable    overloaded, rate-limited or unreachable, after the retries that make sense
│   └── AnswerIncomplete    this one answer is cut, refused or unreadable
└── SandboxError            no worker process could be started
```
"""


class ReviewError(Exception):
    """The review could not be done. `str(error)` is the sentence shown to the workflow's author."""


class InputError(ReviewError):
    """An input, an option or an environment variable has a value we cannot use."""


class PolicyError(ReviewError):
    """The policy file cannot be used; the sentence names line, key and what was expected."""


class EventError(ReviewError):
    """The event payload is missing, unreadable or not of GitHub's shape."""


class ReportError(ReviewError):
    """What another run wrote cannot be used: missing, not of our shape, too large, or about something else."""


class GitError(ReviewError):
    """git could not give what was asked of it."""


class NoCommonHistory(GitError):
    """Base and head share no ancestor, so there is no change to review."""


class GitHubError(ReviewError):
    """GitHub's API refused or failed, after the retries that are safe."""


class Forbidden(GitHubError):
    """403: the token may not do that (a fork's read-only token, a missing permission)."""


class NotFound(GitHubError):
    """404: the resource does not exist, or the token may not see it."""


class Unprocessable(GitHubError):
    """422: GitHub understood the request and does not accept it (a line outside the diff, a body too long)."""


class RateLimited(GitHubError):
    """A primary or secondary rate limit lasts longer than the deadline of the run."""


class AgentFileError(ReviewError):
    """The file of an agent is missing or cannot be used; the sentence names it and what was expected."""


class ModelError(ReviewError):
    """The language model gave no whole, valid answer. Never the end of a review: it becomes a `Skipped`."""


class ModelRefused(ModelError):
    """The API takes no request of this run (key, permission, model, spend limit): asking again cannot help."""


class ModelUnavailable(ModelError):
    """The API is overloaded, limits us longer than the deadline, or cannot be reached."""


class AnswerIncomplete(ModelError):
    """One answer ended early, was refused by the model, or is not what was asked for."""

    def __init__(self, message: str, *, is_cut: bool = False) -> None:
        super().__init__(message)
        self.is_cut = is_cut
        """Whether it reached its limit of tokens, so that more of them would help."""


class SandboxError(ReviewError):
    """No worker process could be started, so nothing of the pull request can be parsed."""


def where_raised(error: BaseException) -> str:
    """`TypeError, review.git.tree:42`: what went wrong and where. It names our code, never a value of the change."""
    trace = error.__traceback__
    place = "unknown"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}, {place}"
