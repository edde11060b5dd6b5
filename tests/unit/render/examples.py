"""Whole reviews: a realistic one that touches all four stacks, and the others whose output is kept in tests/golden."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

from review.domain.agent import AgentReport, Asked, Claim, Judged, Judgement, Question, Spend, Tokens, Topic
from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import Side, Status
from review.domain.evidence import Stage
from review.domain.finding import Confidence, Finding, Location, Standard, Suggestion, Tier
from review.domain.practice import Practice
from review.domain.severity import Severity
from review.domain.verdict import Review, Suppressed, Usage
from review.errors import ModelUnavailable
from review.findings.corroborate import corroborate
from review.reviewers.wording import unverified
from tests.unit.render.builders import FCT, PAGES, artifact, changed, finding, review, skipped

DAG = "dags/orders_daily.py"
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


def artifacts() -> tuple[Artifact, ...]:
    """The data files of the realistic pull request."""
    return (
        artifact(DAG, Kind.DAG, TEXTS[DAG]),
        artifact(
            FCT,
            Kind.DBT_MODEL,
            TEXTS[FCT],
            project="analytics",
            dialect="snowflake",
            base=Version(FCT, "{{ config(materialized='table') }}\n-- test: unique\n-- test: not_null\nselect 1\n"),
        ),
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


def practices() -> tuple[Practice, ...]:
    """What the DAG and the job, which are new, have of what the standards ask."""
    return (
        Practice(DAG, Standard.ERROR_HANDLING, True, "2 retries", 5),
        Practice(DAG, Standard.MONITORING, False, "no failure notification"),
        Practice(DAG, Standard.DOCUMENTATION, False, "neither `doc_md` nor a description"),
        Practice(DAG, Standard.TESTING, True, "tests in `tests/dags/test_orders_daily.py`"),
        Practice(JOB, Standard.ERROR_HANDLING, True, "every write says its mode", 7),
        Practice(JOB, Standard.DOCUMENTATION, False, "no docstring"),
        Practice(JOB, Standard.SCALABILITY, True, "partitioned writes", 7),
        Practice(JOB, Standard.SCALABILITY, False, "no partitioned write of `events`"),
    )


def everything() -> Review:
    """A review with every kind of content: it fails, and not all of it could be looked at."""
    waived = finding(location=Location(FCT, 1, 1))
    removed = finding(
        source="rule:DBT006",
        standard=Standard.TESTING,
        severity=Severity.MEDIUM,
        location=Location(FCT, 2, 3, Side.LEFT),
        title="A model's tests are gone",
        explanation="The change takes the tests away and leaves the model.",
        remediation="Bring them back, or say in the description why they are not needed.",
        evidence="tests",
    )
    broken = artifact("dags/legacy_export.py", Kind.DAG, "print 'x'\n")
    files = (
        *(entry.file for entry in (*artifacts(), broken)),
        changed("README.md"),
        changed("analytics/seeds/countries.csv"),
        changed("jobs/old.py", status=Status.DELETED),
    )
    return review(
        (*findings(), removed),
        (*artifacts(), broken),
        files,
        suppressed=(Suppressed(waived, "waived until 2027-03-31 by data-platform: events are append-only"),),
        skips=(
            skipped(broken.path, NO_PYTHON, stage=Stage.CLASSIFY.value),
            skipped(
                FCT,
                "could not be linted: the macro `shop_utils.pivot_events` is not in this repository",
                stage=Stage.LINT.value,
                standards=("data-quality", "cost"),
            ),
            skipped("analytics/seeds/countries.csv", "a seed's rows are not read", harmless=True),
        ),
        practices=practices(),
        notices=(
            "The pull request has moved from 4f1d3c to c0ffee since the event; the new head is reviewed.",
            "The waiver of SQL003 for `migrations/` expired on 2026-10-01; its findings count again.",
        ),
    )


NO_PYTHON = "does not parse as Python 3 (line 1: a print statement); run it through 2to3"


def clean() -> Review:
    """Data files were looked at and nothing was found."""
    return review((), artifacts())


def incomplete() -> Review:
    """A file that nobody could look at, and nothing that blocks."""
    broken = "dags/legacy_export.py"
    return review(
        findings()[3:],
        (*artifacts(), artifact(broken, Kind.DAG, "print 'x'\n")),
        skips=(skipped(broken, NO_PYTHON, stage=Stage.CLASSIFY.value),),
    )


def irrelevant() -> Review:
    """A change that touches no data file."""
    return review(files=(changed("README.md"), changed("web/app.ts"), changed("web/app.css")))


AGENT = "data-engineer"
LLM = "claude-sonnet-5-5"


def claims() -> tuple[Claim, ...]:
    """What an agent says of it: a verified claim with an edit, one that nobody verified, and one that a tool makes."""
    return (
        Claim(
            finding(
                source=f"agent:{AGENT}",
                standard=Standard.COST,
                severity=Severity.HIGH,
                confidence=Confidence.MEDIUM,
                tier=Tier.CORROBORATED,
                location=Location(FCT, 8, 8),
                title="A join without a condition multiplies every order by every refund",
                explanation="`join` has no `on` or `using`, so each order meets each refund. It reads shorter, and "
                "only the filter below hides it from a small sample.",
                remediation="Join on `order_id`.",
                evidence="cost: join {{ ref('stg_refunds') }} as refunds",
                suggestion=Suggestion("join {{ ref('stg_refunds') }} as refunds using (order_id)"),
                cost="At 2 TB of events a day the warehouse pays for the whole product, every run.",
                scale="Ten times the refunds are a hundred times the rows.",
            )
        ),
        Claim(
            finding(
                source=f"agent:{AGENT}",
                standard=Standard.DOCUMENTATION,
                severity=Severity.LOW,
                confidence=Confidence.LOW,
                tier=Tier.ADVISORY,
                location=Location(DAG, 9, 9),
                title="Nobody can tell what the DAG is for",
                explanation="It has no `doc_md` and no description, so whoever is called at night has to read it all.",
                remediation="Say in `doc_md` what it loads, for whom, and whom to call.",
                evidence='documentation: with DAG(dag_id="orders_daily"',
                symbol="orders_daily",
            )
        ),
        Claim(
            finding(
                source=f"agent:{AGENT}",
                standard=Standard.SCALABILITY,
                tier=Tier.CORROBORATED,
                location=Location(JOB, 7, 7),
                title="One file for all sessions",
                evidence="scalability: sessions.coalesce(1)",
            )
        ),
    )


def report() -> AgentReport:
    """What it says beside that, and what asking it took."""
    said = {
        Standard.ERROR_HANDLING: (Judged.PASS, "Retries are set in `default_args`."),
        Standard.MONITORING: (Judged.UNCLEAR, "Where alerts go is not shown."),
        Standard.DATA_QUALITY: (Judged.PASS, "The key is tested in `marts.yml`."),
        Standard.DOCUMENTATION: (Judged.CONCERN, "The DAG says nothing about itself."),
        Standard.TESTING: (Judged.UNCLEAR, ""),
        Standard.COST: (Judged.CONCERN, "The join has no condition."),
        Standard.SECURITY: (Judged.NOT_APPLICABLE, "Nothing here is secret."),
        Standard.SCALABILITY: (Judged.NOT_APPLICABLE, ""),
    }
    return AgentReport(
        agent=AGENT,
        model=LLM,
        asked=Asked.REVIEWED,
        judgements=tuple(Judgement(standard, *words) for standard, words in said.items()),
        questions=(
            Question(Topic.FRESHNESS, "By when must `fct_order_events` be there?", "It decides the schedule.", FCT),
            Question(Topic.COMPLIANCE, "May refunds be kept for ever?", ""),
        ),
        spend=Spend(9, Tokens(input=12_400, output=8_150, cache_read=96_300, cache_write=21_700), 0.1702),
        dropped={"its quotation is not in the file": 2, "it names a file that this change does not touch": 1},
        carried=2,
        state=f"1:{'0f' * 16}:eJyrVkpUslJQSlSqBQAT5gMR",
    )


def agent() -> Review:
    """An agent was asked as well: what it confirms, what it adds, what was refuted, and what it did not see."""
    together = corroborate(findings(), claims())
    refuted = finding(
        source=f"agent:{AGENT}",
        tier=Tier.ADVISORY,
        location=Location(STG, 1, 1),
        title="Rows without a refund are lost",
    )
    reason = (
        "refuted when it was verified: It reads refunds alone. The code says `from {{ source('shop', 'refunds') }}`"
    )
    reviewed = review(
        together.findings,
        artifacts(),
        suppressed=(*together.merged, Suppressed(refuted, reason)),
        skips=(skipped(MIGRATION, f"1,204 changed lines were not sent to {AGENT}", stage=Stage.AGENT.value),),
        notices=unverified(AGENT, [ModelUnavailable("the API is overloaded (529)")], 0),
        agent=report(),
        agent_can_block=True,
    )
    return replace(reviewed, usage=Usage({**reviewed.usage.seconds, "agent": 41.6}))


def agent_missing() -> Review:
    """The agent could not finish, and the team lets that pass."""
    asked = AgentReport(AGENT, LLM, Asked.INCOMPLETE, spend=Spend(1, Tokens(input=9_000, output=400), 0.022))
    why = f"the API is overloaded (529); without its review: {DAG}, {FCT}"
    reviewed = review(
        findings()[3:],
        artifacts(),
        skips=(skipped(AGENT, why, stage=Stage.AGENT.value),),
        agent=asked,
        lets_agent_fail=True,
    )
    return replace(reviewed, usage=Usage({**reviewed.usage.seconds, "agent": 12.3}))


def shadow() -> Review:
    """The same as `everything`, while the team only wants to know; large, and with owners."""
    whole = everything()
    owners = {entry.location.path: ("@acme/data",) for entry in whole.findings} | {JOB: ("@acme/spark", "@ana")}
    decided = replace(whole.verdict, shadow_until=date(2027, 1, 31), levels_vary=True)
    return replace(whole, verdict=decided, owners=owners)


ALL = (everything, clean, incomplete, irrelevant, agent, agent_missing, shadow)
"""Those whose output is kept in tests/golden."""


@lru_cache
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
