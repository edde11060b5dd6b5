"""A realistic review of a pull request that touches all four stacks, and pieces of one, for every test of output."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Changeset, Hunk, Side, Status
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Standard, Suggestion, Tier
from review.domain.severity import Severity
from review.domain.target import PullRequest, Target
from review.domain.verdict import Review, Suppressed, Usage
from review.findings.funnel import can_be_inline
from review.verdict.decide import decide

BASE = "1f0c3a9d5b7e2c4860f1a2b3c4d5e6f708192a3b"
MERGE_BASE = "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d5a4c3b2a"
HEAD = "c0ffee254729296a45a3885639ac7e10f9d54979"
PAGES = "https://github.com/acme/data-architecture-review/blob/v1/review/rules"

DAG = "dags/orders_daily.py"
FCT = "analytics/models/marts/fct_order_events.sql"
STG = "analytics/models/staging/stg_refunds.sql"
JOB = "jobs/sessionise.py"
MIGRATION = "migrations/V12__orders_reporting.sql"

TEXTS = {
    DAG: """\
from airflow import DAG

default_args = {
    "owner": "data-platform",
    "retries": 2,
    "emails": ["data-alerts@shop.example"],
}

with DAG(dag_id="orders_daily", schedule="0 5 * * *", default_args=default_args) as dag:
    ...
""",
    FCT: """\
{{ config(materialized='incremental') }}

select
    orders.order_id,
    refunds.refunded_at,
    count(*) as events
from {{ ref('stg_orders') }} as orders
join {{ ref('stg_refunds') }} as refunds
where refunds.cancelled_at = null
group by 1, 2
""",
    STG: "select distinct order_id, refunded_at from {{ source('shop', 'refunds') }} group by 1, 2\n",
    JOB: """\
customers = (
    spark.read.format("jdbc")
    .option("user", "spark_reader")
    .option("password", "wint3r-Orchard-91")
    .load()
)
sessions.coalesce(1).write.mode("overwrite").parquet(target)
""",
    MIGRATION: """\
create index orders_created_at_idx on orders (created_at);

grant select on orders to public;
""",
}

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
    **changes: Any,
) -> Review:
    """A review whose verdict, checklist and inline set are computed by the real code."""
    listed = tuple(files) if files is not None else tuple(entry.file for entry in artifacts)
    changeset = Changeset(MERGE_BASE, HEAD, listed)
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
        findings=tuple(findings),
        inline=frozenset(entry.fingerprint for entry in findings if can_be_inline(entry, changeset)),
        suppressed=tuple(suppressed),
        skipped=tuple(skips),
        verdict=decide(artifacts, findings, skips, SUBJECTS, fail_on),
        usage=Usage({"git": 0.18, "classify": 0.04, "evidence": 1.31}),
    )
    return replace(whole, **changes)


def artifacts() -> tuple[Artifact, ...]:
    """The data files of the realistic pull request."""
    return (
        artifact(DAG, Kind.DAG, TEXTS[DAG]),
        artifact(FCT, Kind.DBT_MODEL, TEXTS[FCT], project="analytics", dialect="snowflake"),
        artifact(STG, Kind.DBT_MODEL, TEXTS[STG], project="analytics", dialect="snowflake"),
        artifact("analytics/models/marts/marts.yml", Kind.DBT_PROPERTIES, "models: []\n", project="analytics"),
        artifact(JOB, Kind.PYSPARK, TEXTS[JOB]),
        artifact(MIGRATION, Kind.SQL_MIGRATION, TEXTS[MIGRATION], dialect="postgres"),
    )


def findings() -> tuple[Finding, ...]:
    """What a review of it finds: all four stacks, all severities."""
    return (
        finding(
            source="rule:SPK001",
            standard=Standard.SECURITY,
            severity=Severity.CRITICAL,
            location=Location(JOB, 4, 4),
            title="A credential is written in the code",
            explanation="The value of `password` is in the code, so it is in the repository's history and in every "
            "copy of it, for everyone who may read them, and stays valid there until it is rotated.",
            remediation="Rotate it now, and read it at run time from the environment, an Airflow connection or a "
            "secret manager.",
            evidence="password = <17 characters>",
            help_url=f"{PAGES}/spark/README.md#spk001-credential-in-code",
        ),
        finding(
            source="sqlfluff:CV05",
            severity=Severity.HIGH,
            location=Location(FCT, 9, 9),
            title="Comparison with NULL by an operator",
            explanation="`= NULL` and `<> NULL` are never true, so the condition keeps no row, whatever the data.",
            remediation="Write IS NULL or IS NOT NULL.",
            evidence="refunds.cancelled_at = null",
            help_url="https://docs.sqlfluff.com/en/stable/reference/rules.html#convention.is_null",
        ),
        finding(
            source="rule:DAG001",
            standard=Standard.MONITORING,
            severity=Severity.HIGH,
            location=Location(DAG, 6, 6),
            title="`emails` in default_args is no setting of Airflow's",
            explanation="Airflow ignores keys of `default_args` that no operator has a parameter for, without a "
            "warning. It knows `email`, not `emails`, so nobody is told when a task fails.",
            remediation="Rename the key to `email`.",
            evidence="emails",
            symbol="default_args",
            suggestion=Suggestion('    "email": ["data-alerts@shop.example"],'),
            help_url=f"{PAGES}/dag/README.md#dag001-misspelled-default-argument",
        ),
        finding(
            source="rule:SQL001",
            standard=Standard.SCALABILITY,
            location=Location(MIGRATION, 1, 1),
            title="An index is built while the table is locked for writing",
            explanation="While this index is built, PostgreSQL lets nobody insert into, update or delete from "
            "`orders`, which exists already and may be large.",
            remediation="Build it with `CREATE INDEX CONCURRENTLY`, in a migration of its own that does not run in a "
            "transaction.",
            evidence="create index orders_created_at_idx on orders (created_at)",
            help_url=f"{PAGES}/sql/README.md#sql001-blocking-index-build",
        ),
        finding(
            source="rule:SPK002",
            standard=Standard.SCALABILITY,
            confidence=Confidence.MEDIUM,
            tier=Tier.ADVISORY,
            location=Location(JOB, 7, 7),
            title="A whole dataset is written by one task",
            explanation="`coalesce(1)` moves all of `sessions` to one executor, which writes it alone, however large "
            "it grows.",
            remediation="Leave it out, or repartition by the column that readers filter on.",
            evidence="coalesce(1)",
            help_url=f"{PAGES}/spark/README.md#spk002-single-partition-write",
        ),
        finding(
            source="sqlfluff:AM01",
            standard=Standard.COST,
            severity=Severity.LOW,
            location=Location(STG, 1, 1),
            title="DISTINCT over rows that GROUP BY has made distinct already",
            explanation="The second pass costs a sort or a hash of the whole result and changes nothing.",
            remediation="Drop DISTINCT, or the GROUP BY if nothing is aggregated.",
            evidence="select distinct",
        ),
    )


def four_stacks() -> Review:
    """The realistic review: it fails, one file was linted in part, one finding is waived, one file is generated."""
    waived = finding(location=Location(FCT, 1, 1), title="An incremental model has no unique key")
    files = (*(entry.file for entry in artifacts()), changed("README.md"), changed("analytics/seeds/countries.csv"))
    return review(
        findings(),
        artifacts(),
        files,
        suppressed=(Suppressed(waived, "waived until 2027-03-31 by data-platform: events are append-only"),),
        skips=(
            skipped(
                "analytics/models/marts/fct_order_events.sql",
                "could not be linted: the macro `shop_utils.pivot_events` is not in this repository",
                stage=Stage.LINT.value,
                standards=("data-quality", "cost"),
            ),
            skipped("analytics/seeds/countries.csv", "a seed's rows are not read", harmless=True),
        ),
    )


def clean() -> Review:
    """Data files were looked at and nothing was found."""
    return review((), artifacts())


def incomplete() -> Review:
    """A file that nobody could look at, and nothing that blocks."""
    broken = "dags/legacy_export.py"
    return review(
        findings()[3:],
        (*artifacts(), artifact(broken, Kind.DAG, "print 'x'\n")),
        skips=(
            skipped(
                broken,
                "does not parse as Python 3 (line 1: a print statement); run it through 2to3",
                stage=Stage.CLASSIFY.value,
            ),
        ),
    )


def irrelevant() -> Review:
    """A change that touches no data file."""
    return review(files=(changed("README.md"), changed("web/app.ts"), changed("web/app.css")))


def many(number: int) -> Review:
    """More findings than a comment holds, in many files."""
    found = tuple(
        finding(
            severity=list(Severity)[min(4 * index // number, 3)],
            location=Location(f"models/marts/model_{index // 5:04}.sql", 1 + index % 5, 1 + index % 5),
            evidence=f"evidence {index}",
            explanation="An explanation of ordinary length, which says why it matters here and what breaks. " * 3,
        )
        for index in range(number)
    )
    paths = dict.fromkeys(entry.location.path for entry in found)
    return review(found, [artifact(path, Kind.DBT_MODEL, project="", dialect="bigquery") for path in paths])


def on_removed_line() -> Finding:
    """A finding about a line that the change takes away."""
    return finding(location=Location(FCT, 2, 2, Side.LEFT), title="A test is removed with its model still there")
