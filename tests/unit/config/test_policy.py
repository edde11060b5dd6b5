"""The policy file: what it means, and what is said of one that is wrong."""

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from review.config import policy_file
from review.config.inputs import FAIL_ON
from review.config.policy import Policy, Waiver
from review.domain.changeset import Side
from review.domain.finding import Confidence, Finding, Location, Standard, Tier
from review.domain.linter_names import DIALECTS, GROUPS
from review.domain.severity import Severity
from review.errors import PolicyError

PATH = ".github/data-review.yml"
TODAY = date(2027, 1, 15)
SCHEMA = json.loads((Path(policy_file.__file__).parent / "policy.schema.json").read_text("utf-8"))

WHOLE = """\
fail-on: medium
paths: [models/, "dags/**/*.py", "!models/old/"]
paths-ignore:
  - "*.csv"
generated:
  - models/generated/**
rules:
  select: [DBT001, SQL002]
  ignore: [SQL003, AM04]
  severity:
    DBT001: low
sqlfluff:
  dialect:
    models/: snowflake
    models/lake/**: trino
  rules: [ambiguous, AM04, references.from]
context:
  volume: 2 million rows a day
  freshness: |
    marts by 07:00 UTC,
    finance reads them first
  notes: no Kafka
waivers:
  - rule: DBT001
    path: models/legacy/**
    owner: "@shop/data"
    reason: moved in spring
    expires: 2027-01-15
  - rule: SQL002
    path: models/
    owner: "@shop/data"
    reason: "until the migration #12"
    expires: "2027-01-14"
"""


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
    (notice,) = policy.notices
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
    read(WHOLE).check_codes({"DBT001", "SQL002", "SQL003"})


@pytest.mark.parametrize("sign", ["\\u202e", "\\u200b", "\\x1b", "\\r", "\\0"])
def test_a_context_shows_all_that_it_says(sign: str) -> None:
    """The model reads it as the team's word."""
    with pytest.raises(PolicyError, match=r"line 2: .* at most 2,000 characters, all of them printable"):
        read(f'context:\n  volume: "a{sign}b"')


WRONG = [
    ("fail_on: high", 1, "`fail_on` is not a key of the policy (did you mean `fail-on`?)"),
    ("pahts: []", 1, "did you mean `paths`?"),
    ("fail-on: high\ncontexts: x", 2, "`contexts` is not a key of the policy (did you mean `context`?)"),
    ("context: x", 1, "`context` is 'x'; expected a mapping with any of volume, freshness"),
    ("context:\n  sla: 07:00", 2, "`context.sla` is not a key of the policy"),
    (
        "context:\n  volume: 3",
        2,
        "`context.volume` is '3'; expected a text of at most 2,000 characters, all of them printable, in quotes",
    ),
    (f"context:\n  volume: {'x' * 2001}", 2, "expected a text of at most 2,000 characters, all of them printable"),
    ("fail-on: hihg", 1, "`fail-on` is 'hihg'; expected one of critical, high, medium, low, never"),
    ("fail-on: [high]", 1, "`fail-on` is a list; expected one of critical"),
    ("fail-on: 3", 1, "`fail-on` is '3'; expected one of critical"),
    ("fail-on: high\nfail-on: low", 2, "for the second time (first on line 1)"),
    ("- fail-on: high", 1, "is a list; expected a mapping"),
    ("just text", 1, "expected a mapping with any of fail-on"),
    ("1: x", 1, "a key is '1'"),
    ("paths: models", 1, "`paths` is 'models'; expected a list of patterns"),
    ("paths:\n  - models\n  - 5", 3, "`paths[2]` is '5'; expected a pattern as in .gitignore"),
    ("paths:\n  - '#x'", 2, "`paths[1]` is '#x'"),
    ("paths:\n  - './models'", 2, "expected a pattern as in .gitignore, from the repository's root"),
    ("paths:\n  - '!'", 2, "expected a pattern"),
    ("paths:\n  - 'a\\b'", 2, "expected a pattern"),
    ("paths:\n  - ''", 2, "`paths[1]` is empty"),
    ("generated: {a: b}", 1, "`generated` is a mapping; expected a list"),
    ("rules: DBT001", 1, "`rules` is 'DBT001'; expected a mapping with any of select, ignore, severity"),
    ("rules:\n  ignroe: []", 2, "`rules.ignroe` is not a key of the policy (did you mean `ignore`?)"),
    ("rules:\n  ignore: [dbt001]", 2, "'dbt001' is no code; expected a rule's code such as DBT001"),
    ("rules:\n  ignore: [DBT]", 2, "'DBT' is no code"),
    ("rules:\n  ignore:\n    - AM90", 3, "sqlfluff has no rule AM90 (did you mean `AM0"),
    ("rules:\n  severity:\n    XX01: low", 3, "sqlfluff has no rule XX01"),
    ("rules:\n  select: [AM04]", 2, "a code of sqlfluff; `sqlfluff.rules` selects those"),
    ("rules:\n  severity:\n    DBT001: never", 3, "`rules.severity.DBT001` is 'never'; expected one of critical"),
    ("rules:\n  severity:\n    dbt: low", 3, "'dbt' is no code"),
    ("rules:\n  severity: low", 2, "expected a mapping of a rule's code such as DBT001 to a severity"),
    ("sqlfluff:\n  dialect: snowflake", 2, "expected a mapping of patterns to dialects"),
    ("sqlfluff:\n  dialect:\n    models/: snowflak", 3, "did you mean `snowflake`?"),
    ("sqlfluff:\n  dialect:\n    ./models/: snowflake", 3, "expected a pattern"),
    ("sqlfluff:\n  rules: [AM]", 2, "`sqlfluff.rules[1]` is 'AM'; expected a sqlfluff code such as AM04"),
    ("sqlfluff:\n  rules: [ambiguos]", 2, "or a group: all, core"),
    ("sqlfluff:\n  library_path: x", 2, "`sqlfluff.library_path` is not a key"),
    ("waivers: {}", 1, "`waivers` is a mapping; expected a list of waivers"),
    ("waivers:\n  - rule: DBT001\n    path: a", 2, "`waivers[1]` has no owner, no reason, no expires"),
    ("waivers:\n  - DBT001", 2, "`waivers[1]` is 'DBT001'; expected a mapping"),
    ("paths: &a [x]\ngenerated: *a", 1, "anchors (&name) and aliases (*name) are not accepted"),
    ("paths: [[[[[[[[[[x]]]]]]]]]]", 1, "nested more than 8 deep"),
    ("paths: [", 1, "not YAML"),
    ("a: b: c", 1, "not YAML"),
    ("--- \nfail-on: high\n---\nfail-on: low", 3, "not YAML"),
    ("paths: !!python/object/apply:os.system [x]", 1, "`paths[1]` is"),
]


@pytest.mark.parametrize(("text", "line", "expected"), WRONG[:-1])
def test_what_is_wrong_is_said_with_file_line_key_and_expectation(text: str, line: int, expected: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(text)
    assert str(caught.value).startswith(f"{PATH}, line {line}: ")
    assert expected in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_tag_does_nothing() -> None:
    assert read("paths: !!python/object/apply:os.system [echo]") == Policy(paths=("echo",), today=TODAY, source=PATH)
    with pytest.raises(PolicyError, match="`paths` is"):
        read("paths: !!python/object/apply:os.system echo")


@pytest.mark.parametrize("day", ["2027-02-30", "soon", "2027-1-5", "20270115", "2027-W01-1", "15.01.2027", "2027"])
def test_a_day_that_is_none(day: str) -> None:
    with pytest.raises(PolicyError, match=r"line 5: `waivers\[1\].expires` is .*; expected a date such as 2027-03-31"):
        read(f"waivers:\n- rule: DBT001\n  path: a\n  owner: me\n  expires: {day}\n  reason: r\n")


def test_a_file_too_large_or_not_printable() -> None:
    with pytest.raises(PolicyError, match="larger than 256 KiB"):
        read("#" * 300_000)
    with pytest.raises(PolicyError, match=f"{PATH}: not YAML"):
        read("fail-on: \x00high")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_has_the_policys_keys_and_names() -> None:
    held = {
        "agent_can_block",
        "lets_agent_fail",
        "today",
        "source",
        "lines",
        "select",
        "ignore",
        "severities",
        "dialects",
        "lint_rules",
    }
    fields = {name.replace("_", "-") for name in Policy.__dataclass_fields__ if name not in held}
    assert set(SCHEMA["properties"]) == fields | {"rules", "sqlfluff"}
    assert SCHEMA["properties"]["fail-on"]["anyOf"][0]["enum"] == list(FAIL_ON)
    dialect = SCHEMA["properties"]["sqlfluff"]["properties"]["dialect"]["additionalProperties"]["enum"]
    assert dialect == list(DIALECTS)
    assert SCHEMA["$defs"]["linter-group"]["enum"] == list(GROUPS)
    waiver = SCHEMA["$defs"]["waiver"]
    assert set(waiver["properties"]) == set(waiver["required"]) == set(Waiver.__dataclass_fields__) - {"line"}


def valid_by_schema(text: str) -> bool:
    """What an editor with the schema says. It reads YAML's dates as text."""
    loaded = yaml.load(text, Loader=yaml.BaseLoader) if "expires" in text else yaml.safe_load(text)
    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(loaded))


@pytest.mark.parametrize("text", [WHOLE, "", "fail-on:", "rules:\n", "paths: []", "sqlfluff:\n  rules:\n"])
def test_the_schema_takes_what_we_take(text: str) -> None:
    read(text)
    assert valid_by_schema(text)


BEYOND_A_SCHEMA = ("sqlfluff has no rule", "second time", "anchors", "not YAML")
"""What no schema sees: it looks at the loaded value."""


@pytest.mark.parametrize(
    "text", [case[0] for case in WRONG if not any(said in case[2] for said in BEYOND_A_SCHEMA)][:-1]
)
def test_the_schema_refuses_what_we_refuse(text: str) -> None:
    assert not valid_by_schema(text)
