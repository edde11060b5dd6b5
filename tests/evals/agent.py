"""What asking the agent takes on real pull-request ranges, measured against the fake Messages API.

Input: a file of JSON lines with `repo`, `base_sha`, `head_sha`, `complete`, `data_files_changed`, and a folder of
clones named `owner+name/repo`. Two measurements, no key, no network:

- `--dry-run`: `data-review local --agent data-engineer --dry-run` on each range, with the cost it estimates; the median
  over ranges with at most ten data files is printed.
- otherwise: the whole review against `tests/model_server`, whose model looks around in two turns, reports two findings
  for each cluster and confirms them; printed are calls, input tokens, and the share of those after the first call that
  the server's prompt cache would serve.

    python tests/evals/agent.py RANGES.jsonl CLONES [--dry-run] [--least N] [--most N] [--every N] [--only REPO]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.model_server.routes import KEY
from tests.model_server.script import Answer, answer, by_system, by_turn, tool_use, user_text
from tests.model_server.server import ModelServer

STANDARDS = (
    "error-handling",
    "monitoring",
    "data-quality",
    "documentation",
    "testing",
    "cost",
    "security",
    "scalability",
)
CONFIRMED = {
    "reason": "The code shows it.",
    "quote": "",
    "verdict": "confirmed",
    "edit": "none",
    "topic": "volume",
    "question": "",
}
FINDINGS = 2


def look_around(body: dict[str, Any]) -> Answer:
    """The first file of the cluster, whole, and who uses it."""
    path = paths(body)[0]
    return tool_use(
        "read_file",
        {"path": path, "start_line": 1, "end_line": 200},
        ("lineage", {"node": path, "direction": "downstream"}),
    )


def look_further(body: dict[str, Any]) -> Answer:
    """A name of its last file, searched for in the folder."""
    path = paths(body)[-1]
    stem = path.rpartition("/")[2].partition(".")[0]
    return tool_use("search", {"text": stem, "glob": f"{path.rpartition('/')[0]}/*"}, ("list_files", {"glob": "*.yml"}))


def paths(body: dict[str, Any]) -> list[str]:
    """The files of the cluster, from their headlines."""
    return [
        line.split(" ", 2)[2].split(" | ")[0] for line in user_text(body).split("\n") if line.startswith("=== FILE ")
    ]


def reviewed(body: dict[str, Any]) -> Answer:
    """Two findings on added lines, eight judgements."""
    found = []
    path = ""
    for line in user_text(body).split("\n"):
        if line.startswith("=== FILE "):
            path = line.split(" ", 2)[2].split(" | ")[0]
        gutter, _, code = line.partition("| ")
        words = gutter.split()
        if len(words) == 3 and words[0] == "R" and words[2] == "+" and len(code.strip()) > 20 and len(found) < FINDINGS:
            found.append(finding(path, int(words[1]), code))
    return answer(
        {
            "findings": found,
            "standards": [{"standard": each, "rationale": "Seen.", "judgement": "pass"} for each in STANDARDS],
            "questions": [],
            "reviewed_paths": paths(body),
        },
        thinking="Considering the files one by one. " * 40,
    )


def finding(path: str, line: int, code: str) -> dict[str, Any]:
    """One that quotes its line."""
    return {
        "standard": "data-quality",
        "path": path,
        "side": "RIGHT",
        "line": line,
        "end_line": line,
        "evidence": code,
        "title": "A join may multiply rows",
        "explanation": "Where the key repeats on the right, each row on the left comes out once for every match.",
        "remediation": "Deduplicate the right side, or test the key for uniqueness.",
        "cost": "",
        "scale": "Grows with the number of repeats.",
        "facts": [],
        "edit": [],
        "confidence": "medium",
        "severity": "medium",
    }


def command(repo: Path, row: dict[str, Any], *more: str) -> list[str]:
    """The review of a range, as a user would ask for it."""
    span = ["--base", row["base_sha"], "--head", row["head_sha"]]
    return [
        sys.executable,
        "-I",
        "-m",
        "review",
        "local",
        "--repo",
        str(repo),
        *span,
        "--agent",
        "data-engineer",
        *more,
    ]


def estimate(repo: Path, row: dict[str, Any]) -> dict[str, Any]:
    """What a dry run says it would take; nothing where no data file was left to review."""
    done = subprocess.run(
        [*command(repo, row, "--dry-run", "--format", "json")], capture_output=True, text=True, check=True
    )
    data = json.loads(done.stdout)
    return {"conversations": len(data["requests"]), **(data["estimate"] or {"calls": 0, "dollars": 0.0})}


def measure(repo: Path, row: dict[str, Any], cap: str) -> dict[str, Any]:
    """What the server counted in a whole review."""
    script = by_system({"You check one finding": answer(CONFIRMED), "": by_turn(look_around, look_further, reviewed)})
    with ModelServer(script) as server:
        environ = {"PATH": os.environ["PATH"], "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": KEY}
        more = ("--format", "json", "--max-cost-usd", cap)
        begin = time.monotonic()
        done = subprocess.run([*command(repo, row, *more)], capture_output=True, text=True, check=False, env=environ)
        seconds = time.monotonic() - begin
        assert server.offences == [], server.offences
        usages = [call.usage for call in server.calls]
    review = json.loads(done.stdout)
    later = usages[1:]
    sent = sum(
        each["input_tokens"] + each["cache_read_input_tokens"] + each["cache_creation_input_tokens"] for each in later
    )
    read = sum(each["cache_read_input_tokens"] for each in later)
    return {
        "calls": len(usages),
        "sent": sent,
        "cached": read / sent if sent else 0.0,
        "dollars": review["usage"]["dollars"],
        "asked": review["agent"]["asked"],
        "findings": sum("agent" in each for each in review["findings"]),
        "seconds": seconds,
    }


def main() -> None:
    """Run over the ranges and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ranges", type=Path)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--least", type=int, default=1, help="data files changed")
    parser.add_argument("--most", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--cap", default="20.00")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.ranges.read_text().splitlines()]
    chosen = [
        (options.clones / row["repo"].replace("/", "+") / "repo", row)
        for row in rows
        if row["complete"]
        and options.only in row["repo"]
        and options.least <= row["data_files_changed"] <= options.most
    ]
    chosen = [entry for entry in chosen if entry[0].exists()][:: options.every]
    small = []
    for repo, row in chosen:
        name = f"{row['repo']} {row['head_sha'][:10]} ({row['data_files_changed']} data files)"
        if options.dry_run:
            result = estimate(repo, row)
            if row["data_files_changed"] <= 10 and result["conversations"]:
                small.append(result["dollars"])
            print(
                f"{name}: {result['conversations']} conversations, {result['calls']} calls, ${result['dollars']:.2f}",
                flush=True,
            )
        else:
            result = measure(repo, row, options.cap)
            print(
                f"{name}: {result['calls']} calls, {result['sent']:,} input tokens after the first,"
                f" {result['cached']:.1%} cached, ${result['dollars']:.2f}, {result['findings']} findings,"
                f" {result['asked']}, {result['seconds']:.0f} s",
                flush=True,
            )
    if small:
        count, median = len(small), statistics.median(small)
        print(f"median of {count} ranges with at most ten data files and something to ask: ${median:.2f}")


if __name__ == "__main__":
    main()
