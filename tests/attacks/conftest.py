"""What an attacker wants: code of theirs that runs, and a key that lies in the environment of a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from review.sandbox.pool import Job, Limits, Pool, Reply

ROOT = Path(__file__).parents[2]
KEY = "sk-ant-k3y-0f-the-team"
LIMITS = Limits(wall_seconds=20, cpu_seconds=20, start_seconds=60)


@dataclass(frozen=True)
class Prize:
    """Where the attack's code lies, what it leaves behind when it runs, and who knows the key."""

    library: Path
    """A folder of Python modules; to load it is to have lost."""
    marker: Path
    victim: int
    """A process, readable for root, with the key in its environment."""

    @property
    def is_taken(self) -> bool:
        """Whether code of the attack has run."""
        return self.marker.exists()


@pytest.fixture
def prize(tmp_path: Path) -> Iterator[Prize]:
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o777)
    library, marker = plant(tmp_path)
    with subprocess.Popen(["sleep", "120"], env={"ANTHROPIC_API_KEY": KEY, "PATH": os.defpath}) as victim:
        yield Prize(library, marker, victim.pid)
        victim.kill()


def plant(folder: Path) -> tuple[Path, Path]:
    """A folder of Python modules that leave a mark when they are loaded, and the mark."""
    library, marker = folder / "evil", folder / "taken"
    library.mkdir(parents=True)
    (library / "evil_macros.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    return library, marker


def start(module: str, data: list[Any], cwd: Path, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
    """A module as a program, in an ordinary process that has the key. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(data),
        cwd=cwd,
        env={"ANTHROPIC_API_KEY": KEY, "PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.fixture
def plainly(tmp_path: Path) -> Callable[..., str]:
    """Plain sqlfluff in an ordinary process: everything it says."""

    def lint(*data: Mapping[str, Any]) -> str:
        done = start("tests.attacks.undefended", list(data), tmp_path)
        return done.stdout + done.stderr

    return lint


@pytest.fixture
def carefully(tmp_path: Path) -> Callable[..., str]:
    """Our own reading of the text and of its configuration, in an ordinary process: everything it says."""

    def lint(*data: Mapping[str, Any]) -> str:
        done = start("tests.attacks.unjailed", list(data), tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return lint


def jailed(*jobs: Mapping[str, Any], limits: Limits = LIMITS) -> list[Reply]:
    """Plain sqlfluff inside our jail: the replies, in the order of the jobs."""
    with Pool("tests.attacks.undefended", 1, limits) as pool:
        pool.prepare({"configs": [data.get("configs") for data in (*jobs, {})]})
        weighed = [Job(str(number), data, len(jobs) - number) for number, data in enumerate(jobs)]
        return sorted(pool.run(weighed), key=lambda reply: int(reply.subject))
