"""A door to the model for every test: Claude at the fake Messages API, its waits noted instead of slept."""

from collections.abc import Callable, Iterator

import pytest

from review.config.credentials import Credentials
from tests.model_server.server import ModelServer
from tests.unit.model.door import Door, credentials_for


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def opened() -> Iterator[Callable[[Credentials], Door]]:
    """Makes doors, and closes them."""
    doors: list[Door] = []

    def make(credentials: Credentials) -> Door:
        doors.append(Door(credentials))
        return doors[-1]

    yield make
    for door in doors:
        door.claude.close()


@pytest.fixture
def door(server: ModelServer, opened: Callable[[Credentials], Door]) -> Door:
    return opened(credentials_for(server.url))
