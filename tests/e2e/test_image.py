"""The image is built and run as the runner would. Slow, and in need of tools: `make e2e`."""

import json
from pathlib import Path

import pytest

from review import __version__
from review.sandbox import jail
from tests.e2e import image
from tests.e2e.action import SMALL, Action, read_outputs
from tests.e2e.answers import agent, finding, reviewed
from tests.e2e.image import Job
from tests.github_server.server import READS, WRITES
from tests.model_server.routes import KEY
from tests.model_server.server import ModelServer

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(image.missing()), reason=image.missing() or "ready")]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    image.build()


def test_the_package_runs_without_the_workspace_on_its_path(tmp_path: Path) -> None:
    """A pull request that brings its own json.py or review/ must not have it imported."""
    job = Job(tmp_path, variables={"PYTHONPATH": ".:/github/workspace", "PYTHONINSPECT": "1"})
    for name in ("json.py", "review.py", "sitecustomize.py", "argparse.py"):
        (job.workspace / name).write_text("raise SystemExit('executed')", "utf-8")
    done = job.run("--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"data-review {__version__}")
    assert "executed" not in done.stdout + done.stderr


def test_the_image_carries_bytecode_for_everything_it_imports(tmp_path: Path) -> None:
    code = """
import pathlib, sys
import anthropic, github, review.cli, rich, sqlfluff, sqlglot, unidiff, yaml
caches = {getattr(module, "__cached__", None) for module in sys.modules.values()} - {None}
assert len(caches) > 500
print([cache for cache in caches if not pathlib.Path(cache).exists()])
"""
    done = Job(tmp_path).run("-P", "-c", code, entrypoint="python", network="none")
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_it_keeps_no_cache_and_no_address(tmp_path: Path) -> None:
    done = Job(tmp_path).run("-c", "ls -A /root/.cache /var/lib/apt/lists; env", entrypoint="sh", network="none")
    assert "PIP_INDEX" not in done.stdout
    assert "pip" not in done.stdout.split("HOME=")[0]


def test_the_demo_needs_no_network(tmp_path: Path) -> None:
    done = Job(tmp_path).run("demo", "--format", "json", network="none")
    assert done.returncode == 0, done.stderr
    review = json.loads(done.stdout)
    assert {"airflow", "dbt", "spark", "sql"} <= {stack_of(artifact["kind"]) for artifact in review["artifacts"]}
    assert review["findings"]


def stack_of(kind: str) -> str:
    from review.domain.artifact import Kind

    return Kind(kind).stack.value


def review_in_image(action: Action, job: Job, token: str = WRITES) -> tuple[int, str, dict[str, str]]:
    """Exit status, log and outputs of the action's container for the pull request."""
    (job.root / "workflow" / "event.json").write_text(json.dumps(action.payload()), "utf-8")
    job.variables = {**action.variables(token, {}, "", ""), **job.variables}
    done = job.run()
    outputs = read_outputs((job.root / "file_commands" / "output").read_text("utf-8"))
    return done.returncode, done.stdout + done.stderr, outputs


def test_it_posts_the_review_from_an_empty_workspace_of_another_user(action: Action, tmp_path: Path) -> None:
    action.open_example()
    job = Job(tmp_path / "job")
    job.give_away()
    status, log, outputs = review_in_image(action, job)
    assert (status, outputs["verdict"], outputs["findings"]) == (1, "fail", "11"), log
    assert (len(action.inline), len(action.summaries)) == (11, 1)
    assert "7 findings block" in (job.root / "file_commands" / "summary").read_text("utf-8")
    assert (job.workspace / "data-review-report" / "review.sarif").is_file()


def test_the_agent_is_asked_from_the_image(action: Action, model: ModelServer, tmp_path: Path) -> None:
    """Its file and the SDK are in the image, and its address and key reach it as inputs."""
    action.open_small()
    model.script = agent(reviewed(finding(SMALL, 3, "select o.order_id", title="Nobody reads this")))
    job = Job(tmp_path / "job", variables={"INPUT_ANTHROPIC-API-KEY": KEY, "INPUT_BASE-URL": model.url})
    job.give_away()
    status, log, outputs = review_in_image(action, job)
    assert (status, outputs["verdict"], outputs["findings"]) == (1, "fail", "4"), log
    assert [comment.place["line"] for comment in action.inline if "Nobody reads this" in comment.body] == [3]
    assert len(model.calls) == 2


def test_it_reads_a_forks_checkout_that_it_cannot_write(action: Action, tmp_path: Path) -> None:
    action.open_small()
    action.pull.fork = "eve/data-platform"
    job = Job(tmp_path / "job", read_only=True)
    action.checkout.git("clone", "-q", str(action.repository.directory), str(job.workspace))
    job.give_away()
    status, log, outputs = review_in_image(action, job, READS)
    assert (status, outputs["findings"]) == (1, "3"), log
    assert (action.server.fetches, action.server.writes) == ([], [])
    assert f"::error file={SMALL}" in log
    assert outputs["report-json"] == ""
    assert "Not published: report" in log


def test_a_worker_in_the_image_is_nobody_in_an_empty_root(tmp_path: Path) -> None:
    """The jail closes for the root of the container, and verifies itself."""
    code = """
import os, json
from review.sandbox import jail
os.chdir(__import__("tempfile").mkdtemp())
jail.close(512)
print(json.dumps([os.getuid(), os.getgid(), os.getgroups()]))
"""
    done = Job(tmp_path).run("-P", "-c", code, entrypoint="python", network="none")
    assert json.loads(done.stdout) == [jail.NOBODY, jail.NOBODY, []], done.stderr
