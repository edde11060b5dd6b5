"""The program as a shell starts it: what it prints, and the status it leaves with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from review import __version__
from review.cli import dispatch, parser
from review.errors import InputError
from review.rules.registry import load


def start(*arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """`data-review` with these arguments, to its end."""
    command = [sys.executable, "-I", "-m", "review", *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False)


def test_the_version_and_the_rules() -> None:
    version, rules = start("--version"), start("rules", "list")
    assert (version.returncode, version.stdout) == (0, f"data-review {__version__}\n")
    assert (rules.returncode, len(rules.stdout.splitlines())) == (0, len(load()))


@pytest.mark.parametrize("arguments", [(), ("rnu",), ("local", "--format", "pdf"), ("rules", "show")])
def test_a_wrong_command_line_is_told_how_it_should_be(arguments: tuple[str, ...]) -> None:
    done = start(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: data-review")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "name", "shown"),
    [
        (("plan", "--max", "0"), "max-shards", "--max"),
        (("plan", "--shards", "0"), "shard", "--shards"),
        (("merge", "somewhere"), "shard", "--shards"),
        (("merge", "/etc"), "shards-dir", "DIR"),
        (("run", "--shard", "x"), "shard", "--shard"),
        (("run",), "shard", "input shard"),
        (("plan",), "fail-on", "input fail-on"),
    ],
)
def test_what_is_wrong_with_an_option_is_told_under_its_name(
    arguments: tuple[str, ...], name: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(environ: object, cores: int) -> int:
        raise InputError(f"input {name}: is not accepted.")

    monkeypatch.setattr("review.commands.run.run", refuse)
    with pytest.raises(InputError, match=f"^{shown}: is not accepted"):
        dispatch(parser().parse_args(arguments), {})


def test_a_rule_that_does_not_exist() -> None:
    done = start("rules", "show", "DBT01")
    assert done.returncode == 2
    assert "there is no rule DBT01; `data-review rules list` shows them all" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_who_has_seen_enough_is_no_crash() -> None:
    read, write = os.pipe()
    os.close(read)
    done = start("rules", "list", stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (2, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_cannot_be_written_is_no_success() -> None:
    with Path("/dev/full").open("w") as full:
        done = start("rules", "list", stdout=full.fileno())
    assert done.returncode == 2
    assert "no space left" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    done = start("local", "--repo", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert str(tmp_path) in done.stderr


def test_an_empty_base_is_no_base() -> None:
    """As a script passes it whose variable is unset: to compare with something else would be a false green."""
    done = start("local", "--base", "", "--repo", str(Path(__file__).parents[2]))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_place_for_the_demo_that_cannot_be() -> None:
    done = start("demo", "--keep", "/dev/null/x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--keep /dev/null/x: the directory cannot be made" in done.stderr


@pytest.mark.parametrize("closing", [">&-", ">&- 2>&-"])
def test_closed_output_is_no_crash(closing: str) -> None:
    command = f"exec {sys.executable} -P -m review rules list {closing}"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_terminal_without_utf_8_is_no_crash(form: str) -> None:
    command = [sys.executable, "-I", "-m", "review", "demo", "--format", form]
    environ = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, env=environ, capture_output=True, timeout=60, check=False)
    assert (done.returncode, b"SQL001" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--max-cost-usd", "1"], "name one with --agent."),
        (["--model", ""], "name one with --agent."),
        (["--model-price", "2,10"], "name one with --agent."),
        (["--save-transcript", "kept"], "name one with --agent."),
        (["--agent", "data-engineer", "--dry-run", "--save-transcript", "kept"], "a dry run sends nothing."),
        (["--agent", "data-engineer", "--save-transcript", ""], "--save-transcript needs a directory"),
    ],
)
def test_options_of_the_agents_that_would_do_nothing(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = start("local", "--repo", str(tmp_path), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
