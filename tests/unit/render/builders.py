"""Pieces of a review, for every test from the funnel to the output; `examples` holds whole ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from review.domain.agent import AgentReport
from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Changeset, Hunk, Status
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Standard, Tier
from review.domain.practice import Practice
from review.domain.severity import Severity
from review.domain.target import PullRequest, Target
from review.domain.verdict import Review, Suppressed, Usage
from review.findings.funnel import funnel
from review.verdict.decide import decide

BASE = "1f0c3a9d5b7e2c4860f1a2b3c4d5e6f708192a3b"
MERGE_BASE = "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d5a4c3b2a"
HEAD = "c0ffee254729296a45a3885639ac7e10f9d54979"
PAGES = "https://github.com/acme/data-architecture-review/blob/v1/review/rules"

FCT = "analytics/models/marts/fct_order_events.sql"

SUBJECTS: Mapping[Standard, frozenset[Kind]] = {
    Standard.ERROR_HANDLING: frozenset({Kind.DAG, Kind.PYSPARK}),
    Standard.MONITORING: frozenset({Kind.DAG}),
    Standard.DATA_QUALITY: frozenset({Kind.DBT_MODEL}),
    Standard.DOCUMENTATION: frozenset({Kind.DBT_PYTHON_MODEL}),
    Standard.TESTING: frozenset({Kind.DBT_MODEL, Kind.DBT_PROPERTIES}),
    Standard.COST: frozenset({Kind.DBT_MODEL, Kind.SQL_QUERY}),
    Standard.SECURITY: frozenset({Kind.PYSPARK, Kind.SQL_MIGRATION, Kind.SQL_DDL}),
    Standard.SCALABILITY: frozenset({Kind.PYSPARK, Kind.SQL_MIGRATION}),
}


def finding(**changes: Any) -> Finding:
    """A finding on line 3 of the orders model, with the fields that a test cares about."""
    fields: dict[str, Any] = {
        "source": "rule:DBT001",
        "standard": Standard.DATA_QUALITY,
        "severity": Severity.MEDIUM,
        "confidence": Confidence.HIGH,
        "tier": Tier.PROVEN,
        "location": Location(FCT, 3, 3),
        "title": "An incremental model has no unique key",
        "explanation": "Rows that arrive twice are kept twice.",
        "remediation": "Set `unique_key` in the model's config.",
        "evidence": "materialized=incremental",
    }
    return Finding(**{**fields, **changes})


def changed(path: str, lines: int = 12, **changes: Any) -> ChangedFile:
    """A changed file of which one hunk shows the first lines."""
    fields: dict[str, Any] = {
        "path": path,
        "status": Status.MODIFIED,
        "hunks": (Hunk(1, lines, 1, lines),),
        "added": frozenset(range(1, lines + 1)),
    }
    return ChangedFile(**{**fields, **changes})


def artifact(path: str, kind: Kind, text: str = "select 1\n", **changes: Any) -> Artifact:
    """A data file with its text at head."""
    fields: dict[str, Any] = {"file": changed(path), "kind": kind, "head": Version(path, text)}
    return Artifact(**{**fields, **changes})


def skipped(subject: str, reason: str, **changes: Any) -> Skipped:
    """Something not looked at, by the rules unless a test says otherwise."""
    return replace(Skipped(Stage.RULES.value, subject, reason), **changes)


def review(
    findings: Sequence[Finding] = (),
    artifacts: Sequence[Artifact] = (),
    files: Iterable[ChangedFile] | None = None,
    suppressed: Sequence[Suppressed] = (),
    skips: Sequence[Skipped] = (),
    fail_on: Severity | None = Severity.HIGH,
    agent: AgentReport | None = None,
    agent_can_block: bool = False,
    lets_agent_fail: bool = True,
    practices: Sequence[Practice] = (),
    **changes: Any,
) -> Review:
    """A review whose order, inline set, checklist and verdict are computed by the real code."""
    listed = tuple(files) if files is not None else tuple(entry.file for entry in artifacts)
    changeset = Changeset(MERGE_BASE, HEAD, listed)
    found = funnel(findings, changeset, lambda _: None)
    whole = Review(
        target=Target(
            repository="acme/shop-data-platform",
            base_sha=BASE,
            head_sha=HEAD,
            pull_request=PullRequest(
                number=42,
                title="Bring refunds into the marts",
                is_draft=False,
                state="open",
                url="https://github.com/acme/shop-data-platform/pull/42",
                base_ref="main",
                head_ref="add-refunds",
            ),
            can_write=True,
            server_url="https://github.com",
        ),
        changeset=changeset,
        artifacts=tuple(artifacts),
        findings=found.findings,
        inline=found.inline,
        suppressed=tuple(suppressed),
        skipped=tuple(skips),
        verdict=decide(
            artifacts,
            found.findings,
            skips,
            SUBJECTS,
            fail_on,
            agent=agent,
            agent_can_block=agent_can_block,
            lets_agent_fail=lets_agent_fail,
            practices=practices,
        ),
        practices=tuple(practices),
        usage=Usage({"git": 0.18, "classify": 0.04, "evidence": 1.31}),
        agent=agent,
    )
    return replace(whole, **changes)
