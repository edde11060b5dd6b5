"""One process of ruff over many texts: it reads copies under numbers, in a directory of its own, and nothing else.

Ruff parses what the pull request holds and runs none of it. It gets no configuration (`--isolated`: neither the team's
nor the change's), no cache and no environment, and as another user where we are root. What it prints is bounded, and
taken only where it has the expected form.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 60.0
"""For all files together; 264 real ones take a quarter of a second."""
MAX_OUTPUT = 32 * 1024 * 1024
MEMORY = 2 * 1024 * 1024 * 1024
NOBODY = 65534
"""User and group of the process where we are root."""
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


class RuffError(Exception):
    """It gave no answer to be used; the text is a clause for the reader."""


@dataclass(frozen=True)
class Violation:
    """One hit of one of ruff's rules."""

    code: str
    message: str
    line: int
    """1-based."""
    end_line: int


def check(texts: Mapping[str, str], codes: Collection[str]) -> dict[str, tuple[Violation, ...]]:
    """Key of each text → its violations of these rules, without regard to `noqa`. Raises RuffError.

    A text that does not parse has none: others tell that.
    """
    if not texts:
        return {}
    keys = list(texts)
    with tempfile.TemporaryDirectory(prefix="data-review-ruff-", ignore_cleanup_errors=True) as home:
        sources, answer = Path(home, "sources"), Path(home, "answer")
        sources.mkdir()
        Path(home).chmod(0o755)
        for number, key in enumerate(keys):
            # Line ends as they are: a carriage return alone would end a line to nobody else.
            (sources / f"{number}.py").write_bytes(texts[key].encode("utf-8", "replace"))
        with answer.open("w+b") as output:
            _run([*_command(codes), "."], sources, output.fileno())
            if output.tell() > MAX_OUTPUT or os.fstat(output.fileno()).st_size > MAX_OUTPUT:
                raise RuffError(f"ruff's answer has more than {MAX_OUTPUT // 1024 // 1024} MB")
            output.seek(0)
            entries = _decoded(output.read())
    found: dict[str, list[Violation]] = {}
    for entry in entries:
        number, violation = _read(entry, len(keys))
        if violation.code in codes:
            found.setdefault(keys[number], []).append(violation)
    return {key: tuple(sorted(each, key=lambda one: (one.line, one.code))) for key, each in found.items()}


def _command(codes: Collection[str]) -> list[str]:
    from ruff import find_ruff_bin  # type: ignore[import-untyped]

    try:
        program = find_ruff_bin()
    except FileNotFoundError as error:
        raise RuffError("ruff is not installed") from error
    options = ["--isolated", "--no-cache", "--ignore-noqa", "--exit-zero", "--quiet", "--output-format=json"]
    return [program, "check", *options, "--target-version=py311", f"--select={','.join(sorted(codes))}"]


def _run(command: list[str], directory: Path, output: int) -> None:
    as_nobody: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=directory,
            env=ENVIRONMENT,
            start_new_session=True,
            **as_nobody,
        )
    except OSError as error:
        raise RuffError(f"ruff could not be started ({error.strerror})") from error
    _limit(process.pid)
    try:
        status = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise RuffError(f"ruff took longer than {SECONDS:g} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status != 0:
        raise RuffError(f"ruff ended with status {status}")


def _limit(pid: int) -> None:
    """Bound what it can allocate and write. Linux only: elsewhere time is the only bound."""
    if hasattr(resource, "prlimit"):
        for what, value in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_FSIZE, MAX_OUTPUT + 1)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                resource.prlimit(pid, what, (value, value))


def _decoded(answer: bytes) -> list[Any]:
    try:
        entries = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise RuffError("ruff's answer could not be read") from error
    if not isinstance(entries, list):
        raise RuffError("ruff's answer could not be read")
    return entries


def _read(entry: Any, files: int) -> tuple[int, Violation]:
    """Number of the text, and the violation; an error of syntax comes without a code. Raises RuffError."""
    try:
        number = int(Path(entry["filename"]).stem)
        code, message = entry["code"], entry["message"]
        line, end = entry["location"]["row"], entry["end_location"]["row"]
        if not (0 <= number < files and isinstance(message, str) and isinstance(code, str | None)):
            raise ValueError(number)
        if not (isinstance(line, int) and isinstance(end, int) and 1 <= line <= end):
            raise ValueError(line)
    except (LookupError, TypeError, ValueError) as error:
        raise RuffError("ruff's answer could not be read") from error
    return number, Violation(code or "", message, line, end)
