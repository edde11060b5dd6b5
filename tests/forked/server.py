"""The process that is forked: it has imported all of ours, and becomes whatever program is asked for.

It has one thread, since a fork takes no others along, and freezes what it has loaded, so that forks share it.
"""

import contextlib
import gc
import marshal
import os
import selectors
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from review.sandbox import process
from tests.forked import programs

_REQUEST = 1 << 20
"""Bytes that the arguments and the environment of a program may take."""


@dataclass(frozen=True)
class _Child:
    """A forked program, and the door at which its stand-in waits to be told how it ended."""

    pid: int
    ended: int
    """Becomes readable then: pidfd_open(2)."""
    door: socket.socket


def main(address: str) -> None:
    """Load everything, say so with one line, and serve until standard input ends."""
    _load()
    process._command = programs.worker_command(address)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, selectors.DefaultSelector() as waiting:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        _serve(listener, waiting)


def _load() -> None:
    import tqdm

    tqdm.tqdm.monitor_interval = 0  # a thread of sqlfluff's, for a bar that nobody sees
    import review.commands.agent
    import review.commands.local
    import review.commands.publishing
    import review.commands.run
    import review.consulting
    import review.github.pygithub
    import review.model.clients
    import review.model.faults
    import review.model.stream
    import review.pipeline
    import review.reviewers.consult  # noqa: F401
    from review.evidence import analyse
    from review.rules.embedded.candidate import DIALECTS
    from review.sql.linter import prepare_linter

    analyse.warm()
    prepare_linter(DIALECTS)


def _serve(listener: socket.socket, waiting: selectors.BaseSelector) -> None:
    waiting.register(0, selectors.EVENT_READ)
    waiting.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj == 0:
                return
            if key.fileobj is listener:
                _begin(listener, waiting)
            elif key.fd in waiting.get_map():  # else it was dealt with a moment ago
                _end(key.data, waiting, is_abandoned=key.fileobj is key.data.door)


def _begin(listener: socket.socket, waiting: selectors.BaseSelector) -> None:
    """Fork the program that a stand-in asks for, and tell its number."""
    door, _ = listener.accept()
    request, descriptors, _, _ = socket.recv_fds(door, _REQUEST, programs.DESCRIPTORS)
    if len(descriptors) < programs.DESCRIPTORS:  # the stand-in was killed before it could ask
        door.close()
        return
    pid = os.fork()
    if pid == 0:
        _become(request, descriptors)
    for each in descriptors:
        os.close(each)
    child = _Child(pid, os.pidfd_open(pid), door)
    for file in (child.ended, door):
        waiting.register(file, selectors.EVENT_READ, child)
    with contextlib.suppress(BrokenPipeError):
        door.send(b"%d" % pid)


def _end(child: _Child, waiting: selectors.BaseSelector, is_abandoned: bool) -> None:
    """Tell how it ended; one whose stand-in is gone is killed, for so whoever started it wanted."""
    if is_abandoned:
        os.kill(child.pid, signal.SIGKILL)
    _, status = os.waitpid(child.pid, 0)
    with contextlib.suppress(BrokenPipeError):
        child.door.send(b"%d" % os.waitstatus_to_exitcode(status))
    for file in (child.ended, child.door):
        waiting.unregister(file)
    os.close(child.ended)
    child.door.close()


def _become(request: bytes, descriptors: Sequence[int]) -> NoReturn:
    """Leave everything of the server's behind, and be the program."""
    status: object = 1
    try:
        (program, *arguments), environ = marshal.loads(request)
        os.setsid()
        *streams, directory = descriptors
        os.fchdir(directory)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(len(streams), os.sysconf("SC_OPEN_MAX"))
        os.environb.clear()
        os.environb.update(environ)
        tempfile.tempdir = None
        sys.argv = [program, *arguments]
        _run(program, arguments)
        status = 0
    except SystemExit as left:
        status = left.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def _run(program: str, arguments: Sequence[str]) -> None:
    if program == programs.WORKER:
        from review.sandbox import worker

        handler, memory_mb, cpu_seconds = arguments
        worker.main(handler, int(memory_mb), int(cpu_seconds))
    else:
        from review.cli import console

        console()
