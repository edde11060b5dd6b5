"""What a pull request without data files costs, against the least that a Python program with git costs.

One run of `data-review run` on a pull request that touches no data file and has no earlier review, from an event to
exit status 0, in turn with `python -P -c "import argparse, json, subprocess"`. The time that our git commands take
themselves is measured inside the run and taken off. Prints medians and their ratio next to the ratio we promise.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.e2e.action import Action
from tests.github_server.server import GitHubServer

PROMISED = 3.0
TURNS = 25
REFERENCE = [sys.executable, "-P", "-c", "import argparse, json, subprocess"]
TIMED = """
import os, sys, time
from review.git.command import Git
from review.cli import console
spent, run, leave = 0.0, Git.run, os._exit
def timed(*args, **kwargs):
    global spent
    begin = time.perf_counter()
    try:
        return run(*args, **kwargs)
    finally:
        spent += time.perf_counter() - begin
def told(status):
    print("git", spent, flush=True)
    leave(status)
Git.run, os._exit, sys.argv = timed, told, ["data-review", "run"]
console()
"""


class Prepared(GitHubServer):
    """A GitHub that thinks about each question once: its thinking is no time of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, tuple[int, Any, dict[str, str]]] = {}

    def api(self, handler: Any, path: str, content: bytes) -> tuple[int, Any, dict[str, str]]:
        """The first answer, again."""
        if path not in self.answers:
            self.answers[path] = super().api(handler, path, content)
        return self.answers[path]


def reference() -> float:
    """Wall seconds of the smallest program."""
    begin = time.perf_counter()
    subprocess.run(REFERENCE, check=True)
    return time.perf_counter() - begin


def ours(action: Action) -> tuple[float, float]:
    """Wall seconds of one run, and how much of them git took."""
    begin = time.perf_counter()
    run = action.run(payload=PAYLOAD, command=(sys.executable, "-I", "-c", TIMED))
    took = time.perf_counter() - begin
    if run.status:
        raise SystemExit(run.log)
    return took, float(run.log.rpartition("git ")[2])


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as scratch:
        server = Prepared()
        action = Action(Path(scratch), server)
        action.open({"a.txt": "1\n"}, {"a.txt": "2\n", "README.md": "# Shop\n"})
        PAYLOAD = action.payload()
        pairs = [(reference(), *ours(action)) for _ in range(TURNS + 1)][1:]
        server.close()
    floor, total, git = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"python {floor * 1000:.0f} ms; our run {total * 1000:.0f} ms, of which git {git * 1000:.0f} ms")
    print(f"ratio without git {(total - git) / floor:.2f}   promised {PROMISED:.1f}")
