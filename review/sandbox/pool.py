"""A pool of jailed workers: biggest job first, one job at a time each, replaced when it dies or is too slow.

The pool trusts no answer: it is read up to a limit, decoded tolerantly, and belongs to the job the pool itself
remembers, whatever the worker says. A thread serves each worker, so a worker that neither reads nor answers holds up
nobody else, and a timer kills it.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Any, Self

import review
from review.errors import SandboxError

_BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from review.sandbox.worker import main; "
_BOOT += "main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"
"""`-I` ignores the environment and the working directory; our own package is named by its path."""


@dataclass(frozen=True)
class Limits:
    """What one job may use."""

    wall_seconds: float = 60.0
    cpu_seconds: int = 20
    memory_mb: int = 1024
    start_seconds: float = 120.0
    """How long a worker may take to load and to greet."""
    payload_bytes: int = 16 * 1024 * 1024
    answer_bytes: int = 32 * 1024 * 1024


@dataclass(frozen=True)
class Job:
    """One piece of work. `weight` orders jobs (bytes of text serve well); `subject` is told back with the reply."""

    subject: str
    payload: Mapping[str, Any]
    weight: int = 0


@dataclass(frozen=True)
class Reply:
    """What came of a job: an answer, or a failure as a clause for the reader ("took longer than 20 s")."""

    subject: str
    answer: Any = None
    failure: str | None = None
    seconds: float = 0.0


class WorkerDied(Exception):
    """The worker is gone or has said something it must not; the text is the reader's clause."""


class Pool:
    """Workers of one handler. Use it in a `with` statement; leaving it kills them."""

    def __init__(self, handler: str, size: int, limits: Limits | None = None) -> None:
        self._handler = handler
        self._size = max(1, size)
        self._limits = limits or Limits()
        self._workers: list[_Worker] = []
        self._prepared: Mapping[str, Any] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Spawn the workers and return at once; they warm up meanwhile."""
        self._workers = [self._spawn() for _ in range(self._size)]

    def prepare(self, data: Mapping[str, Any]) -> Any:
        """Send the trusted data, wait until one worker has jailed itself, and return its greeting.

        Raises SandboxError where it could not start or could not be jailed: then nothing may be parsed.
        """
        self._prepared = data
        for worker in self._workers:
            worker.prepare(data)
        try:
            return self._workers[0].greet()
        except WorkerDied as error:
            raise SandboxError(
                f"no worker process could be jailed ({error}), so nothing of the change was parsed;"
                " run the action as root in its own container, or locally as an ordinary user on Linux."
            ) from error

    def run(self, jobs: Sequence[Job], shared: Sequence[Mapping[str, Any]] = ()) -> Iterator[Reply]:
        """Do the jobs, in any order; every job gets exactly one reply. `shared` is told to each worker first."""
        queue: SimpleQueue[Job] = SimpleQueue()
        for job in sorted(jobs, key=lambda job: (-job.weight, job.subject)):
            queue.put(job)
        replies: SimpleQueue[Reply] = SimpleQueue()
        threads = [
            threading.Thread(target=self._serve, args=(number, queue, replies, shared), daemon=True)
            for number in range(min(len(self._workers), len(jobs)))
        ]
        for thread in threads:
            thread.start()
        for _ in jobs:
            yield replies.get()

    def close(self) -> None:
        """Kill the workers and remove their directories."""
        with self._lock:
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.kill()

    def _serve(
        self, number: int, queue: "SimpleQueue[Job]", replies: "SimpleQueue[Reply]", shared: Sequence[Mapping[str, Any]]
    ) -> None:
        informed = False
        while True:
            try:
                job = queue.get_nowait()
            except Empty:
                return
            begin = monotonic()
            answer, failure = None, None
            try:
                worker = self._workers[number]
                if not informed:
                    worker.greet()
                    for data in shared:
                        worker.ask("shared", data)
                    informed = True
                answer, failure = worker.ask("job", job.payload)
            except WorkerDied as error:
                failure = str(error)
                informed = False
                self._replace(number)
            except IndexError:
                failure = "the review was stopped"
            replies.put(Reply(job.subject, answer, failure, monotonic() - begin))

    def _replace(self, number: int) -> None:
        with self._lock:
            if number >= len(self._workers):
                return
            self._workers[number].kill()
            self._workers[number] = self._spawn()
            self._workers[number].prepare(self._prepared)

    def _spawn(self) -> "_Worker":
        return _Worker(self._handler, self._limits)


class _Worker:
    """One process and its pipes."""

    def __init__(self, handler: str, limits: Limits) -> None:
        self._limits = limits
        self._home = tempfile.TemporaryDirectory(prefix="data-review-worker-", ignore_cleanup_errors=True)
        ours = str(Path(review.__file__).resolve().parent.parent)
        arguments = (handler, str(limits.memory_mb), str(limits.cpu_seconds))
        self._buffer = bytearray()
        self._greeting: Any = None
        self._greeted = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-P", "-c", _BOOT, ours, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._home.name,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            self._home.cleanup()
            raise SandboxError(f"no worker process could be started ({error.strerror}).") from error

    def prepare(self, data: Mapping[str, Any]) -> None:
        """Send the trusted data; the greeting comes when the worker is loaded and jailed."""
        with contextlib.suppress(WorkerDied):
            self._write(_line(data))

    def greet(self) -> Any:
        """Wait for the greeting, once. Raises WorkerDied."""
        if not self._greeted:
            with self._deadline(self._limits.start_seconds, "it did not start in time"):
                self._greeting, failure = self._read()
            if failure is not None:
                raise WorkerDied(failure)
            self._greeted = True
        return self._greeting

    def ask(self, kind: str, data: Mapping[str, Any]) -> tuple[Any, str | None]:
        """Answer and failure of one message. Raises WorkerDied where the worker has to be replaced."""
        line = _line({"kind": kind, "data": data})
        if len(line) > self._limits.payload_bytes:
            return None, f"it is larger than {self._limits.payload_bytes // 1024 // 1024} MB with what belongs to it"
        with self._deadline(self._limits.wall_seconds, f"it took longer than {self._limits.wall_seconds:g} s"):
            self._write(line)
            return self._read()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._home.cleanup()

    @contextlib.contextmanager
    def _deadline(self, seconds: float, reason: str) -> Iterator[None]:
        """Kill the worker when the time is up; what then fails inside is told as that reason."""
        late = threading.Event()

        def kill() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        except WorkerDied as error:
            raise WorkerDied(reason if late.is_set() else str(error)) from error
        finally:
            timer.cancel()

    def _write(self, line: bytes) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        view = memoryview(line)
        try:
            while view:
                view = view[pipe.write(view) or 0 :]
        except OSError as error:
            raise WorkerDied(self._obituary()) from error

    def _read(self) -> tuple[Any, str | None]:
        pipe = self._process.stdout
        assert pipe is not None
        line = self._readline(pipe)
        try:
            message = json.loads(line)
            failure = message.get("failure")
            if failure is None:
                return message["answer"], None
        except (ValueError, KeyError, AttributeError, RecursionError) as error:
            raise WorkerDied("the parser's answer could not be read") from error
        if failure == "memory":
            raise WorkerDied(f"it needed more than {self._limits.memory_mb} MB of memory")
        if failure == "recursion":
            return None, "it is nested too deeply to be parsed"
        return None, f"the parser failed on it ({_word(failure)})"

    def _readline(self, pipe: Any) -> bytes:
        end = -1
        while end < 0:
            try:
                chunk = pipe.read(1 << 16)
            except OSError as error:
                raise WorkerDied(self._obituary()) from error
            if not chunk:
                raise WorkerDied(self._obituary())
            self._buffer += chunk
            if len(self._buffer) > self._limits.answer_bytes:
                raise WorkerDied("its answer was too large to be read")
            end = self._buffer.find(b"\n", len(self._buffer) - len(chunk))
        line = bytes(self._buffer[:end])
        self._buffer.clear()
        return line

    def _obituary(self) -> str:
        """Why the process is gone, for a reader."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._process.wait(timeout=1)
            if status == -24:
                return f"it used more than {self._limits.cpu_seconds} s of processor time"
            return f"the parser crashed (status {status})"
        return "the parser stopped answering"


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data).encode("ascii") + b"\n"


def _word(value: object) -> str:
    """An exception's name as the worker gave it: an identifier of at most 60 characters, else nothing of it."""
    return value[:60] if isinstance(value, str) and value.isidentifier() else "unknown"


