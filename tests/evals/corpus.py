"""Reviews real pull-request ranges through the command line, and reports what came of it.

Input: a file of JSON lines with `repo`, `base_sha`, `head_sha`, `complete`, and a folder of clones named
`owner+name/repo`. For every complete range `data-review local --format json` is run in its own process; the report
counts exit statuses, artifacts by kind, findings by rule, skips by reason, checks that every inline location lies in
a hunk of the range's own `git diff -U3` (computed here, by git alone), and names the slowest runs and the peak memory.

    python tests/evals/corpus.py RANGES.jsonl CLONES [--only REPO] [--every N] [--out FOLDER]
"""

import argparse
import collections
import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.evals.changes import clone_of, git, rows, without_numbers

TIMEOUT = 900


def hunks(repo: Path, base: str, head: str) -> dict[tuple[str, str], list[range]]:
    """(path, side) → the line ranges that the range's diff shows, read from git's own output."""
    shown: dict[tuple[str, str], list[range]] = collections.defaultdict(list)
    old = new = ""
    for line in git(repo, "diff", "-U3", "-M", "-l3000", "--no-ext-diff", base, head).split("\n"):
        if line.startswith("--- "):
            old = line[4:].removeprefix("a/").rstrip("\t")
        elif line.startswith("+++ "):
            new = line[4:].removeprefix("b/").rstrip("\t")
        elif line.startswith("@@ -"):
            before, after = line.split(" ")[1:3]
            for side, path, text in (("LEFT", old, before[1:]), ("RIGHT", new, after[1:])):
                start, _, count = text.partition(",")
                shown[path, side].append(range(int(start), int(start) + int(count or 1)))
    return shown


def review(repo: Path, row: dict[str, Any], out: Path) -> dict[str, Any]:
    """One run: its exit status, seconds, and the review it wrote."""
    target = out / f"{row['repo'].replace('/', '+')}-{row['head_sha'][:10]}.json"
    target.unlink(missing_ok=True)
    command = [sys.executable, "-I", "-m", "review", "local", "--repo", repo, "--format", "json", "--output", target]
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [*command, "--base", row["base_sha"], "--head", row["head_sha"]],
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        status, said = done.returncode, done.stderr.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        status, said = -1, f"no end after {TIMEOUT} s"
    result = json.loads(target.read_text()) if target.exists() else None
    return {"row": row, "status": status, "said": said, "seconds": time.monotonic() - begin, "review": result}


def misplaced(repo: Path, result: dict[str, Any]) -> list[str]:
    """Inline findings whose lines the range's diff does not show in one hunk."""
    review = result["review"]
    inline = [finding for finding in review["findings"] if finding["inline"]]
    if not inline:
        return []
    shown = hunks(repo, review["target"]["merge_base"], review["target"]["head_sha"])
    wrong = []
    for finding in inline:
        where = finding["location"]
        ranges = shown.get((where["path"], where["side"]), [])
        if not any(where["line"] in lines and where["end_line"] in lines for lines in ranges):
            wrong.append(f"{where['path']}:{where['line']}-{where['end_line']} {finding['rule']}")
    return wrong


def main() -> None:
    """Run and report. Exits 1 where a run failed, or a location is misplaced."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ranges", type=Path)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("corpus-reviews"))
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = [row for row in rows(options.ranges) if row["complete"] and options.only in row["repo"]][:: options.every]

    def run(row: dict[str, Any]) -> dict[str, Any]:
        repo = clone_of(options.clones, row["repo"])
        result = review(repo, row, options.out)
        result["misplaced"] = misplaced(repo, result) if result["review"] else []
        print(f"{row['repo']} {row['head_sha'][:10]} status {result['status']} {result['seconds']:.1f} s", flush=True)
        return result

    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(run, chosen))
    sys.exit(report(results))


def report(results: list[dict[str, Any]]) -> int:
    """Print the counts; 1 where something must not be."""
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    bad = 0
    for result in results:
        row, review = result["row"], result["review"]
        counts["exit status"][str(result["status"])] += 1
        if review is None or "Traceback" in result["said"] or result["misplaced"]:
            bad += 1
            print("BAD", row["repo"], row["base_sha"], row["head_sha"], result["said"][:400], result["misplaced"])
        if review is None:
            continue
        counts["verdict"][review["verdict"]] += 1
        counts["artifacts by kind"].update(artifact["kind"] for artifact in review["artifacts"])
        counts["findings by rule"].update(finding["rule"] for finding in review["findings"])
        counts["inline"].update(str(finding["inline"]) for finding in review["findings"])
        counts["skipped by reason"].update(
            f"{skip['stage']}: {without_numbers(skip['reason'])[:90]}" for skip in review["skipped"]
        )
    for title, counter in counts.items():
        print(f"\n{title}")
        for name, number in counter.most_common(60):
            print(f"  {number:6}  {name}")
    print("\nslowest")
    for result in sorted(results, key=lambda result: -result["seconds"])[:5]:
        print(f"  {result['seconds']:7.1f} s  {result['row']['repo']} {result['row']['head_sha'][:10]}")
    print(f"\npeak memory of one process: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")
    return 1 if bad else 0


if __name__ == "__main__":
    main()
