"""The review in a terminal: what it says, at any width, in colour only where a person looks."""

import io
import re
from dataclasses import replace

import pytest

from review.domain.artifact import Kind, Version
from review.domain.changeset import Side
from review.domain.finding import Location
from review.domain.severity import Severity
from review.domain.verdict import Review
from review.render.terminal import plain_text, print_review
from tests.unit.render.builders import FCT, artifact, changed, finding, review, skipped
from tests.unit.render.examples import clean, everything, incomplete, irrelevant


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(whole: Review, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("NO_COLOR", "COLORTERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    print_review(whole, stream, columns)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("whole", "verdict"),
    [
        (everything(), "FAIL  3 findings block this pull request"),
        (clean(), "PASS  nothing found"),
        (incomplete(), "INCOMPLETE  1 file could not be checked"),
        (irrelevant(), "PASS  nothing in this pull request touches DAGs, dbt, Spark or SQL"),
    ],
    ids=["fail", "pass", "incomplete", "irrelevant"],
)
def test_the_verdict_stands_at_the_end(whole: Review, verdict: str) -> None:
    assert verdict in plain_text(whole).splitlines()[-3:]


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = re.sub(r"\x1b\[[\d;]*m", "", on_terminal(everything(), columns, monkeypatch))
    wide = [line for line in text.splitlines() if len(line) > max(columns, 56)]
    assert not wide
    assert text.count("Fix: ") == 7


def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    print_review(everything(), pipe, 80)
    assert pipe.getvalue() == plain_text(everything())
    assert "\x1b" not in pipe.getvalue()
    assert "\x1b[" in on_terminal(everything(), 100, monkeypatch)


def test_colour_changes_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    text = re.sub(r"\x1b\[[\d;]*m", "", on_terminal(everything(), 100, monkeypatch))
    assert [line.rstrip() for line in text.splitlines()] == plain_text(everything()).splitlines()


def test_paths_are_not_broken_at_hyphens() -> None:
    path = "models/" + "a-b-c-d-e-f-" * 6 + "end.sql"
    whole = review(artifacts=[artifact(path, Kind.DBT_MODEL)], skips=[skipped(path, "it is " + "long " * 30)])
    assert path in plain_text(whole)


def excerpt(text: str, where: Location, **changes: object) -> list[str]:
    entry = artifact(FCT, Kind.DBT_MODEL, text, **changes)
    lines = plain_text(review([finding(location=where)], [entry])).splitlines()
    return [line for line in lines if "│" in line]


def test_the_lines_and_one_around_them() -> None:
    text = "".join(f"line {number}\n" for number in range(1, 30))
    assert excerpt(text, Location(FCT, 3, 4)) == [
        "      2  │ line 2",
        "      3 >│ line 3",
        "      4 >│ line 4",
        "      5  │ line 5",
    ]
    assert excerpt(text, Location(FCT, 1, 1))[0] == "      1 >│ line 1"
    assert excerpt(text, Location(FCT, 29, 29))[-1] == "     29 >│ line 29"
    assert len(excerpt(text, Location(FCT, 2, 28))) == 7
    assert excerpt(text, Location(FCT, 40, 40)) == []


@pytest.mark.parametrize("sign", ["\x0c", "\u2028", "\x85", "\x1d", "\r"])
def test_lines_are_counted_as_git_counts_them(sign: str) -> None:
    """A form feed ends no line: with it every excerpt below was off by one."""
    text = f"one{sign}more\ntwo\nthree{sign}\nfour\n"
    assert excerpt(text, Location(FCT, 3, 3)) == ["      2  │ two", "      3 >│ three", "      4  │ four"]


def test_a_key_that_is_blotted_out_moves_no_line() -> None:
    text = "a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb\nc\n"
    lines = excerpt(text, Location(FCT, 2, 5))
    assert lines[1] == "      2 >│ (redacted)"
    assert lines[-2:] == ["      5 >│ b", "      6  │ c"]


def test_blank_lines_around_are_left_out() -> None:
    assert excerpt("a\n\nb\n\nc\n", Location(FCT, 3, 3)) == ["      3 >│ b"]


def test_removed_lines_are_those_of_the_version_before() -> None:
    before = Version("old.sql", "old 1\nold 2\n")
    renamed = changed(FCT, old_path="old.sql")
    assert excerpt("new\n", Location(FCT, 2, 2, Side.LEFT), base=before, file=renamed) == [
        "      1  │ old 1",
        "      2 >│ old 2",
    ]


HOSTILE = "x\x1b[31m\x1b]8;;https://evil\x07 ::error::y ##[error]z \u202e ghp_" + "a1B2" * 9


def test_hostile_text(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = finding(
        title=HOSTILE,
        explanation=HOSTILE,
        remediation=HOSTILE,
        location=Location(HOSTILE, 1, 1),
        severity=Severity.HIGH,
    )
    whole = review(
        [entry], [artifact(HOSTILE, Kind.DAG, HOSTILE)], skips=[skipped(HOSTILE, HOSTILE)], notices=[HOSTILE]
    )
    whole = replace(whole, target=replace(whole.target, repository=HOSTILE))
    text = plain_text(whole)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]|a1B2|##\[|(?m:^\s*::)", text)
    coloured = on_terminal(whole, 80, monkeypatch)
    assert not re.search(r"[\x00-\x09\x0b-\x1a\x1c-\x1f\u202e]|a1B2|##\[", coloured)
    assert "\x1b]" not in coloured


def test_no_line_is_a_command_of_the_runner() -> None:
    """A workflow may run `data-review local`: a path, or a word that wrapping puts first, must not be obeyed."""
    text = "::error::x " * 40
    entry = finding(title=text, explanation=text, location=Location("::error::x.sql", 1, 1))
    whole = review([entry], skips=[skipped("::stop-commands::x", text)], notices=[text])
    assert not re.search(r"(?m)^\s*::", plain_text(whole))
