"""A handler for `review.sandbox.worker` that does as it is told, and tries everything a worker has to be denied.

It loads what it needs before the jail closes: nothing can be imported afterwards.
"""

import ctypes
import errno
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from review.sandbox import jail

STATE: dict[str, Any] = {"shared": [], "jobs": 0}
HELD: list[bytes] = []
LIBRARY = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH = 16


def _connect() -> None:
    with socket.socket() as connection:
        connection.settimeout(1)
        connection.connect(("127.0.0.1", 9))


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _raise_limit(what: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (hard + 1, hard + 1))


def _trace(pid: int) -> None:
    if LIBRARY.ptrace(PTRACE_ATTACH, pid, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def _read_memory(pid: int) -> None:
    """process_vm_readv(2) of this very program's text, which lies at the same place in no other process."""

    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    buffer = ctypes.create_string_buffer(8)
    local, remote = Vector(ctypes.addressof(buffer), 8), Vector(1, 8)
    LIBRARY.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    if ctypes.get_errno() != errno.EFAULT:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


ATTEMPTS: dict[str, Callable[[Any], object]] = {
    "read a file": lambda data: Path(data["secret"]).read_text(),
    "write a file": lambda data: Path(data["folder"], "written").write_text("x"),
    "write into its own directory": lambda data: Path("written").write_text("x"),
    "list a directory": lambda data: list(Path(data["folder"]).iterdir()),
    "read the parent's environment": lambda data: Path(f"/proc/{data['parent']}/environ").read_bytes(),
    "read the parent's memory": lambda data: _read_memory(data["parent"]),
    "read its own environment": lambda data: Path("/proc/self/environ").read_bytes(),
    "open a socket": lambda data: socket.socket().close(),
    "open a local socket": lambda data: socket.socketpair(),
    "connect": lambda data: _connect(),
    "open a pipe": lambda data: os.pipe(),
    "open a terminal": lambda data: os.openpty(),
    "open memory as a file": lambda data: os.memfd_create("x"),
    "copy a descriptor": lambda data: os.dup(0),
    "fork": lambda data: _fork(),
    "start a thread": lambda data: _thread(),
    "run a program": lambda data: subprocess.run(["/bin/sh", "-c", "true"], check=True),
    "spawn a program": lambda data: os.posix_spawn("/bin/true", ["true"], {}),
}
"""What works in an ordinary process, and must not in a jailed one."""

PRIVILEGED: dict[str, Callable[[Any], object]] = {
    **{
        f"raise {name}": lambda data, name=name: _raise_limit(getattr(resource, name))
        for name in ("RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE")
    },
    "become root": lambda data: os.setuid(0),
    "become root's group": lambda data: os.setgid(0),
    "leave the root directory": lambda data: os.chroot(".."),
    "be dumped": lambda data: _dumpable(),
}
"""What a jailed process must not either; an ordinary one may be denied it too."""

AS_ROOT: dict[str, Callable[[Any], object]] = {
    "see a path": lambda data: Path(data["secret"]).stat(),
    "delete a file": lambda data: Path(data["victim"]).unlink(),
    "rename a file": lambda data: Path(data["victim"]).rename(data["victim"] + "2"),
    "empty a file": lambda data: os.truncate(data["victim"], 0),
    "make a directory": lambda data: Path("folder").mkdir(),
    "make a link": lambda data: Path("link").symlink_to("/"),
    "signal the parent": lambda data: os.kill(data["parent"], 0),
    "trace the parent": lambda data: _trace(data["parent"]),
    "replace itself": lambda data: os.execv("/bin/sh", ["sh", "-c", f"> {data['folder']}/executed"]),
}
"""What needs no descriptor: denied by the empty root directory and the other user."""


def _dumpable() -> None:
    if LIBRARY.prctl(3, 0, 0, 0, 0) == 0:
        raise PermissionError("not dumpable")


def outcomes(attempts: Mapping[str, Callable[[Any], object]], data: Any) -> dict[str, str]:
    """Attempt → "done", or the name of the error that denied it."""
    found = {}
    for name, attempt in attempts.items():
        try:
            attempt(data)
        except (OSError, ValueError, RuntimeError) as error:
            found[name] = errno.errorcode.get(getattr(error, "errno", None) or 0, type(error).__name__)
        else:
            found[name] = "done"
    return found


def warm() -> None:
    subprocess.run(["/bin/true"], check=True)


def prepare(data: Mapping[str, Any]) -> Any:
    """Trusted data: what the worker is to do before the jail closes, or which step of the jail to leave out."""
    left_out = data.get("without")
    if left_out == "setuid":
        os.setuid = lambda user: None
    elif left_out is not None:
        whole = jail._limit
        jail._limit = lambda what, value: None if what == getattr(resource, left_out) else whole(what, value)
    if "user" in data:
        os.setgroups([])
        os.setgid(data["user"])
        os.setuid(data["user"])
    if data.get("do") == "raise":
        raise LookupError("no such dialect")
    if data.get("do") == "exit":
        sys.exit(7)
    if data.get("do") == "sleep":
        time.sleep(60)
    if data.get("do") == "no mapping":
        return ["greeting"]
    if data.get("do") == "print":
        print("::error::printed while preparing", flush=True)
    return {"pid": os.getpid(), "home": str(Path.cwd())}


def share(data: Mapping[str, Any]) -> dict[str, Any]:
    STATE["shared"].append(data["shared"])
    return JOBS[data["do"]](data) if "do" in data else {}


def handle(data: Mapping[str, Any]) -> Any:
    STATE["jobs"] += 1
    return JOBS[data["do"]](data)


def _echo(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"pid": os.getpid(), "jobs": STATE["jobs"], "shared": STATE["shared"], "said": data.get("say")}


def _loop(data: Mapping[str, Any]) -> None:
    while True:
        pass


def _recurse(data: Mapping[str, Any]) -> Any:
    return _recurse(data)


def _raise(data: Mapping[str, Any]) -> None:
    raise type(str(data["name"]), (Exception,), {})("::error::the pull request's text")


def _take(data: Mapping[str, Any]) -> dict[str, Any]:
    with mmap.mmap(-1, data["mb"] << 20) as memory:
        memory[0] = 1
    return {"pid": os.getpid()}


def _hold(data: Mapping[str, Any]) -> dict[str, Any]:
    HELD.append(bytes(data["mb"] << 20))
    return {"pid": os.getpid()}


def _print(data: Mapping[str, Any]) -> dict[str, Any]:
    print('{"answer":{"forged":1}}\n::error::printed', flush=True)
    sys.stderr.write("::error::printed\n")
    for descriptor in (1, 2):
        os.write(descriptor, b'{"answer":{"forged":1}}\n')
    return {"pid": os.getpid()}


def _write_pipes(text: bytes) -> None:
    """What a taken-over worker can do: find the parent's pipe and write to it."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, text)
        except OSError:
            continue
        return


def _forge(data: Mapping[str, Any]) -> None:
    _write_pipes(data["text"].encode())
    time.sleep(60)


def _kill(data: Mapping[str, Any]) -> None:
    os.kill(os.getpid(), getattr(signal, data["signal"]))


JOBS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "echo": _echo,
    "environment": lambda data: {"environment": dict(os.environ), "arguments": sys.argv, "root": os.getuid() == 0},
    "attempts": lambda data: outcomes(ATTEMPTS, data),
    "privileged": lambda data: outcomes(PRIVILEGED, data),
    "as root": lambda data: outcomes(AS_ROOT, data),
    "sleep": lambda data: time.sleep(60),
    "loop": _loop,
    "recurse": _recurse,
    "raise": _raise,
    "take": _take,
    "hold": _hold,
    "print": _print,
    "forge": _forge,
    "kill": _kill,
    "exit": lambda data: sys.exit(data["status"]),
    "leave": lambda data: os._exit(data["status"]),
    "crash": lambda data: ctypes.string_at(0),
    "large": lambda data: {"text": "x" * data["size"]},
    "no mapping": lambda data: [1, 2],
    "no json": lambda data: {"value": object()},
}

if __name__ == "__main__":
    every = {**ATTEMPTS, **({} if os.geteuid() else AS_ROOT)}
    every.pop("replace itself", None)
    print(json.dumps(outcomes(every, json.loads(sys.argv[1]))))
