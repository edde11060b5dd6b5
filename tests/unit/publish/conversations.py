"""Threads on a pull request as a test wants them."""

from dataclasses import replace
from typing import Any

from review.domain.conversation import Remark, Thread
from review.domain.finding import Finding
from review.render import markers
from tests.unit.render.builders import FCT

US = "github-actions[bot]"


def ours(finding: Finding, number: int = 1, **changes: Any) -> Thread:
    """A thread that our comment on the finding opened, open and where it was put."""
    first = Remark(number, US, f"**High**\n\n{markers.finding_marker(finding)}", f"C{number}", can_minimize=True)
    where = finding.location
    return replace(
        Thread(where.path, (first,), where.end_line, where.line, where.side, node=f"T{number}"),
        **changes,
    )


def answered(thread: Thread, *bodies: str, by: str = "ana") -> Thread:
    """The same with replies."""
    more = tuple(Remark(thread.first.id + 100 + n, by, body) for n, body in enumerate(bodies))
    return replace(thread, remarks=(*thread.remarks, *more))


def closed(finding: Finding, number: int = 1, **changes: Any) -> Thread:
    """The same after we said that it is over, and resolved it."""
    said = f"Not found any more.\n\n{markers.closed_marker(finding.fingerprint)}"
    return answered(
        ours(finding, number, **{"is_resolved": True, "resolved_by": "github-actions", **changes}), said, by=US
    )


def first_body(thread: Thread, body: str, author: str = US) -> Thread:
    """The same with another text, or another author, of the comment that opened it."""
    return replace(thread, remarks=(replace(thread.first, body=body, author=author), *thread.replies))


def outdated(thread: Thread) -> Thread:
    """The same after its lines were changed."""
    return replace(thread, is_outdated=True, line=None, start_line=None)


def resolved(thread: Thread, by: str = "ana") -> Thread:
    """The same after somebody resolved it."""
    return replace(thread, is_resolved=True, resolved_by=by)


def theirs(body: str = "Why?", number: int = 50) -> Thread:
    """Somebody's own thread."""
    return Thread(FCT, (Remark(number, "eve", body, f"C{number}"),), 3, 3, node=f"T{number}")
