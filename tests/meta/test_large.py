""".github/workflows/large.yml says what action.yml says, and its last job cannot be green by being left out."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
LARGE: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "large.yml").read_text("utf-8"))
CALL = LARGE[True]["workflow_call"]
JOBS = LARGE["jobs"]
OURS = "./.data-review-action"


def step(job: str) -> dict[str, Any]:
    """The step of a job that runs the action."""
    (found,) = [each for each in JOBS[job]["steps"] if each.get("uses") == OURS]
    return dict(found)


@pytest.mark.parametrize("job", JOBS)
def test_no_job_runs_an_action_of_the_pull_request(job: str) -> None:
    """With an empty `repository` or `ref`, actions/checkout takes the caller's: what the author of the change wrote."""
    first = JOBS[job]["steps"][0]
    assert first["uses"].startswith("actions/checkout@")
    assert first["with"]["path"] == OURS.removeprefix("./")
    for key, name in (("repository", "job.workflow_repository"), ("ref", "job.workflow_sha")):
        assert first["with"][key] == f"${{{{ {name} || '{name}-is-unknown-here' }}}}"


def test_the_inputs_are_the_actions_with_their_defaults() -> None:
    for name, given in CALL["inputs"].items():
        assert given["default"] == ACTION["inputs"][name]["default"]
        assert given["type"] == "string"


@pytest.mark.parametrize(("job", "mode"), [("plan", "plan"), ("shard", "shard"), ("merge", "merge")])
def test_each_job_does_one_step_with_inputs_that_exist(job: str, mode: str) -> None:
    given = step(job)["with"]
    assert given["mode"] == mode
    assert set(given) <= set(ACTION["inputs"])


def test_every_input_reaches_the_action() -> None:
    used = {text for job in JOBS for text in step(job)["with"].values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in CALL["inputs"]} <= used


def test_the_steps_speak_of_one_policy() -> None:
    """It says which files are reviewed, and so how the change is cut."""
    assert {step(job)["with"]["config"] for job in JOBS} == {"${{ inputs.config }}"}


def test_what_one_job_leaves_is_what_the_next_one_takes() -> None:
    shard, merge = JOBS["shard"]["steps"], JOBS["merge"]["steps"]
    upload = next(each["with"] for each in shard if "upload-artifact" in each.get("uses", ""))
    download = next(each["with"] for each in merge if "download-artifact" in each.get("uses", ""))
    assert upload["path"] == step("shard")["with"]["report-dir"]
    assert upload["name"] == download["pattern"].replace("*", "${{ matrix.number }}")
    assert download["path"] == ACTION["inputs"]["shards-dir"]["default"]
    assert set(JOBS["plan"]["outputs"]) == {"matrix", "shards"} <= set(ACTION["outputs"])


def test_the_last_job_always_speaks_and_alone_may_write() -> None:
    assert JOBS["merge"]["if"] == "always()"
    assert JOBS["merge"]["needs"] == ["plan", "shard"]
    assert JOBS["merge"]["name"] == "Data review"
    assert JOBS["shard"]["strategy"]["fail-fast"] is False
    writers = [name for name, job in JOBS.items() if "write" in job["permissions"].values()]
    assert (writers, LARGE["permissions"]) == (["merge"], {})
    with_key = [name for name in JOBS if "anthropic-api-key" in step(name)["with"]]
    assert with_key == ["merge"]
