import os
import stat
from pathlib import Path

import pytest

from review.git.scratch import make_directory, nameless_file, remove_directory


def test_a_directory_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    first, second = make_directory("x-"), make_directory("x-")
    assert first != second
    assert {first.parent, second.parent} == {tmp_path}
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    (first / "a").mkdir()
    (first / "a" / "b").write_text("b")
    remove_directory(first)
    remove_directory(first)
    assert os.listdir(tmp_path) == [second.name]  # noqa: PTH208


def test_where_temporary_files_cannot_be_another_place_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/nowhere")
    made = make_directory("data-review-test-")
    assert made.is_dir()
    remove_directory(made)


def test_a_nameless_file(tmp_path: Path) -> None:
    with nameless_file(tmp_path) as file:
        assert list(tmp_path.iterdir()) == []
        file.write(b"abc" * 1000)
        file.seek(0)
        assert file.read() == b"abc" * 1000
