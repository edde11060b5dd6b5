"""What tests fork is what they would have started: the same words, the same end, and gone when it is killed."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked.programs import PROGRAM, program

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="without pidfd_open(2) nothing is forked")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["rules", "list"], 0), (["rules", "show", "NOPE"], 2), (["nonsense"], 2), (["local", "--repo", "."], 2)],
)
def test_it_says_the_same(tmp_path: Path, arguments: list[str], status: int) -> None:
    def end(command: tuple[str, ...]) -> tuple[int, str, str]:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        done = subprocess.run([*command, *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr.replace("__main__.py", "data-review")

    assert end(program()) == end(PROGRAM)
    assert end(program())[0] == status


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_it_is_gone_when_it_is_killed(tmp_path: Path) -> None:
    """It waits for an event that is a pipe to which nobody writes."""
    event = tmp_path / "event"
    os.mkfifo(event)
    environ = {
        "PATH": os.environ["PATH"],
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "a/b",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "GITHUB_SERVER_URL": "http://127.0.0.1:9",
        "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_RUN_ID": "1",
    }
    process = subprocess.Popen([*program(), "run"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.kill()
        process.wait()
        assert select.select([process.stdout], [], [], 20)[0], "somebody still holds it open"
        assert process.stdout.read() == b""
