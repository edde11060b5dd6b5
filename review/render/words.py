"""The words all surfaces share: the verdict in a sentence, names of kinds, icons."""

from collections import Counter

from review.domain.artifact import Artifact, Kind
from review.domain.evidence import Skipped
from review.domain.finding import Finding
from review.domain.severity import Severity
from review.domain.verdict import Decision, ItemStatus, Review

NAME = "Data Architecture Review"

DECISION_ICONS = {Decision.PASS: "✅", Decision.FAIL: "❌", Decision.INCOMPLETE: "⚠️"}
STATUS_ICONS = {
    ItemStatus.PASS: "✅",
    ItemStatus.FAIL: "❌",
    ItemStatus.ATTENTION: "🟠",
    ItemStatus.NOT_APPLICABLE: "➖",
    ItemStatus.NOT_REVIEWED: "⚠️",
}
SEVERITY_ICONS = {Severity.CRITICAL: "🛑", Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🔵"}

_KINDS = {
    Kind.DAG: "DAG",
    Kind.DAG_HELPER: "DAG helper",
    Kind.DBT_MODEL: "dbt model",
    Kind.DBT_PYTHON_MODEL: "dbt Python model",
    Kind.DBT_MACRO: "dbt macro file",
    Kind.DBT_SNAPSHOT: "dbt snapshot",
    Kind.DBT_SEED: "dbt seed",
    Kind.DBT_TEST: "dbt test",
    Kind.DBT_ANALYSIS: "dbt analysis",
    Kind.DBT_PROPERTIES: "dbt properties file",
    Kind.DBT_PROJECT: "dbt project file",
    Kind.DBT_PACKAGES: "dbt packages file",
    Kind.PYSPARK: "PySpark job",
    Kind.SCALA_SPARK: "Scala Spark job",
    Kind.NOTEBOOK: "notebook",
    Kind.SQL_QUERY: "SQL query",
    Kind.SQL_DDL: "DDL file",
    Kind.SQL_MIGRATION: "migration",
}
_PLURALS = {Kind.DBT_ANALYSIS: "dbt analyses", Kind.SQL_QUERY: "SQL queries"}


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def kinds(artifacts: tuple[Artifact, ...] | list[Artifact]) -> str:
    """`3 dbt models, 1 DAG`, the most frequent first."""
    counted = Counter(artifact.kind for artifact in artifacts)
    return ", ".join(count(number, _KINDS[kind], _PLURALS.get(kind, "")) for kind, number in counted.most_common())


def kind(value: Kind) -> str:
    """`dbt model`."""
    return _KINDS[value]


def severities(findings: tuple[Finding, ...] | list[Finding]) -> str:
    """`2 high, 1 low`, the worst first."""
    counted = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counted[severity]} {severity.value}" for severity in Severity if counted[severity])


def change(review: Review) -> str:
    """What the reader calls it."""
    return "this change" if review.target.pull_request is None else "this pull request"


def looked_at(review: Review) -> tuple[Artifact, ...]:
    """The data files that were read at head; a deleted one leaves nothing to look at."""
    return tuple(artifact for artifact in review.artifacts if artifact.head is not None)


def is_irrelevant(review: Review) -> bool:
    """Whether the change touches no data file, and none may have been missed."""
    return not (review.artifacts or review.findings or review.suppressed or gaps(review))


def gaps(review: Review) -> tuple[Skipped, ...]:
    """What a reader would have wanted looked at and was not, or only in part."""
    return tuple(skip for skip in review.skipped if not skip.harmless)


def verdict(review: Review) -> str:
    """The verdict in a clause, without a full stop."""
    decided = review.verdict
    if is_irrelevant(review):
        return f"nothing in {change(review)} touches DAGs, dbt, Spark or SQL"
    if decided.decision is Decision.FAIL:
        blocking = len(decided.blocking)
        return f"{count(blocking, 'finding')} {'blocks' if blocking == 1 else 'block'} {change(review)}"
    if decided.decision is Decision.INCOMPLETE:
        missed = len(decided.undecided)
        return f"incomplete, {count(missed, 'thing')} could not be checked"
    if review.findings:
        return f"nothing blocks, {count(len(review.findings), 'finding')} to look at"
    if gaps(review):
        return "nothing found in what could be checked"
    return "nothing found"


def numbers(review: Review) -> str:
    """What the verdict rests on, in one line: findings by severity, files by kind, and what was missed."""
    findings = f"{count(len(review.findings), 'finding')}"
    if review.findings:
        findings += f" ({severities(review.findings)})"
    seen = looked_at(review)
    parts = [f"{findings} in {count(len(seen), 'data file')} of {count(len(review.changeset.files), 'changed file')}"]
    if missed := gaps(review):
        parts.append(f"{count(len(missed), 'gap')} in the review")
    return "; ".join(parts)


def gate(review: Review) -> str:
    """What fails the run, in a sentence."""
    level = review.verdict.fail_on
    if level is None:
        return "No finding fails the run (`fail-on: never`)."
    if level is Severity.CRITICAL:
        return "Proven findings that are `critical` fail the run (`fail-on: critical`)."
    return f"Proven findings of severity `{level.value}` or worse fail the run (`fail-on: {level.value}`)."


def place(finding: Finding) -> str:
    """`line 3`, `lines 3–5`."""
    where = finding.location
    return f"line {where.line}" if where.line == where.end_line else f"lines {where.line}–{where.end_line}"
