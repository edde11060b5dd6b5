"""Our whole deterministic review against `git diff --name-only … | xargs sqlfluff lint`, in turn, in one run.

What users run today is sqlfluff as pip installs it: a virtual environment of its own with nothing else in it, given by
`--plain` (`make bench` builds it). Both get the same rules and the same dialect: the team's, where it has a .sqlfluff.
First on generated repositories: N changed SQL files of realistic size each, in the dialect a warehouse would use. Then,
with `--ranges` and `--clones`, on real pull requests of the corpus that change as many (or nearly: see `SIZES`). Prints
wall times (median of the turns) and their ratio next to the ratio we promise: 1.2 for one file, 0.7 for four, 0.4 for
seventeen.
"""

import argparse
import json
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROMISED = {1: 1.2, 4: 0.7, 17: 0.4}
SIZES = {1: range(1, 2), 4: range(4, 5), 17: range(14, 22)}
"""Promised size → how many changed SQL files a range of the corpus may have."""
RANGES = 3
"""Of each size, from as many repositories as there are."""
COLUMNS = ("order_id", "customer_id", "status", "amount", "currency", "created_at", "updated_at", "country", "channel")


def query(seed: int, ctes: int) -> str:
    """A BigQuery query of that many common table expressions, 18 lines each; the same for the same seed."""
    chance = random.Random(seed)
    parts = []
    for number in range(ctes):
        columns = chance.sample(COLUMNS, 5)
        lines = [f"step_{number} AS (", "  SELECT"]
        lines += [f"    source_{number}.{column}," for column in columns]
        lines += [
            f"    SUM(source_{number}.amount) AS amount_{number},",
            f"    COUNT(DISTINCT source_{number}.customer_id) AS customers_{number},",
            f"    CASE WHEN source_{number}.status = 'paid' THEN 1 WHEN source_{number}.status = 'open' THEN 2",
            "      ELSE 3",
            f"    END AS state_{number}",
            f"  FROM `shop.raw.table_{seed}_{number}` AS source_{number}",
            f"  INNER JOIN `shop.raw.days` AS days_{number} ON days_{number}.day = DATE(source_{number}.created_at)",
            f"  WHERE source_{number}.created_at >= TIMESTAMP '2026-01-01' AND source_{number}.country IN ('FR', 'DE')",
            f"  GROUP BY {', '.join(f'source_{number}.{column}' for column in columns)}, state_{number}",
            ")",
        ]
        parts.append("\n".join(lines))
    final = f"SELECT step_0.order_id, step_{ctes - 1}.amount_{ctes - 1}\nFROM step_0\n"
    final += f"INNER JOIN step_{ctes - 1} ON step_{ctes - 1}.amount_{ctes - 1} = step_0.amount_0\n"
    return "WITH " + ",\n".join(parts) + "\n" + final


def repository(root: Path, files: int) -> None:
    """A repository whose last commit adds that many queries."""
    (root / "README.md").write_text("bench\n")
    commit(root, "base", init=True)
    for number in range(files):
        target = root / "sql" / f"query_{number}.sql"
        target.parent.mkdir(exist_ok=True)
        target.write_text(query(number, 3 + number % 5))
    (root / ".sqlfluff").write_text("")
    commit(root, "head")


def commit(root: Path, message: str, *, init: bool = False) -> None:
    """Commit everything under root."""
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"]
    if init:
        subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
    subprocess.run(["git", "-C", root, "add", "-A"], check=True)
    subprocess.run(["git", "-C", root, *who, "commit", "-q", "-m", message], check=True)


def seconds(command: list[str], cwd: Path) -> float:
    """Wall seconds of one run. Any exit status is fine: both tools exit 1 when they find something."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    took = time.perf_counter() - begin
    if done.returncode not in (0, 1, 123):  # xargs says 123 where its command failed or found something
        raise SystemExit(f"{command[0]} failed: {done.stderr.decode(errors='replace')[:500]}")
    return took


@dataclass(frozen=True)
class Subject:
    """One change, checked out at head."""

    root: Path
    base: str
    name: str
    files: int
    dialect: str
    is_configured: bool = False
    """Whether the team has a .sqlfluff, which then both tools follow."""


def git(root: Path, *arguments: str) -> str:
    """What git says; the exit status is for the caller to mind."""
    return subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False).stdout


def review(root: Path, base: str) -> list[str]:
    """Our command for a checkout."""
    return [
        *(sys.executable, "-I", "-m", "review", "local"),
        *("--repo", str(root), "--base", base, "--head", "HEAD", "--format", "json"),
    ]


def generated(scratch: Path) -> Iterator[tuple[int, Subject]]:
    """One generated change of each size."""
    for size in PROMISED:
        root = scratch / str(size)
        root.mkdir()
        repository(root, size)
        yield size, Subject(root, "HEAD~1", "generated", size, "bigquery")


def real(scratch: Path, ranges: Path, clones: Path, today: "Today") -> Iterator[tuple[int, Subject]]:
    """Ranges of the corpus, of each size from different repositories.

    Only those of which plain sqlfluff can read three files of four: what it cannot read, it is quickly done with.
    """
    rows = [row for row in map(json.loads, ranges.read_text().splitlines()) if row["complete"]]
    for size, allowed in SIZES.items():
        taken: set[str] = set()
        for row in rows:
            clone = clones / row["repo"].replace("/", "+") / "repo"
            base, head = row["base_sha"], row["head_sha"]
            if len(taken) == RANGES or row["repo"] in taken or not clone.is_dir():
                continue
            names = git(clone, "diff", "--name-only", "--diff-filter=AM", f"{base}...{head}", "--", "*.sql").split()
            if len(names) not in allowed:
                continue
            root = scratch / f"{size}-{head}"
            subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", clone, root], check=True)
            config = git(clone, "ls-tree", "--name-only", base, ".sqlfluff").split()
            git(root, "checkout", "-q", head, "--", "*.sql", *config)
            git(root, "update-ref", "--no-deref", "HEAD", head)
            merge_base = git(clone, "merge-base", base, head).strip()
            dialect = dialect_of(root, merge_base, set(names))
            if dialect is None:
                continue
            name = f"{row['repo']} {head[:10]}"
            subject = Subject(root, merge_base, name, len(names), dialect, is_configured=bool(config))
            if today.reads_most(subject):
                taken.add(row["repo"])
                yield size, subject


@dataclass(frozen=True)
class Today:
    """What users run today."""

    sqlfluff: Path
    rules: str

    def command(self, subject: Subject, *more: str) -> list[str]:
        """As a step of a workflow has it."""
        ours = ("--ignore-local-config", "--dialect", subject.dialect, "--rules", self.rules)
        options = (*(() if subject.is_configured else ours), *more)
        lint = shlex.join([str(self.sqlfluff), "lint", "--disable-progress-bar", *options])
        listed = f"git diff --name-only --diff-filter=AM {subject.base} HEAD -- '*.sql'"
        return ["bash", "-c", f"{listed} | xargs {lint}"]

    def reads_most(self, subject: Subject) -> bool:
        """Whether it can render and parse three files of four."""
        command = self.command(subject, "--format", "json")
        done = subprocess.run(command, cwd=subject.root, capture_output=True, text=True, check=False)
        if not done.stdout.startswith("["):
            return False
        unread = [
            file["filepath"]
            for file in json.loads(done.stdout)
            if any(each["code"] in ("PRS", "TMP", "LXR") for each in file["violations"])
        ]
        return len(unread) <= subject.files / 4


def dialect_of(root: Path, base: str, paths: set[str]) -> str | None:
    """The dialect we read most of these files in: plain sqlfluff has to be told one."""
    done = subprocess.run(review(root, base), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{root}: {done.stderr[:500]}")
    artifacts = json.loads(done.stdout)["artifacts"]
    found = Counter(item["dialect"] for item in artifacts if item["path"] in paths and item["dialect"])
    return found.most_common(1)[0][0] if found else None


def main() -> None:
    """Print one line a change, and one a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plain", required=True, type=Path, help="python of an environment that holds only sqlfluff")
    parser.add_argument("--rules", required=True, help="comma-separated sqlfluff codes both tools run")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--ranges", type=Path, help="pull_requests.jsonl of the corpus")
    parser.add_argument("--clones", type=Path, help="folder of clones named owner+name/repo")
    options = parser.parse_args()
    today = Today(options.plain.parent / "sqlfluff", options.rules)
    with tempfile.TemporaryDirectory() as scratch:
        compare("generated", generated(Path(scratch)), today, options.turns)
        if options.ranges and options.clones and options.ranges.is_file() and options.clones.is_dir():
            compare("corpus", real(Path(scratch), options.ranges, options.clones, today), today, options.turns)


def compare(title: str, subjects: Iterator[tuple[int, Subject]], today: Today, turns: int) -> None:
    """Time both tools in turn, a first time unmeasured."""
    ratios: dict[int, list[float]] = {}
    print("files   sqlfluff s   data-review s   ratio   change")
    for size, subject in subjects:
        theirs, mine = [], []
        for _turn in range(turns + 1):
            theirs.append(seconds(today.command(subject), subject.root))
            mine.append(seconds(review(subject.root, subject.base), subject.root))
        a, b = statistics.median(theirs[1:]), statistics.median(mine[1:])
        ratios.setdefault(size, []).append(b / a)
        print(f"{subject.files:5}   {a:10.2f}   {b:13.2f}   {b / a:5.2f}   {subject.name}", flush=True)
    for size, found in ratios.items():
        print(f"{size:5} files, {title}: ratio {statistics.median(found):.2f}, promised {PROMISED[size]:.1f}")


if __name__ == "__main__":
    main()
