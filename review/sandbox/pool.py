"""A pool of jailed workers: biggest job first, one job at a time each, replaced when one dies or is too slow.

It knows nothing of SQL: a handler module does the work (`review.sandbox.worker`). One thread serves all workers, and
it is the caller's: `start`, `prepare` and `run` have to be called by a thread that lives as long as the pool, because
a jailed worker dies with the thread that started it (prctl(2), PR_SET_PDEATHSIG), and so never outlives us.
"""

import selectors
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

from review.errors import SandboxError
from review.sandbox.process import Limits, WorkerError, WorkerProcess
from review.sandbox.protocol import Answer, Ask, Trouble, UnreadableError, decode, encode

__all__ = ["Job", "Limits", "Pool", "Reply"]

_NOT_READ = "the parser's answer could not be read"
_TOO_DEEP = "is nested too deeply to be parsed"


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
    answer: dict[str, Any] | None = None
    failure: str | None = None
    seconds: float = 0.0


@dataclass
class _Slot:
    """A place for one worker, and what the worker is doing."""

    worker: WorkerProcess
    greeting: dict[str, Any] | None = None
    """What it said when it was jailed; None until then."""
    is_gone: bool = False
    """It was killed; another takes its place when there is work for it."""
    told: int = 0
    """How many of the run's shared messages it has dealt with."""
    is_telling: bool = False
    job: Job | None = None
    began: float = 0.0
    jobs_done: int = 0
    again: Job | None = None
    """A job that this place has to try once more, with a fresh worker."""

    @property
    def is_free(self) -> bool:
        """Whether it waits for work."""
        return not self.is_gone and self.greeting is not None and self.worker.deadline is None


@dataclass
class _Run:
    """The state of one `Pool.run`."""

    queue: deque[Job]
    shared: list[bytes | None]
    """The encoded messages; None for one that no worker would take."""
    until: float


class Pool:
    """Workers of one handler. Use it in a `with` statement; leaving it kills them."""

    def __init__(self, handler: str, size: int, limits: Limits | None = None) -> None:
        self._handler = handler
        self._size = max(1, size)
        self._limits = limits or Limits()
        self._slots: list[_Slot] = []
        self._prepared: bytes | None = None
        self.refused: dict[int, str] = {}
        """After `run`: index in `shared` → why the workers could not take that message."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Spawn the workers and return at once; they warm up meanwhile. Raises SandboxError."""
        while len(self._slots) < self._size:
            self._slots.append(_Slot(WorkerProcess(self._handler, self._limits)))

    def prepare(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Send the trusted data, wait until a worker has jailed itself, and return its greeting.

        Raises SandboxError where one could not start or could not be jailed: then nothing may be parsed.
        """
        self._prepared = encode(data)
        self.start()
        for slot in self._slots:
            self._introduce(slot)
        greeted: list[dict[str, Any]] = []
        while not greeted:
            for slot, answer in self._events():  # all of them: a greeting that is not taken here is never heard again
                self._greeted(slot, answer)
                assert slot.greeting is not None
                greeted.append(slot.greeting)
        return greeted[0]

    def run(self, jobs: Sequence[Job], shared: Sequence[Mapping[str, Any]] = ()) -> Iterator[Reply]:
        """Do the jobs, in any order; every job gets exactly one reply. Each worker is told `shared` first.

        What of `shared` could not be told is in `refused` afterwards. Raises SandboxError where a worker that has to
        be replaced cannot be.
        """
        self.refused = {}
        run = _Run(
            deque(sorted(jobs, key=lambda job: (-job.weight, job.subject))),
            [self._shared_line(index, data) for index, data in enumerate(shared)],
            monotonic() + self._limits.run_seconds,
        )
        for slot in self._slots:
            slot.told = 0
        while run.queue or any(slot.job is not None or slot.again is not None for slot in self._slots):
            if not self._slots:
                yield Reply(run.queue.popleft().subject, failure="was not begun: the workers were stopped")
                continue
            yield from self._feed(run)
            for slot, answer in self._events():
                reply = self._settle(slot, answer, run)
                if reply is not None:
                    yield reply

    def close(self) -> None:
        """Kill the workers and remove their directories."""
        while self._slots:
            self._slots.pop().worker.kill()

    def _feed(self, run: _Run) -> Iterator[Reply]:
        """Give every free worker its next message; answer at once what cannot be sent."""
        for slot in self._slots:
            if slot.is_gone and (run.queue or slot.again is not None):
                self._replace(slot)
            while slot.is_free and (run.queue or slot.again is not None):
                if self._tell(slot, run):
                    break
                job, slot.again = slot.again or run.queue.popleft(), None
                line = encode({"kind": Ask.JOB.value, "data": job.payload})
                if len(line) > self._limits.payload_bytes:
                    yield Reply(job.subject, failure=self._too_large())
                elif monotonic() >= run.until:
                    reason = f"was not begun: all files together took longer than {self._limits.run_seconds:g} s"
                    yield Reply(job.subject, failure=reason)
                else:
                    slot.job, slot.began = job, monotonic()
                    slot.worker.send(line, self._limits.wall_seconds, self._too_long())

    def _tell(self, slot: _Slot, run: _Run) -> bool:
        """Send the next shared message that this worker has not had; False where it has had them all."""
        while slot.told < len(run.shared):
            line = run.shared[slot.told]
            if line is not None:
                slot.is_telling = True
                slot.worker.send(line, self._limits.wall_seconds, self._too_long())
                return True
            slot.told += 1
        return False

    def _settle(self, slot: _Slot, answer: Answer | WorkerError, run: _Run) -> Reply | None:
        """Take what a worker said, or its death: a reply where a job was pending, else progress."""
        if slot.greeting is None:
            self._greeted(slot, answer)
            return None
        failure = self._failure(answer)
        is_out_of_memory = isinstance(answer, Answer) and answer.trouble is Trouble.MEMORY
        if isinstance(answer, WorkerError) or is_out_of_memory:
            slot.worker.kill()
            slot.is_gone = True
        if slot.is_telling:
            if failure is not None:
                run.shared[slot.told] = None
                self.refused[slot.told] = failure
            slot.told += 1
            slot.is_telling = False
        job, slot.job = slot.job, None
        if job is None:
            return None
        slot.jobs_done += 1
        if is_out_of_memory and slot.jobs_done > 1:
            # What earlier jobs left behind counts too: the file is blamed only where a fresh worker fails as well.
            slot.again = job
            return None
        value = answer.value if isinstance(answer, Answer) else None
        return Reply(job.subject, value, failure, monotonic() - slot.began)

    def _events(self) -> list[tuple[_Slot, Answer | WorkerError]]:
        """Wait until something happens, move what the pipes take, and tell which requests are settled."""
        alive = [slot for slot in self._slots if not slot.is_gone]
        with selectors.DefaultSelector() as selector:
            for slot in alive:
                selector.register(slot.worker.reader, selectors.EVENT_READ, slot)
                if slot.worker.writer is not None:
                    selector.register(slot.worker.writer, selectors.EVENT_WRITE, slot)
            deadlines = [slot.worker.deadline for slot in alive if slot.worker.deadline is not None]
            ready = selector.select(max(0.0, min(deadlines) - monotonic()) if deadlines else 0.0)
        readable = set()
        for key, mask in ready:
            if mask & selectors.EVENT_WRITE:
                key.data.worker.write_some()
            else:
                readable.add(key.fd)
        settled: list[tuple[_Slot, Answer | WorkerError]] = []
        for slot in alive:
            try:
                line = slot.worker.read_some() if slot.worker.reader in readable else None
                if line is not None:
                    settled.append((slot, decode(line)))
                else:
                    slot.worker.check_deadline()
            except UnreadableError:
                settled.append((slot, WorkerError(_NOT_READ)))
            except WorkerError as error:
                settled.append((slot, error))
        return settled

    def _introduce(self, slot: _Slot) -> None:
        assert self._prepared is not None
        slot.worker.send(self._prepared, self._limits.start_seconds, "it did not start in time")

    def _greeted(self, slot: _Slot, answer: Answer | WorkerError) -> None:
        """Take the greeting. Raises SandboxError where there is none."""
        value = answer.value if isinstance(answer, Answer) else None
        if value is None:
            reason = answer if isinstance(answer, WorkerError) else answer.failure or "it ran out of memory"
            raise SandboxError(
                f"no worker process could be jailed ({reason}), so nothing of the change was parsed;"
                " run the action as root in its own container, or locally as an ordinary user on Linux."
            )
        slot.greeting = value

    def _replace(self, slot: _Slot) -> None:
        """A new worker in place of one that is gone: prepared, and still to be told everything."""
        slot.worker = WorkerProcess(self._handler, self._limits)
        slot.greeting, slot.is_gone, slot.told, slot.jobs_done = None, False, 0, 0
        self._introduce(slot)

    def _shared_line(self, index: int, data: Mapping[str, Any]) -> bytes | None:
        line = encode({"kind": Ask.SHARE.value, "data": data})
        if len(line) > self._limits.payload_bytes:
            self.refused[index] = self._too_large()
            return None
        return line

    def _failure(self, answer: Answer | WorkerError) -> str | None:
        """The reader's clause, or None where all went well."""
        if isinstance(answer, WorkerError):
            return str(answer)
        if answer.trouble is Trouble.MEMORY:
            return f"needed more than {self._limits.memory_mb} MB"
        if answer.trouble is Trouble.RECURSION:
            return _TOO_DEEP
        return f"the parser failed on it ({answer.failure})" if answer.value is None else None

    def _too_large(self) -> str:
        return f"is larger than {self._limits.payload_bytes / 1024 / 1024:g} MB with what belongs to it"

    def _too_long(self) -> str:
        return f"took longer than {self._limits.wall_seconds:g} s"
