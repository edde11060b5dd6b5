"""Workers for modules that start many; `test_jail` shows what is so only of one that was started as it is."""

import os
from collections.abc import Iterator

import pytest

from review.sandbox import process
from tests.forked.programs import worker_command


@pytest.fixture(scope="module")
def forked_workers() -> Iterator[None]:
    """Jailed as all are, but not loaded anew."""
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(os, "pidfd_open"):
            patch.setattr(process, "_command", worker_command())
        yield
