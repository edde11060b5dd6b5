"""Runs the git program so that nothing but our own files can tell it what to do.

The workspace's repository is data: an earlier step may have run the pull request's code, and git obeys configuration
(`core.fsmonitor`, `core.hooksPath`, `diff.external`, `core.sshCommand` …) that names commands. So git only ever runs
in a bare repository that we made, with our configuration, no system or user configuration, an environment that holds
nothing but what is listed here, and no protocol allowed except by the one command that fetches.
"""

import os
import resource
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import Timer

from review.errors import GitError
from review.git.scratch import nameless_file

TIMEOUT = 120.0
"""Seconds one git command may take, unless it says otherwise."""
OUTPUT_LIMIT = 128 * 1024 * 1024
"""Bytes of standard output one git command may write, unless it says otherwise."""
MEMORY_LIMIT = 3 * 1024**3
"""Bytes a git command may allocate: a tree of trees of trees names ten milliards of files in a few objects."""
_STDERR_LIMIT = 16 * 1024
_REASON_LIMIT = 200
_CHUNK = 1 << 20

_INHERITED = ("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
_PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


class Cut(Enum):
    """Why a command was ended by us."""

    TIME = "it took too long"
    SIZE = "it wrote too much"


@dataclass(frozen=True)
class Output:
    """What a git command left behind."""

    status: int
    stdout: bytes
    stderr: str
    """At most 16 KiB, decoded lossily. Never shown raw: it can quote the pull request."""
    cut: Cut | None = None

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with status 0."""
        return self.status == 0 and self.cut is None

    @property
    def reason(self) -> str:
        """One short clause, printable ASCII, that says why it failed."""
        if self.cut is not None:
            return self.cut.value
        lines = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        told = [line for line in lines if line.startswith(("fatal:", "error:"))]
        line = (told or lines or [f"exit status {self.status}"])[0]
        return printable(line.removeprefix("fatal: ").removeprefix("error: "))

    def checked(self, task: str) -> bytes:
        """Standard output of a command that succeeded. Raises GitError: "git could not <task>: <reason>."."""
        if not self.ok:
            raise GitError(f"git could not {task}: {self.reason.rstrip('.')}.")
        return self.stdout


class Git:
    """The git program, bound to one bare repository of ours."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._environment = environment(directory)

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        timeout: float = TIMEOUT,
        limit: int = OUTPUT_LIMIT,
        extra: Mapping[str, str] | None = None,
    ) -> Output:
        """Run `git <arguments>` to its end, or for `timeout` seconds, or until it wrote more than `limit` bytes.

        `extra` joins the environment. A status other than 0 is a value; GitError only where git cannot be started.
        """
        with nameless_file(self.directory) as given, nameless_file(self.directory) as errors:
            given.write(stdin)
            given.seek(0)
            process = self.start(*arguments, stdin=given.fileno(), stderr=errors.fileno(), extra=extra)
            stdout, cut = _drain(process, timeout, limit)
            errors.seek(0)
            stderr = errors.read(_STDERR_LIMIT).decode("utf-8", "replace")
        return Output(process.returncode, stdout, stderr, cut)

    def start(
        self, *arguments: str, stdin: int, stderr: int, extra: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start `git <arguments>` in a session of its own, with its standard output as a pipe. Raises GitError."""
        try:
            process = subprocess.Popen(
                [b"git", *(argument.encode("utf-8", "surrogateescape") for argument in arguments)],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self.directory,
                env={**self._environment, **(extra or {})},
                start_new_session=True,
            )
        except OSError as error:
            raise GitError(
                f"git could not be started ({error.strerror}): install git 2.31 or newer on the PATH."
            ) from error
        _limit_memory(process.pid)
        return process


def environment(directory: Path) -> dict[str, str]:
    """The whole environment of a git command that runs in this repository of ours.

    Of our own environment it takes over the search path, certificates and proxies, and nothing else: no token, no
    `GIT_*` switch, no home directory.
    """
    kept = {name: os.environ[name] for name in (*_INHERITED, *_PROXIES) if os.environ.get(name)}
    kept["PATH"] = os.pathsep.join(part for part in kept.get("PATH", os.defpath).split(os.pathsep) if part[:1] == "/")
    return {
        **kept,
        "HOME": str(directory),
        "XDG_CONFIG_HOME": str(directory),
        "LC_ALL": "C",
        "GIT_DIR": str(directory),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
    }


def printable(text: str) -> str:
    """The text cut to a short line of printable ASCII, for an error sentence."""
    plain = "".join(char if " " <= char <= "~" else "?" for char in text)
    return plain if len(plain) <= _REASON_LIMIT else plain[:_REASON_LIMIT] + " ..."


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a git command with all it started, and wait for it. Nothing happens where it has ended."""
    if process.returncode is None:
        kill(process)
        process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process's session; one that has just ended is no error."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _limit_memory(pid: int) -> None:
    """Bound what the process can allocate (mapped packs do not count). Linux only: elsewhere time is the only bound."""
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))


def _drain(process: subprocess.Popen[bytes], timeout: float, limit: int) -> tuple[bytes, Cut | None]:
    """Read standard output to its end, or to the first limit, and end the process."""
    late = False

    def stop() -> None:
        nonlocal late
        late = True
        kill(process)

    timer = Timer(timeout, stop)
    timer.daemon = True
    timer.start()
    chunks: list[bytes] = []
    size = 0
    try:
        assert process.stdout is not None
        with process.stdout as stdout:
            while size <= limit and (chunk := stdout.read(_CHUNK)):
                chunks.append(chunk)
                size += len(chunk)
        if size <= limit:
            process.wait()
    finally:
        timer.cancel()
        end(process)
    if late:
        return b"", Cut.TIME
    return (b"", Cut.SIZE) if size > limit else (b"".join(chunks), None)


def decode_path(path: bytes) -> tuple[str, bool]:
    """A path as text, and whether the text is its name (it is UTF-8) or only describes it."""
    try:
        return path.decode("utf-8"), True
    except UnicodeDecodeError:
        return path.decode("utf-8", "backslashreplace"), False
