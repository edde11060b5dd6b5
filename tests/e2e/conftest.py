"""A pull request on a GitHub, ready to be reviewed."""

import sys
from pathlib import Path

import pytest

from tests.e2e.action import Action
from tests.github_server.server import GitHubServer


@pytest.fixture
def action(tmp_path: Path, github: GitHubServer) -> Action:
    """No pull request is open yet; see `Action.open`."""
    return Action(tmp_path, github)


@pytest.fixture
def python() -> str:
    """The interpreter that runs the tests."""
    return sys.executable
