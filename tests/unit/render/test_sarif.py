"""review.sarif: the schema of SARIF 2.1.0, and what GitHub's code scanning wants beyond it.

`tests/schemas/sarif-2.1.0.json` is the standard's schema as OASIS publishes it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from review.domain.changeset import Side
from review.domain.finding import Finding, Location, Standard
from review.domain.severity import Severity
from review.domain.verdict import Review, Suppressed
from review.render import sarif as module
from review.render.sarif import sarif, sarif_json
from tests.unit.render import builders, examples
from tests.unit.render.builders import FCT, finding, skipped

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))
PAGE = f"{builders.PAGES}/dbt/README.md#dbt001"
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def run_of(whole: Review) -> dict[str, Any]:
    document = json.loads(sarif_json(whole))
    VALIDATOR.validate(document)
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


@pytest.mark.parametrize("example", examples.ALL, ids=lambda example: example.__name__)
def test_examples_keep_to_the_schema(example: Callable[[], Review]) -> None:
    run = run_of(example())
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        where = result["locations"][0]["physicalLocation"]
        assert where["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
        assert 1 <= where["region"]["startLine"] <= where["region"]["endLine"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_an_alert_is_known_again_wherever_its_line_is() -> None:
    here, there = (run_of(builders.review([finding(location=Location(FCT, line, line))])) for line in (3, 90))
    assert here["results"][0]["partialFingerprints"] == there["results"][0]["partialFingerprints"]


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [("critical", "error", 9.0), ("high", "error", 7.0), ("medium", "warning", 4.0), ("low", "note", 0.1)],
)
def test_severities_are_in_githubs_bands(severity: str, level: str, score: float) -> None:
    bands = {9.0: 10.0, 7.0: 9.0, 4.0: 7.0, 0.1: 4.0}
    run = run_of(builders.review([finding(severity=Severity(severity), standard=Standard.SECURITY)]))
    assert run["results"][0]["level"] == level
    properties = run["tool"]["driver"]["rules"][0]["properties"]
    assert score <= float(properties["security-severity"]) <= bands[score]
    other = run_of(builders.review([finding(severity=Severity(severity))]))
    assert "security-severity" not in other["tool"]["driver"]["rules"][0]["properties"]


def test_what_is_suppressed_is_there_and_marked() -> None:
    run = run_of(builders.review(suppressed=[Suppressed(finding(), "waived by the team")]))
    (result,) = run["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "waived by the team"}]


def test_what_was_not_looked_at_is_a_notification() -> None:
    (invocation,) = run_of(examples.everything())["invocations"]
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error", "warning", "note"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
    (invocation,) = run_of(examples.incomplete())["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)


def test_removed_lines_stand_at_the_first_line_and_say_so() -> None:
    entry = finding(location=Location(FCT, 40, 44, Side.LEFT))
    (result,) = run_of(builders.review([entry]))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "endLine": 1}
    assert result["message"]["text"].endswith("(Before the change: lines 40–44.)")


@pytest.mark.parametrize(
    ("path", "uri"),
    [("a b/c.sql", "a%20b/c.sql"), ("été.sql", "%C3%A9t%C3%A9.sql"), ("a:b#c?.sql", "a%3Ab%23c%3F.sql")],
)
def test_paths_are_uris(path: str, uri: str) -> None:
    (result,) = run_of(builders.review([finding(location=Location(path, 1, 1))]))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


HOSTILE = "![x](https://evil.example/p.png) [a](b) <img src=x> @octocat ghp_" + "a1B2" * 9 + " \x1b[31m \u202e"


def test_hostile_text() -> None:
    entry = finding(title=HOSTILE, explanation=HOSTILE, remediation=HOSTILE, help_url="https://evil.example/")
    whole = builders.review([entry], suppressed=[Suppressed(entry, HOSTILE)], skips=[skipped(HOSTILE, HOSTILE)])
    whole = replace(whole, rules={entry.source: (HOSTILE, HOSTILE)})
    run = run_of(whole)
    assert sarif_json(whole).isascii()
    assert "a1B2" not in sarif_json(whole)
    text = run["results"][0]["message"]["text"]
    assert not re.search(r"(?<!\\)[\[\]]", text), "no link in a message"
    (rule,) = run["tool"]["driver"]["rules"]
    assert "helpUri" not in rule
    markdown = rule["help"]["markdown"]
    assert "<img" not in markdown
    assert "@octocat" not in markdown
    assert "https://" not in markdown
    assert "\\[a\\]" in markdown


def test_a_rules_texts_are_its_own() -> None:
    here, there = (finding(title=f"Title {n}", explanation=f"Of {n}.", evidence=n, help_url=PAGE) for n in "ab")
    told = {"rule:DBT001": ("A model has no unique key", "Rows are kept twice [x].")}
    for found in ([here], [there], [there, here]):
        (rule,) = run_of(replace(builders.review(found), rules=told))["tool"]["driver"]["rules"]
        assert rule["shortDescription"]["text"] == "A model has no unique key"
        assert rule["fullDescription"]["text"] == "Rows are kept twice \\[x\\]."
        assert rule["help"]["text"] == f"Rows are kept twice \\[x\\]. {PAGE}"
        assert rule["help"]["markdown"].endswith(f"[DBT001]({PAGE})")
        assert rule["helpUri"] == PAGE


def test_what_says_nothing_of_itself_is_not_told_by_one_finding() -> None:
    entries = [
        finding(source=source, explanation="Only here.") for source in ("sqlfluff:LT01", "agent:me", "rule:DBT001")
    ]
    for rule in run_of(builders.review(entries))["tool"]["driver"]["rules"]:
        assert "Only here" not in json.dumps(rule)
        assert "Each alert says what it found" in rule["fullDescription"]["text"]


def test_a_rules_texts_do_not_depend_on_the_order() -> None:
    entries = [finding(evidence=str(number), title=title) for number, title in enumerate("abb")]
    rules = [run_of(builders.review(each))["tool"]["driver"]["rules"] for each in (entries, entries[::-1])]
    assert rules[0] == rules[1]
    assert rules[0][0]["shortDescription"]["text"] == "b"


def agents(standard: Standard, agent: str = "data-engineer", **changes: Any) -> Finding:
    return finding(**{"source": f"agent:{agent}", "standard": standard, "evidence": standard.value, **changes})


def test_an_agents_rules_are_the_standards_that_it_judges_by() -> None:
    """Under one rule for all, an alert on a cost would be titled as one on security, and weigh as much."""
    drop = Suppressed(agents(Standard.TESTING, title="Untested"), "refuted when it was verified")
    several = (
        agents(Standard.SECURITY, severity=Severity.CRITICAL, title="Open to all"),
        agents(Standard.COST, title="Dear", location=Location(FCT, 4, 4)),
        agents(Standard.COST, title="Dear", location=Location(FCT, 5, 5)),
        agents(Standard.COST, "other", title="Dear as well"),
        finding(),
    )
    run = run_of(builders.review(several, suppressed=[drop]))
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == [
        "agent:data-engineer/cost",
        "agent:data-engineer/security",
        "agent:data-engineer/testing",
        "agent:other/cost",
        "rule:DBT001",
    ]
    assert [rule["shortDescription"]["text"] for rule in rules.values()] == [
        *("Dear", "Open to all", "Untested", "Dear as well"),
        finding().title,
    ]
    assert [rule["properties"]["tags"] for rule in rules.values()] == [
        ["cost"], ["security"], ["testing"], ["cost"], ["data-quality"],
    ]  # fmt: skip
    assert [rule for rule, each in rules.items() if "security-severity" in each["properties"]] == [
        "agent:data-engineer/security"
    ]
    assert [each["defaultConfiguration"]["level"] for each in rules.values()] == [
        "warning", "error", "warning", "warning", "warning",
    ]  # fmt: skip
    assert [result["ruleId"] for result in run["results"]] == [
        "agent:data-engineer/security",
        "agent:other/cost",
        "rule:DBT001",
        "agent:data-engineer/cost",
        "agent:data-engineer/cost",
        "agent:data-engineer/testing",
    ]
    for result in run["results"]:
        assert list(rules)[result["ruleIndex"]] == result["ruleId"]


def test_what_does_not_fit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RESULTS", 3)
    whole = examples.everything()
    run = sarif(whole)["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == [each.source for each in whole.findings[:3]]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {each.source for each in whole.findings[:3]}
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert notes[-1] == "5 results more than are kept in this file."
