"""ruff's violations as findings: those that the change introduces, each under one standard, in our words.

What is new is decided as for our own rules (`review.rules.evaluate`): what the base has in the same words is not, and
what it has not is, though its line be an old one (the import that it needs is gone). `# noqa` counts where it stood
before the change, on its line or over its file: a change does not switch off its own review.
"""

from collections.abc import Iterable, Mapping

from review.domain.artifact import Artifact
from review.domain.changeset import ChangedFile
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Tier
from review.domain.linter_names import ruff_page
from review.domain.severity import Severity
from review.evidence.known import ruff_in_force
from review.evidence.noqa import MARK, accepted
from review.ruff.check import MAX_VIOLATIONS, RuffError, Violation, check
from review.ruff.selection import ADVICE, KINDS
from review.rules._tests import is_test
from review.rules.base import Hit
from review.rules.evaluate import introduced, touches

_AIRFLOW_3 = ("from airflow.sdk", "import airflow.sdk")
_NOTEBOOK = "# Databricks notebook source"
"""First line of a notebook that is stored as Python: `%run` brings it names from elsewhere."""

MAX_WORDS = 500
"""Characters of a line that are kept of it."""
MAX_HEIGHT = 200
"""Lines of one place that are compared with the added ones."""


class Lines:
    """A text by its lines, which are split once however much is found on them."""

    def __init__(self, text: str) -> None:
        self.all = text.split("\n")
        self.is_airflow_3 = any(line.startswith(_AIRFLOW_3) for line in self.all)
        self.is_notebook = self.all[0].startswith(_NOTEBOOK)
        self._words: dict[int, str] = {}

    def at(self, number: int) -> str:
        """The line of that 1-based number; empty where there is none."""
        return self.all[number - 1] if number <= len(self.all) else ""

    def words(self, number: int) -> str:
        """The beginning of the line, without a comment on it that is for the linter."""
        if number not in self._words:
            self._words[number] = " ".join(self.at(number).partition(MARK)[0].split())[:MAX_WORDS]
        return self._words[number]


def python_findings(
    artifacts: Iterable[Artifact], select: frozenset[str], severities: Mapping[str, Severity]
) -> tuple[list[Finding], list[Skipped]]:
    """What ruff says of the changed Python files; `select` are the only codes wanted, where there are any."""
    codes = ruff_in_force(select, ())
    wanted = [artifact for artifact in artifacts if _is_candidate(artifact)] if codes else []
    texts = {}
    for artifact in wanted:
        texts[f"head {artifact.path}"] = artifact.head.text if artifact.head else ""
        if artifact.base is not None:
            texts[f"base {artifact.path}"] = artifact.base.text
    try:
        checked = check(texts, codes)
    except RuffError as problem:
        return [], [_unseen(artifact, str(problem)) for artifact in wanted]
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    for artifact in wanted:
        reason = checked.failed.get(f"head {artifact.path}")
        if reason is not None:
            skipped.append(_unseen(artifact, reason))
            continue
        if f"head {artifact.path}" in checked.cut:
            more = f"ruff finds more than the {MAX_VIOLATIONS} places that are looked at in a file"
            skipped.append(Skipped(Stage.FINDINGS.value, artifact.path, more))
        if f"base {artifact.path}" in checked.failed:
            partial = "the version before the change could not be linted, so ruff speaks of changed lines only"
            skipped.append(Skipped(Stage.LINT.value, artifact.path, partial, harmless=True))
        before, after = (checked.found.get(f"{side} {artifact.path}", ()) for side in ("base", "head"))
        is_whole = f"base {artifact.path}" not in {*checked.failed, *checked.unparsed, *checked.cut}
        old, new = (Lines(each.text if each is not None else "") for each in (artifact.base, artifact.head))
        findings.extend(
            _finding(each, ordinal, new.words(each.line), artifact.file, severities)
            for ordinal, each in _introduced(artifact.file, (old, before), (new, after), is_whole)
        )
    return findings, skipped


def _unseen(artifact: Artifact, reason: str) -> Skipped:
    """Of the stage that leaves the gate undecided: ruff judges Python by rules that nothing else has."""
    return Skipped(Stage.RULES.value, artifact.path, f"could not be linted: {reason}")


def _is_candidate(artifact: Artifact) -> bool:
    """Whether it has Python that this change edits, and that is no test."""
    is_python = artifact.kind in KINDS and artifact.path.lower().endswith(".py")
    if not is_python or is_test(artifact.path, artifact.kind):
        return False
    versions = [each for each in (artifact.base, artifact.head) if each is not None]
    # A carriage return alone ends a line to Python and to ruff, and to nothing else: the rules tell of such a file.
    is_numbered_alike = all("\r" not in each.text.replace("\r\n", "") for each in versions)
    return artifact.head is not None and bool(artifact.file.added or artifact.file.removed) and is_numbered_alike


def _introduced(
    file: ChangedFile, base: tuple[Lines, Iterable[Violation]], head: tuple[Lines, Iterable[Violation]], is_whole: bool
) -> Iterable[tuple[int, Violation]]:
    """Those which the base has not in the same words, and which nothing accepted before, each with its ordinal.

    On added lines alone where `is_whole` is false: it is not known what all the base has.
    """
    (old, before), (new, after) = base, head
    fine = accepted(old.all, new.all, file.removed, file.added)
    hits = [(_hit(each, new), each) for each in after if _is_defect(each, new)]
    violations = {id(hit): each for hit, each in hits}
    told: set[str] = set()
    for ordinal, hit in introduced((hit for hit, _ in hits), (_hit(each, old) for each in before), file.added):
        each = violations[id(hit)]
        if fine.has(each.line, each.code) or not (is_whole or touches(hit, file.added)):
            continue
        if ADVICE[each.code].is_about_a_name:
            if _name(each) in told:
                continue  # the same name again: one import puts all of them right
            told.add(_name(each))
        yield ordinal, each


def _hit(violation: Violation, lines: Lines) -> Hit:
    end = min(violation.end_line, violation.line + MAX_HEIGHT)
    evidence = f"{violation.code} {lines.words(violation.line)}"
    return Hit(violation.line, evidence, explanation="", remediation="", end_line=end)


def _is_defect(violation: Violation, lines: Lines) -> bool:
    """Whether it is one of those that `ADVICE` speaks of, in this file."""
    row, name = ADVICE[violation.code], _name(violation)
    if row.only_if not in violation.message or name in row.unless:
        return False
    if row.needs_airflow_3 and not lines.is_airflow_3:
        return False
    return not (row.is_about_a_name and (lines.is_notebook or _is_quoted(name, lines.at(violation.line))))


def _name(violation: Violation) -> str:
    return next(iter(violation.message.split("`")[1:2]), "")


def _is_quoted(name: str, line: str) -> bool:
    """Whether the name begins or ends a text in the line: an annotation that nothing runs."""
    return any(f"{quote}{name}" in line or f"{name}{quote}" in line for quote in "'\"")


def _finding(
    violation: Violation, ordinal: int, words: str, file: ChangedFile, severities: Mapping[str, Severity]
) -> Finding:
    row, base = ADVICE[violation.code], file.base_path
    specific = f"{violation.message.rstrip('.')}. " if row.needs_airflow_3 else ""
    return Finding(
        source=f"ruff:{violation.code}",
        standard=row.standard,
        severity=severities.get(violation.code, row.severity),
        confidence=Confidence.HIGH,
        tier=Tier.PROVEN,
        location=Location(file.path, violation.line, violation.line),
        title=row.title,
        explanation=specific + row.explanation,
        remediation=row.remediation,
        evidence=f"{violation.code} {words}",
        help_url=ruff_page(violation.code),
        ordinal=ordinal,
        identity_path=base if base and base != file.path else "",
    )
