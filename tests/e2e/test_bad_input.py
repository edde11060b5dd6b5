"""What is malformed, missing, forbidden or monstrous: a clear sentence or a reviewed rest, never a false green."""

import json
import os
from typing import Any

import pytest

from tests.e2e.action import AS_STARTED, NUMBER, SMALL, SMALL_TEXT, Action, sentence
from tests.github_server.server import WRITES

POLICY = ".github/data-review.yml"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "it is not an object"),
        ({}, "`action` is not a text"),
        ({"action": "opened"}, "`pull_request` is not an object"),
        ({"action": "opened", "pull_request": {"number": "7"}}, "`pull_request.number` is not a positive number"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_malformed_event(action: Action, payload: Any, said: str) -> None:
    action.open_small()
    assert said in sentence(action.run(payload=payload))


def test_another_event_is_answered_with_a_notice(action: Action) -> None:
    action.open_small()
    run = action.run(environ={"GITHUB_EVENT_NAME": "push"})
    assert (run.status, run.writes, run.outputs) == (0, (), {})
    assert run.log.startswith("::notice::Nothing was reviewed: the event `push` is none of those that work: ")
    assert action.server.requests == []


def test_a_closed_pull_request_is_answered_with_a_notice(action: Action) -> None:
    action.open_small()
    payload = {**action.payload(), "action": "closed"}
    run = action.run(payload=payload)
    assert (run.status, run.writes) == (0, ())
    assert f"pull request #{NUMBER} is closed" in run.log


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"fail_on": "banana"}, "fail-on"),
        ({"comments": "many"}, "comments"),
        ({"max_inline_comments": "101"}, "max-inline-comments"),
        ({"report_dir": "../out"}, "report-dir"),
        ({"config": "/etc/passwd"}, "config"),
        ({"agent": "nobody"}, "input agent: no agent 'nobody' comes with the action"),
    ],
)
def test_an_input_that_is_not_accepted(action: Action, inputs: dict[str, str], said: str) -> None:
    action.open_small()
    assert said in sentence(action.run(**inputs))


def test_no_token_and_a_wrong_token(action: Action) -> None:
    action.open_small()
    assert "github-token" in sentence(action.run(""))
    assert "github-token" in sentence(action.run("ghs_wrong"))


def test_a_repository_that_is_not_there(action: Action) -> None:
    action.open_small()
    payload = action.payload()
    payload["repository"]["full_name"] = "shop/elsewhere"
    said = sentence(action.run(payload=payload))
    assert "pull request #7 of shop/elsewhere" in said
    assert "pull-requests: read" in said


def test_no_common_history(action: Action) -> None:
    action.open_small()
    action.checkout.git("checkout", "-q", "--orphan", "alone")
    action.push({SMALL: SMALL_TEXT})
    assert "share no ancestor" in sentence(action.run())


def test_a_head_that_is_gone(action: Action) -> None:
    action.open_small()
    payload = action.payload()
    action.pull.head_sha = "d" * 40
    run = action.run(payload=payload)
    assert run.status == 2
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fail-on: sometimes\n", f"{POLICY}, line 1"),
        ("rules:\n  ignore: SQL001\n", f"{POLICY}, line 2"),
        ("a: [\n", POLICY),
        ("fial-on: high\n", "fail-on"),
        ("rules:\n  ignore: [AM04]\n  severity:\n    SQL0001: low\n", "line 4: there is no rule SQL0001"),
    ],
)
def test_a_policy_that_is_wrong_names_its_line(action: Action, text: str, said: str) -> None:
    action.open({SMALL: "select 1\n", POLICY: text}, {SMALL: SMALL_TEXT})
    assert said in sentence(action.run())


def test_a_pull_request_that_breaks_the_policy_is_not_green_without_any_data_file(action: Action) -> None:
    action.open({SMALL: "select 1\n"}, {POLICY: "fail-on: sometimes\n"})
    run = action.run()
    assert (run.status, run.outputs["verdict"]) == (1, "incomplete")
    assert "merged, it would stop every review" in action.summaries[0].body
    assert "Mend the policy before it is merged." in action.summaries[0].body
    assert "paths-ignore` in the team's policy" not in action.summaries[0].body


def test_a_pull_request_that_repairs_the_policy_is_reviewed(action: Action) -> None:
    action.open({SMALL: "select 1\n", POLICY: "fail-on: sometimes\n"}, {SMALL: SMALL_TEXT, POLICY: "fail-on: low\n"})
    run = action.run(comments="none")
    assert (run.status, run.outputs["findings"]) == (1, "3")
    assert "reviewed by the defaults" in run.summary


def test_a_pull_request_cannot_soften_its_own_review(action: Action) -> None:
    softer = {
        POLICY: "fail-on: never\npaths-ignore: ['**']\n",
        ".sqlfluff": "[sqlfluff]\nexclude_rules = all\n",
        ".sqlfluffignore": "*\n",
    }
    action.open({SMALL: "select 1\n"}, {SMALL: SMALL_TEXT, **softer})
    run = action.run(comments="none")
    assert (run.status, run.outputs["findings"]) == (1, "3")


def test_the_team_may(action: Action) -> None:
    policy = {POLICY: "rules:\n  ignore: [SQL002]\n"}
    action.open({SMALL: "select 1\n", **policy}, {SMALL: SMALL_TEXT})
    assert action.run(comments="none").outputs["findings"] == "1"


def zoo() -> dict[str, str | bytes]:
    """Files that are strange one by one, each with nothing to find in it or with one grant to everyone."""
    grant = "grant select on shop.orders to public;\n"
    return {
        "zoo/latin1.sql": f"-- caf\xe9\n{grant}".encode("latin-1"),
        "zoo/crlf.sql": grant.replace("\n", "\r\n"),
        "zoo/bom.sql": b"\xef\xbb\xbf" + grant.encode(),
        "zoo/nul.sql": b"select 1;\x00\n",
        "zoo/binary.sql": bytes(range(256)) * 8,
        "zoo/empty.sql": "",
        "zoo/no newline.sql": grant.rstrip(),
        "zoo/caf\xe9 '\"\t.sql": grant,
        "zoo/::error::forged%0A.sql": grant,
        "zoo/new\nline::error::x.sql": grant,
        "zoo/huge.sql": "select 1 -- " + "x" * 20_000_000 + "\n",
        "zoo/long_line.sql": "select '" + "y" * 1_500_000 + "';\n",
        "zoo/py2.py": "from airflow import DAG\nprint 'hello'\n",
        "zoo/tab.py": "from airflow import DAG\nif 1:\n\tx = 1\n        y = 2\n",
        "zoo/broken.yml": "models: [\n",
        "zoo/cells.ipynb": '{"cells": 1}',
        "zoo/deep.sql": "select " + "(" * 3000 + "1" + ")" * 3000 + ";\n",
        "zoo/deep.py": "from airflow import DAG\nx = " + "[" * 3000 + "]" * 3000 + "\n",
    }


def test_strange_files_leave_the_rest_reviewed(action: Action) -> None:
    action.open({SMALL: "select 1\n", "zoo/gone.sql": "select 1\n"}, {SMALL: SMALL_TEXT, **zoo()}, ["zoo/gone.sql"])
    folder = action.checkout.path / "zoo"
    (folder / "escape.sql").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to("..")
    (folder / "crlf.sql").chmod(0o755)
    action.push({})
    run = action.run()
    assert "Traceback" not in run.log
    errors = [line for line in run.log.splitlines() if line.startswith("::error::")]
    assert errors == ["::error::Data Architecture Review: 10 findings block this pull request."]
    assert run.status == 1
    found = {finding["location"]["path"] for finding in run.review["findings"]}
    readable = {"latin1", "crlf", "bom", "no newline", "caf\xe9 '\"\t", "::error::forged%0A", "new\nline::error::x"}
    assert found >= {SMALL, *(f"zoo/{name}.sql" for name in readable)}
    skipped = {skip["subject"]: skip["reason"] for skip in run.review["skipped"]}
    for name in ("huge.sql", "nul.sql", "binary.sql", "py2.py", "tab.py", "deep.sql"):
        assert any(f"zoo/{name}" in subject for subject in skipped), (name, skipped)
    assert "root:" not in json.dumps(run.review) + run.summary
    assert len(action.summaries) == 1


def test_what_was_missed_is_never_green(action: Action) -> None:
    action.open({"dags/old.py": "import airflow\n"}, {"dags/old.py": "from airflow import DAG\nprint 'hello'\n"})
    run = action.run()
    assert (run.status, run.outputs["verdict"]) == (1, "incomplete")
    assert "dags/old.py" in action.summaries[0].body


@pytest.mark.parametrize("change", ["deletions", "modes", "rename"])
def test_changes_without_a_new_line(action: Action, change: str) -> None:
    action.open({SMALL: SMALL_TEXT, "a.sql": "select 1\n"}, {}, [SMALL] if change == "deletions" else [])
    if change == "modes":
        (action.checkout.path / SMALL).chmod(0o755)
    if change == "rename":
        (action.checkout.path / SMALL).rename(action.checkout.path / "reports" / "renamed.sql")
    action.push({})
    run = action.run()
    assert (run.status, run.outputs["verdict"], run.outputs["findings"]) == (0, "pass", "0")


def test_a_submodule_is_no_file(action: Action) -> None:
    action.open({"a.sql": "select 1\n"}, {SMALL: SMALL_TEXT})
    action.checkout.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},models/vendor.sql")
    action.checkout.git("commit", "-q", "-m", "submodule")
    action.pull.head_sha = action.checkout.git("rev-parse", "HEAD")
    action.checkout.git("push", "-q", str(action.repository.directory), "HEAD:refs/heads/refunds")
    run = action.run(comments="none")
    assert (run.status, run.outputs["findings"]) == (1, "3")


def test_three_thousand_files(action: Action) -> None:
    files = {f"docs/{number}.md": f"{number}\n" for number in range(3000)}
    action.open({"a.sql": "select 1\n"}, {**files, SMALL: SMALL_TEXT})
    run = action.run(comments="none")
    assert (run.status, run.outputs["findings"]) == (1, "3")


def test_the_token_is_in_no_child(action: Action, tmp_path: Any) -> None:
    """A git that notes what it is given, in front of the real one."""
    folder, log = tmp_path / "bin", tmp_path / "seen"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec /usr/bin/git "$@"\n')
    (folder / "git").chmod(0o755)
    action.open_small()
    action.run(command=AS_STARTED, environ={"PATH": f"{folder}:{os.environ['PATH']}"}, comments="none")
    assert "fetch" in log.read_text()
    assert WRITES not in log.read_text()


def test_sql_that_neither_parser_can_read_is_not_green(action: Action) -> None:
    text = "select o.id from orders as o inner join refunds as r on o.id = o.id where select from;\n"
    action.open({SMALL: "select 1\n"}, {SMALL: text})
    run = action.run(comments="none")
    assert (run.status, run.outputs["verdict"]) == (1, "incomplete")
