"""The corpus: which changes there are, which defects they are known to bring, and what git says of them.

A corpus is two files of JSON lines (`pull_requests.jsonl`, `defects.jsonl`; see the corpus' own README) and a folder of
clones named `owner+name/repo`. Nothing of a clone's code belongs in this repository.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ("*.py", "*.ipynb", "*.scala", "*.sql", "*.hql", "*.ddl", "*.yml", "*.yaml")


@dataclass(frozen=True)
class Change:
    """Two commits of a clone."""

    repo: str
    base: str
    head: str
    is_range: bool = True
    """Whether it is a pull request of the corpus; else it is the commit that brought a defect, or one of history."""
    defects: tuple[Mapping[str, Any], ...] = ()
    """What the second commit is known to bring."""


def rows(file: Path) -> list[dict[str, Any]]:
    """The values of a file of JSON lines."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def changes(ranges: Iterable[Mapping[str, Any]], defects: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The complete ranges, then the introducing commits, each pair of commits once."""
    listed = {(row["repo"], row["base_sha"], row["head_sha"]) for row in ranges if row["complete"]}
    brought: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {key: [] for key in sorted(listed)}
    for row in defects:
        brought.setdefault((row["repo"], row["introduced_parent_sha"], row["introduced_sha"]), []).append(row)
    return [Change(*key, key in listed, tuple(known)) for key, known in brought.items()]


def history(clones: Path, only: str, count: int) -> Iterator[Change]:
    """The last commits of each clone's main line that touch data files, newest first."""
    for clone in sorted(clones.glob("*/repo")):
        name = clone.parent.name.replace("+", "/", 1)
        if only in name:
            for line in git(clone, "log", "--first-parent", f"-{count}", "--format=%H %P", "--", *DATA).splitlines():
                head, *parents = line.split()
                if parents:
                    yield Change(name, parents[0], head, is_range=False)


def clone_of(clones: Path, repo: str) -> Path:
    """Where a repository's clone lies."""
    return clones / repo.replace("/", "+") / "repo"


def git(clone: Path, *arguments: str) -> str:
    """What git prints, lossily decoded."""
    done = subprocess.run(["git", "-C", clone, "-c", "core.quotepath=off", *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def without_numbers(text: str) -> str:
    """The reason without its words that hold a digit, so that equal reasons count together."""
    return " ".join(word for word in text.split() if not any(map(str.isdigit, word)))


def outside(folder: Path) -> Path:
    """The folder, made. Raises ValueError for one inside this repository: corpus code must not be committed here."""
    if folder.resolve().is_relative_to(ROOT):
        raise ValueError(f"{folder} lies in this repository; name a folder outside, for it will hold corpus code")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
