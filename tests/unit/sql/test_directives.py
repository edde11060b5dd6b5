"""What a SQL file may order sqlfluff to do: nothing; and which of its `noqa` count."""

import pytest
from sqlfluff.core import FluffConfig

from review.sql.directives import accepted, neutralise, stated_dialect
from review.sql.prepare import has_jinja, prepare

ORDERS = [
    "-- sqlfluff:rules:LT01",
    "--sqlfluff:rules:LT01",
    "-- sqlfluff:templater:python",
    "-- sqlfluff:library_path:evil",
    "-- sqlfluff:templater:jinja:library_path:evil",
    "-- sqlfluff:templater:jinja:loader_search_path:/",
    "-- sqlfluff:templater:jinja:load_macros_from_path:/etc",
    "-- sqlfluff:exclude_rules:all",
    "-- sqlfluff:dialect:nonsense",
    "--sqlfluff",
    "-- sqlfluff:rules:a\x0c-- sqlfluff:rules:b",
    "/*\n-- sqlfluff:rules:LT01\n*/",
    "select 1\r-- sqlfluff:rules:LT01\rselect 2",
    "select 1\r\n-- sqlfluff:rules:LT01\r\nselect 2",
    "select 1\u2028--sqlfluff:rules:LT01",
    "select 1\x85-- sqlfluff:rules:LT01\x1c-- sqlfluff:rules:LT02",
    "{# \n-- sqlfluff:rules:LT01\n#}",
]


def obeyed(text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The orders that sqlfluff itself takes from a text."""
    orders: list[str] = []
    monkeypatch.setattr(FluffConfig, "process_inline_config", lambda _self, line, *_args: orders.append(line))
    FluffConfig(overrides={"dialect": "ansi"}).process_raw_file_for_config(text, "a.sql")
    return orders


@pytest.mark.parametrize("text", ORDERS)
def test_every_order_is_made_a_plain_comment_in_place(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert obeyed(text, monkeypatch)
    assert obeyed(prepare(text), monkeypatch) == []
    inert = neutralise(text)
    assert len(inert) == len(text)
    assert [place for place, (old, new) in enumerate(zip(text, inert, strict=True)) if old != new] == [
        place for place in range(len(text)) if text.startswith("sqlfluff", place)
    ]
    assert inert.splitlines() == [line.replace("sqlfluff", "_qlfluff") for line in text.splitlines()]


@pytest.mark.parametrize(
    "text",
    ["select 'sqlfluff'", "  -- sqlfluff:rules:LT01", "select 1 -- sqlfluff:rules:LT01", "-- about sqlfluff", ""],
)
def test_what_sqlfluff_does_not_obey_stays(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert neutralise(text) == text
    assert obeyed(text, monkeypatch) == []


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("-- sqlfluff:dialect:postgres\nselect 1", "postgres"),
        ("--sqlfluff:dialect:postgres", "postgres"),
        ("select 1\r\n-- sqlfluff : dialect :  BigQuery \r\n", "bigquery"),
        ("-- sqlfluff:dialect:postgres\n-- sqlfluff:dialect:trino", "trino"),
        ("-- sqlfluff:dialect:nonsense", None),
        ("-- sqlfluff:dialect", None),
        ("-- sqlfluff:core:dialect:trino", None),
        ("-- dialect:trino", None),
        (" -- sqlfluff:dialect:trino", None),
        ("-- sqlfluff:rules:trino", None),
        ("", None),
    ],
)
def test_the_dialect_a_file_states_is_read_all_the_same(text: str, dialect: str | None) -> None:
    assert stated_dialect(text) == dialect


AM01 = ("AM01", "ambiguous.distinct", "ambiguous", "all")


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("select 1 -- noqa", True),
        ("select 1 --noqa", True),
        ("select 1 /* noqa */", True),
        ("select 1 -- noqa: AM01", True),
        ("select 1 -- noqa: LT01, AM01", True),
        ("select 1 -- noqa: AM*", True),
        ("select 1 -- noqa: ambiguous.distinct", True),
        ("select 1 -- noqa: all", True),
        ("select 1 -- noqa: LT01", False),
        ("select 1 -- noqanda", False),
        ("select 1 -- see noqa", False),
        ("select '-- noqa", True),
        ("select noqa", False),
        ("-- noqa: disable=AM01", True),
        ("-- noqa: disable=all", True),
        ("-- noqa: enable=AM01", False),
        ("-- noqa: disable", False),
        ("-- noqa: forget=AM01", False),
    ],
)
def test_what_a_noqa_accepts(line: str, holds: bool) -> None:
    assert accepted(f"select 0\n{line}\n", (), ()).holds(2, AM01) is holds


def test_a_range_holds_to_its_end_and_a_line_for_itself() -> None:
    text = "select 1 -- noqa\n\n-- noqa: disable=AM01\n\n-- noqa: enable=AM01\n\n"
    found = accepted(text, (), ())
    assert [found.holds(line, AM01) for line in range(1, 7)] == [True, False, True, True, False, False]


def test_only_what_stood_there_before_the_change_counts() -> None:
    assert not accepted("select 1 -- noqa", {1}, ()).holds(1, AM01)
    assert not accepted("select 1 -- noqa: AM01", {1}, ()).holds(1, AM01)
    assert accepted("select 2 -- noqa: AM01", {1}, ["select 1 -- noqa: AM01"]).holds(1, AM01)
    assert not accepted("select 2 -- noqa", {1}, ["select 1 -- noqa"]).holds(1, AM01)
    twice = accepted("a -- noqa: AM01\nb -- noqa: AM01", {1, 2}, ["a -- noqa: AM01"])
    assert [twice.holds(line, AM01) for line in (1, 2)] == [True, False]
    assert not accepted("-- noqa: disable=all\na", {1}, ["-- noqa: disable=all"]).holds(2, AM01)
    assert not accepted("-- noqa: disable=all\na\nb", {3}, ["-- noqa: enable=all"]).holds(2, AM01)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\r\n", "a \nb \n"),
        ("a\rb", "a b"),
        ("---\nkey: '{{ x }}'\n---\nselect 1", "   \n" + " " * 14 + "\n   \nselect 1"),
        ("---\nselect 1", "---\nselect 1"),
        ("select 1\n---\n", "select 1\n---\n"),
        ("select ${a}, ${hiveconf:b.c}", "select x_ax, x_hiveconf_b_cx"),
        ("select '${a\n}', ${", "select '${a\n}', ${"),
        ("select UINT256 '0', cast(a as uint256), int256", "select DATE    '0', cast(a as bigint ), bigint"),
        ("select my_uint256, uint2567", "select my_uint256, uint2567"),
        ("İ UINT256 '1'", "İ DATE    '1'"),
        ("", ""),
    ],
)
def test_preparing_moves_no_character(text: str, expected: str) -> None:
    assert prepare(text) == expected
    assert len(prepare(text)) == len(text)


def test_a_tag_is_seen() -> None:
    assert all(map(has_jinja, ("{{ a }}", "{% a %}", "{# a #}")))
    assert not any(map(has_jinja, ("{ a }", "${a}", "")))
