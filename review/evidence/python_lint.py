"""ruff's violations as findings: those that the change introduces, each under one standard, in our words.

A line that was there before is not new, whatever lint says of it. `# noqa` counts where it stood before the change, on
its line or over its file: a change does not switch off its own review.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from review.domain.artifact import Artifact
from review.domain.changeset import ChangedFile
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Tier
from review.domain.linter_names import ruff_page
from review.domain.severity import Severity
from review.evidence.noqa import MARK, accepted
from review.ruff.check import MAX_VIOLATIONS, RuffError, Violation, check
from review.ruff.selection import ADVICE, KINDS
from review.rules._tests import is_test

_AIRFLOW_3 = ("from airflow.sdk", "import airflow.sdk")
_NOTEBOOK = "# Databricks notebook source"
"""First line of a notebook that is stored as Python: `%run` brings it names from elsewhere."""

MAX_WORDS = 500
"""Characters of a line that are kept of it."""


class Lines:
    """A text by its lines, which are split once however much is found on them."""

    def __init__(self, text: str) -> None:
        self.all = text.split("\n")
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
    codes = frozenset(ADVICE) & select if select else frozenset(ADVICE)
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
        before, after = (checked.found.get(f"{side} {artifact.path}", ()) for side in ("base", "head"))
        old, new = (Lines(each.text if each is not None else "") for each in (artifact.base, artifact.head))
        findings.extend(
            _finding(each, new.words(each.line), artifact.file, severities)
            for each in _introduced(artifact.file, (old, before), (new, after))
        )
    return findings, skipped


def _unseen(artifact: Artifact, reason: str) -> Skipped:
    """Of the stage that leaves the gate undecided: ruff judges Python by rules that nothing else has."""
    return Skipped(Stage.RULES.value, artifact.path, f"could not be linted: {reason}")


def _is_candidate(artifact: Artifact) -> bool:
    """Whether it has Python that this change adds, and that is no test."""
    is_python = artifact.kind in KINDS and artifact.path.lower().endswith(".py")
    if not is_python or is_test(artifact.path, artifact.kind):
        return False
    versions = [each for each in (artifact.base, artifact.head) if each is not None]
    # A carriage return alone ends a line to Python and to ruff, and to nothing else: the rules tell of such a file.
    is_numbered_alike = all("\r" not in each.text.replace("\r\n", "") for each in versions)
    return artifact.head is not None and bool(artifact.file.added) and is_numbered_alike


def _introduced(
    file: ChangedFile, base: tuple[Lines, Iterable[Violation]], head: tuple[Lines, Iterable[Violation]]
) -> Iterable[Violation]:
    """Those on added lines which the base has not in the same words, and which nothing accepted before."""
    (old, before), (new, after) = base, head
    is_airflow_3 = any(line.startswith(_AIRFLOW_3) for line in new.all)
    is_notebook = new.all[0].startswith(_NOTEBOOK)
    fine = accepted(old.all, new.all, file.removed, file.added)
    left = Counter((each.code, old.words(each.line)) for each in before)
    told: set[str] = set()
    for each in after:
        row, key = ADVICE[each.code], (each.code, new.words(each.line))
        if row.only_if not in each.message or (row.needs_airflow_3 and not is_airflow_3):
            continue
        name = next(iter(each.message.split("`")[1:2]), "")
        if name in row.unless or (row.is_about_a_name and (is_notebook or _is_quoted(name, new.at(each.line)))):
            continue
        if left[key] > 0:
            left[key] -= 1
        elif file.added.isdisjoint(range(each.line, each.end_line + 1)):
            continue
        elif row.is_about_a_name and name in told:
            continue  # the same name again: one import puts all of them right
        elif not fine.has(each.line, each.code):
            told.add(name)
            yield each


def _is_quoted(name: str, line: str) -> bool:
    """Whether the name begins or ends a text in the line: an annotation that nothing runs."""
    return any(f"{quote}{name}" in line or f"{name}{quote}" in line for quote in "'\"")


def _finding(violation: Violation, words: str, file: ChangedFile, severities: Mapping[str, Severity]) -> Finding:
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
        identity_path=base if base and base != file.path else "",
    )
