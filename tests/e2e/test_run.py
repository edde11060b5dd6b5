"""`data-review run` from the event to the pull request: what appears where, and what a second run does."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from review.domain.finding import Standard
from tests.e2e.action import AS_STARTED, NUMBER, SMALL, SMALL_TEXT, Action, files_of
from tests.github_server.server import READS, WRITES, Fault

ROOT = Path(__file__).parents[2]
DOCS = {"README.md": "# Shop\n"}
REVIEW, SUMMARY, EDIT = "POST pulls/7/reviews", "POST issues/7/comments", "PATCH issues/comments/"


def stack_of(path: str) -> str:
    """The stack of the example's files, by their folder."""
    return {"dags": "dag", "analytics": "dbt", "jobs": "spark"}.get(path.split("/")[0], "sql")


def test_a_review_appears_on_every_surface(action: Action) -> None:
    action.open_example()
    run = action.run(command=AS_STARTED)
    assert (run.status, run.writes) == (1, (REVIEW, SUMMARY))
    (summary,) = action.summaries
    review = run.review
    assert len(action.inline) == len(review["findings"]) == int(run.outputs["findings"]) == 11
    assert {stack_of(finding["location"]["path"]) for finding in review["findings"]} == {"dag", "dbt", "spark", "sql"}
    for text in (summary.body, run.summary, run.report["review.md"]):
        assert "7 findings block" in text
        assert "A password or key is written into the code" in text
    assert run.outputs["verdict"] == "fail"
    assert run.outputs["comment-url"].endswith(f"#issuecomment-{summary.id}")
    assert [item["standard"] for item in json.loads(run.outputs["checklist"])] == [each.value for each in Standard]
    assert "7 findings block this pull request" in run.log

    of_a_plan = {"matrix", "shards"}
    assert set(run.outputs) == set(yaml.safe_load((ROOT / "action.yml").read_text())["outputs"]) - of_a_plan
    assert run.outputs["report-json"] == "data-review-report/review.json"
    assert run.outputs["report-sarif"] == "data-review-report/review.sarif"
    jsonschema.validate(review, json.loads((ROOT / "review" / "render" / "review.schema.json").read_text()))

    page = "https://github.com/acme/data-architecture-review/blob/v0/review/rules/spark/README.md#spk002-"
    assert page in summary.body
    assert [comment for comment in action.inline if page in comment.body]

    surfaces = [run.log, run.summary, *run.report.values(), *run.outputs.values()]
    surfaces += [comment.body for comment in (summary, *action.inline)]
    password = next(
        line.split('"')[3]
        for line in files_of(ROOT / "review/demo/head")["jobs/sessionise.py"].decode().splitlines()
        if '"password"' in line
    )
    assert len(password) > 6
    assert not [text for text in surfaces if WRITES in text or password in text]


def test_a_second_run_changes_nothing(action: Action) -> None:
    action.open_small()
    first = action.run()
    second = action.run()
    assert (len(first.writes), second.writes) == (2, ())
    assert (second.status, second.outputs["comment-url"]) == (first.status, first.outputs["comment-url"])


def test_a_new_head_edits_the_summary_in_place(action: Action) -> None:
    action.open_small()
    action.run()
    (before,) = action.summaries
    text = before.body
    head = action.push({SMALL: SMALL_TEXT.replace("o.order_id = o.order_id", "o.order_id = r.order_id")})
    run = action.run()
    (after,) = action.summaries
    assert run.writes == (f"POST pulls/7/comments/{action.inline[2].id}/replies", f"{EDIT}{before.id}")
    assert after.body != text
    assert head[:7] in after.body
    assert head[:7] in action.inline[3].body
    assert (len(action.inline), run.outputs["findings"]) == (4, "2")


def test_only_a_new_finding_is_posted_whatever_moved(action: Action) -> None:
    action.open_small()
    action.run()
    action.push({SMALL: "-- a new first line\n" + SMALL_TEXT + "grant select on shop.payments to public;\n", **DOCS})
    run = action.run()
    assert run.writes[0] == REVIEW
    assert len(action.inline) == 4
    assert action.inline[-1].place["line"] == 7


@pytest.mark.parametrize("environ", [{}, {"GITHUB_ACTOR": "dependabot[bot]"}], ids=["fork", "dependabot"])
def test_a_read_only_run_annotates(action: Action, environ: dict[str, str]) -> None:
    action.open_small()
    action.pull.fork = None if environ else "eve/data-platform"
    run = action.run(READS, environ=environ)
    assert (run.status, run.writes) == (1, ())
    assert run.log.count(f"::error file={SMALL},title=") == 3
    assert "line=5" in run.log
    assert "Not published: comments" in run.log
    assert "3 findings block" in run.summary
    assert (len(run.review["findings"]), run.outputs["comment-url"]) == (3, "")


def test_a_missing_permission_is_named_and_the_verdict_stands(action: Action) -> None:
    action.open_small()
    run = action.run(READS)
    assert run.status == 1
    assert "pull-requests: write" in run.log
    assert f"::error file={SMALL}" in run.log
    assert (action.inline, action.summaries) == ([], [])


def test_the_inputs_choose_what_is_posted(action: Action) -> None:
    action.open_small()
    assert action.run(comments="none").writes == ()
    assert action.run(comments="summary").writes == (SUMMARY,)
    assert action.run(max_inline_comments="2", fail_on="never").status == 0
    assert len(action.inline) == 2
    assert "is compared, or combined, with itself" in action.summaries[0].body


def test_a_summary_with_our_marker_by_somebody_else_is_left_alone(action: Action) -> None:
    action.open_small()
    action.run()
    theirs = action.repository.conversation[NUMBER][0]
    theirs.login = "eve"
    text = theirs.body
    run = action.run()
    assert run.writes == (SUMMARY,)
    assert (theirs.body, len(action.summaries)) == (text, 2)


@pytest.mark.parametrize("after", [True, False], ids=["answer lost", "request lost"])
def test_a_server_error_posts_everything_once(action: Action, after: bool) -> None:
    action.open_small()
    for path in (r"/reviews$", r"/issues/7/comments$"):
        action.server.faults.append(Fault("POST", path, 502, after=after))
    run = action.run()
    assert (len(action.inline), len(action.summaries)) == (3, 1)
    assert "Not published" not in run.log


def test_a_refused_review_is_sent_comment_by_comment(action: Action) -> None:
    action.open_small()
    action.server.faults.append(Fault("POST", r"/reviews$", 422))
    action.run()
    assert len(action.inline) == 3


def test_a_broken_server_costs_the_comments_and_no_more(action: Action) -> None:
    action.open_small()
    action.server.faults.append(Fault("POST", r"/(reviews|comments)$", 500, times=99))
    run = action.run()
    assert run.status == 1
    assert "Not published: inline comments" in run.log
    assert "Not published: summary comment" in run.log
    assert len(run.review["findings"]) == 3


def test_the_facts_are_those_of_the_api(action: Action) -> None:
    action.open_small()
    payload = action.payload()
    old = action.pull.head_sha
    head = action.push(DOCS)
    run = action.run(payload=payload)
    assert run.review["target"]["head_sha"] == head
    moved = f"moved from {old[:12]} to {head[:12]}"
    assert moved in run.log
    assert moved in run.summary
    assert moved not in action.summaries[0].body


def test_commits_in_the_workspace_are_not_fetched(action: Action) -> None:
    action.open_small()
    action.checkout.git("clone", "-q", str(action.repository.directory), str(action.root / "workspace"))
    assert action.run().outputs["findings"] == "3"
    assert action.server.fetches == []


def test_an_empty_workspace_is_enough(action: Action) -> None:
    action.open_example()
    assert action.run(comments="none").outputs["findings"] == "11"
    fetches = [path for path in action.server.fetches if path.endswith("git-upload-pack")]
    assert 0 < len(fetches) <= 5, "commits; policy; changed files; configuration; the projects' files"


NOOP = """
import sys
from review.cli import main
status = main(["run"])
heavy = {"sqlfluff", "sqlglot", "anthropic", "github", "rich", "yaml", "jinja2", "tree_sitter", "unidiff"}
print("imported:", sorted(heavy & set(sys.modules)))
sys.exit(status)
"""


def test_nothing_relevant_costs_next_to_nothing(action: Action, python: str) -> None:
    action.open({"a.txt": "1\n"}, {"a.txt": "2\n", **DOCS})
    run = action.run(command=(python, "-I", "-c", NOOP))
    assert (run.status, run.writes, run.outputs["verdict"]) == (0, (), "pass")
    assert "imported: []" in run.log


def test_nothing_relevant_any_more_brings_the_summary_up_to_date(action: Action) -> None:
    action.open({"a.txt": "1\n", SMALL: "select 1\n"}, {SMALL: SMALL_TEXT})
    assert action.run().status == 1
    (summary,) = action.summaries
    action.push({SMALL: "select 1\n", "a.txt": "2\n"})
    run = action.run()
    assert (run.status, run.writes[-1]) == (0, f"{EDIT}{summary.id}")
    assert len(run.writes) == 4, "one reply in each thread"
    assert "block" not in summary.body
    assert action.run().writes == ()


def test_an_event_that_is_not_reviewed_asks_for_no_inputs(action: Action) -> None:
    action.open_small()
    run = action.run(environ={"GITHUB_EVENT_NAME": "push"}, fail_on="nonsense")
    assert run.status == 0
    assert "::notice" in run.log


def test_the_jobs_variables_lead_to_no_code_of_the_workspace(action: Action) -> None:
    """The runner hands PYTHONPATH on to the container, whose working directory is the pull request's checkout."""
    action.open_small()
    workspace = action.root / "workspace"
    workspace.mkdir()
    for name in ("sitecustomize.py", "json.py"):
        (workspace / name).write_text("import os\nprint('executed', flush=True)\nos._exit(0)\n")
    run = action.run(command=AS_STARTED, environ={"PYTHONPATH": f".:{workspace}"})
    assert run.status == 1
    assert "executed" not in run.log
