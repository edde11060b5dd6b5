"""The fake, and the real SDK's client for it."""

from collections.abc import Iterator

import anthropic
import pytest

from tests.model_server.routes import KEY
from tests.model_server.server import ModelServer


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A server that answers `{}` until a test says otherwise."""
    with ModelServer() as running:
        yield running


@pytest.fixture(scope="session")
def any_client() -> Iterator[anthropic.Anthropic]:
    """One client for all: to make one takes long."""
    with anthropic.Anthropic(api_key=KEY, max_retries=0, timeout=30) as made:
        yield made


@pytest.fixture
def client(any_client: anthropic.Anthropic, server: ModelServer) -> anthropic.Anthropic:
    """The client, of the test's own server."""
    return any_client.with_options(base_url=server.url)
