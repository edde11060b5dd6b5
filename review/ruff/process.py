"""One process of ruff over copies of texts, which it finds under numbers in a directory of its own.

Ruff parses what the pull request holds and runs none of it. It gets no configuration (`--isolated`: neither the team's
nor the change's), no ignore file, no cache, an environment of two fixed values, and where we are root another user.
One more text is put beside the others whose violation is known: where that is not found, ruff did not look.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

MAX_OUTPUT = 32 * 1024 * 1024
MEMORY = 2 * 1024 * 1024 * 1024
NOBODY = 65534
"""User and group of the process where we are root."""
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
CANARY, CANARY_CODE = "canary\n", "F821"
UNREADABLE = "E902"
"""Ruff's code for a file that it could not read."""


class RuffError(Exception):
    """It gave no answer to be used; the text is a clause for the reader."""


class RuffFailed(RuffError):
    """It broke on these texts, and may do with fewer of them."""


def entries(texts: Sequence[str], codes: Collection[str], seconds: float) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each thing that ruff says, as its JSON, with the number of the text it is about. Raises RuffError.

    It is not all said before the last is taken: that nothing was left out shows at the end.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="data-review-ruff-", ignore_cleanup_errors=True) as home:
            sources, answer = Path(home, "sources"), Path(home, "answer")
            names = _written([*texts, CANARY], sources)
            Path(home).chmod(0o755)
            with answer.open("w+b") as output:
                _run([*_command(codes), *names], sources, output.fileno(), seconds)
                if os.fstat(output.fileno()).st_size > MAX_OUTPUT:
                    raise RuffFailed(f"ruff's answer has more than {MAX_OUTPUT // 1024 // 1024} MB")
                output.seek(0)
                yield from _told(output, len(texts))
    except OSError as error:
        raise RuffError(f"ruff could not be given the files ({error.strerror})") from error


def _written(texts: Sequence[str], folder: Path) -> list[str]:
    """Names of the files; whoever ruff runs as can read them, whatever our umask is."""
    folder.mkdir()
    names = [f"{number}.py" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        # Line ends as they are: a carriage return alone would end a line to nobody else.
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
        (folder / name).chmod(0o644)
    folder.chmod(0o755)
    return names


def _command(codes: Collection[str]) -> list[str]:
    from ruff import find_ruff_bin  # type: ignore[import-untyped]

    try:
        program = find_ruff_bin()
    except FileNotFoundError as error:
        raise RuffError("ruff is not installed") from error
    options = ["--isolated", "--no-cache", "--no-respect-gitignore", "--ignore-noqa", "--exit-zero", "--quiet"]
    chosen = ",".join(sorted({*codes, CANARY_CODE, UNREADABLE}))
    return [program, "check", *options, "--output-format=json-lines", "--target-version=py311", f"--select={chosen}"]


def _run(command: list[str], directory: Path, output: int, seconds: float) -> None:
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
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise RuffFailed(f"ruff took longer than {seconds:.3g} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status != 0:
        overflowed = status in (-signal.SIGABRT, -signal.SIGSEGV)
        why = ", as it does over one very long or deeply nested expression; break that up" if overflowed else ""
        raise RuffFailed(f"ruff ended with status {status}{why}")


def _limit(pid: int) -> None:
    """Bound what it can allocate and write. Linux only: elsewhere time is the only bound."""
    if hasattr(resource, "prlimit"):
        for what, value in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_FSIZE, MAX_OUTPUT + 1)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                resource.prlimit(pid, what, (value, value))


def _told(lines: Iterable[bytes], canary: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """What stands in the lines of the answer, but for what is said of the canary. Raises RuffError."""
    sang = False
    for line in lines:
        try:
            entry = json.loads(line)
            number, code = int(Path(entry["filename"]).stem), entry["code"]
        except (LookupError, TypeError, ValueError, RecursionError) as error:
            raise RuffFailed("ruff's answer could not be read") from error
        if not 0 <= number <= canary:
            raise RuffFailed("ruff's answer could not be read")
        if code == UNREADABLE:
            raise RuffError("ruff could not read the files")
        if number == canary:
            sang = sang or code == CANARY_CODE
        else:
            yield number, entry
    if not sang:
        raise RuffError("ruff did not look at the files")
