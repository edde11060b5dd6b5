"""Programs of ours for tests that start many: forked from a process that has imported them, not started anew.

A start takes seconds of processor time, nearly all of it imports (the SDK, sqlfluff), and proves the same each time.
What is forked has its own arguments, environment, directory, streams, signals and exit status, as any process has.
It cannot show the start itself: an import that is missing or late, what `-I` keeps out, what /proc tells of an
environment. The tests of that, and one of each file, start the program as it is: `PROGRAM`.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from review.evidence.collect import HANDLER
from review.sandbox import process
from review.sandbox.process import Limits

PROGRAM = (sys.executable, "-I", "-m", "review")
"""As the image starts it."""
WORKER = "worker"
"""The name of the program that is a jailed worker with the handler of every review."""
DESCRIPTORS = 4
"""What a program is given: standard input, output and error, and its directory."""
_ROOT = Path(__file__).parents[2]
_BOOT = "import sys; sys.path.append(sys.argv[1]); from tests.forked import server; server.main(sys.argv[2])"
_STAND_IN = (sys.executable, "-I", "-S", str(Path(__file__).with_name("stand_in.py")))


def program() -> tuple[str, ...]:
    """The beginning of a command line that does what `PROGRAM` does."""
    return (*_STAND_IN, _address(), "review") if hasattr(os, "pidfd_open") else PROGRAM


def worker_command(address: str = "") -> Callable[[str, Limits], list[str]]:
    """Takes the place of the pool's own `_command`: workers of every review's handler are forked, others are not."""
    anew, address = process._command, address or _address()

    def command(handler: str, limits: Limits) -> list[str]:
        if handler != HANDLER:
            return anew(handler, limits)
        return [*_STAND_IN, address, WORKER, handler, str(limits.memory_mb), str(limits.cpu_seconds)]

    return command


@cache
def _address() -> str:
    """Where the server listens, which is started by whoever asks first, and ends with this process."""
    folder = tempfile.mkdtemp(prefix="forked-")
    address = f"{folder}/door"
    server = subprocess.Popen(
        [sys.executable, "-I", "-c", _BOOT, str(_ROOT), address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # a pipe, too: Python's streams remember what they were made on
        start_new_session=True,
    )

    def stop() -> None:
        server.communicate()
        shutil.rmtree(folder)

    atexit.register(stop)
    assert server.stdout is not None
    if server.stdout.readline() != b"ready\n":
        raise AssertionError(f"no programs can be forked: {server.stdout.read().decode()}")
    return address
