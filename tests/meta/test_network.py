"""No test reaches another machine, least of all a model that costs money: the guards of `tests/conftest.py` hold."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.network import PAID

ABROAD = ("192.0.2.1", 443)
"""An address that belongs to nobody (RFC 5737)."""
ASK = """
import urllib.request
try:
    urllib.request.urlopen("https://api.anthropic.com/v1/models", timeout=5)
except OSError as error:
    print(error)
"""


@pytest.fixture(scope="module", autouse=True)
def keys_of_the_developer() -> Iterator[None]:
    """What may lie in the environment in which the tests are started."""
    names = [f"{begin}TEST_KEY" for begin in PAID]
    os.environ.update(dict.fromkeys(names, "sk-of-a-person"))
    yield
    for name in names:
        del os.environ[name]


def test_no_key_is_left_to_a_test() -> None:
    assert not [name for name in os.environ if name.startswith(("ANTHROPIC_", "AWS_", "CLAUDE_"))]


def test_no_connection_leaves_this_machine() -> None:
    with socket.socket() as connection, pytest.raises(AssertionError, match="a test wanted to reach"):
        connection.connect(ABROAD)


def test_a_child_process_knows_only_a_proxy_that_is_not_there() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=60)
    assert "Connection refused" in done.stdout
