"""ruff's violations as findings: those that the change introduces, each under one standard, in our words.

A line that was there before is not new, whatever lint says of it. `# noqa` counts where it stood before the change, on
its line or over its file: a change does not switch off its own review.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from review.domain.artifact import Artifact
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Tier
from review.domain.linter_names import RUFF_RULES
from review.domain.severity import Severity
from review.evidence.noqa import MARK, accepted
from review.ruff.check import RuffError, Violation, check
from review.ruff.selection import ADVICE, KINDS
from review.rules._tests import is_test

PAGES = "https://docs.astral.sh/ruff/rules"
_AIRFLOW_3 = ("from airflow.sdk", "import airflow.sdk")
_NOTEBOOK = "# Databricks notebook source"
"""First line of a notebook that is stored as Python: `%run` brings it names from elsewhere."""


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
        before, after = (checked.found.get(f"{side} {artifact.path}", ()) for side in ("base", "head"))
        findings.extend(_finding(each, artifact, severities) for each in _introduced(artifact, before, after))
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


def _introduced(artifact: Artifact, before: Iterable[Violation], after: Iterable[Violation]) -> Iterable[Violation]:
    """Those on added lines which the base has not in the same words, and which nothing accepted before."""
    old = _lines(artifact.base.text if artifact.base else "")
    new = _lines(artifact.head.text if artifact.head else "")
    is_airflow_3 = any(line.startswith(_AIRFLOW_3) for line in new)
    is_notebook = new[0].startswith(_NOTEBOOK)
    fine = accepted(old, new, artifact.file.removed, artifact.file.added)
    left = Counter((each.code, _words(old, each)) for each in before)
    told: set[str] = set()
    for each in after:
        row, key = ADVICE[each.code], (each.code, _words(new, each))
        if row.only_if not in each.message or (row.needs_airflow_3 and not is_airflow_3):
            continue
        name = next(iter(each.message.split("`")[1:2]), "")
        if name in row.unless or (row.is_about_a_name and (is_notebook or _is_quoted(name, new[each.line - 1]))):
            continue
        if left[key] > 0:
            left[key] -= 1
        elif artifact.file.added.isdisjoint(range(each.line, each.end_line + 1)):
            continue
        elif row.is_about_a_name and name in told:
            continue  # the same name again: one import puts all of them right
        elif not fine.has(each.line, each.code):
            told.add(name)
            yield each


def _is_quoted(name: str, line: str) -> bool:
    """Whether the name begins or ends a text in the line: an annotation that nothing runs."""
    return any(f"{quote}{name}" in line or f"{name}{quote}" in line for quote in "'\"")


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _words(lines: list[str], violation: Violation) -> str:
    """The line where it begins, without a comment on it that is for the linter."""
    line = lines[violation.line - 1] if violation.line <= len(lines) else ""
    return " ".join(line.partition(MARK)[0].split())


def _finding(violation: Violation, artifact: Artifact, severities: Mapping[str, Severity]) -> Finding:
    row, base = ADVICE[violation.code], artifact.file.base_path
    lines = _lines(artifact.head.text if artifact.head else "")
    specific = f"{violation.message.rstrip('.')}. " if row.needs_airflow_3 else ""
    return Finding(
        source=f"ruff:{violation.code}",
        standard=row.standard,
        severity=severities.get(violation.code, row.severity),
        confidence=Confidence.HIGH,
        tier=Tier.PROVEN,
        location=Location(artifact.path, violation.line, violation.line),
        title=row.title,
        explanation=specific + row.explanation,
        remediation=row.remediation,
        evidence=f"{violation.code} {_words(lines, violation)}",
        help_url=page(violation.code),
        identity_path=base if base and base != artifact.path else "",
    )


def page(code: str) -> str:
    """Where ruff explains the rule."""
    return f"{PAGES}/{RUFF_RULES[code]}/"
