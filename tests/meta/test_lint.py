"""Every linter of the project; `make lint` runs this file, and `make test` runs it with all the rest.

All of them come from PyPI with their programs inside and work offline.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
WORKFLOWS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / ".github" / "workflows").glob("*.yml"))
SCHEMAS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "review").rglob("*.schema.json"))

COMMANDS = {
    "ruff": ("ruff", "check", "--no-cache", "."),
    "ruff-format": ("ruff", "format", "--no-cache", "--check", "."),
    "mypy": ("mypy",),
    "actionlint": ("actionlint",),
    "zizmor": ("zizmor", "--offline", "--no-progress", "--format", "plain", "."),
    "workflows": ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS),
    "action": ("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"),
    "dependabot": ("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"),
    "schemas": ("check-jsonschema", "--check-metaschema", *SCHEMAS),
    "hadolint": ("hadolint", "Dockerfile"),
    "shellcheck": ("shellcheck", ".ci/run"),
}
"""actionlint finds the workflows itself, and shellcheck for what they run, by PATH."""


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_lint(command: tuple[str, ...]) -> None:
    environment = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)
