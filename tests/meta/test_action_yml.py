"""action.yml, the code behind it, the image and the release say the same."""

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from review import __version__
from review.config.inputs import COMMENTS, FAIL_ON, MAX_INLINE, NAMES, Inputs

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
OUTPUTS = (
    "verdict", "findings", "critical", "high", "medium", "low", "blocking", "checklist", "cost-usd", "comment-url",
    "report-json", "report-sarif", "matrix", "shards",
)  # fmt: skip
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_the_inputs_are_those_of_the_code() -> None:
    assert tuple(ACTION["inputs"]) == NAMES


@pytest.mark.parametrize("field", [field for field in fields(Inputs) if field.name != "github_token"])
def test_a_default_is_the_same_on_both_sides(field: Any) -> None:
    """The runner fills in action.yml's; a run by hand without the variable gets the code's."""
    declared = ACTION["inputs"][field.name.replace("_", "-")]["default"]
    assert field.default is not MISSING
    written = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    assert declared == ("" if field.default is None else written)


def test_the_defaults_are_accepted() -> None:
    environ = {"INPUT_" + name.upper(): str(given["default"]) for name, given in ACTION["inputs"].items()}
    assert environ["INPUT_GITHUB-TOKEN"] == "${{ github.token }}"
    assert Inputs.from_environ({**environ, "INPUT_GITHUB-TOKEN": "ghs_x"}) == Inputs(github_token="ghs_x")


def test_the_descriptions_name_what_is_accepted() -> None:
    inputs = {name: given["description"] for name, given in ACTION["inputs"].items()}
    assert all(value in inputs["fail-on"] for value in FAIL_ON)
    assert all(value in inputs["comments"] for value in COMMENTS)
    assert f"from 0 to {MAX_INLINE}" in inputs["max-inline-comments"]


def test_no_input_is_required() -> None:
    assert not [name for name, given in ACTION["inputs"].items() if given.get("required")]


def test_the_outputs() -> None:
    assert tuple(ACTION["outputs"]) == OUTPUTS
    assert all(given["description"] for given in ACTION["outputs"].values())


def test_it_is_a_docker_action_of_this_repository() -> None:
    """A release replaces the image by a digest (release.yml); on main it is built from what is here."""
    assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile"}
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "s|^  image: Dockerfile$|" in release
    assert "\n  image: Dockerfile\n" in (ROOT / "action.yml").read_text("utf-8")


def test_the_entrypoint_is_no_shell_and_keeps_the_workspace_off_the_path() -> None:
    """dash drops variables with hyphens, and without -P a pull request's json.py would be imported."""
    assert 'ENTRYPOINT ["python", "-I", "-m", "review"]' in DOCKERFILE.splitlines()
    assert 'CMD ["run"]' in DOCKERFILE.splitlines()
    assert "\nUSER" not in DOCKERFILE


def test_no_digest_is_written_down_that_a_release_should_resolve() -> None:
    assert "ARG BASE=python:3.12-slim" in DOCKERFILE.splitlines()
    assert "sha256:" not in DOCKERFILE


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_hold_versions_and_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(requirements) > 20
    assert all("==" in line and line.endswith("\\") for line in requirements)
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_the_image_holds_what_the_package_needs() -> None:
    from packaging.requirements import Requirement

    tomllib = __import__("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for lock, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["dependencies"] + project["optional-dependencies"]["dev"]),
    ):
        locked = _locked(ROOT / lock)
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(locked[_normal(requirement.name)]), f"{lock}: {requirement}"
    both = _locked(ROOT / "requirements-dev.lock")
    assert all(both[name] == version for name, version in _locked(ROOT / "requirements.lock").items())


def _locked(path: Path) -> dict[str, str]:
    lines = (line.split(";")[0].strip(" \\") for line in path.read_text("utf-8").splitlines() if "==" in line)
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {_normal(name.split("[")[0]): version.strip() for name, version in pairs}


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def test_the_changelog_knows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in changelog or f"## [{__version__}]" in changelog
