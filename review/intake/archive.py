"""One file out of a zip archive that somebody else made: read in memory, never unpacked, bounded before and while."""

import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from review.errors import ReportError

MAX_ENTRIES = 100
_STORED = (0, 8)
"""Stored as it is, or deflated: what actions/upload-artifact makes."""


def file_in_archive(archive: bytes, name: str, most: int) -> bytes:
    """The content of the one entry of exactly this name, of at most `most` bytes. Other entries are never looked at.

    Raises ReportError where the archive cannot be read, has no such entry or several, or the entry is too large.
    """
    try:
        with ZipFile(BytesIO(archive)) as opened:
            entries = opened.infolist()
            if len(entries) > MAX_ENTRIES:
                raise _refused(f"it has {len(entries):,} entries, where at most {MAX_ENTRIES} are taken")
            found = [entry for entry in entries if entry.filename == name]
            if len(found) != 1:
                raise _refused(f"it has {len(found) or 'no'} {'files' if found else 'file'} {name} at its top")
            (entry,) = found
            if entry.flag_bits & 1 or entry.compress_type not in _STORED:
                raise _refused(f"{name} in it is encrypted or packed in an unusual way")
            if entry.file_size > most:
                raise _refused(f"{name} in it has {entry.file_size:,} bytes, where at most {most:,} are taken")
            with opened.open(entry) as file:
                content = file.read(most + 1)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise _refused("it is no zip archive that can be read") from error
    if len(content) > most:
        raise _refused(f"{name} in it is larger than its entry says")
    return content


def _refused(why: str) -> ReportError:
    return ReportError(f"The upload with the report cannot be used: {why}; nothing was posted.")
