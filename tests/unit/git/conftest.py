"""Fixtures for the tests of `review/git/`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from git_checkout import Checkout, GitServer


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "workspace")


@pytest.fixture
def git_root(tmp_path: Path) -> Path:
    return tmp_path / "served"


@pytest.fixture
def git_server(git_root: Path) -> Iterator[GitServer]:
    server = GitServer(git_root, token="s3cret-token")
    yield server
    server.close()


@pytest.fixture
def other_server(git_root: Path) -> Iterator[GitServer]:
    server = GitServer(git_root)
    yield server
    server.close()
