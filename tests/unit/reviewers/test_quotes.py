"""Where a quotation stands: near the lines that were named, else where it is unique, else nowhere."""

import pytest

from review.reviewers.diff import Row, rows
from review.reviewers.quotes import LEAST, MOST, REACH, SLACK, find, fold, index, unguttered
from tests.unit.reviewers.builders import artifact

SQL = """\
with daily as (

    select order_id,
           sum(amount)   as amount
    from orders
    group by 1
),

weekly as (
    select order_id
    from orders
)

select * from daily
join weekly using (order_id)
"""
INDEXED = index(SQL)


@pytest.mark.parametrize(
    ("quote", "line", "found"),
    [
        ("sum(amount)   as amount", 4, (4, 4)),
        ("group by 1", 6, (6, 6)),
        ("with daily as (", 1, (1, 1)),
        ("join weekly using (order_id)", 15, (15, 15)),
    ],
)
def test_where_it_was_said_to_be(quote: str, line: int, found: tuple[int, int]) -> None:
    assert find(INDEXED, quote, line, line) == found


@pytest.mark.parametrize("line", range(6 - SLACK, 6 + SLACK + 1))
def test_within_three_lines(line: int) -> None:
    twice = index("x\n" * 5 + "group by 1\n" + "x\n" * 20 + "group by 1\n")
    assert SLACK == 3
    assert find(twice, "group by 1", line, line) == (6, 6)


@pytest.mark.parametrize("line", [2, 10])
def test_further_away_where_it_stands_twice_it_stands_nowhere(line: int) -> None:
    twice = index("x\n" * 5 + "group by 1\n" + "x\n" * 20 + "group by 1\n")
    assert find(twice, "group by 1", line, line) is None


@pytest.mark.parametrize("line", [1, 15, 0, 9_999])
def test_further_away_where_it_is_unique(line: int) -> None:
    assert find(INDEXED, "group by 1", line, line) == (6, 6)


def test_of_several_places_near_by_the_closest() -> None:
    listing = index("select a1\nfrom t\nselect a1\nfrom t\nselect a1\n")
    assert [find(listing, "select a1", line, line) for line in (1, 3, 5)] == [(1, 1), (3, 3), (5, 5)]


def test_near_counts_from_both_ends_of_what_was_named() -> None:
    far = index("x\n" * 12 + "from orders\n" + "x\n" * 20 + "from orders\n")
    assert find(far, "from orders", 2, 10) == (13, 13)
    assert find(far, "from orders", 2, 9) is None


def test_a_long_quotation_is_near_if_any_line_of_it_is() -> None:
    lines = [f"column_{number}," for number in range(10)]
    twice = index("\n".join(["x"] * 20 + lines + ["x"] * 20 + lines))
    quote = "\n".join(lines)
    assert find(twice, quote, 18, 18) == (21, 30)
    assert find(twice, quote, 33, 33) == (21, 30)
    assert find(twice, quote, 34, 34) is None
    assert find(twice, quote, 48, 48) == (51, 60)


def test_over_several_lines_and_blank_ones() -> None:
    assert find(INDEXED, "    group by 1\n),\n\nweekly as (", 7, 8) == (6, 9)
    assert find(INDEXED, "from orders\n)", 11, 12) == (11, 12)


def test_blanks_do_not_matter() -> None:
    for quote in ("sum(amount) as amount", "  sum(amount)\t as\n   amount  ", "select order_id, sum(amount) as amount"):
        found = find(INDEXED, quote, 4, 4)
        assert found is not None
        assert found[1] == 4


def test_twice_on_one_line_is_one_place() -> None:
    assert find(index("a\nb\ncoalesce(x, 1) + coalesce(x, 1)\n"), "coalesce(x, 1)", 90, 90) == (3, 3)


@pytest.mark.parametrize("quote", ["group by 2", "GROUP BY 1", "from orders join weekly", "…", "(redacted) by 1"])
def test_what_is_not_there(quote: str) -> None:
    assert find(INDEXED, quote, 6, 6) is None


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "\n",
        "  ",
        "by",
        "roup by 1",
        "group by",
        "by 1\n)",
        "oup by 1\n",
        "R     6 + |     group by",
        "1\n),\n\nwee",
    ],
)
def test_too_short_is_found_nowhere(quote: str) -> None:
    """Seven characters at most, and no whole line."""
    assert LEAST == 8
    assert find(INDEXED, quote, 6, 6) is None


@pytest.mark.parametrize(
    ("quote", "line", "found"),
    [("group by 1", 6, (6, 6)), ("roup by 1\n)", 6, (6, 7)), ("1\n),\n\nweekl", 6, (6, 9)), ("(amount)", 4, (4, 4))],
)
def test_eight_characters_are_enough(quote: str, line: int, found: tuple[int, int]) -> None:
    assert find(INDEXED, quote, line, line) == found


SHORT = index("select a,\n  b,\n\n  c\nfrom t\n) x\n")


@pytest.mark.parametrize(
    ("quote", "line", "found"),
    [
        ("b,", 2, (2, 2)),
        ("  b,\n", 2, (2, 2)),
        ("R     2 + |   b,", 2, (2, 2)),
        ("b,\n\nc", 2, (2, 4)),
        ("c", 4, (4, 4)),
        ("from t", 5, (5, 5)),
        (") x", 6, (6, 6)),
        ("b", 2, None),
        (",", 2, None),
        ("b,\nc\nfr", 2, None),
        ("x", 6, None),
        ("t\n) x", 5, None),
        ("a,\nb,", 1, None),
    ],
)
def test_less_is_found_where_it_is_whole_lines(quote: str, line: int, found: tuple[int, int] | None) -> None:
    assert find(SHORT, quote, line, line) == found


def test_a_short_line_counts_where_it_stands_alone_and_not_inside_others() -> None:
    listing = index("union all\nend\nblend\nend if\n" + "x\n" * 20 + "the end\n")
    for line in (1, 5, 25):
        assert find(listing, "end", line, line) == (2, 2)


def test_a_wide_place_makes_nothing_near() -> None:
    """Else a place from the first line to the last would choose among all that is alike."""
    assert REACH == 40
    twice = index("x\n" * 60 + "group by 1\n" + "x\n" * 20 + "group by 1\n")
    assert find(twice, "group by 1", 1, 9_999) is None
    assert find(twice, "group by 1", 17, 9_999) is None
    assert find(twice, "group by 1", 18, 9_999) == (61, 61)
    assert find(twice, "group by 1", 18, 57) is None
    assert find(index("x\n" * 60 + "group by 1\n"), "group by 1", 1, 9_999) == (61, 61)


def test_the_gutter_may_be_copied_along() -> None:
    quote = "\n".join(map(str, rows(artifact("a.sql", None, SQL))[3:5]))
    assert quote.startswith("R     4 + |            sum(amount)")
    assert find(INDEXED, quote, 4, 5) == (4, 5)
    assert unguttered("R    41   | a | b\nL 7 - | c\nR  3 + |") == "a | b\nc\n"


@pytest.mark.parametrize("code", ["a | b", "x = R | 3", "R 1 * | x", "R 1 + 2 | x", "L one + | x", "R | x", "select 1"])
def test_what_is_no_gutter_stays(code: str) -> None:
    assert unguttered(code) == code


def test_the_gutter_of_every_row_goes() -> None:
    for row in rows(artifact("a.sql", "a | b\nc\nd\n", "a | b\nC\nd\n")):
        assert isinstance(row, Row)
        assert unguttered(str(row)) == row.text


def test_windows_line_ends_do_not_matter() -> None:
    windows = index(SQL.replace("\n", "\r\n"))
    assert find(windows, "from orders\n    group by 1", 5, 6) == (5, 6)
    assert find(windows, "from orders\r\n    group by 1\r\n", 5, 6) == (5, 6)
    assert windows == INDEXED


def test_hidden_characters_are_quoted_as_they_are_shown() -> None:
    hidden = index("select a\u202eb\nfrom t\n")
    assert find(hidden, "select a<U+202E>b", 1, 1) == (1, 1)
    assert find(hidden, "select a\u202eb", 1, 1) == (1, 1)
    assert find(hidden, "select ab", 1, 1) is None


def test_folded() -> None:
    assert fold("  a \t b\n\n c\u200b ") == "a b c<U+200B>"


def test_an_endless_repetition_ends() -> None:
    endless = index("a" * 200_000)
    assert find(endless, "a" * 8, 1, 1) == (1, 1)
    assert find(endless, "a" * 7, 1, 1) is None


def test_of_one_quotation_no_more_than_a_thousand_places_are_looked_at() -> None:
    """Places that do not count are looked at as well: else a file full of them would take for ever."""
    assert MOST == 1_000
    for before, found in ((MOST - 1, (2, 2)), (MOST, None)):
        assert find(index("ab " * before + "c\nab\n"), "ab", 2, 2) == found
