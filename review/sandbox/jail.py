"""What a worker gives up before it sees anything of the pull request.

Another user is not enough by itself: checkout leaves a token in the workspace's world-readable `.git/config`, and
`/proc/<pid>/environ` keeps what `os.environ` forgot. So a worker loads all it needs, then gives up opening anything:
with `RLIMIT_NOFILE` at 0 the open descriptors go on working and no new one can ever be had, not even after closing one.
Tested on Linux with sqlfluff 4.5 and its Rust parser (reference: getrlimit(2), prctl(2)).
"""

import contextlib
import ctypes
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

NOBODY = 65534
"""User and group of a jailed worker where we are root: owns nothing, anywhere."""

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


class JailError(RuntimeError):
    """The jail did not close: something that must fail still works."""


def close(memory_mb: int) -> None:
    """Give up files, sockets, processes, core dumps and privileges for good; the working directory becomes the root.

    `memory_mb` is how much the worker may map beyond what it has mapped already. Must be called from the directory the
    worker is to see as root where the process is root. Raises JailError where opening, connecting or forking still
    works afterwards, and OSError where the system refuses a step.
    """
    prctl = _prctl()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_AS, _mapped() + memory_mb * 1024 * 1024)
    if os.geteuid() == 0:
        os.chroot(".")
        os.chdir("/")
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    _limit(resource.RLIMIT_NPROC, 0)
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(_PR_SET_DUMPABLE, 0)
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _limit(resource.RLIMIT_NOFILE, 0)
    _verify()


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))


def _mapped() -> int:
    """Bytes of address space in use; 0 where the system does not say (the limit is then the allowance alone)."""
    with contextlib.suppress(OSError), Path("/proc/self/statm").open("rb") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()
    return 0


def _prctl() -> Callable[[int, int], None]:
    """prctl(2), or a no-op where there is none (macOS: the resource limits are the jail there)."""
    if not sys.platform.startswith("linux"):
        return lambda option, value: None
    library = ctypes.CDLL(None, use_errno=True)

    def call(option: int, value: int) -> None:
        if library.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({option})")

    return call


def _verify() -> None:
    """Fail closed: everything that was given up is tried once."""
    attempts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("open a file", lambda: os.open("/", os.O_RDONLY)),
        ("open a pipe", os.pipe),
        ("open a socket", socket.socket),
        ("raise its limits", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))),
        ("become root", lambda: os.setuid(0)),
        ("start a process", _fork),
    )
    for what, attempt in attempts:
        try:
            attempt()
        except (OSError, ValueError):
            continue
        raise JailError(f"a worker could still {what}")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)
