"""Every recipe of the README is a workflow that GitHub takes: actionlint, zizmor, and the schemas agree to it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.meta.test_readme import ACTION, README, blocks

TOOLS = Path(sys.executable).parent
OURS = "OWNER/data-architecture-review"
PINNED = f"acme/data-architecture-review@{'0a1b2c3d' * 5} # v0"
"""What a reader makes of it: an owner, and the commit of a release, as the README asks for."""
AROUND = """name: Steps
on: pull_request
permissions: {}
concurrency:
  group: steps-${{ github.ref }}
  cancel-in-progress: true
jobs:
  review:
    name: Review
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
"""
"""A workflow for the recipes that are steps alone."""


def recipes() -> dict[str, str]:
    """Heading → the whole workflow of each recipe; the others of the README's YAML blocks are policies."""
    found: dict[str, str] = {}
    for number, text in enumerate(blocks(README, "yaml")):
        content = yaml.safe_load(text)
        steps = isinstance(content, list) and all("uses" in step or "run" in step for step in content)
        if steps:
            text = AROUND + "".join(
                f"      {line}" if line.strip() else line for line in text.splitlines(keepends=True)
            )
        if steps or "jobs" in content:
            name = yaml.safe_load(text)["name"].lower().replace(" ", "-")
            found[f"{number:02}-{name}"] = re.sub(rf"{OURS}(/[\w./-]+)?@v0", _pinned, text)
    return found


def _pinned(match: re.Match[str]) -> str:
    name, _, ref = PINNED.partition("@")
    return f"{name}{match[1] or ''}@{ref}"


RECIPES = recipes()


def test_no_use_of_the_action_is_left_out() -> None:
    assert README.count(f"uses: {OURS}") == sum(text.count(PINNED.partition("/")[0]) for text in RECIPES.values()) > 0


def run(folder: Path, *command: str) -> None:
    """Run a linter over the folder; what it says is the failure."""
    environment = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)


def test_the_linters_take_every_recipe(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, text in RECIPES.items():
        (folder / f"{name}.yml").write_text(text, "utf-8")
    files = sorted(path.relative_to(tmp_path).as_posix() for path in folder.iterdir())
    run(tmp_path, "actionlint", *files)
    run(tmp_path, "zizmor", "--offline", "--no-progress", "--format", "plain", ".")
    run(tmp_path, "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)


def jobs() -> list[Any]:
    """Every job of every recipe, with its name."""
    return [
        pytest.param(job, id=f"{name}:{key}")
        for name, text in RECIPES.items()
        for key, job in yaml.safe_load(text)["jobs"].items()
    ]


@pytest.mark.parametrize("job", jobs())
def test_a_recipe_gives_the_action_inputs_that_it_has(job: dict[str, Any]) -> None:
    for step in job.get("steps", []):
        if step.get("uses", "").startswith(PINNED.partition("@")[0] + "@"):
            assert set(step.get("with", {})) <= set(ACTION["inputs"])


@pytest.mark.parametrize("job", jobs())
def test_a_recipe_leaves_the_gate_to_the_policy(job: dict[str, Any]) -> None:
    """An input `fail-on` would take the level, and that of every override, from whoever copies the recipe."""
    given = [job.get("with", {}), *(step.get("with", {}) for step in job.get("steps", []))]
    assert not [each for each in given if "fail-on" in each]


@pytest.mark.parametrize("job", jobs())
def test_a_recipe_that_may_write_checks_nothing_out(job: dict[str, Any]) -> None:
    """Whoever copies it gets a job in which nothing of the pull request lies on disk beside a token that writes."""
    uses = [step.get("uses", "") for step in job.get("steps", [])]
    if "write" in job.get("permissions", {}).values():
        assert not [each for each in uses if each.startswith("actions/checkout@")]


def test_only_a_push_cancels_a_review_in_shards() -> None:
    """Its last job runs after a cancellation as well; after that of an edited title, it would tell of half a review."""
    (large,) = [yaml.safe_load(text) for text in RECIPES.values() if "/large.yml@" in text]
    assert large["concurrency"]["cancel-in-progress"] == "${{ github.event.action == 'synchronize' }}"


def test_a_run_by_hand_is_not_the_required_check() -> None:
    """It is shown on the branch's head as well, and whoever starts it chooses what is compared with what."""
    by_hand = [workflow for text in RECIPES.values() if "workflow_dispatch" in (workflow := yaml.safe_load(text))[True]]
    assert by_hand
    for workflow in by_hand:
        (job,) = workflow["jobs"].values()
        name = "${{ github.event_name == 'workflow_dispatch' && 'Data review by hand' || 'Data review' }}"
        assert job["name"] == name
