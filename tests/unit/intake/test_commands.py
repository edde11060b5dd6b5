"""Which comments are commands, and which only look like one."""

import pytest

from review.intake.commands import MAX_LINE, MAX_REASON, MAX_WORD, Again, Explain, Ignore, Unknown, parse_command


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/data-review", Again()),
        ("/data-review  \r\nthanks!", Again()),
        ("/Data-Review", Again()),
        ("/data-review explain DBT001", Explain("DBT001")),
        ("/data-review Explain AM04\nwhat does it mean?", Explain("AM04")),
        ("/data-review explain", Unknown("explain")),
        ("/data-review explain DBT001 please", Unknown("explain DBT001 please")),
        ("/data-review explain ../../etc", Unknown("explain ../../etc")),
        (f"/data-review explain {'x' * (MAX_WORD + 1)}", Unknown("explain " + "x" * (MAX_WORD - 9) + "…")),
        ("/data-review ignore", Ignore("")),
        ("/data-review ignore   the  table is\tsmall ", Ignore("the table is small")),
        ("/data-review ignore SQL001 known\n<b>more</b>", Ignore("SQL001 known")),
        (f"/data-review ignore {'x' * 5000}", Ignore("x" * (MAX_REASON - 1) + "…")),
        ("/data-review approve", Unknown("approve")),
        ("/data-review ::set-output name=x::y", Unknown("::set-output name=x::y")),
    ],
)
def test_commands(body: str, command: object) -> None:
    assert parse_command(body) == command


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n/data-review",
        " /data-review",
        "    /data-review",
        "> /data-review",
        "```\n/data-review\n```",
        "`/data-review`",
        "<!-- x -->\n/data-review",
        "please /data-review",
        "/data-reviewer",
        "/data-review: go",
        "/",
        "//data-review",
        "/approve",
        "\u200b/data-review",
        "/" + "x" * MAX_LINE,
    ],
)
def test_what_is_no_command(body: str) -> None:
    assert parse_command(body) is None


@pytest.mark.parametrize(
    ("text", "subject", "reason"),
    [
        ("SQL001 small table", "SQL001", "small table"),
        ("0123456789abcdef because", "0123456789abcdef", "because"),
        ("SQL001", "SQL001", ""),
        ("<b>x</b> y", "", "y"),
        ("", "", ""),
    ],
)
def test_what_an_ignore_names(text: str, subject: str, reason: str) -> None:
    assert (Ignore(text).subject, Ignore(text).reason) == (subject, reason)
