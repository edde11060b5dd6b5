"""`data-review rules show`: a rule's page, and the way to that of one which is a linter's."""

import pytest

from review.commands.catalogue import show_rule
from review.errors import InputError


@pytest.mark.parametrize("code", ["SQL003", "sql003"])
def test_a_rule_of_ours_shows_its_page(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_rule(code) == 0
    assert "create index concurrently" in capsys.readouterr().out.lower()


@pytest.mark.parametrize("code", ["AM04", "am04"])
def test_a_rule_of_sqlfluffs_says_where_its_page_is(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_rule(code) == 0
    assert capsys.readouterr().out == (
        "AM04 is a rule of sqlfluff's; its page: https://docs.sqlfluff.com/en/stable/perma/rule/AM04.html\n"
    )


def test_a_rule_of_ruffs_says_where_its_page_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_rule("s113") == 0
    assert capsys.readouterr().out == (
        "S113 is a rule of ruff's; its page: https://docs.astral.sh/ruff/rules/request-without-timeout/\n"
    )


@pytest.mark.parametrize("code", ["AM90", "DBT01", ""])
def test_a_code_that_no_rule_has(code: str) -> None:
    with pytest.raises(InputError, match=f"there is no rule {code}; `data-review rules list` shows them all"):
        show_rule(code)
