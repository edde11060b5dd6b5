"""`review.json` of another run → a `Report`: what it found and could not look at, as far as it is of the agreed shape.

Whoever controls that run controls the file, so it is hostile data: bounded, typed, and each fingerprint computed again.
What a report says is a claim. Its verdict, its checklist and what it says of blocking are not even read: those follow
from findings and policy, and are decided anew by whoever reads it (`commands/posting.py`).
"""

from dataclasses import dataclass

from review.domain.changeset import Side
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Standard, Suggestion, Tier
from review.domain.severity import Severity
from review.errors import ReportError
from review.intake.fields import Fields, Malformed, is_path, read_object

SCHEMA_VERSION = 1
"""The newest version of review.json that can be read: the writer's (tests/unit/intake/test_report.py)."""
MAX_BYTES = 16 * 1024 * 1024
MAX_FINDINGS = 100_000
MAX_SKIPPED = 20_000
MAX_FILES = 20_000
MAX_LINE = 10_000_000
MAX_TITLE = 300
MAX_TEXT = 4_000_000
"""Characters of what holds code or a name of the change: twice that of a file of which more is read (`classify`), since
one file that names something so long must not cost all others their review. The whole is bounded by `MAX_BYTES`."""
MAX_NAME = 1_000
_SOURCES = ("rule", "sqlfluff", "ruff", "agent")


@dataclass(frozen=True)
class Report:
    """What another run says of a change."""

    repository: str
    """`owner/name`."""
    pull_request: int | None
    merge_base: str
    head_sha: str
    findings: tuple[Finding, ...]
    """All that it names, also those that it dropped: what is dropped is decided by whoever reads it."""
    skipped: tuple[Skipped, ...]
    paths: frozenset[str]
    """The data files that it is about."""


def read_report(content: bytes) -> Report:
    """The report in these bytes. Raises ReportError, with a sentence that says what is wrong with it."""
    try:
        return _report(read_object(content, MAX_BYTES))
    except Malformed as error:
        raise ReportError(
            f"The report of the run that is to be posted cannot be used: {error}. Let that run have the same version of"
            " the action; nothing was posted."
        ) from error


def finding_of(entry: Fields) -> Finding:
    """The finding that `render.json.finding_dict` wrote. Raises Malformed, also where its fingerprint is another."""
    where = entry.inner("location")
    line = where.number("line", 1, MAX_LINE)
    suggestion = entry.optional_text("suggestion", MAX_TEXT)
    found = Finding(
        source=_source(entry),
        standard=entry.choice("standard", Standard),
        severity=entry.choice("severity", Severity),
        confidence=entry.choice("confidence", Confidence),
        tier=entry.choice("tier", Tier),
        location=Location(
            where.path("path"), line, where.number("end_line", line, MAX_LINE), where.choice("side", Side)
        ),
        title=entry.text("title", MAX_TITLE),
        explanation=entry.text("explanation", MAX_TEXT),
        remediation=entry.text("remediation", MAX_TEXT),
        evidence=entry.text("evidence", MAX_TEXT),
        symbol=entry.text("symbol", MAX_TEXT),
        suggestion=None if suggestion is None else Suggestion(suggestion),
        help_url=entry.text("help_url", MAX_NAME),
        ordinal=entry.number("ordinal", 0, MAX_LINE),
        identity_path=_identity_path(entry),
        cost=entry.text("cost", MAX_TEXT),
        scale=entry.text("scale", MAX_TEXT),
    )
    if entry.text("fingerprint", 16) != found.fingerprint:
        raise Malformed(f"a fingerprint does not belong to its finding (line {line} of a file)")
    return found


def skip_of(entry: Fields) -> Skipped:
    """The skip that `render.json.skip_dict` wrote. Raises Malformed."""
    standards = entry.listed("standards", len(Standard))
    known = {standard.value for standard in Standard}
    if not all(isinstance(value, str) and value in known for value in standards):
        raise Malformed("a skip names a standard that is none")
    return Skipped(
        stage=entry.choice("stage", Stage).value,
        subject=entry.text("subject", MAX_NAME * 5),
        reason=entry.text("reason", MAX_TEXT),
        standards=tuple(standards),
        harmless=entry.flag("harmless"),
    )


def version_of(document: Fields, known: int) -> None:
    """Raise Malformed where a document is of a version that is newer than the one `known`."""
    version = document.number("schema_version", 1, 1_000_000)
    if version > known:
        raise Malformed(f"its schema_version is {version}, and {known} is the newest that is known here")


def _report(document: Fields) -> Report:
    version_of(document, SCHEMA_VERSION)
    target = document.inner("target")
    return Report(
        repository=target.text("repository", MAX_NAME, least=1),
        pull_request=target.number("pull_request", 1, 2**53) if target.has("pull_request") else None,
        merge_base=target.commit("merge_base"),
        head_sha=target.commit("head_sha"),
        findings=tuple(
            finding_of(entry) for key in ("findings", "suppressed") for entry in document.items(key, MAX_FINDINGS)
        ),
        skipped=tuple(skip_of(entry) for entry in document.items("skipped", MAX_SKIPPED)),
        paths=frozenset(entry.path("path") for entry in document.items("artifacts", MAX_FILES)),
    )


def _source(entry: Fields) -> str:
    source = entry.text("source", MAX_NAME)
    kind, _, code = source.partition(":")
    if kind not in _SOURCES or not code or not code.isprintable():
        raise Malformed("a finding comes from nothing that is known")
    return source


def _identity_path(entry: Fields) -> str:
    path = entry.text("identity_path", MAX_NAME * 5)
    if path and not is_path(path):
        raise Malformed("a finding's identity_path is no path inside a repository")
    return path
