"""The policy: what its keys mean for a path, a finding and a day."""

from datetime import date

import pytest

from review.config.policy import Override, Policy, Waiver
from review.domain.changeset import Side
from review.domain.finding import Confidence, Finding, Location, Standard, Tier
from review.domain.severity import Severity
from review.errors import PolicyError
from tests.unit.artifacts.builders import MemoryTree
from tests.unit.config.policies import WHOLE

PATH = ".github/data-review.yml"
TODAY = date(2027, 1, 15)


def read(text: str) -> Policy:
    return Policy.from_yaml(text, PATH, TODAY)


def finding(code: str, path: str) -> Finding:
    return Finding(
        source=f"rule:{code}",
        standard=Standard.COST,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        tier=Tier.PROVEN,
        location=Location(path, 1, 1, Side.RIGHT),
        title="t",
        explanation="e",
        remediation="r",
        evidence="e",
    )


def test_every_key() -> None:
    policy = read(WHOLE)
    assert policy == Policy(
        fail_on=Severity.MEDIUM,
        paths=("models/", "dags/**/*.py", "!models/old/"),
        paths_ignore=("*.csv",),
        generated=("models/generated/**",),
        select=frozenset({"DBT001", "SQL002"}),
        ignore=frozenset({"SQL003", "AM04"}),
        severities={"DBT001": Severity.LOW},
        dialects=(("models/", "snowflake"), ("models/lake/**", "trino")),
        lint_rules=("ambiguous", "AM04", "references.from"),
        context={
            "volume": "2 million rows a day",
            "freshness": "marts by 07:00 UTC,\nfinance reads them first",
            "notes": "no Kafka",
        },
        waivers=(
            Waiver("DBT001", "models/legacy/**", "@shop/data", "moved in spring", date(2027, 1, 15), 24),
            Waiver("SQL002", "models/", "@shop/data", "until the migration #12", date(2027, 1, 14), 29),
        ),
        shadow_until=date(2027, 2, 28),
        break_glass="data-urgent",
        ignore_comments="maintain",
        overrides=(
            Override(("dags/sandbox/", "models/sandbox/**"), "never", frozenset({"AM04", "SQL003", "SQL004"}), line=40),
            Override(("**/prod/**", "!**/prod/drafts/**"), "low", frozenset(), {"DBT001": Severity.CRITICAL}, line=43),
        ),
        today=TODAY,
        source=PATH,
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "fail-on:\n", "rules:\nwaivers:\n", "---\n", "{}"])
def test_a_file_that_says_nothing_is_the_default(text: str) -> None:
    assert read(text) == Policy(today=TODAY, source=PATH)


def test_the_default_fails_on_high_and_takes_everything() -> None:
    policy = Policy()
    assert policy.fail_on is Severity.HIGH
    assert policy.includes("any/where.sql")
    assert not policy.is_generated("any/where.sql")
    assert policy.dialect("any/where.sql") is None
    assert policy.suppress(finding("DBT001", "a.sql")) is None
    assert policy.notices == ()
    assert (policy.shadow, policy.break_glass, policy.ignore_comments) == (None, "", "write")
    assert policy.fail_on_at("any/where.sql") is Severity.HIGH
    assert policy.weighed(finding("DBT001", "a.sql")) == finding("DBT001", "a.sql")
    assert policy.never_wanted == frozenset()


@pytest.mark.parametrize(
    ("path", "included"),
    [
        ("models/a.sql", True),
        ("models/marts/deep/a.sql", True),
        ("models/old/a.sql", False),
        ("models/a.csv", False),
        ("dags/x.py", True),
        ("dags/team/x.py", True),
        ("dags/team/x.txt", False),
        ("src/models.py", False),
        ("lib/models/a.sql", True),
    ],
)
def test_paths_are_gitignore_patterns(path: str, included: bool) -> None:
    assert read(WHOLE).includes(path) is included


def test_the_last_dialect_that_matches_counts() -> None:
    policy = read(WHOLE)
    assert policy.dialect("models/a.sql") == "snowflake"
    assert policy.dialect("models/lake/a.sql") == "trino"
    assert policy.dialect("migrations/a.sql") is None
    assert policy.is_generated("models/generated/x/a.sql")


def test_a_waiver_counts_up_to_its_last_day_and_on_its_path_only() -> None:
    policy = read(WHOLE)
    assert policy.suppress(finding("DBT001", "models/legacy/a.sql")) == (
        "waived until 2027-01-15 by @shop/data: moved in spring"
    )
    assert policy.suppress(finding("DBT001", "models/new/a.sql")) is None
    assert policy.suppress(finding("SQL003", "anything.sql")) == "SQL003 is ignored by the policy"
    day_after = Policy.from_yaml(WHOLE, PATH, date(2027, 1, 16))
    assert day_after.suppress(finding("DBT001", "models/legacy/a.sql")) is None


def test_an_expired_waiver_is_reported_with_its_line_and_owner() -> None:
    policy = read(WHOLE)
    assert policy.suppress(finding("SQL002", "models/a.sql")) is None
    (notice,) = policy.notices  # and none of the shadow that lasts
    assert "SQL002" in notice
    assert f"{PATH}, line 29; owner @shop/data" in notice
    assert "2027-01-14" in notice


def test_the_workflows_fail_level_wins() -> None:
    policy = read("fail-on: low")
    assert policy.with_fail_on(None).fail_on is Severity.LOW
    assert policy.with_fail_on("critical").fail_on is Severity.CRITICAL
    assert policy.with_fail_on("never").fail_on is None


def test_a_mistyped_code_is_named_with_its_line_once_the_rules_are_known() -> None:
    policy = read("rules:\n  ignore:\n    - AM04\n    - DBT01\n")
    with pytest.raises(PolicyError, match=r"line 4: there is no rule DBT01 \(did you mean `DBT001`\?\)"):
        policy.check_codes({"DBT001", "SQL001"})
    read(WHOLE).check_codes({"DBT001", "SQL002", "SQL003", "SQL004"})


@pytest.mark.parametrize(
    ("path", "level"),
    [
        ("models/a.sql", Severity.MEDIUM),
        ("dags/sandbox/a.py", None),
        ("dags/prod/a.py", Severity.LOW),
        ("models/sandbox/prod/a.sql", Severity.LOW),
        ("models/sandbox/prod/drafts/a.sql", None),
        ("dags/prod/drafts/a.py", Severity.MEDIUM),
    ],
)
def test_the_last_override_that_speaks_of_a_path_sets_its_fail_level(path: str, level: Severity | None) -> None:
    assert read(WHOLE).fail_on_at(path) is level


def test_the_workflows_fail_level_wins_on_every_path() -> None:
    policy = read(WHOLE).with_fail_on("high")
    assert {policy.fail_on_at(path) for path in ("models/a.sql", "dags/sandbox/a.py", "x/prod/a.sql")} == {
        Severity.HIGH
    }
    never = read(WHOLE).with_fail_on("never")
    assert never.fail_on_at("x/prod/a.sql") is None
    assert never.suppress(finding("SQL004", "dags/sandbox/a.py")), "what else the overrides say stays"


@pytest.mark.parametrize(
    ("code", "path", "ignored"),
    [
        ("SQL003", "models/a.sql", True),
        ("SQL004", "models/a.sql", False),
        ("SQL004", "dags/sandbox/a.py", True),
        ("SQL003", "dags/sandbox/a.py", True),
        ("SQL003", "dags/prod/a.py", False),
        ("SQL004", "models/sandbox/prod/a.sql", False),
    ],
)
def test_what_is_ignored_here_replaces_what_is_ignored_everywhere(code: str, path: str, ignored: bool) -> None:
    assert (read(WHOLE).suppress(finding(code, path)) is not None) is ignored


def test_an_override_that_hides_a_finding_is_named_with_its_line() -> None:
    policy = read(WHOLE)
    assert policy.suppress(finding("SQL004", "dags/sandbox/a.py")) == (
        "SQL004 is ignored by the policy for these paths (line 40)"
    )


def test_a_rule_runs_as_long_as_one_path_wants_it() -> None:
    assert read(WHOLE).never_wanted == frozenset()
    assert read("rules:\n  ignore: [SQL003, SQL004]").never_wanted == {"SQL003", "SQL004"}
    some = "rules: {ignore: [SQL003, SQL004]}\noverrides: [{paths: [a], ignore: [SQL003]}, {paths: [b], fail-on: low}]"
    assert read(some).never_wanted == {"SQL003"}


def test_severities_by_path_code_by_code() -> None:
    policy = read(
        "overrides:\n"
        "- {paths: [models/], severity: {DBT001: low, SQL001: low}}\n"
        "- {paths: [models/prod/], severity: {DBT001: critical}}\n"
    )
    weights = {
        (code, path): policy.weighed(finding(code, path)).severity.value
        for code in ("DBT001", "SQL001", "SQL002")
        for path in ("models/a.sql", "models/prod/a.sql", "dags/a.py")
    }
    assert weights == {
        ("DBT001", "models/a.sql"): "low",
        ("DBT001", "models/prod/a.sql"): "critical",
        ("DBT001", "dags/a.py"): "high",
        ("SQL001", "models/a.sql"): "low",
        ("SQL001", "models/prod/a.sql"): "low",
        ("SQL001", "dags/a.py"): "high",
        ("SQL002", "models/a.sql"): "high",
        ("SQL002", "models/prod/a.sql"): "high",
        ("SQL002", "dags/a.py"): "high",
    }
    weighed = policy.weighed(finding("DBT001", "models/a.sql"))
    assert weighed.fingerprint == finding("DBT001", "models/a.sql").fingerprint


def test_a_mistyped_code_of_an_override_is_named_with_its_line() -> None:
    policy = read("overrides:\n- paths: [a]\n  ignore:\n  - DBT001\n- paths: [b]\n  severity: {DBT999: low}\n")
    with pytest.raises(PolicyError, match=r"line 6: there is no rule DBT999"):
        policy.check_codes({"DBT001"})


@pytest.mark.parametrize(("day", "lasts"), [("2027-01-14", False), ("2027-01-15", True), ("2027-01-16", True)])
def test_a_shadow_lasts_through_its_day_and_says_when_it_is_over(day: str, lasts: bool) -> None:
    policy = read(f"shadow-until: {day}")
    assert policy.shadow == (date.fromisoformat(day) if lasts else None)
    assert len(policy.notices) == (not lasts)
    assert all(f"`shadow-until` in {PATH} was {day}" in notice for notice in policy.notices)


def test_the_file_at_a_commit() -> None:
    tree = MemoryTree({PATH: "fail-on: low", "latin.yml": b"fail-on: low\nrules: #\xe9", "binary.yml": b"fail-on:\0"})
    assert Policy.at(tree, PATH, TODAY).fail_on is Severity.LOW
    assert Policy.at(tree, "other.yml", TODAY) == Policy(today=TODAY)
    with pytest.raises(PolicyError, match=r"binary.yml: cannot be read as text; store it as UTF-8"):
        Policy.at(tree, "binary.yml", TODAY)
    with pytest.raises(PolicyError, match=r"latin.yml, line 2: a character is not UTF-8"):
        Policy.at(tree, "latin.yml", TODAY)


@pytest.mark.parametrize(("asked", "there"), [("a/b.yml", "a/b.yaml"), ("b.yaml", "b.yml")])
def test_a_file_beside_the_one_that_is_read_is_no_policy_that_is_passed_over(asked: str, there: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.at(MemoryTree({there: "fail-on: low"}), asked, TODAY)
    assert str(caught.value) == (
        f"{there}: the policy is read from {asked}; rename the file, or name it in the workflow's input config."
    )
    both = MemoryTree({asked: "fail-on: low", there: "nonsense"})
    assert Policy.at(both, asked, TODAY) == Policy(fail_on=Severity.LOW, today=TODAY, source=asked)


def test_a_link_is_no_policy_that_is_passed_over() -> None:
    with pytest.raises(PolicyError, match=r"^\.github/data-review\.yml: is a symbolic link, which is not followed; "):
        Policy.at(MemoryTree({"policy.yml": "fail-on: low"}, links=[PATH]), PATH, TODAY)


def test_a_policy_that_a_workflow_names_and_that_is_not_there_is_said() -> None:
    policy = Policy.at(MemoryTree({}), "data/policy.yml", TODAY, is_named=True)
    assert policy.notices == (
        "There is no policy file data/policy.yml at the base commit (input config), so the defaults hold.",
    )
    assert Policy.at(MemoryTree({}), PATH, TODAY).notices == ()
