"""Our whole deterministic review against `git diff --name-only … | xargs sqlfluff lint`, in turn, in one run.

What users run today is sqlfluff as pip installs it: a virtual environment of its own with nothing else in it, given by
`--plain` (`make bench` builds it). Both get the same rules. The repositories are generated: N changed SQL files of
realistic size each, in the dialect a warehouse would use. Prints wall times (median of the turns) and their ratio next
to the ratio we promise: 1.2 for one file, 0.7 for four, 0.4 for seventeen.
"""

import argparse
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROMISED = {1: 1.2, 4: 0.7, 17: 0.4}
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
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} failed: {done.stderr.decode(errors='replace')[:500]}")
    return took


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plain", required=True, help="python of an environment that holds only sqlfluff")
    parser.add_argument("--rules", required=True, help="comma-separated sqlfluff codes both tools run")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    sqlfluff = Path(options.plain).parent / "sqlfluff"
    today = (
        f"git diff --name-only HEAD~1 -- '*.sql' | xargs {shlex.quote(str(sqlfluff))} lint"
        f" --dialect bigquery --rules {shlex.quote(options.rules)} --disable-progress-bar"
    )
    ours = [sys.executable, "-P", "-m", "review", "local", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"]
    print("files   sqlfluff s   data-review s   ratio   promised")
    for files, promised in PROMISED.items():
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch)
            repository(root, files)
            theirs, mine = [], []
            for _turn in range(options.turns + 1):
                theirs.append(seconds(["bash", "-c", today], root))
                mine.append(seconds(ours, root))
            a, b = statistics.median(theirs[1:]), statistics.median(mine[1:])
            print(f"{files:5}   {a:10.2f}   {b:13.2f}   {b / a:5.2f}   {promised:8.1f}")


if __name__ == "__main__":
    main()
