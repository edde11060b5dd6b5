"""For every test: no network but this machine's own, and a GitHub to speak to."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

LOCAL = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting anywhere else fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            raise AssertionError(f"a test wanted to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def github() -> Iterator[Any]:
    """A GitHub on 127.0.0.1; what it would not know, or its schema not allow, fails the test."""
    from tests.github_server.server import GitHubServer

    server = GitHubServer()
    yield server
    server.close()
    assert server.offences == []
