"""What our rules cannot read is one gap, whatever sqlfluff makes of the file."""

from dataclasses import replace

import pytest

from review.domain.artifact import Kind
from review.domain.evidence import Stage
from review.domain.finding import Tier
from review.evidence.analyse import Analyst
from review.evidence.lint import lint_skips
from review.evidence.messages import Request, request
from review.rules.registry import load
from review.sql.linter import NAMELESS, STATE_IT, LintResult
from tests.unit.evidence.builders import artifact


@pytest.mark.parametrize("is_parsed", [True, False])
def test_a_file_beyond_our_parser_is_unread_for_every_standard(
    is_parsed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "drop function if exists a(_b regclass);\ngrant select on b to public;\n"
    analyst = Analyst(rules=tuple(load()))
    monkeypatch.setattr(analyst, "lint", lambda _request: LintResult(is_parsed=is_parsed))
    skipped = analyst.look(request(artifact("a.sql", text, Kind.SQL_MIGRATION, dialect="postgres"), None)).skipped
    assert [(each.stage, each.reason, each.standards) for each in skipped] == [
        (Stage.RULES.value, "its SQL could not be analysed at line 1", ())
    ]


def test_a_statement_beyond_our_parser_is_unread_for_every_standard() -> None:
    text = "create rule r as on insert to a do instead delete from b where c = 1;\n"
    analyst = Analyst(rules=tuple(load()))
    skipped = analyst.look(request(artifact("a.sql", text, Kind.SQL_MIGRATION, dialect="postgres"), None)).skipped
    assert [(each.reason, each.standards) for each in skipped] == [("a statement (line 1) is beyond the parser", ())]


def test_what_sqlfluff_alone_cannot_read_is_a_gap_of_the_linter() -> None:
    assert [each.stage for each in lint_skips(LintResult(unlintable="x", is_parsed=False), "a.sql")] == ["lint"]


@pytest.mark.parametrize("is_sure", [True, False])
def test_what_hangs_on_a_dialect_that_is_only_a_guess_fails_no_run(is_sure: bool) -> None:
    query = artifact("a.sql", "select count(a) / count(*) as rate from b\n", Kind.SQL_QUERY, dialect="postgres")
    analyst = Analyst(rules=tuple(load()))
    asked = Request.from_dict(request(replace(query, is_dialect_sure=is_sure), None).to_dict())
    (found,) = [each for each in analyst.look(asked).findings if each.source == "rule:SQL052"]
    assert found.tier is (Tier.PROVEN if is_sure else Tier.ADVISORY)


@pytest.mark.parametrize(
    ("text", "helps"),
    [
        ("select 'a from b\n", False),
        ("select a /* from b\n", False),
        (f"select {'(' * 5000}1{')' * 5000}\n", False),
        ("select a from from b where\n", True),
    ],
)
def test_a_dialect_is_asked_for_where_it_may_help(text: str, helps: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    analyst = Analyst(rules=())
    monkeypatch.setattr(analyst, "lint", lambda _request: LintResult(unlintable="x" + NAMELESS, is_foreign=True))
    skipped = analyst.look(request(artifact("a.sql", text, Kind.SQL_QUERY, dialect="ansi"), None)).skipped
    (reason,) = [each.reason for each in skipped if each.stage == Stage.LINT.value]
    assert (STATE_IT in reason) is helps
