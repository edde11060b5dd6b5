"""README.md says what action.yml, the command line and the schemas say, and its links lead somewhere."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.config.inputs import Inputs
from review.config.policy import Policy
from review.domain.severity import Severity
from review.domain.verdict import ItemStatus
from review.intake.event import REVIEWED_EVENTS
from review.ruff.selection import ADVICE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PAGES = ["README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", "agents/README.md", "review/README.md"]


def section(title: str) -> str:
    """The text under that second-level heading."""
    _, found, rest = README.partition(f"\n## {title}\n")
    assert found, f"README.md has no section {title}"
    return rest.partition("\n## ")[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of the first table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks in that language, without the indentation of the fence."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return ["".join(line.removeprefix(indent) for line in body.splitlines(keepends=True)) for indent, body in found]


def test_every_input_with_its_default() -> None:
    table = [(name.strip("`"), default.strip("`")) for name, default, _ in rows(section("Inputs"))]
    assert table == [(name, str(given["default"])) for name, given in ACTION["inputs"].items()]


def test_every_output() -> None:
    named = [name for first, _ in rows(section("Outputs")) for name in re.findall(r"`([^`]+)`", first)]
    assert named == list(ACTION["outputs"])


def test_every_event() -> None:
    named = {
        name for first, *_ in rows(section("Events and permissions")) for name in re.findall(r"`([a-z_]+)`", first)
    }
    assert named == set(REVIEWED_EVENTS)


def test_every_status_of_the_checklist() -> None:
    table = [first.strip("`") for first, *_ in rows(section("What a review looks like").partition("five statuses")[2])]
    assert table == [status.value for status in ItemStatus]


def test_the_review_shown_is_the_demos() -> None:
    """`make docs` writes it anew (UPDATE_README=1)."""
    before, begin, rest = README.partition("<!-- demo -->\n")
    _, end, after = rest.partition("<!-- /demo -->\n")
    assert begin
    assert end
    fresh = f"{before}{begin}```text\n{excerpt(demo())}```\n{end}{after}"
    if os.environ.get("UPDATE_README") == "1":
        (ROOT / "README.md").write_text(fresh, "utf-8")
    assert (ROOT / "README.md").read_text("utf-8") == fresh


def demo() -> str:
    """What a pipe gets from `data-review demo`."""
    command = [sys.executable, "-I", "-m", "review", "demo"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def excerpt(text: str) -> str:
    """The first findings, then checklist, projects and verdict; without the last lines, which tell the time."""
    lines = text.splitlines()
    severities = [severity.value.upper() for severity in Severity]
    starts = [number for number, line in enumerate(lines) if line[:2] == "  " and line.split()[0] in severities]
    checklist = lines.index("Checklist")
    verdict = max(number for number, line in enumerate(lines) if not line)
    shown = lines[: starts[FINDINGS_SHOWN] - 2]
    return "\n".join([*"\n".join(shown).strip().splitlines(), "", "…", "", *lines[checklist : verdict + 2], ""])


FINDINGS_SHOWN = 3


def test_every_exit_status() -> None:
    assert [first for first, _ in rows(section("Exit status"))] == ["0", "1", "2"]


def test_the_workflow_is_one_step_with_the_permissions_that_are_needed() -> None:
    text, with_key = blocks(section("Install"), "yaml")
    (keyed,) = yaml.safe_load(with_key)
    assert set(keyed["with"]) <= set(ACTION["inputs"])
    workflow = yaml.safe_load(text)
    job = workflow["jobs"]["review"]
    assert list(workflow[True]) == ["pull_request"]
    assert "paths" not in workflow[True]["pull_request"]
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert len(job["steps"]) == 1


def test_the_report_dir_of_the_examples_is_the_default() -> None:
    for text in blocks(README, "yaml"):
        for job in (yaml.safe_load(text) or {}).get("jobs", {}).values() if "jobs:" in text else ():
            for step in job.get("steps", ()):
                if step["uses"].startswith("actions/upload-artifact@"):
                    assert step["with"]["path"] == step["with"]["name"] == Inputs.report_dir


def test_the_policy_shown_is_accepted_and_shows_every_key() -> None:
    (text,) = blocks(section("Policy"), "yaml")
    policy = Policy.from_yaml(text, ".github/data-review.yml", date(2027, 1, 1))
    assert policy.dialect("models/lake/a.sql") == "trino"
    keys = Policy.from_yaml("", "x", date.min).__dataclass_fields__
    shown = text + section("Policy")
    of_the_run = {"agent_can_block", "lets_agent_fail", "today", "source", "missing", "lines"}
    hidden = of_the_run | {"severities", "dialects", "lint_rules"}
    for key in set(keys) - hidden | {"severity", "dialect"}:
        assert key.replace("_", "-") in shown


def test_every_command() -> None:
    cli = pytest.importorskip("review.cli", exc_type=ImportError)
    documented = [first.strip("`") for first, _ in rows(section("Command line"))]
    commands = {line.split()[1] for line in documented}
    assert commands == set(_choices(cli.parser()))
    for line in documented:
        words = [word.strip("[]") for word in line.split()[1:] if word.strip("[]").startswith("--")]
        parser = _choices(cli.parser())[line.split()[1]]
        assert set(words) == {option for action in parser._actions for option in action.option_strings} - {
            "-h",
            "--help",
        }
    assert {line.split()[2] for line in documented if line.startswith("data-review rules")} == set(
        _choices(_choices(cli.parser())["rules"])
    )


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        linked = (ROOT / page).parent / path if path else ROOT / page
        assert linked.exists(), f"{page} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ["README.md", ".github/CONTRIBUTING.md"])
def test_the_make_targets_named_are_there(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for names in re.findall(r"`make ([a-z0-9 ]+)`", (ROOT / page).read_text("utf-8")):
        for name in names.split():
            assert re.search(rf"^{name}:", makefile, re.MULTILINE), f"{page} names make {name}"


def test_every_rule_of_ruffs_that_runs_is_listed() -> None:
    rows = [line for line in section("Rules").splitlines() if line.startswith("| [")]
    named = set(re.findall(r"\[([A-Z]+[0-9]+)\]", "\n".join(rows)))
    assert named == set(ADVICE)
