"""A GitHub that fails at one request of a run, in each of the ways that servers, proxies and networks do."""

import json
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.attacks.publishing.wire import Requests
from tests.github_server.server import GitHubServer, _Handler

LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PRIMARY = "API rate limit exceeded for installation ID 1."


class _Gone(Exception):
    """The connection is closed, and nobody is left to answer to."""


@dataclass(frozen=True)
class Break:
    """One way to fail."""

    name: str
    status: int = 0
    """Of an answer in the place of the real one; 0 where there is none of the kind."""
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "Server Error"
    is_late: bool = False
    """Whether the request takes effect all the same."""
    raw: Callable[[bytes], bytes] | None = None
    """The whole answer, status line included, from the body of the real one: what is sent before the end."""


def _answered(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (size, body)


def _soon() -> str:
    return str(int(time.time()) + 30)


BREAKS = (
    *(Break(str(status), status) for status in (500, 502, 503)),
    *(Break(f"{status} after success", status, is_late=True) for status in (500, 502, 503)),
    Break("429", 429, message=LIMIT),
    Break("429 with Retry-After", 429, {"Retry-After": "7"}, LIMIT),
    Break("429 for hours", 429, {"Retry-After": "7200"}, LIMIT),
    Break("403 secondary", 403, message=LIMIT),
    Break("403 secondary with Retry-After", 403, {"Retry-After": "7"}, LIMIT),
    Break("403 primary", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": _soon()}, PRIMARY),
    Break("reset before", raw=lambda body: b""),
    Break("reset after", raw=lambda body: b"", is_late=True),
    Break("garbage", raw=lambda body: _answered(b"<html><body>Unicorn!</body></html>")),
    Break("garbage after success", raw=lambda body: _answered(b"<html><body>Unicorn!</body></html>"), is_late=True),
    Break("half of the JSON", raw=lambda body: _answered(body[: len(body) // 2]), is_late=True),
    Break("closed in the middle", raw=lambda body: _answered(body[: len(body) // 2], len(body)), is_late=True),
    Break("an empty answer", raw=lambda body: _answered(b""), is_late=True),
    Break("JSON of another shape", raw=lambda body: _answered(b'{"message": null, "data": null}'), is_late=True),
)


class BreakingServer(GitHubServer):
    """Fails at the request of number `at` of a run (the first is 1): that one alone, or every one from there on."""

    def __init__(self) -> None:
        super().__init__()
        self._server.handle_error = self._forgive  # type: ignore[method-assign]
        self.heal()

    def heal(self) -> None:
        """Fail no more, and count anew."""
        self.count = self.at = 0
        self.lasts = False
        self.how = BREAKS[0]

    def break_at(self, at: int, how: Break, *, lasts: bool) -> None:
        """Fail so at that request."""
        self.count, self.at, self.how, self.lasts = 0, at, how, lasts

    def api(self, handler: _Handler, path: str, content: bytes) -> tuple[int, Any, dict[str, str]]:
        """The answer, or what becomes of it."""
        self.count += 1
        if not self.at or self.count < self.at or (self.count > self.at and not self.lasts):
            return super().api(handler, path, content)
        body = super().api(handler, path, content)[1] if self.how.is_late else {}
        if self.how.raw is not None:
            handler.wfile.write(self.how.raw(json.dumps(body).encode()))
            handler.wfile.flush()
            _reset(handler.connection)
            raise _Gone
        return self.how.status, {"message": self.how.message}, dict(self.how.headers)

    @staticmethod
    def _forgive(request: object, address: object) -> None:
        """A connection that ended early is what we wanted."""


def _reset(connection: socket.socket) -> None:
    """End it with a reset, where nothing is left to be read, as a proxy that restarts does."""
    connection.shutdown(socket.SHUT_WR)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def timed_out(at: int, *, lasts: bool) -> Requests:
    """For `wire.tapped`: the request of that number is never answered, as its client sees it. Nobody waits for it."""
    count = 0

    def tell(request: requests.PreparedRequest) -> None:
        nonlocal count
        count += 1
        if count == at or (count > at and lasts):
            raise requests.ReadTimeout

    return tell
