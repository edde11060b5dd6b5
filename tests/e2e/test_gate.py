"""The gate through the console script: in shadow, by path, opened by a label, and with a waiver that has expired."""

import json
from pathlib import Path
from typing import Any

import jsonschema

from tests.e2e.action import NUMBER, SMALL, SMALL_TEXT, Action, Run
from tests.github_server.labels import set_label, take_off
from tests.github_server.schema import NOW
from tests.github_server.server import WRITES

POLICY = ".github/data-review.yml"
LABEL = "data-urgent"
BREAK_GLASS = f"break-glass:\n  label: {LABEL}\n"
EVENTS = f"issues/{NUMBER}/events"
SCHEMA = json.loads((Path(__file__).parents[2] / "review" / "render" / "review.schema.json").read_text())


def open_with(action: Action, policy: str, **head: str) -> None:
    """One file of SQL with three findings, all of which block unless the policy says otherwise."""
    base = {SMALL: "select 1\n", POLICY: policy, "CODEOWNERS": "prod/ @shop/prod\nsandbox/ @ana\n"}
    action.open(base, head or {SMALL: SMALL_TEXT})


def gate(run: Run) -> Any:
    """What review.json says of the gate; the whole of it is held against its schema."""
    jsonschema.validate(run.review, SCHEMA)
    return run.review["gate"]


def test_in_shadow_a_review_says_what_would_block(action: Action) -> None:
    open_with(action, "shadow-until: 2999-12-31\n")
    run = action.run()
    assert (run.status, run.outputs["verdict"], run.outputs["blocking"]) == (0, "fail", "3")
    assert (gate(run)["shadow_until"], run.review["exit_status"]) == ("2999-12-31", 0)
    (summary,) = action.summaries
    said = "3 findings would block this pull request; nothing fails the run up to 2999-12-31"
    for text in (summary.body, run.summary, run.report["review.md"], run.log):
        assert said in text
    assert all("would block this pull request" in comment.body for comment in action.inline)
    assert "::error" not in run.log


def test_paths_have_a_gate_and_owners_of_their_own(action: Action) -> None:
    policy = """\
rules:
  ignore: [SQL001]
overrides:
  - paths: [sandbox/]
    fail-on: never
  - paths: [prod/]
    ignore: []
    severity: {SQL002: low}
"""
    both = {f"{folder}/{name}.sql": SMALL_TEXT for folder in ("prod", "sandbox") for name in ("refunds", "orders")}
    open_with(action, policy, **both)
    run = action.run()
    assert (run.status, gate(run)["varies_by_path"]) == (1, True)
    found = {
        (each["location"]["path"].partition("/")[0], each["rule"], each["severity"], each["blocking"])
        for each in run.review["findings"]
    }
    assert found == {
        ("prod", "SQL001", "high", True),
        ("prod", "SQL002", "low", False),
        ("sandbox", "SQL002", "high", False),
    }
    assert {each["reason"] for each in run.review["suppressed"]} == {"SQL001 is ignored by the policy"}
    body = action.summaries[0].body
    assert "other levels hold for some paths (`overrides`)" in body
    assert "| `@shop/prod` | 6 | 2 | 2 |\n| `@ana` | 4 | 0 | 2 |" in body


def test_a_label_that_a_writer_set_opens_the_gate_and_is_recorded(action: Action) -> None:
    open_with(action, BREAK_GLASS)
    action.repository.roles["ana"] = "write"
    set_label(action.pull, LABEL, "eve")
    take_off(action.pull, LABEL, "ana")
    set_label(action.pull, LABEL, "ana")
    run = action.run()
    assert (run.status, run.outputs["verdict"], run.outputs["blocking"]) == (0, "fail", "3")
    assert gate(run)["break_glass"] == {"label": LABEL, "by": "ana", "at": NOW}
    said = f"Break-glass: ana set the label `{LABEL}` at {NOW}"
    for text in (action.summaries[0].body, run.summary, run.report["review.md"]):
        assert said in text
        assert "3 findings block this pull request; the break-glass label lets it pass" in text
    assert f"::warning::{said}" in run.log
    assert run.review["notices"][0].startswith(said)


def test_a_label_that_a_stranger_set_opens_nothing(action: Action) -> None:
    open_with(action, BREAK_GLASS)
    action.repository.roles["eve"] = "triage"
    set_label(action.pull, LABEL, "eve")
    run = action.run()
    assert (run.status, gate(run)["break_glass"]) == (1, None)
    assert f"::warning::The break-glass label `{LABEL}` opens nothing: eve set it, who may not write" in run.log
    assert f"The break-glass label `{LABEL}` opens nothing" in action.summaries[0].body


def test_nobody_is_asked_of_a_label_that_decides_nothing(action: Action) -> None:
    """Neither where the policy names none, nor where the pull request itself brings the policy that does."""
    action.open({SMALL: "select 1\n"}, {SMALL: SMALL_TEXT, POLICY: BREAK_GLASS})
    set_label(action.pull, LABEL, "eve")
    run = action.run(WRITES)
    assert run.status == 1
    assert not [path for _, path in action.server.requests if path.endswith(EVENTS)]


def test_a_waiver_and_a_shadow_that_are_over_fail_loudly(action: Action) -> None:
    waiver = "\n  - ".join(
        f"{{rule: {code}, path: reports/, owner: shop, reason: legacy, expires: 2026-01-31}}"
        for code in ("SQL001", "SQL002")
    )
    open_with(action, f"shadow-until: 2026-01-30\nwaivers:\n  - {waiver}\n")
    run = action.run()
    assert (run.status, run.outputs["blocking"]) == (1, "3")
    body = action.summaries[0].body
    for code in ("SQL001", "SQL002"):
        assert f"The waiver of {code} for reports/" in body
        assert body.index(f"The waiver of {code}") < body.index("| | Standard |")
    assert "expired on 2026-01-31; its findings count again" in run.summary
    assert f"`shadow-until` in {POLICY} was 2026-01-30" in body
    assert gate(run)["shadow_until"] is None


def test_a_warehouses_query_does_not_make_the_migrations_unread(action: Action) -> None:
    """They were taken for BigQuery's, nothing could read them, and the check was green."""
    warehouse = {f"queries/{day}.sql": "select safe_cast(a as int64) from `p.d.t`\n" for day in ("mon", "tue", "wed")}
    migration = "create table a (id bigint generated always as identity);\nalter table b add column c text not null;\n"
    action.open({**warehouse, "migrations/1.sql": "select 1;\n"}, {"migrations/2.sql": migration})
    run = action.run()
    assert (run.status, run.outputs["verdict"]) == (1, "fail")
    assert [each["dialect"] for each in run.review["artifacts"]] == ["postgres"]
    assert [each["rule"] for each in run.review["findings"]] == ["SQL049"]
    assert run.review["skipped"] == []


def test_sql_that_no_dialect_can_read_is_no_pass(action: Action) -> None:
    action.open({"a.sql": "select 1;\n"}, {"migrations/2.sql": "drop policy mine on orders;\nfoo bar (;\n"})
    run = action.run()
    assert (run.status, run.outputs["verdict"]) == (1, "incomplete")
    (summary,) = action.summaries
    for text in (summary.body, run.summary, run.report["review.md"], run.log):
        assert "1 file could not be checked" in text
    assert (gate(run)["varies_by_path"], run.review["exit_status"]) == (False, 1)
