"""One long-lived `git cat-file --batch`: blobs by name, each at most a few megabytes.

A review reads some hundred blobs; a git process for each would cost more than all the rest of the run.
"""

import os
import select
import subprocess

from review.errors import GitError
from review.git.command import Git, end

BLOB_LIMIT = 5_000_000
"""Bytes; a larger file is not reviewed, and says so."""
READ_TIMEOUT = 10.0
"""Seconds git may be silent. It is for ever after a damaged object whose header promises more than there is."""
_CACHE_LIMIT = 64_000_000


class UnreadableError(GitError):
    """The blob cannot be had. `str(error)` is a clause that says why, such as "it is larger than 5 MB"."""


class TooLargeError(UnreadableError):
    """The blob is above the limit."""


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

    def _answer(self, process: subprocess.Popen[bytes], name: str) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        os.write(process.stdin.fileno(), f"{name}\n".encode("ascii"))
        source = process.stdout.fileno()
        received = _receive(source)
        while b"\n" not in received:
            received += _receive(source)
        line, _, start = received.partition(b"\n")
        header = line.split()
        if header[1:] == [b"missing"]:
            raise UnreadableError("git does not hold its content (a partial clone?)")
        if len(header) != 3 or header[1] != b"blob":
            raise ValueError("no blob")
        size = int(header[2])
        if size > BLOB_LIMIT:
            self.close()
            raise TooLargeError(too_large(size))
        parts, missing = [start], size + 1 - len(start)
        while missing > 0:
            parts.append(_receive(source))
            missing -= len(parts[-1])
        content = b"".join(parts)[:-1]
        # git believes what an object file says of itself; a damaged or forged one must not pass for the reviewed code.
        if _named(content, len(name)) != name:
            raise ValueError("not what its name says")
        return content

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return self._process


def _receive(source: int) -> bytes:
    """What git has written, as soon as there is something. Raises ValueError where nothing comes."""
    if not select.select((source,), (), (), READ_TIMEOUT)[0]:
        raise ValueError("no answer")
    received = os.read(source, 1 << 20)
    if not received:
        raise ValueError("cut short")
    return received


def _named(content: bytes, length: int) -> str:
    """The name git gives to a blob, in a repository whose names have so many digits."""
    import hashlib  # loads OpenSSL, and few reviews ask for a name

    framed = b"blob %d\0%b" % (len(content), content)
    return (
        hashlib.sha256(framed).hexdigest() if length == 64 else hashlib.sha1(framed, usedforsecurity=False).hexdigest()
    )


def too_large(size: int) -> str:
    """The clause for a blob of so many bytes, which is above the limit."""
    return f"it is {size / 1e6:.1f} MB, above the {BLOB_LIMIT / 1e6:.0f} MB that are reviewed"
