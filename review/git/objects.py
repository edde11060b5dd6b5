"""One long-lived `git cat-file --batch`: blobs by name, each at most a few megabytes.

A review reads some hundred blobs; a git process for each would cost more than all the rest of the run.
"""

import os
import subprocess
from threading import Timer

from review.errors import GitError
from review.git.command import Git, end, kill

BLOB_LIMIT = 5_000_000
"""Bytes; a larger file is not reviewed, and says so."""
READ_TIMEOUT = 30.0
"""Seconds git may take to hand out one blob."""
_CACHE_LIMIT = 64_000_000


class UnreadableError(GitError):
    """The blob cannot be had. `str(error)` is a clause that says why, such as "it is larger than 5 MB"."""


class Blobs:
    """Reads blobs of one repository. Close it to end the git process behind it."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._cache: dict[str, bytes] = {}
        self._cached = 0

    def read(self, name: str) -> bytes:
        """The blob's bytes. Raises UnreadableError where it is absent, no blob, broken, or above the limit."""
        if (known := self._cache.get(name)) is not None:
            return known
        content = self._ask(name)
        if self._cached + len(content) <= _CACHE_LIMIT:
            self._cache[name] = content
            self._cached += len(content)
        return content

    def close(self) -> None:
        """End the git process. Reading again starts another."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _ask(self, name: str) -> bytes:
        process = self._running()
        timer = Timer(READ_TIMEOUT, kill, (process,))
        timer.daemon = True
        timer.start()
        try:
            return self._answer(process, name)
        except UnreadableError:
            raise
        except (OSError, ValueError) as error:
            self.close()
            raise UnreadableError("git could not read it (a broken repository?)") from error
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()

    def _answer(self, process: subprocess.Popen[bytes], name: str) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        os.write(process.stdin.fileno(), f"{name}\n".encode("ascii"))
        header = process.stdout.readline().split()
        if header[1:] == [b"missing"]:
            raise UnreadableError("git does not hold its content (a partial clone?)")
        if len(header) != 3 or header[1] != b"blob":
            raise ValueError("no blob")
        size = int(header[2])
        if size > BLOB_LIMIT:
            self.close()
            raise UnreadableError(too_large(size))
        content = process.stdout.read(size + 1)
        if len(content) != size + 1:
            raise ValueError("cut short")
        return content[:-1]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return self._process


def too_large(size: int) -> str:
    """The clause for a blob of so many bytes, which is above the limit."""
    return f"it is {size / 1e6:.1f} MB, above the {BLOB_LIMIT / 1e6:.0f} MB that are reviewed"
