"""ruff as a process: what it says of texts, and what becomes of one that fails, hangs, floods or lies."""

import json
import stat
from pathlib import Path

import pytest

from review.ruff import check as module
from review.ruff.check import RuffError, Violation, check
from review.ruff.selection import ADVICE

GET = "import requests\n\nrequests.get('https://shop.acme.io')\n"


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
    return f"echo '{json.dumps([right | wrong])}'"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "status 3"),
        ("kill -9 $$", "status -9"),
        ("sleep 60", "longer than"),
        ("echo no", "could not be read"),
        ("echo '{}'", "could not be read"),
        ("echo '[1]'", "could not be read"),
        (printed(filename="7.py"), "could not be read"),
        (printed(location={"row": 0}), "could not be read"),
        (printed(end_location={"row": 0}), "could not be read"),
        (printed(code=3), "could not be read"),
        ("""python3 -c 'print("[" * 90000)'""", "could not be read"),
        ("yes | head -c 3000000", "more than 0 MB"),
        (": > /dev/null; env | grep -q SECRET && exit 9; exit 4", "status 4"),
    ],
)  # fmt: skip
def test_a_ruff_that_fails(script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ruff"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder != Path("/tmp") and folder.owner() == Path.home().owner():
            folder.chmod(0o755)
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: str(program))
    monkeypatch.setattr(module, "SECONDS", 2.0)
    monkeypatch.setattr(module, "MAX_OUTPUT", 1_000_000)
    with pytest.raises(RuffError, match=said):
        check({"a": GET}, ["S113"])


def test_a_ruff_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("ruff.find_ruff_bin", gone)
    with pytest.raises(RuffError, match="not installed"):
        check({"a": GET}, ["S113"])
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: "/nowhere/ruff")
    with pytest.raises(RuffError, match="could not be started"):
        check({"a": GET}, ["S113"])
