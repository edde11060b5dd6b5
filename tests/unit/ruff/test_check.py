"""ruff as a process: what it says of texts, and what becomes of one that fails, hangs, floods or lies."""

import json
import os
import re
import stat
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from review.ruff import check as module
from review.ruff import process
from review.ruff.check import RuffError, Violation
from review.ruff.check import check as checked
from review.ruff.selection import ADVICE

DEEP = "x = (1\n" + "+1\n" * 20_000 + ")\n"
"""More than ruff's stack bears."""
GET = "import requests\n\nrequests.get('https://shop.acme.io')\n"


def check(texts: Mapping[str, str], codes: Collection[str]) -> dict[str, tuple[Violation, ...]]:
    answer = checked(texts, codes)
    assert answer.failed == {}
    return answer.found


def test_texts_are_told_apart() -> None:
    found = check({"a": GET, "b": "x = 1\n", "../c d": f"\n{GET}"}, ["S113"])
    assert {key: [(each.code, each.line) for each in violations] for key, violations in found.items()} == {
        "a": [("S113", 3)],
        "../c d": [("S113", 4)],
    }


def test_nothing_is_asked_of_nothing() -> None:
    assert check({}, ["S113"]) == {}


@pytest.mark.parametrize("text", ["def f(:\n", "print 'x'\n", "\0", "\ud800", "(" * 100_000, "", "x = 1\r"])
def test_what_does_not_parse_has_no_violations(text: str) -> None:
    assert check({"a": text, "b": GET}, ["S113"]) == {"b": (Violation("S113", ANY_MESSAGE, 3, 3),)}


ANY_MESSAGE = "Probable use of `requests` call without timeout"


@pytest.mark.parametrize("order", ["# noqa", "# noqa: S113", "# ruff: noqa", "# flake8: noqa"])
def test_the_text_switches_nothing_off(order: str) -> None:
    assert "a" in check({"a": f"{order}\n" + GET.replace("')\n", f"')  {order}\n")}, ["S113"])


def test_the_messages_that_our_selection_goes_by() -> None:
    text = (
        "import os, subprocess\nsubprocess.run(f'ls {x}', shell=True)\nsubprocess.run('ls', shell=True)\n"
        "os.system(f'ls {x}')\nos.system('ls')\n"
    )
    said = {each.line: ADVICE[each.code].only_if in each.message for each in check({"a": text}, ADVICE)["a"]}
    assert said == {2: True, 3: False, 4: True, 5: False}


def printed(**wrong: object) -> str:
    """A script that prints one violation with something wrong."""
    right = {"filename": "0.py", "code": "S113", "message": "", "location": {"row": 1}, "end_location": {"row": 1}}
    return f"echo '{json.dumps(right | wrong)}'"


def opened(path: Path) -> None:
    for folder in (path, *path.parents[:3]):
        if folder != Path("/tmp") and folder.owner() == Path.home().owner():
            folder.chmod(0o755)


def stand_in(script: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = path / "ruff"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    opened(path)
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: str(program))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "status 3"),
        ("kill -9 $$", "status -9$"),
        ("kill -6 $$", "status -6, as it does over"),
        ("sleep 60", "longer than"),
        ("echo no", "could not be read"),
        ("echo '{}'", "could not be read"),
        ("echo '[1]'", "could not be read"),
        (printed(filename="7.py"), "could not be read"),
        (printed(location={"row": 0}), "could not be read"),
        (printed(end_location={"row": 0}), "could not be read"),
        (printed(code=3), "could not be read"),
        ("""python3 -c 'print("[" * 90000)'""", "could not be read"),
        ("yes | head -c 3000000", "more than 0 MB|status"),
        (": > /dev/null; env | grep -q SECRET && exit 9; exit 4", "status 4"),
    ],
)  # fmt: skip
def test_a_ruff_that_fails(script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(script, tmp_path, monkeypatch)
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setattr(module, "SECONDS", 2.0)
    monkeypatch.setattr(process, "MAX_OUTPUT", 1_000_000)
    answer = checked({"a": GET}, ["S113"])
    assert answer.found == {}
    assert re.search(said, answer.failed["a"])


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", "did not look"),
        (f"echo '{json.dumps({'filename': '0.py', 'code': 'E902'})}'", "could not read"),
    ],
)
def test_a_ruff_that_does_not_look(script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(script, tmp_path, monkeypatch)
    with pytest.raises(RuffError, match=said):
        checked({"a": GET}, ["S113"])


def test_ignore_files_above_are_not_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path)
    (tmp_path / ".git").mkdir()
    for name in (".ignore", ".gitignore"):
        (tmp_path / name).write_text("*\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert set(check({"a": GET}, ["S113"])) == {"a"}


def test_a_strict_umask_hides_nothing() -> None:
    before = os.umask(0o077)
    try:
        assert set(check({"a": GET}, ["S113"])) == {"a"}
    finally:
        os.umask(before)


@pytest.mark.parametrize("mode", [0o700, None])
def test_a_folder_that_ruff_cannot_use_is_told(
    mode: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "closed"
    if mode is not None:
        folder.mkdir(mode)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    try:
        assert set(check({"a": GET}, ["S113"])) == {"a"}
    except RuffError as problem:
        assert "ruff" in str(problem)  # noqa: PT017 - either is right: it looks, or it says that it did not


def test_one_text_that_it_cannot_bear_costs_the_others_nothing() -> None:
    texts = {f"{number}": GET for number in range(9)} | {"deep": DEEP}
    answer = checked({"deep2": DEEP, **texts}, ["S113", "F821"])
    assert set(answer.failed) == {"deep", "deep2"}
    assert set(answer.found) == set(texts) - {"deep"}


def test_time_for_all_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("sleep 60", tmp_path, monkeypatch)
    monkeypatch.setattr(module, "SECONDS", 0.3)
    assert set(checked(dict.fromkeys("abcdefghijkl", GET), ["S113"]).failed) == set("abcdefghijkl")


def test_what_is_taken_of_one_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VIOLATIONS", 3)
    answer = checked({"a": GET + "requests.get(1)\n" * 9, "b": GET}, ["S113"])
    assert (len(answer.found["a"]), len(answer.found["b"]), answer.cut) == (3, 1, {"a"})


def test_texts_that_are_no_python_are_named() -> None:
    assert checked({"a": "def f(:\n", "b": GET}, ["S113"]).unparsed == {"a"}


def test_a_ruff_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("ruff.find_ruff_bin", gone)
    with pytest.raises(RuffError, match="not installed"):
        checked({"a": GET}, ["S113"])
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: "/nowhere/ruff")
    with pytest.raises(RuffError, match="could not be started"):
        checked({"a": GET}, ["S113"])


def test_what_is_taken_of_all_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ALL", 2)
    answer = checked({"a": GET, "b": GET, "c": GET, "deep": DEEP, "d": GET}, ["S113", "F821"])
    assert set(answer.found) == {"a", "b"}
    assert answer.failed["d"] == "ruff finds 2 places elsewhere"


def test_a_long_name_is_cut() -> None:
    ((violation,),) = checked({"a": f"{'x' * 9_000}\n"}, ["F821"]).found.values()
    assert len(violation.message) == 1_000
