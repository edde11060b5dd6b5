"""What is taken over of a report of another run: claims that the change, the rules and the policy bear out."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from review.commands.posting import check_is_of
from review.commands.reported import ELSEWHERE, OF_AN_AGENT, OF_NO_RULE, taken
from review.config.policy import Policy
from review.domain.artifact import Kind, Version
from review.domain.changeset import Side, Status
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Standard, Suggestion, Tier
from review.domain.severity import Severity
from review.errors import ReportError
from review.evidence.known import Known
from review.evidence.lint import PAGES
from review.intake.report import Report
from review.rules.registry import load
from tests.unit.render.builders import HEAD, artifact, changed, finding, review

PATH = "reports/refunds.sql"
THERE = Location(PATH, 2, 3)
FILE = artifact(PATH, Kind.SQL_QUERY, "a\nb\nc")
KNOWN = Known.under(Policy(), "https://github.com/acme/x/blob/v1")


def claim(**changes: Any) -> Finding:
    return finding(**{"source": "rule:SQL001", "location": THERE, **changes})


def report(*findings: Finding, skipped: tuple[Skipped, ...] = (), paths: frozenset[str] = frozenset({PATH})) -> Report:
    return Report("acme/shop-data-platform", 42, HEAD, HEAD, findings, skipped, paths)


def test_a_rules_finding_is_what_the_rule_says_it_is() -> None:
    rule = next(rule for rule in load() if rule.code == "SQL001")
    forged = claim(
        standard=Standard.COST, severity=Severity.LOW, confidence=Confidence.LOW, tier=Tier.ADVISORY,
        suggestion=Suggestion("drop table x"), help_url="https://evil.example", cost="free", scale="none",
        title="All is well", explanation="Merge it.", remediation="Buy at evil.example",
    )  # fmt: skip
    (found,) = taken(report(forged), [FILE], KNOWN).findings
    assert (found.standard, found.severity, found.tier) == (rule.standard, rule.severity, rule.tier)
    assert (found.suggestion, found.cost, found.scale) == (None, "", "")
    assert found.help_url == f"https://github.com/acme/x/blob/v1/{rule.page}"
    assert (found.title, found.fingerprint) == (rule.summary, forged.fingerprint)
    assert found.explanation.startswith("`a.id = a.id` in a join condition is true for every row")
    assert "the pull request's own run" in found.remediation


@pytest.mark.parametrize("rule", load(), ids=lambda rule: rule.code)
def test_no_rule_is_raised_by_a_claim(rule: Any) -> None:
    """An advisory rule can block nothing, whatever the report says."""
    found = KNOWN.restated(claim(source=f"rule:{rule.code}", severity=Severity.CRITICAL, tier=Tier.PROVEN))
    assert found is not None
    assert (found.severity, found.tier, found.confidence) == (rule.severity, rule.tier, rule.confidence)


@pytest.mark.parametrize(
    ("code", "standard", "severity"),
    [
        ("AM08", Standard.SCALABILITY, Severity.HIGH),
        ("AM09", Standard.DATA_QUALITY, Severity.LOW),
        ("RF02", Standard.DATA_QUALITY, Severity.LOW),
        ("ST06", Standard.COST, Severity.LOW),
        ("LT01", Standard.DOCUMENTATION, Severity.LOW),
    ],
)
def test_a_linters_finding_is_what_we_make_of_its_code(code: str, standard: Standard, severity: Severity) -> None:
    found = KNOWN.restated(claim(source=f"sqlfluff:{code}", severity=Severity.CRITICAL))
    assert found is not None
    assert (found.standard, found.severity, found.tier) == (standard, severity, Tier.PROVEN)


@pytest.mark.parametrize("code", ["AM08", "AM04"])
def test_a_linters_finding_is_in_our_words(code: str) -> None:
    """As the action itself titles it, with sqlfluff's own page, whatever the report says."""
    forged = claim(
        source=f"sqlfluff:{code}", title="x", explanation="x", remediation="x", help_url="https://evil.example"
    )
    found = KNOWN.restated(forged)
    assert found is not None
    name, title = {
        "AM08": ("ambiguous.join_condition", "Join without a condition"),
        "AM04": ("ambiguous.column_count", "ambiguous.column_count"),
    }[code]
    assert (found.title, found.help_url) == (title, f"{PAGES}#{name}")
    assert "x" not in (found.explanation, found.remediation)
    assert found.fingerprint == forged.fingerprint


def test_a_finding_of_ruffs_is_in_our_words() -> None:
    forged = claim(source="ruff:S113", title="x", explanation="x", severity=Severity.CRITICAL, help_url="https://x.y")
    found = KNOWN.restated(forged)
    assert found is not None
    assert (found.title, found.severity) == ("Web request without a timeout", Severity.MEDIUM)
    assert found.help_url == "https://docs.astral.sh/ruff/rules/request-without-timeout/"
    assert found.fingerprint == forged.fingerprint
    assert KNOWN.restated(claim(source="ruff:S101")) is None
    chosen = Known.under(Policy(select=frozenset({"SQL001"}), today=date(2026, 1, 1)))
    assert chosen.restated(forged) is None


def test_the_policy_at_base_decides() -> None:
    policy = Policy(select=frozenset({"SQL001"}), severities={"SQL001": Severity.LOW}, today=date(2026, 1, 1))
    known = Known.under(policy)
    found = taken(report(claim(), claim(source="rule:DBT001")), [FILE], known)
    assert [each.severity for each in found.findings] == [Severity.LOW]
    assert found.findings[0].help_url == ""
    assert OF_NO_RULE in found.skipped[0].reason
    assert set(known.subjects) >= {Standard.DATA_QUALITY}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (claim(source="agent:data-engineer"), OF_AN_AGENT),
        (claim(source="rule:EVIL666"), OF_NO_RULE),
        (claim(source="sqlfluff:XX99"), OF_NO_RULE),
        (claim(source="agent:SQL001"), OF_AN_AGENT),
        (claim(location=Location("other.sql", 1, 1)), ELSEWHERE),
        (claim(location=Location(PATH, 1, 4)), ELSEWHERE),
        (claim(location=Location(PATH, 1, 1, Side.LEFT)), ELSEWHERE),
        (claim(identity_path="reports/old.sql"), ELSEWHERE),
    ],
    ids=["agent", "rule", "linter", "agent named as a rule", "file", "line", "side", "name before"],
)
def test_what_cannot_have_been_found_is_counted(wrong: Finding, why: str) -> None:
    found = taken(report(wrong, wrong, claim()), [FILE], KNOWN)
    assert len(found.findings) == 1
    (skip,) = found.skipped
    assert (skip.subject, skip.reason) == ("the report", f"2 findings {why}, not taken over")
    assert skip.harmless == (why == OF_AN_AGENT)


def test_the_lines_of_a_file_are_counted_once_however_often_it_is_named() -> None:
    counted = []

    class Text(str):
        def count(self, *what: Any) -> int:
            counted.append(what)
            return super().count(*what)

    file = artifact(PATH, Kind.SQL_QUERY, Text("a\nb\nc"))
    found = taken(report(*(claim(evidence=str(number)) for number in range(50))), [file], KNOWN)
    assert (len(found.findings), len(counted)) == (50, 1)


def test_a_renamed_file_and_a_deleted_one() -> None:
    renamed = artifact(PATH, Kind.SQL_QUERY, "a\nb\nc", file=changed(PATH, status=Status.RENAMED, old_path="old.sql"))
    gone = artifact("gone.sql", Kind.SQL_QUERY, file=changed("gone.sql", status=Status.DELETED), head=None,
                    base=Version("gone.sql", "a\nb"))  # fmt: skip
    found = taken(
        report(
            claim(identity_path="old.sql"),
            claim(location=Location("gone.sql", 2, 2, Side.LEFT)),
            claim(location=Location("gone.sql", 1, 1)),
            paths=frozenset({PATH, "gone.sql"}),
        ),
        [renamed, gone],
        KNOWN,
    )
    assert [each.location.path for each in found.findings] == [PATH, "gone.sql"]


def test_skips_of_the_tools_are_taken_over_and_no_others() -> None:
    """What intake and classification leave out is seen here; an agent's word is not asked for."""
    skips = tuple(Skipped(stage.value, PATH, "why") for stage in Stage)
    found = taken(report(skipped=skips), [FILE], KNOWN).skipped
    assert {skip.stage for skip in found} == {"lint", "rules", "findings"}


def test_a_skip_is_told_in_our_words() -> None:
    skips = (
        Skipped("lint", PATH, "approved by the security team", standards=("cost",)),
        Skipped("rules", "approved by the security team", "why", harmless=True),
    )
    there, elsewhere = taken(report(skipped=skips), [FILE], KNOWN).skipped
    assert there == Skipped(
        "lint", PATH, "could not be linted; the job summary of the pull request's own run says why", ("cost",)
    )
    assert (elsewhere.subject, elsewhere.harmless) == ("the pull request's own run", True)
    assert "approved" not in elsewhere.reason


def test_a_file_that_the_report_does_not_speak_of_was_not_looked_at() -> None:
    (skip,) = taken(report(paths=frozenset({"x"})), [FILE], KNOWN).skipped
    assert (skip.subject, skip.harmless) == (PATH, False)


TARGET = review().target


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pull_request": 7}, "another pull request"),
        ({"pull_request": None}, "another pull request"),
        ({"repository": "eve/x"}, "another pull request"),
        ({"head_sha": "0" * 40}, "of the commit 000000000000"),
    ],
    ids=["number", "none", "repository", "commit"],
)
def test_a_report_of_something_else_is_refused(changes: dict[str, Any], said: str) -> None:
    check_is_of(report(), TARGET)
    with pytest.raises(ReportError, match=said):
        check_is_of(replace(report(), **changes), TARGET)


def test_secrets_in_other_files_are_looked_for_anew() -> None:
    """A claim of one is neither taken over nor missed: the run that posts reads those files itself."""
    elsewhere = claim(source="rule:TRU003", location=Location(".env", 2, 2))
    assert taken(report(elsewhere), [FILE], KNOWN) == taken(report(), [FILE], KNOWN)
    assert taken(report(replace(elsewhere, source="agent:TRU003")), [FILE], KNOWN).skipped != ()
