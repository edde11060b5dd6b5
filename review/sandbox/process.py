"""One worker process and its two pipes, neither of which can ever block us.

Writing and reading go on as the pipes allow, so that a worker which neither reads nor answers holds up nobody, and
megabytes may travel both ways at once. Every request has a deadline; the owner asks for it and kills what is late.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import review
from review.errors import SandboxError

BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); import review.sandbox.worker as worker;"
    " sys.path.append(sys.path.pop(0)); worker.main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))"
)
"""`-I` keeps the environment, the user's site and the working directory off the path. Our own package is named by its
place, so that a source tree works like an installation; the rest of that place comes last."""

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""All a worker's environment holds: no token, no key, no home."""

CRASHED = "the parser crashed"
"""How the reason begins where a worker ends by itself."""
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """What one job may use."""

    wall_seconds: float = 60.0
    cpu_seconds: int = 20
    memory_mb: int = 1024
    """Beyond what a warm worker has mapped already."""
    start_seconds: float = 120.0
    """How long a worker may take to load and to greet."""
    run_seconds: float = 1800.0
    """All jobs of one `Pool.run` together: no job is begun later."""
    payload_bytes: int = 16 * 1024 * 1024
    answer_bytes: int = 8 * 1024 * 1024
    """Decoded, an answer takes up to twenty times as much of our own memory."""


class WorkerError(Exception):
    """The worker is gone, or has to go. The text is the reader's clause."""


class WorkerProcess:
    """A process of `review.sandbox.worker`. Raises SandboxError where none can be started."""

    def __init__(self, handler: str, limits: Limits) -> None:
        self._limits = limits
        self._home = tempfile.TemporaryDirectory(prefix="data-review-worker-", ignore_cleanup_errors=True)
        try:
            self._process = subprocess.Popen(
                _command(handler, limits),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._home.name,
                env=ENVIRONMENT,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            self._home.cleanup()
            raise SandboxError(f"no worker process could be started ({error.strerror}).") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        self._outgoing = memoryview(b"")
        self._incoming = bytearray()
        self._deadline: float | None = None
        self._late = ""

    @property
    def reader(self) -> int:
        """The descriptor that becomes readable when the worker answers or dies."""
        return self._stdout.fileno()

    @property
    def writer(self) -> int | None:
        """The descriptor that waits to be written to, or None where all is sent."""
        return self._stdin.fileno() if self._outgoing else None

    @property
    def deadline(self) -> float | None:
        """When the pending answer is overdue (`time.monotonic`), or None where none is pending."""
        return self._deadline

    def send(self, line: bytes, seconds: float, late: str) -> None:
        """Begin to send a request; its answer must be there in so many seconds, else `late` is the reason told."""
        self._outgoing = memoryview(line)
        self._deadline = monotonic() + seconds
        self._late = late

    def write_some(self) -> None:
        """Send as much as the pipe takes now. Where nobody reads any more, reading will tell why."""
        try:
            self._outgoing = self._outgoing[os.write(self._stdin.fileno(), self._outgoing[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._outgoing = memoryview(b"")

    def read_some(self) -> bytes | None:
        """The whole answer once it is there, without its newline; None before that. Raises WorkerError.

        A worker that says more than one line, or anything unasked, is not to be trusted any further.
        """
        try:
            chunk = os.read(self._stdout.fileno(), _CHUNK)
        except BlockingIOError:
            return None
        except OSError as error:
            raise WorkerError(self._obituary()) from error
        if not chunk:
            raise WorkerError(self._obituary())
        if self._deadline is None:
            raise WorkerError("the parser spoke out of turn")
        self._incoming += chunk
        if len(self._incoming) > self._limits.answer_bytes:
            raise WorkerError(f"gave an answer of more than {_megabytes(self._limits.answer_bytes)}")
        end = self._incoming.find(b"\n", len(self._incoming) - len(chunk))
        if end < 0:
            return None
        if end != len(self._incoming) - 1 or self._outgoing:
            raise WorkerError("the parser spoke out of turn")
        line = bytes(self._incoming[:end])
        self._incoming.clear()
        self._deadline = None
        return line

    def check_deadline(self) -> None:
        """Raise WorkerError where the pending answer is overdue."""
        if self._deadline is not None and monotonic() >= self._deadline:
            raise WorkerError(self._late)

    def kill(self) -> None:
        """End the process at once and remove its directory. May be called twice."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        self._home.cleanup()

    def _obituary(self) -> str:
        """Why the process is gone, for a reader."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._process.wait(timeout=1)
            if status == -signal.SIGXCPU:
                return f"took more than {self._limits.cpu_seconds} s of processor time"
            return f"{CRASHED} ({_status(status)})"
        return "the parser stopped answering"


def _command(handler: str, limits: Limits) -> list[str]:
    place = str(Path(review.__file__).resolve().parent.parent)
    return [sys.executable, "-I", "-P", "-c", BOOT, place, handler, str(limits.memory_mb), str(limits.cpu_seconds)]


def _status(status: int) -> str:
    if status < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-status).name
    return f"status {status}"


def _megabytes(count: int) -> str:
    return f"{count / 1024 / 1024:g} MB"
