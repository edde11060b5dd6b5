"""Comments in which a handler says that it lets a failure go on purpose."""

import ast
from collections.abc import Iterator, Sequence

from review.rules import _python

_WORDS = frozenset(
    {"avoid", "best", "bury", "continue", "continuing", "exist", "exists", "expected", "fail", "failing", "fine"}
    | {"ignore", "ignored", "ignoring", "non-critical", "okay", "optional", "raise", "skip", "stop", "stopping"}
    | {"swallow", "tolerate", "tolerated"}
)
_OPEN = frozenset({"todo", "fixme", "xxx"})
_FEWEST = 3
"""Words of a comment that says something; fewer may be code that was taken out: `# raise`."""


def is_decided(handler: ast.ExceptHandler, lines: Sequence[str]) -> bool:
    """Whether a comment in the handler, or right below it, says why the failure may pass."""
    return any(map(_says_so, _comments(handler, lines)))


def _comments(handler: ast.ExceptHandler, lines: Sequence[str]) -> Iterator[str]:
    last = _python.end_line(handler)
    for line in lines[handler.lineno - 1 : last + 1]:
        if line.lstrip().startswith("#"):
            yield line
    for statement in handler.body:
        number = _python.end_line(statement) - 1
        rest = lines[number].encode()[statement.end_col_offset or 0 :] if number < len(lines) else b""
        if rest.lstrip().startswith(b"#"):
            yield rest.decode("utf-8", "replace")


def _says_so(comment: str) -> bool:
    words = [word.strip("#.,;:!()'\"").lower() for word in comment.split()]
    words = [word for word in words if word]
    is_code = "(" in comment and ")" in comment
    return len(words) >= _FEWEST and not is_code and _OPEN.isdisjoint(words) and not _WORDS.isdisjoint(words)
