"""For every test: no network but this machine's own, no way to a real model, and a GitHub and a model to speak to."""

import gc
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.network import LOCAL, NO_WAY_OUT, PAID

SLOW = ("tests/e2e/", "tests/attacks/")
"""Tests that start processes: seconds each, where the others take milliseconds."""
PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
"""Of pytest-xdist, which tells its workers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """As many parts as processes, each with its share of the slow modules first: no process ends long after the others.

    pytest-xdist deals the list out in equal pieces (`worksteal`), and lets whoever is done take from the others.
    """
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    slow = sorted((name for name in modules if name.startswith(SLOW)), key=lambda name: (-len(modules[name]), name))
    parts: list[list[pytest.Item]] = [[] for _ in range(PROCESSES)]
    for name in [*slow, *sorted(set(modules) - set(slow), key=lambda name: (-len(modules[name]), name))]:
        min(parts, key=len).extend(modules[name])
    items[:] = [item for part in parts for item in part]


def pytest_collection_finish() -> None:
    """What is loaded by now stays: collecting it again and again took a tenth of the suite's time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting anywhere else fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            raise AssertionError(f"a test wanted to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leads to a real model: no credentials, and no way out for a process that inherits the environment."""
    for name in [name for name in os.environ if name.startswith(PAID)]:
        monkeypatch.delenv(name)
    for name, value in NO_WAY_OUT.items():
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv(name, value)


@pytest.fixture
def github() -> Iterator[Any]:
    """A GitHub on 127.0.0.1; what it would not know, or its schema not allow, fails the test."""
    from tests.github_server.server import GitHubServer

    server = GitHubServer()
    yield server
    server.close()
    assert server.offences == []


@pytest.fixture
def model() -> Iterator[Any]:
    """The Messages API on 127.0.0.1; what the API would refuse fails the test."""
    from tests.model_server.server import ModelServer

    with ModelServer() as server:
        yield server
    assert server.offences == []
