"""Artifacts through real, jailed workers: findings, skips, and what the team's settings change."""

import sys
from collections.abc import Mapping

import pytest

from review.config.policy import Policy
from review.domain.artifact import Artifact, Kind
from review.domain.evidence import Skipped
from review.domain.finding import Finding, Standard
from review.domain.severity import Severity
from review.errors import PolicyError
from review.evidence.collect import HANDLER, LIMITS, Evidence, collect, workers
from review.evidence.settings import LintSettings
from review.sandbox.pool import Pool
from tests.unit.artifacts.builders import MemoryTree
from tests.unit.evidence.builders import artifact, collected

pytestmark = pytest.mark.usefixtures("forked_workers")

NULL = "select a from t where b = null\n"
DAG = "from airflow import DAG\n\ndag = DAG('x', default_args={'owner': 'me', 'retires': 1})\n"
FILES = [
    artifact("p/models/a.sql", "select {{ cents('x') }} from t\nwhere b = null\n", Kind.DBT_MODEL, project="p"),
    artifact("p/models/b.sql", NULL, Kind.DBT_MODEL, project="p", base="select 1\n", added=[2]),
    artifact("p/models/broken.sql", "select {{ a( }}\n", Kind.DBT_MODEL, project="p"),
    artifact("dags/x.py", DAG, Kind.DAG),
    artifact("dags/broken.py", "def f(:\n", Kind.DAG),
    artifact("schema/t.sql", "select from where\n", dialect="postgres"),
    artifact("ignored/t.sql", NULL),
    artifact("strict/t.sql", "SELECT a from t where b = null\n"),
    artifact("gone.sql", None, base=NULL),
]  # fmt: skip
SETTINGS = {
    ".sqlfluffignore": "ignored/\n",
    "strict/.sqlfluff": "[sqlfluff]\nrules = CP01\ntemplater = dbt\n",
    "gone/.sqlfluff": "[sqlfluff\n",
    "schema/.sqlfluff": "[sqlfluff]\ndialect = nonsense\n",
}
MACROS = {"p/macros/m.sql": "{% macro cents(x) %}{{ x }} / 100{% endmacro %}", "p/macros/broken.sql": "{% macro"}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return collected(FILES, macros=MACROS, settings=SETTINGS, size=2)


def told(found: Evidence, path: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.location.path == path]


def skips(found: Evidence, subject: str) -> set[str]:
    return {skip.reason for skip in found.skipped if skip.subject == subject}


def test_a_violation_becomes_a_finding(evidence: Evidence) -> None:
    (finding,) = told(evidence, "p/models/a.sql")
    assert (finding.source, finding.standard, finding.severity) == (
        "sqlfluff:CV05",
        Standard.DATA_QUALITY,
        Severity.HIGH,
    )
    assert (finding.location.line, finding.location.end_line) == (2, 2)
    assert finding.title == "Comparison with NULL by an operator"
    assert finding.evidence.endswith(" where b = null")
    assert finding.help_url == "https://docs.sqlfluff.com/en/stable/reference/rules.html#convention.is_null"
    assert skips(evidence, "p/models/a.sql") == set()


def test_only_added_lines_are_linted_and_deleted_files_are_left_alone(evidence: Evidence) -> None:
    assert told(evidence, "p/models/b.sql") == []
    assert told(evidence, "gone.sql") == []
    assert skips(evidence, "gone.sql") == set()


def test_changed_python_is_linted_too() -> None:
    text = "import requests\nfrom airflow import DAG\nrequests.get('https://shop.acme.io')\n"
    policy = Policy(severities={"S113": Severity.LOW})
    (found,) = collected([artifact("dags/y.py", text, Kind.DAG)], policy=policy).findings
    assert (found.source, found.location.line, found.severity) == ("ruff:S113", 3, Severity.LOW)


def test_rules_of_our_own_run_beside_the_linter(evidence: Evidence) -> None:
    assert [finding.source for finding in told(evidence, "dags/x.py")] == ["rule:DAG001"]


def test_what_could_not_be_looked_at_is_told(evidence: Evidence) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert skips(evidence, "dags/broken.py") == {f"does not parse as Python {version} (line 1: invalid syntax)"}
    assert "could not be linted: sqlfluff's postgres grammar cannot parse it from line 1 on" in skips(
        evidence, "schema/t.sql"
    )
    reasons = skips(evidence, "p/models/broken.sql")
    assert any(reason.startswith("could not be linted: its Jinja cannot be rendered (") for reason in reasons)
    assert told(evidence, "schema/t.sql") == []
    assert told(evidence, "p/models/broken.sql") == []


def test_the_teams_settings_count_where_they_stand(evidence: Evidence) -> None:
    assert [finding.source for finding in told(evidence, "strict/t.sql")] == ["sqlfluff:CP01"]
    assert told(evidence, "ignored/t.sql") == []
    assert Skipped("lint", "ignored/t.sql", ".sqlfluffignore keeps it from sqlfluff", harmless=True) in evidence.skipped
    assert skips(evidence, "schema/.sqlfluff") == {
        "cannot be read as sqlfluff configuration (sqlfluff knows no dialect 'nonsense')"
    }
    assert skips(evidence, "gone/.sqlfluff") == set()


def test_which_kinds_the_checks_of_a_standard_speak_of(evidence: Evidence) -> None:
    assert Kind.DAG in evidence.subjects[Standard.ERROR_HANDLING] | evidence.subjects[Standard.MONITORING]
    assert all(kinds for kinds in evidence.subjects.values())


def test_the_policy_chooses_rules_and_severities() -> None:
    policy = Policy(
        ignore=frozenset({"DAG001"}), severities={"CV05": Severity.LOW}, lint_rules=("CP01",), lines={"DAG001": 3}
    )
    files = [artifact("dags/x.py", DAG, Kind.DAG), artifact("t.sql", "SELECT a from t where b = null\n")]
    found = collected(files, policy=policy)
    assert [finding.source for finding in found.findings] == ["sqlfluff:CP01"]


def test_the_policy_gives_a_severity_to_sqlfluffs_rules() -> None:
    (finding,) = collected(
        [artifact("t.sql", "select a from t where b = null\n")], policy=Policy(severities={"CV05": Severity.LOW})
    ).findings
    assert (finding.code, finding.severity) == ("CV05", Severity.LOW)


def test_a_rule_that_does_not_exist_stops_the_run() -> None:
    with pytest.raises(PolicyError, match=r"policy\.yml, line 3: there is no rule DAG999"):
        collected([], policy=Policy(ignore=frozenset({"DAG999"}), source="policy.yml", lines={"DAG999": 3}))


def test_macros_that_no_worker_takes_are_told() -> None:
    model = artifact("p/models/a.sql", "select {{ big() }}\n", Kind.DBT_MODEL, project="p")
    found = collected([model], macros={"p/macros/m.sql": "x" * (LIMITS.payload_bytes + 1)})
    assert [skip.subject for skip in found.skipped] == ["p: its macros"]
    assert "larger than" in found.skipped[0].reason


class Wrong(Pool):
    """A pool whose workers answer nonsense."""

    def run(self, jobs, shared=()):  # type: ignore[no-untyped-def]
        for reply in super().run(jobs, shared):
            yield type(reply)(reply.subject, {"findings": "many"})


@pytest.mark.parametrize(("pool", "reason"), [(Wrong, "the parser's answer could not be read")])
def test_an_answer_of_another_shape_is_a_skip(pool: type[Pool], reason: str) -> None:
    files: list[Artifact] = [artifact("t.sql", NULL)]
    with pool(HANDLER, 1, LIMITS) as working:
        found = collect(files, [], LintSettings({}, Policy()), Policy(), working)
    assert found.findings == ()
    assert found.skipped == (Skipped("rules", "t.sql", reason),)


def test_no_more_workers_than_files_or_cores() -> None:
    assert [workers(files, cores)._size for files, cores in ((0, 4), (1, 4), (9, 4))] == [1, 1, 4]


def lint_settings(files: Mapping[str, str], policy: Policy | None = None) -> LintSettings:
    return LintSettings.at(MemoryTree({**files, "models/a.sql": "select 1"}), policy or Policy())


def test_the_settings_are_read_once_from_configuration_files_alone() -> None:
    tree = MemoryTree({"a/.sqlfluff": "[sqlfluff]\ndialect = trino\n", "a/b.sql": "select 1", "setup.cfg": ""})
    found = LintSettings.at(tree, Policy(dialects=(("a/c/", "duckdb"),)))
    assert sorted(tree.asked) == ["a/.sqlfluff", "setup.cfg"]
    assert [found.dialect(path) for path in ("a/b.sql", "a/c/d.sql", "e.sql")] == ["trino", "duckdb", None]


def test_files_with_the_same_settings_share_a_key() -> None:
    found = lint_settings({".sqlfluff": "[sqlfluff]\nrules = AM01\n", "a/.sqlfluff": "[sqlfluff]\nrules = AM02\n"})
    files = [artifact(path, NULL) for path in ("x.sql", "y/z.sql", "a/b.sql", "a/c/d.sql")]
    assert [found.key(each) for each in files] == [
        ".sqlfluff",
        ".sqlfluff",
        ".sqlfluff/a/.sqlfluff",
        ".sqlfluff/a/.sqlfluff",
    ]
    assert found.shared(files) == [
        (".sqlfluff", {"core": {"rules": "AM01"}}),
        (".sqlfluff/a/.sqlfluff", {"core": {"rules": "AM02"}}),
    ]
    for unfit in (
        artifact("x.py", "a = 1\n", Kind.DAG),
        artifact("x.sql", None, base=NULL),
        artifact("x.sql", NULL, base=NULL, added=[]),
        artifact("m.sql", NULL, Kind.DBT_MACRO),
    ):
        assert found.key(unfit) is None


def test_rules_of_the_policy_stand_in_for_missing_settings() -> None:
    policy = Policy(lint_rules=("AM01", "CP01"))
    file = artifact("x.sql", NULL)
    assert lint_settings({}, policy).shared([file]) == [("default", {"core": {"rules": "AM01,CP01"}})]
    theirs = lint_settings({".sqlfluff": "[sqlfluff]\nrules = AM02\n"}, policy)
    assert theirs.shared([file]) == [(".sqlfluff", {"core": {"rules": "AM02"}})]
    assert lint_settings({}).shared([file]) == [("default", {})]
