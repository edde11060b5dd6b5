"""A review on several runners, step by step through the console script: the same review as one run, or not green."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from tests.e2e.action import DEFAULTS, SMALL, SMALL_TEXT, Action, Run, sentence
from tests.e2e.answers import agent, finding, reviewed, verified
from tests.model_server.server import ModelServer

SUMMARY = "POST issues/7/comments"


def without_time(review: dict[str, Any]) -> dict[str, Any]:
    """The report without what differs between any two runs."""
    return {**review, "usage": None}


def program(*arguments: str) -> tuple[str, ...]:
    """The console script with these arguments."""
    return (sys.executable, "-I", "-m", "review", *arguments)


def planned(action: Action, number: int) -> tuple[list[str], str]:
    """The shards of a plan, and all of them in one word."""
    run = action.run(command=program("plan", "--shards", str(number)))
    assert (run.status, run.writes, run.summary, run.report) == (0, (), "", {})
    matrix = json.loads(run.outputs["matrix"])
    assert run.log.strip() == run.outputs["matrix"]
    return [job["shard"] for job in matrix["include"]], run.outputs["shards"]


def shard(action: Action, name: str) -> str:
    """The report of one shard, by a runner of its own."""
    run = action.run(command=program("run", "--shard", name))
    assert (run.status, run.writes, run.summary, run.outputs) == (0, (), "", {})
    assert list(run.report) == ["shard.json"]
    return run.report["shard.json"]


def upload(action: Action, texts: Iterable[str]) -> None:
    """The shards' reports where actions/download-artifact puts them."""
    for number, text in enumerate(texts):
        folder = action.root / "workspace" / DEFAULTS["shards-dir"] / f"data-review-shard-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "shard.json").write_text(text)


def merged(action: Action, shards: str, **inputs: str) -> Run:
    return action.run(mode="merge", shard=shards, **inputs)


def test_the_command_line_joins_them_as_well(action: Action) -> None:
    action.open({"a.txt": "1"}, {"a.txt": "2"})
    (name,), shards = planned(action, 1)
    upload(action, [shard(action, name)])
    run = action.run(command=program("merge", DEFAULTS["shards-dir"], "--shards", shards))
    assert (run.status, run.outputs["verdict"], run.writes) == (0, "pass", ())
    for nothing in (("run", "--shard", ""), ("merge", DEFAULTS["shards-dir"], "--shards", "")):
        option = "--shards" if nothing[0] == "merge" else "--shard"
        assert sentence(action.run(command=program(*nothing))).startswith(f"{option}: ''")


def test_two_shards_make_the_review_of_one_run(action: Action) -> None:
    action.open_example()
    alone = action.run(comments="none")
    names, shards = planned(action, 2)
    assert len(names) == 2
    upload(action, [shard(action, name) for name in names])
    together = merged(action, shards)
    assert without_time(together.review) == without_time(alone.review)
    assert len(together.review["findings"]) == 11
    assert (together.status, together.writes) == (1, ("POST pulls/7/reviews", SUMMARY))
    assert together.outputs["checklist"] == alone.outputs["checklist"]


def test_a_shard_that_is_missing_is_not_reviewed_and_never_green(action: Action) -> None:
    action.open({"a.sql": "select 1\n", "b.sql": "select 1\n"}, {"a.sql": "select 2\n", "b.sql": "select 3\n"})
    names, shards = planned(action, 2)
    upload(action, [shard(action, names[0])])
    run = merged(action, shards)
    assert (run.status, run.outputs["verdict"]) == (1, "incomplete")
    skips = [skip for skip in run.review["skipped"] if not skip["harmless"]]
    assert [(skip["subject"], skip["reason"]) for skip in skips] == [
        ("b.sql", "shard 2/2 left no report that can be read, so none of its files was looked at")
    ]
    assert "shard 2/2 left no report" in action.summaries[0].body


def test_a_base_that_moves_on_in_the_middle_changes_nothing(action: Action) -> None:
    """The plan's commits are reviewed, and a shard of other commits is of no use."""
    action.open_small()
    planned_base = action.pull.base_sha
    names, shards = planned(action, 1)
    upload(action, [shard(action, names[0])])
    action.checkout.git("checkout", "-q", "main")
    action.pull.base_sha = action.checkout.commit({"a.txt": "1"})
    action.checkout.git("push", "-q", str(action.repository.directory), "main")
    run = merged(action, shards, comments="none")
    assert run.review["target"]["base_sha"] == planned_base
    assert (run.status, len(run.review["findings"])) == (1, 3)
    assert f"on {planned_base[:12]}, and so is this review" in run.log
    later = merged(action, "all/1", comments="none")
    assert later.outputs["verdict"] == "incomplete"
    assert "is of other commits" in later.review["skipped"][0]["reason"]


def test_a_plan_of_another_head_is_not_merged(action: Action) -> None:
    """Else whoever pushes something harmless while it is planned could run the merge again, and call the rest green."""
    action.open({SMALL: "select 1\n"}, {SMALL: "select 2\n"})
    names, shards = planned(action, 1)
    upload(action, [shard(action, names[0])])
    planned_head = action.pull.head_sha
    assert merged(action, shards, comments="none").status == 0
    head = action.push({SMALL: SMALL_TEXT})
    again = merged(action, shards)
    assert (again.status, again.writes) == (2, ())
    said = sentence(again)
    assert planned_head[:12] in said
    assert head[:12] in said
    assert "run all jobs" in said
    assert action.run(command=program("run", "--shard", names[0])).status == 2


def test_a_plan_for_another_base_branch_is_not_merged(action: Action) -> None:
    """A branch whose policy lets all pass, and a pull request that is turned to another one once its check is green."""
    action.open({SMALL: "select 1\n"}, {DEFAULTS["config"]: "fail-on: never\n"})
    strict, lenient = action.pull.base_sha, action.pull.head_sha
    action.push({SMALL: SMALL_TEXT})
    action.pull.base_ref, action.pull.base_sha = "lenient", lenient
    names, shards = planned(action, 1)
    upload(action, [shard(action, names[0])])
    assert merged(action, shards, comments="none").status == 0
    action.pull.base_ref, action.pull.base_sha = "main", strict
    again = merged(action, shards, comments="none")
    assert again.status == 2
    assert "another base branch" in sentence(again)


def test_a_plan_of_a_small_change_is_one_shard_and_a_report_that_is_none_is_said(action: Action) -> None:
    action.open_small()
    run = action.run(mode="plan")
    (job,) = json.loads(run.outputs["matrix"])["include"]
    assert job["shard"].startswith("1/1@")
    upload(action, ["{}"])
    run = merged(action, run.outputs["shards"], comments="none")
    assert (run.status, run.outputs["verdict"]) == (1, "incomplete")
    assert "::warning::data-review-shard-0: the report of a shard cannot be used: schema_version is no" in run.log


def test_the_merge_alone_asks_the_agent_about_the_whole_change(action: Action, model: ModelServer) -> None:
    """One conversation over all files, as in one run: shards have no key, and ask nobody if they are given one."""
    action.model = model
    found = finding("b.sql", 1, "select id, total from shop.orders", title="Totals are taken twice")
    model.script = agent(reviewed(found), verified())
    action.open({"a.sql": "select 1\n"}, {"a.sql": SMALL_TEXT, "b.sql": "select id, total from shop.orders\n"})
    alone = action.run(comments="none")
    asked = len(model.calls)
    names, shards = planned(action, 2)
    upload(action, [shard(action, name) for name in names])
    assert len(model.calls) == asked > 0
    together = merged(action, shards, comments="none")
    assert len(model.calls) == 2 * asked
    assert without_time(together.review) == without_time(alone.review)
    assert "data-engineer" in {each.get("agent") for each in together.review["findings"]}
