"""The verdict of each dbt project and each folder of DAGs by itself."""

from review.domain.artifact import Kind
from review.domain.evidence import Stage
from review.domain.finding import Finding, Location
from review.domain.projects import ProjectKind, ProjectVerdict
from review.domain.severity import Severity
from review.domain.verdict import Decision
from review.verdict.decide import decide
from tests.unit.render.builders import SUBJECTS, artifact, finding, skipped

ARTIFACTS = (
    artifact("shop/models/a.sql", Kind.DBT_MODEL, project="shop"),
    artifact("shop/nested/models/a.sql", Kind.DBT_MODEL, project="shop/nested"),
    artifact("ads/models/a.sql", Kind.DBT_MODEL, project="ads"),
    artifact("dags/shop/daily.py", Kind.DAG),
    artifact("teams/ads/dags/hourly.py", Kind.DAG),
    artifact("plugins/hooks/base.py", Kind.DAG_HELPER),
    artifact("jobs/sessionise.py", Kind.PYSPARK),
)


def at(path: str, severity: Severity = Severity.LOW) -> Finding:
    return finding(location=Location(path, 1, 1), severity=severity, evidence=severity.value)


def test_every_part_stands_by_itself_and_their_sum_is_the_whole() -> None:
    findings = [
        at("shop/models/a.sql", Severity.HIGH),
        at("shop/models/a.sql"),
        at("shop/nested/models/a.sql"),
        at("shop/models/gone.sql"),
        at("teams/ads/dags/hourly.py"),
        at("jobs/sessionise.py"),
    ]
    skips = [
        skipped("ads/models/a.sql", "its worker died"),
        skipped("dags/shop/broken.py", "does not parse", stage=Stage.CLASSIFY.value),
        skipped("notes.py", "cannot be read as text", stage=Stage.CLASSIFY.value),
        skipped("shop/models/a.sql", "not linted", stage=Stage.LINT.value, standards=("cost",)),
        skipped("plugins/hooks/base.py", "not sent to the agent", stage=Stage.AGENT.value),
        skipped("agents/own.md", "the agent did not answer", stage=Stage.AGENT.value),
    ]
    verdict = decide(ARTIFACTS, findings, skips, SUBJECTS, Severity.HIGH)
    assert verdict.projects == (
        ProjectVerdict(ProjectKind.DBT, "ads", Decision.INCOMPLETE, 0, 0, 1),
        ProjectVerdict(ProjectKind.DBT, "shop", Decision.FAIL, 3, 1, 0),
        ProjectVerdict(ProjectKind.DBT, "shop/nested", Decision.PASS, 1, 0, 0),
        ProjectVerdict(ProjectKind.DAGS, "dags", Decision.INCOMPLETE, 0, 0, 1),
        ProjectVerdict(ProjectKind.DAGS, "plugins", Decision.PASS, 0, 0, 0),
        ProjectVerdict(ProjectKind.DAGS, "teams/ads/dags", Decision.PASS, 1, 0, 0),
        ProjectVerdict(ProjectKind.OTHER, "", Decision.INCOMPLETE, 1, 0, 1),
    )
    assert sum(part.findings for part in verdict.projects) == len(findings)
    assert sum(part.blocking for part in verdict.projects) == len(verdict.blocking)


def test_files_of_the_repositorys_root() -> None:
    artifacts = (
        artifact("models/a.sql", Kind.DBT_MODEL, project=""),
        artifact("daily.py", Kind.DAG),
    )
    verdict = decide(artifacts, [at("models/a.sql"), at("daily.py")], (), SUBJECTS, Severity.HIGH)
    assert [(part.kind, part.name, part.findings) for part in verdict.projects] == [
        (ProjectKind.DBT, "", 1),
        (ProjectKind.DAGS, "", 1),
    ]


def test_a_rule_that_broke_on_a_file_counts_against_the_files_project() -> None:
    broke = skipped("DBT001 on ads/models/a.sql", "made the rule fail (ValueError)", standards=("testing",))
    verdict = decide(ARTIFACTS, (), [broke], SUBJECTS, Severity.HIGH)
    assert [part for part in verdict.projects if part.decision is not Decision.PASS] == [
        ProjectVerdict(ProjectKind.DBT, "ads", Decision.INCOMPLETE, 0, 0, 1)
    ]


def test_nothing_changed() -> None:
    assert decide((), (), (), {}, Severity.HIGH).projects == ()
