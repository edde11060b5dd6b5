"""A private directory, and nameless files in it: what `tempfile` gives, without the twentieth of a short run it costs.

Importing `tempfile` takes 4 ms of the 85 that a pull request without data files takes (tests/bench/start_up.py).
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_TRIES = 100


def make_directory(prefix: str) -> Path:
    """A new directory that only we may read, where temporary files belong. Raises OSError where none can be made."""
    parent = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - a name that nobody can foretell, made and not found
    if not os.access(parent, os.W_OK | os.X_OK):
        from tempfile import gettempdir  # looks in more places

        parent = gettempdir()
    for _ in range(_TRIES):
        path = Path(parent).absolute() / f"{prefix}{os.urandom(8).hex()}"
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
            return path
    raise FileExistsError(f"{parent} is full of directories of ours")


def remove_directory(path: Path) -> None:
    """Remove a directory with everything in it, as far as that is possible."""
    from shutil import rmtree

    rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def nameless_file(directory: Path) -> Iterator[IO[bytes]]:
    """A file to write and read that is gone when it is closed. `directory` is one that nobody else writes to."""
    path = directory / f"data-review-{os.urandom(8).hex()}"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "r+b") as file:
        path.unlink()
        yield file
