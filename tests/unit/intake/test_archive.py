"""One file out of somebody else's zip archive: in memory, by its exact name, bounded."""

import struct
import warnings
from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import pytest

from review.errors import ReportError
from review.intake.archive import MAX_ENTRIES, file_in_archive

NAME = "review.json"


def zipped(entries: Iterable[tuple[str, bytes]], method: int = ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two entries of one name
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_the_file_is_read_and_the_others_are_not(method: int) -> None:
    others = [("review.md", b"#"), ("../../evil.sh", b"rm"), ("/etc/passwd", b"root"), ("a/review.json", b"{}")]
    assert file_in_archive(zipped([*others, (NAME, b'{"a":1}')], method), NAME, 100) == b'{"a":1}'


def bomb(size: int) -> bytes:
    return zipped([(NAME, b"\0" * size)])


def lying(archive: bytes, size: int) -> bytes:
    """The same archive whose directory says the file has that many bytes."""
    at = archive.rindex(b"PK\x01\x02")
    return archive[: at + 24] + struct.pack("<I", size) + archive[at + 28 :]


def encrypted(archive: bytes) -> bytes:
    at = archive.rindex(b"PK\x01\x02")
    return archive[: at + 8] + struct.pack("<H", 1) + archive[at + 10 :]


REFUSED = {
    "no archive": (b"hello", "no zip archive"),
    "nothing": (b"", "no zip archive"),
    "cut": (zipped([(NAME, b"x" * 500)])[:60], "no zip archive"),
    "the file is missing": (zipped([("a/review.json", b"{}"), ("../review.json", b"{}")]), "no file review.json"),
    "two of the name": (zipped([(NAME, b"1"), (NAME, b"2")]), "2 files review.json"),
    "many entries": (zipped([(NAME, b"1"), *((str(n), b"") for n in range(MAX_ENTRIES))]), "101 entries"),
    "a bomb": (bomb(50_000_000), "50,000,000 bytes"),
    "a bomb that lies": (lying(bomb(50_000_000), 10), ""),
    "encrypted": (encrypted(zipped([(NAME, b"1")])), "encrypted"),
    "another method": (zipped([(NAME, b"1")], ZIP_LZMA), "unusual"),
}


@pytest.mark.parametrize(("archive", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(archive: bytes, said: str) -> None:
    with pytest.raises(ReportError) as caught:
        file_in_archive(archive, NAME, 1_000)
    assert said in str(caught.value)


def test_a_damaged_file_is_refused() -> None:
    archive = bytearray(zipped([(NAME, b"hello world" * 9)], ZIP_STORED))
    archive[60] ^= 0xFF
    with pytest.raises(ReportError, match="no zip archive"):
        file_in_archive(bytes(archive), NAME, 1_000)
