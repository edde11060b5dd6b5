"""sqlfluff's violations as findings, each under one standard, in words that say why it matters here."""

from collections.abc import Mapping

from review.domain.changeset import ChangedFile
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Tier
from review.domain.severity import Severity
from review.sql.linter import NAMELESS, STATE_IT, LintResult, Violation
from review.sql.selection import advice

PAGES = "https://docs.sqlfluff.com/en/stable/reference/rules.html"


def lint_findings(result: LintResult, file: ChangedFile, severities: Mapping[str, Severity]) -> tuple[Finding, ...]:
    """One finding for each violation, with the severity the team gives its code, else ours."""
    return tuple(_finding(violation, file, severities) for violation in result.violations)


MANY_ROWS = 1_000
"""Rows of INSERT statements from which on they are said to be data: sqlfluff takes seconds for them, or gives up."""


def data_skip(path: str, rows: int) -> Skipped:
    """That a file of nothing but rows is not linted."""
    reason = (
        f"not linted: its {rows:,} rows of INSERT are data, which sqlfluff has no rule for; our own rules have read the"
        " statements, so nothing is lost"
    )
    return Skipped(Stage.LINT.value, path, reason, harmless=True)


def lint_skips(
    result: LintResult, path: str, guessed: str | None = "", rows: int = 0, *, is_broken: bool = False
) -> tuple[Skipped, ...]:
    """What could not be linted, said once; `guessed` names the dialect where nobody stated it, `rows` are those of its
    INSERT statements. What `is_broken` can be read in no dialect: to name one would not help.
    """
    if result.unlintable is None:
        return ()
    if result.is_foreign and rows >= MANY_ROWS:
        reason = (
            f"could not be linted: its {rows:,} rows of INSERT, which are data, are more than sqlfluff reads; our own"
            " rules have read all of it, and only sqlfluff's checks of the other statements are lost"
        )
        return (Skipped(Stage.LINT.value, path, reason),)
    if is_broken:
        return (Skipped(Stage.LINT.value, path, f"could not be linted: {result.unlintable.removesuffix(NAMELESS)}"),)
    if guessed and result.is_foreign:
        reason = f"could not be linted: {result.unlintable}, and its dialect is only a guess: {STATE_IT}"
        return (Skipped(Stage.LINT.value, path, reason),)
    return (Skipped(Stage.LINT.value, path, f"could not be linted: {result.unlintable}"),)


def _finding(violation: Violation, file: ChangedFile, severities: Mapping[str, Severity]) -> Finding:
    row = advice(violation.code, violation.name)
    base = file.base_path
    return Finding(
        source=f"sqlfluff:{violation.code}",
        standard=row.standard,
        severity=severities.get(violation.code, row.severity),
        confidence=Confidence.HIGH,
        tier=Tier.PROVEN,
        location=Location(file.path, violation.line, violation.line),
        title=row.title or violation.name,
        explanation=row.explanation or violation.description,
        remediation=row.remediation,
        evidence=f"{violation.description} {violation.evidence}",
        help_url=f"{PAGES}#{violation.name}" if violation.name else PAGES,
        identity_path=base if base and base != file.path else "",
    )
