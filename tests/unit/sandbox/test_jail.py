"""What a worker can still do once it is jailed, as root and as an ordinary user. Nothing, that is."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from review.errors import SandboxError
from review.sandbox import jail
from review.sandbox.pool import Job, Limits, Pool
from tests.unit.sandbox import misbehaving

HANDLER = "tests.unit.sandbox.misbehaving"
LIMITS = Limits(wall_seconds=10, cpu_seconds=5, memory_mb=256, start_seconds=20)
ORDINARY = 12_345
"""The id of a user who owns nothing."""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change its user and its root directory")


@pytest.fixture
def data(tmp_path: Path) -> dict[str, Any]:
    """Files that everyone may read, write and delete: only the jail is in the way."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder != Path(tempfile.gettempdir()):
            folder.chmod(0o777)
    for name in ("secret", "victim"):
        (tmp_path / name).write_text("s3cret")
        (tmp_path / name).chmod(0o666)
    names = {name: str(tmp_path / name) for name in ("secret", "victim")}
    return {"folder": str(tmp_path), "parent": os.getpid(), **names}


def ask(do: str, data: dict[str, Any], **prepared: Any) -> dict[str, Any]:
    """The answer of a fresh jailed worker."""
    with Pool(HANDLER, 1, LIMITS) as pool:
        pool.prepare(prepared)
        (reply,) = pool.run([Job("x", {"do": do, **data})])
    assert reply.answer is not None, reply.failure
    return reply.answer


def outside(data: dict[str, Any]) -> dict[str, str]:
    """What comes of the same attempts in an ordinary process, on a bystander: who is traced stands still."""
    root = str(Path(jail.__file__).parents[2])
    with subprocess.Popen(["sleep", "60"]) as bystander:
        done = subprocess.run(
            [sys.executable, "-m", HANDLER, json.dumps({**data, "parent": bystander.pid})],
            cwd=data["folder"],
            env={"PATH": os.defpath, "PYTHONPATH": root},
            capture_output=True,
            check=True,
            timeout=20,
        )
        bystander.kill()
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("user", [pytest.param(None, id="this user"), pytest.param(ORDINARY, marks=needs_root)])
def test_a_worker_opens_reads_and_starts_nothing(data: dict[str, Any], user: int | None) -> None:
    prepared = {} if user is None else {"user": user}
    attempts = ask("attempts", data, **prepared)
    memory = attempts.pop("read the parent's memory")
    assert set(attempts) == set(misbehaving.ATTEMPTS) - {"read the parent's memory"}
    assert [name for name, outcome in attempts.items() if outcome == "done"] == []
    if os.geteuid() == 0:
        assert memory == "EPERM"
    assert not Path(data["folder"], "written").exists()


@pytest.mark.parametrize("user", [pytest.param(None, id="this user"), pytest.param(ORDINARY, marks=needs_root)])
def test_a_worker_cannot_take_anything_back(data: dict[str, Any], user: int | None) -> None:
    prepared = {} if user is None else {"user": user}
    assert [name for name, outcome in ask("privileged", data, **prepared).items() if outcome == "done"] == []


@needs_root
def test_a_worker_of_root_sees_and_touches_nothing_of_the_system(data: dict[str, Any]) -> None:
    """These calls need no descriptor: the empty root directory and the other user deny them."""
    assert [name for name, outcome in ask("as root", data).items() if outcome == "done"] == []
    assert Path(data["victim"]).read_text() == "s3cret"
    assert not Path(data["folder"], "executed").exists()


def test_the_same_attempts_work_in_an_ordinary_process(data: dict[str, Any]) -> None:
    """Without this the tests above would prove nothing."""
    found = outside(data)
    denied = {name: outcome for name, outcome in found.items() if outcome != "done"}
    expected = {"connect": "ECONNREFUSED"}  # it got as far as the machine's own answer
    if os.geteuid() == 0:
        expected |= {"rename a file": "ENOENT", "empty a file": "ENOENT"}  # deleted by the attempt before
        denied.pop("trace the parent", None)
    assert denied == expected


def test_the_environment_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "INPUT_GITHUB-TOKEN", "ANTHROPIC_API_KEY", "HOME", "PYTHONPATH", "LD_PRELOAD"):
        monkeypatch.setenv(name, "" if name == "LD_PRELOAD" else "/s3cret")
    answer = ask("environment", {})
    assert "s3cret" not in json.dumps(answer)
    assert set(answer["environment"]) <= {"PATH", "LANG", "LC_CTYPE"}
    assert not answer["root"]


@pytest.mark.parametrize(
    ("without", "remains"),
    [
        ("RLIMIT_NOFILE", "open a (file|pipe)"),
        pytest.param("setuid", "(raise its limits|become root)", marks=needs_root),
        ("RLIMIT_NPROC", "start a process"),
    ],
)
def test_a_jail_that_does_not_close_is_an_error(without: str, remains: str) -> None:
    """Leaving out any one step is noticed before anything hostile is read."""
    with Pool(HANDLER, 1, LIMITS) as pool, pytest.raises(SandboxError, match=f"a worker could still {remains}"):
        pool.prepare({"without": without})


def test_the_check_itself_fails_in_an_open_process() -> None:
    with pytest.raises(jail.JailError, match="open a file"):
        jail._verify()
