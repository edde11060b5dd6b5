"""A changed file as a model reads it: the gutter, what surrounds a change, and what does not fit."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.domain.artifact import Artifact, Kind
from review.domain.changeset import Side
from review.domain.outline import Outline, Part
from review.reviewers.brief import HARNESS
from review.reviewers.diff import CONTEXT, LEAST_CONTEXT, Row, around, changed_lines, excerpt, headline, rows, show
from tests.unit.reviewers.builders import artifact, git_lines

ROW = re.compile(r"([RL]) +(\d+) ([ +-]) \| (.*)")
SECRET = "ghp_" + "a1B2" * 9
ROOMY = 1_000_000


def shown(made: Artifact, outline: Outline | None = None, limit: int = ROOMY) -> list[str]:
    """Its lines without the headline."""
    lines = show(made, outline or Outline(), limit).text.split("\n")
    assert lines[0] == headline(made)
    return lines[1:]


def numbered(count: int, **changes: str) -> str:
    """`line 1`, `line 2` …, some of them (`_7="other"`) otherwise."""
    return "".join(f"{changes.get(f'_{number}', f'line {number}')}\n" for number in range(1, count + 1))


def numbers(lines: list[str]) -> list[int]:
    """Numbers of the lines shown of the new version."""
    return [int(match[2]) for line in lines if (match := ROW.fullmatch(line)) and match[1] == "R"]


# The gutter


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Row(Side.RIGHT, 42, "+", "select 1"), "R    42 + | select 1"),
        (Row(Side.LEFT, 7, "-", "  , b"), "L     7 - |   , b"),
        (Row(Side.RIGHT, 12345, " ", ""), "R 12345   | "),
        (Row(Side.RIGHT, 123456, " ", "x"), "R 123456   | x"),
    ],
)
def test_the_gutter_says_side_number_and_mark(row: Row, text: str) -> None:
    assert str(row) == text


def test_a_short_file_is_whole_with_what_was_removed_before_what_replaces_it() -> None:
    made = artifact("a.sql", "select a\nfrom t\nwhere x\n", "select a, b\nfrom t\nlimit 1\n")
    assert shown(made) == [
        "@@ block 1 of 1 @@",
        "L     1 - | select a",
        "R     1 + | select a, b",
        "R     2   | from t",
        "L     3 - | where x",
        "R     3 + | limit 1",
    ]


def test_an_added_and_a_deleted_file() -> None:
    assert shown(artifact("a.sql", None, "x\ny\n")) == ["@@ block 1 of 1 @@", "R     1 + | x", "R     2 + | y"]
    gone = shown(artifact("a.sql", "x\ny\n", None))
    assert gone == ["@@ block 1 of 1 @@", "L     1 - | x", "L     2 - | y"]


@pytest.mark.parametrize("text", ["", "\n"])
def test_next_to_nothing(text: str) -> None:
    assert len(rows(artifact("a.sql", None, text))) == len(text)


def test_windows_line_ends_are_not_shown() -> None:
    made = artifact("a.sql", "a\r\nb\r\n", "a\r\nc\r\n")
    assert shown(made)[1:] == ["R     1   | a", "L     2 - | b", "R     2 + | c"]


def test_where_only_the_line_ends_change_every_line_does() -> None:
    made = artifact("a.sql", "a\nb\n", "a\r\nb\r\n")
    assert shown(made)[1:] == ["L     1 - | a", "L     2 - | b", "R     1 + | a", "R     2 + | b"]


def test_without_a_newline_at_the_end() -> None:
    made = artifact("a.sql", "a\nb", "a\nb\nc")
    assert shown(made)[1:] == ["R     1   | a", "L     2 - | b", "R     2 + | b", "R     3 + | c"]


def test_a_long_line_is_cut() -> None:
    made = artifact("a.sql", None, "x" * 400 + "\n" + "y" * 401 + "\n")
    assert shown(made)[1:] == [f"R     1 + | {'x' * 400}", f"R     2 + | {'y' * 400} …"]


def test_what_a_reader_would_not_see_is_named() -> None:
    made = artifact("a.sql", None, "a\u202eb\u200bc\x1b[1m\te\x0c\xa0\r \n")
    assert shown(made)[1:] == ["R     1 + | a<U+202E>b<U+200B>c<U+001B>[1m\te<U+000C><U+00A0><U+000D> "]


def test_secrets_stay_here_and_the_lines_after_them_keep_their_numbers() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"
    made = artifact("a.py", f"token = '{SECRET}'\nb\n", f"token = '{SECRET[:-1]}0'\n{key}\nb\n", Kind.PYSPARK)
    assert shown(made)[1:] == [
        "L     1 - | token = '(redacted)'",
        "R     1 + | token = '(redacted)'",
        "R     2 + | (redacted)",
        "R     3 + | ",
        "R     4 + | ",
        "R     5   | b",
    ]


# The headline


def test_the_headline_says_what_the_file_is() -> None:
    made = artifact("m/b.sql", "x\n", "y\n", old_path="m/a.sql", project="", dialect="snowflake")
    assert headline(made) == "=== FILE m/b.sql | dbt model | renamed | was m/a.sql | dbt project . | snowflake ==="
    dag = artifact("dags/a\n=== .py", None, "x\n", Kind.DAG)
    assert headline(dag) == "=== FILE dags/a<U+000A>=== .py | DAG | added ==="


def test_a_rename_alone_shows_no_line() -> None:
    assert shown(artifact("b.sql", "x\n", "x\n", old_path="a.sql")) == ["(renamed without a change of its text)"]


# What surrounds a change


def test_of_a_long_file_only_what_is_near_its_changes() -> None:
    made = artifact("a.sql", numbered(300), numbered(300, _100="new", _200="newer"))
    lines = shown(made)
    near = [*range(90, 111), *range(190, 211)]
    assert (CONTEXT, numbers(lines)) == (10, near)
    assert [line for line in lines if line.startswith("@@")] == ["@@ block 1 of 2 @@", "@@ block 2 of 2 @@"]


def test_blocks_that_touch_are_one() -> None:
    made = artifact("a.sql", numbered(300), numbered(300, _100="new", _121="newer"))
    assert [line for line in shown(made) if line.startswith("@@")] == ["@@ block 1 of 1 @@"]
    made = artifact("a.sql", numbered(300), numbered(300, _100="new", _122="newer"))
    assert [line for line in shown(made) if line.startswith("@@")] == ["@@ block 1 of 2 @@", "@@ block 2 of 2 @@"]


@pytest.mark.parametrize(("count", "is_whole"), [(150, True), (151, False)])
def test_up_to_150_lines_a_file_is_short(count: int, is_whole: bool) -> None:
    made = artifact("a.sql", numbered(count), numbered(count, _2="new"))
    assert (numbers(shown(made)) == list(range(1, count + 1))) is is_whole


def test_what_encloses_a_block_is_named_and_its_first_line_shown() -> None:
    outline = Outline(
        (Part("dag", "nightly", 1, 300), Part("task_group", "load", 50, 290), Part("task", "copy", 180, 250))
    )
    made = artifact("dags/a.py", numbered(300), numbered(300, _200="new", _295="newer"), Kind.DAG)
    lines = shown(made, outline)
    assert lines[:8] == [
        "@@ block 1 of 2 | in dag nightly > task_group load > task copy @@",
        "R     1   | line 1",
        "        ⋮",
        "R    50   | line 50",
        "        ⋮",
        "R   180   | line 180",
        "        ⋮",
        "R   190   | line 190",
    ]
    assert "@@ block 2 of 2 | in dag nightly @@" in lines


def test_first_lines_that_stand_in_the_block_are_not_repeated() -> None:
    made = artifact("a.sql", numbered(300), numbered(300, _200="new"))
    assert numbers(shown(made, Outline((Part("cte", "daily", 195, 220),)))) == list(range(190, 211))


def test_only_the_innermost_three_are_named() -> None:
    parts = tuple(Part("function", name, 1, 20) for name in "abcd")
    made = artifact("a.py", numbered(20), numbered(20, _9="new"), Kind.PYSPARK)
    assert shown(made, Outline(parts))[0] == "@@ block 1 of 1 | in function b > function c > function d @@"


def test_a_part_that_is_named_like_its_kind_is_named_once() -> None:
    made = artifact("a.sql", "a\n", "b\n")
    assert shown(made, Outline((Part("config", "config", 1, 1),)))[0] == "@@ block 1 of 1 | in config @@"


def test_a_block_of_removals_is_named_by_what_is_around_it_now() -> None:
    made = artifact("a.sql", numbered(20), numbered(20).replace("line 9\n", ""))
    assert shown(made, Outline((Part("cte", "daily", 1, 19),)))[0] == "@@ block 1 of 1 | in cte daily @@"
    assert shown(artifact("a.sql", "x\n", None), Outline((Part("cte", "daily", 1, 1),)))[0] == "@@ block 1 of 1 @@"


# What does not fit


def test_a_file_too_long_for_its_share_shows_less_around_its_changes() -> None:
    made = artifact("a.sql", numbered(300), numbered(300, _100="new"))
    assert (CONTEXT, LEAST_CONTEXT) == (10, 3)
    limit = ROOMY
    for near in (range(90, 111), range(97, 104), range(100, 101)):
        found = show(made, Outline(), limit)
        assert (numbers(found.text.split("\n")), found.left_out) == (list(near), 0)
        assert show(made, Outline(), len(found.text)) == found
        limit = len(found.text) - 1


def test_what_still_does_not_fit_is_cut_and_counted() -> None:
    made = artifact("a.sql", None, numbered(1_000))
    whole = show(made, Outline((Part("cte", "daily" * 40, 1, 1_000),) * 3), 2_000)
    lines = whole.text.split("\n")
    assert 1_900 < len(whole.text) <= 2_000
    assert numbers(lines) == list(range(1, 1_001 - whole.left_out))
    assert lines[-1] == f"({whole.left_out} more changed lines are not shown)"
    assert 900 < whole.left_out < 1_000


def test_removed_lines_that_do_not_fit_are_counted_as_well() -> None:
    whole = show(artifact("a.sql", numbered(500), numbered(500).replace("line", "LINE")), Outline(), 1_000)
    kept = [line for line in whole.text.split("\n") if ROW.fullmatch(line)]
    assert whole.left_out == 1_000 - len(kept)


# Pieces of a file


def test_an_excerpt_holds_the_lines_that_there_are() -> None:
    assert excerpt(f"a\nb\ntoken: '{SECRET}'", 2, 9) == "R     2   | b\nR     3   | token: '(redacted)'"
    assert excerpt("a\nb", 0, 1, Side.LEFT) == "L     1   | a"
    assert excerpt("a\nb", 3, 9) == ""


def test_around_a_place() -> None:
    listing = rows(artifact("a.sql", "a\nb\nc\nd\n", "a\nB\nc\nd\n"))
    assert [str(row)[10:] for row in around(listing, Side.RIGHT, 2, 2, 1)] == ["| b", "| B", "| c"]
    assert [str(row)[10:] for row in around(listing, Side.LEFT, 2, 2, 1)] == ["| a", "| b", "| B"]
    assert around(listing, Side.LEFT, 3, 3, 1) == []


def test_changed_lines_are_counted_on_both_sides() -> None:
    assert changed_lines([artifact("a.sql", "a\nb\n", "a\nB\nc\n"), artifact("b.sql", "x\n", None)]) == 4


# Whatever the change

LINES = st.lists(st.sampled_from(["a", "b", "", "  c", "d\r", "a | b", "R     1 + | e"]), max_size=14)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_every_line_of_both_versions_comes_once_in_its_order(base: str, head: str) -> None:
    made = artifact("a.sql", base, head)
    listing = rows(made)
    for marks, text in ((" -", base), (" +", head)):
        assert [row.text for row in listing if row.mark in marks] == [
            line.removesuffix("\n") for line in git_lines(text)
        ]
    for mark, side, lines in (("-", Side.LEFT, made.file.removed), ("+", Side.RIGHT, made.file.added)):
        assert [row.number for row in listing if row.mark == mark] == sorted(lines)
        assert {row.side for row in listing if row.mark == mark} <= {side}
    head_numbers = [row.number for row in listing if row.side is Side.RIGHT]
    assert head_numbers == list(range(1, len(head_numbers) + 1))


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(TEXTS, TEXTS, st.integers(0, 40), st.integers(150, 3_000))
def test_every_change_is_shown_once_with_its_number_and_text_or_counted(
    base: str, head: str, padding: int, limit: int
) -> None:
    """`padding` unchanged lines on either side make the file long; no line of it can pass for a row of ours."""
    rest = numbered(padding * 6)
    made = artifact("a.sql", rest + base + "\n" + rest, rest + head + "\n" + rest)
    whole = show(made, Outline(), limit)
    assert len(whole.text) <= limit
    found = [match.groups() for line in whole.text.split("\n") if (match := ROW.fullmatch(line))]
    lines = {"L": git_lines(made.base.text if made.base else ""), "R": git_lines(made.head.text if made.head else "")}
    for side, number, _, text in found:
        assert text == lines[side][int(number) - 1].removesuffix("\n").rstrip("\r")
    changes = [(side, int(number), mark) for side, number, mark, _ in found if mark != " "]
    known = {*(("R", each, "+") for each in made.file.added), *(("L", each, "-") for each in made.file.removed)}
    assert len(set(changes)) == len(changes)
    assert known.issuperset(changes)
    assert whole.left_out == len(known) - len(changes)


def test_the_instructions_show_the_gutter_as_it_is() -> None:
    for row in (
        Row(Side.RIGHT, 41, " ", "unchanged, line 41 of the new version"),
        Row(Side.RIGHT, 42, "+", "added, line 42 of the new version"),
        Row(Side.LEFT, 42, "-", "removed, line 42 of the old version"),
    ):
        assert f"    {row}" in HARNESS.split("\n")
