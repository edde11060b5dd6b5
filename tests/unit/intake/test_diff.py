import pytest

from review.domain.changeset import ChangedFile, Hunk, Side, Status
from review.git.changes import RawChange
from review.git.patches import Counts, Patch, patch_name
from review.intake import diff
from review.intake.diff import with_hunks


def patch(body: str, counts: Counts | None) -> Patch:
    change = RawChange(ChangedFile("models/a.sql", Status.MODIFIED), "1" * 40, "2" * 40)
    name = patch_name(0)
    return Patch(
        (change,), f"diff --git a/{name} b/{name}\nindex 1..2 100644\n--- a/{name}\n+++ b/{name}\n{body}", (counts,)
    )


def test_hunks_and_lines() -> None:
    read = with_hunks(patch("@@ -1,3 +1,4 @@ fn\n a\n-b\n+B\n+B2\n c\n@@ -10 +11 @@\n-x\n+y\n", Counts(3, 2)))
    (file,) = read.files
    assert file.hunks == (Hunk(1, 3, 1, 4), Hunk(10, 1, 11, 1))
    assert file.added == {2, 3, 11}
    assert file.removed == {2, 10}
    assert file.hunk_of(Side.RIGHT, 4) == Hunk(1, 3, 1, 4)
    assert file.hunk_of(Side.RIGHT, 5) is None
    assert file.hunk_of(Side.LEFT, 10) == Hunk(10, 1, 11, 1)
    assert read.lost == ()


@pytest.mark.parametrize("odd", ["\x0c", "\x0b", "\u2028", "\u2029", "\x85", "\r", "\x1c", "\x1e", "\r\r"])
def test_other_line_separators_are_content(odd: str) -> None:
    (file,) = with_hunks(patch(f"@@ -1 +1,3 @@\n a{odd}b\n+c{odd}d{odd}\n+{odd}\n", Counts(2, 0))).files
    assert file.added == {2, 3}


@pytest.mark.parametrize("line", ["--- a/x", "+++ b/x", "@@ -1 +1 @@", "diff --git a/000000 b/000000", "\\ No newline"])
def test_content_that_looks_like_a_patch_is_content(line: str) -> None:
    (file,) = with_hunks(patch(f"@@ -1,2 +1,2 @@\n {line}\n-{line}\n+{line}\n", Counts(1, 1))).files
    assert (file.added, file.removed) == ({2}, {2})


def test_no_newline_at_the_end() -> None:
    text = "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    (file,) = with_hunks(patch(text, Counts(1, 1))).files
    assert (file.added, file.removed) == ({1}, {1})


def test_two_readings_that_disagree_are_lost_not_guessed() -> None:
    read = with_hunks(patch("@@ -1 +1 @@\n-a\n+b\n", Counts(2, 1)))
    assert read.files == ()
    assert [lost.reason for lost in read.lost] == ["two readings of its differences disagree"]


def test_a_count_without_a_patch_is_lost() -> None:
    assert [lost.reason for lost in with_hunks(patch("", Counts(1, 0))).lost] == [
        "two readings of its differences disagree"
    ]


@pytest.mark.parametrize("body", ["@@ -1,9 +1,9 @@\n a\n", "@@ -1 +1 @@\n?a\n", "@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n"])
def test_a_patch_that_does_not_parse_is_lost(body: str) -> None:
    read = with_hunks(patch(body, Counts(1, 1)))
    assert read.files == ()
    assert [lost.reason for lost in read.lost] == ["its differences could not be parsed"]


def test_binary() -> None:
    name = patch_name(0)
    change = RawChange(ChangedFile("a.sql", Status.MODIFIED), "1" * 40, "2" * 40)
    text = f"diff --git a/{name} b/{name}\nindex 1..2 100644\nBinary files a/{name} and b/{name} differ\n"
    (file,) = with_hunks(Patch((change,), text, (None,))).files
    assert file.is_binary
    assert file.hunks == ()


def test_lines_of_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "LINE_LIMIT", 1000)
    fine, long = "x" * 999, "x" * 1500
    assert with_hunks(patch(f"@@ -0,0 +1 @@\n+{fine}\n", Counts(1, 0))).lost == ()
    read = with_hunks(patch(f"@@ -0,0 +1 @@\n+{long}\n", Counts(1, 0)))
    assert [lost.reason for lost in read.lost] == [
        "a line of it has 1,500 characters, above the 1,000 that are reviewed"
    ]
