"""What an attacker wants: code of theirs that runs, and a key that lies in the environment of a process.

Each attack is tried in several ways, many attacks to one process: on plain sqlfluff as its users call it (the control:
there it works), and on each of our layers without the other.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from review.sandbox.pool import Job, Limits, Pool, Reply

ROOT = Path(__file__).parents[3]
KEY = "quick-brown-k3y-of-the-team"
"""Like no key that redaction knows: what does not show was not read."""
LIMITS = Limits(wall_seconds=20, cpu_seconds=20, start_seconds=60)
SQLFLUFF = (sys.executable, "-m", "sqlfluff", "lint", "--dialect", "ansi", "--format", "json", "--encoding", "utf-8")


@dataclass(frozen=True)
class Prize:
    """Code of an attack, and what it leaves behind when it runs."""

    library: Path
    """A folder of Python modules; to load it is to have lost."""
    marker: Path

    @property
    def is_taken(self) -> bool:
        """Whether code of the attack has run."""
        return self.marker.exists()


@dataclass(frozen=True)
class Ground:
    """A folder that every user may enter and write to, and a process that holds the key."""

    folder: Path
    victim: int
    """A process whose environment this user may read."""

    def prize(self, name: str) -> Prize:
        """A new one."""
        library, marker = self.folder / f"library_{name}", self.folder / f"taken_{name}"
        library.mkdir()
        (library / f"evil_{name}.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
        return Prize(library, marker)

    def plant(self, files: Mapping[str, str]) -> Path:
        """A new folder of these files, character for character."""
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="checkout_"))
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return folder


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    environ = {"ANTHROPIC_API_KEY": KEY, "PATH": os.defpath}
    with tempfile.TemporaryDirectory(prefix="attacks-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        with subprocess.Popen(["sleep", "300"], env=environ) as victim:
            yield Ground(Path(folder), victim.pid)
            victim.kill()


def run(
    command: Sequence[str], cwd: Path, stdin: str = "", path: Sequence[Path] = (), timeout: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """A program in an ordinary process that has the key."""
    return subprocess.run(
        command,
        input=stdin,
        cwd=cwd,
        env={
            "ANTHROPIC_API_KEY": KEY,
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def plainly(folder: Path, *options: str, path: Sequence[Path] = ()) -> dict[str, str]:
    """`sqlfluff lint` as its users call it: file → all that it says of it."""
    done = run([*SQLFLUFF, *options, "."], folder, path=path)
    assert "Traceback" not in done.stderr, done.stderr
    return {
        each["filepath"].removeprefix("./"): " ".join(violation["description"] for violation in each["violations"])
        for each in json.loads(done.stdout)
    }


def carefully(jobs: Sequence[Mapping[str, Any]], cwd: Path, path: Sequence[Path] = ()) -> list[str]:
    """Our own reading of texts and configurations, in an ordinary process: what it says of each."""
    done = run([sys.executable, "-m", "tests.attacks.layers.unjailed"], cwd, json.dumps(jobs), [ROOT, *path])
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    said: list[str] = json.loads(done.stdout)
    assert len(said) == len(jobs)
    return said


def jailed(*jobs: Mapping[str, Any], limits: Limits = LIMITS, plugins: Sequence[Path] = ()) -> list[Reply]:
    """Plain sqlfluff inside our jail: the replies, in the order of the jobs."""
    with Pool("tests.attacks.layers.undefended", 1, limits) as pool:
        pool.prepare({"configs": [data.get("configs") for data in (*jobs, {})], "plugins": [str(p) for p in plugins]})
        weighed = [Job(str(number), data, len(jobs) - number) for number, data in enumerate(jobs)]
        return sorted(pool.run(weighed), key=lambda reply: int(reply.subject))
