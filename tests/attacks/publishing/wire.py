"""What may happen to a request of a client in this process: others act before it, or it never returns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter

Requests = Callable[[requests.PreparedRequest], None]


class Killed(BaseException):
    """The process is gone. None of our code catches it, as none would run."""


def is_write(request: requests.PreparedRequest) -> bool:
    """Whether it wants to change something on GitHub."""
    if (request.url or "").endswith("/graphql"):
        return b"mutation" in _content(request)
    return request.method != "GET"


@contextmanager
def tapped(before: Requests = lambda request: None, after: Requests = lambda request: None) -> Iterator[None]:
    """Call `before` and `after` for each request of every client in this process; what they raise, the client meets.

    Requests that they make themselves are not told.
    """
    send = HTTPAdapter.send
    busy = False

    def quietly(tell: Requests, request: requests.PreparedRequest) -> None:
        nonlocal busy
        if not busy:
            busy = True
            try:
                tell(request)
            finally:
                busy = False

    def wrapped(self: HTTPAdapter, request: requests.PreparedRequest, *rest: Any, **named: Any) -> requests.Response:
        quietly(before, request)
        answer = send(self, request, *rest, **named)
        quietly(after, request)
        return answer

    with patch.object(HTTPAdapter, "send", wrapped):
        yield


def killed_after(writes: int) -> Requests:
    """For `after`: the process dies when that many writes were made, before it has read the last one's answer."""
    left = writes

    def tell(request: requests.PreparedRequest) -> None:
        nonlocal left
        left -= is_write(request)
        if left == 0 and is_write(request):
            raise Killed

    return tell


def killed_at(number: int) -> Requests:
    """The process dies at the request of that number: before it is sent, or before its answer is read."""

    def die() -> None:
        raise Killed

    return interrupted_at(number, die)


def interrupted_at(number: int, what: Callable[[], None]) -> Requests:
    """Something else happens at the request of that number (the first is 1)."""
    count = 0

    def tell(request: requests.PreparedRequest) -> None:
        nonlocal count
        count += 1
        if count == number:
            what()

    return tell


def _content(request: requests.PreparedRequest) -> bytes:
    body = request.body or b""
    return body.encode() if isinstance(body, str) else bytes(body)
