"""What the rules say of real changes, hit by hit, to be read by someone who judges each.

Only the rules run (no sqlfluff), in this process, on both sides of each change, so that only what the change introduces
counts. The changes are the pull-request ranges and the commits that brought the known defects; `--history N` takes
instead the last N commits of each clone's main line that touch a data file, for rules that hit too seldom.

    python tests/evals/rule_precision.py RANGES.jsonl DEFECTS.jsonl CLONES
        [--only REPO] [--rules CODE,…] [--history N] [--jsonl HITS]

Every hit is printed with repository, commit, path, line and the line's text, then the counts by rule and the defects
of the corpus that a hit lies on (same path, at most five lines away). Nothing of it belongs in this repository.
"""

import argparse
import collections
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from review.artifacts.classify import Options, classify
from review.artifacts.dbt import macro_texts
from review.artifacts.dbt_files import project_files
from review.artifacts.relevance import may_matter
from review.config.policy import Policy
from review.domain.artifact import Artifact
from review.domain.evidence import Skipped
from review.domain.finding import Finding
from review.errors import ReviewError
from review.evidence.analyse import Analyst
from review.evidence.messages import request
from review.evidence.settings import LintSettings
from review.git.repository import Repository
from review.intake.changeset import read_changeset
from review.rules.registry import load
from review.sql.render import Renderer

NEAR = 5
"""Lines between a hit and a defect that still count as the same place."""
SECONDS = 60
"""For one file, as in a review."""
DATA = ("*.py", "*.ipynb", "*.scala", "*.sql", "*.hql", "*.ddl", "*.yml", "*.yaml")


@dataclass(frozen=True)
class Change:
    """Two commits of a clone, and the defects that the second is known to bring."""

    repo: str
    base: str
    head: str
    defects: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Hit:
    """One finding of a rule."""

    rule: str
    repo: str
    commit: str
    path: str
    line: int
    end_line: int
    text: str
    evidence: str
    symbol: str
    title: str
    defects: tuple[str, ...] = ()


@dataclass
class Tally:
    """What came of all changes."""

    hits: list[Hit] = field(default_factory=list)
    kinds: collections.Counter[str] = field(default_factory=collections.Counter)
    skips: collections.Counter[str] = field(default_factory=collections.Counter)
    failed: list[str] = field(default_factory=list)


class Overtime(Exception):
    """One file took longer than a review would wait for it."""


def changes(ranges: Path, defects: Path) -> Iterator[Change]:
    """The complete ranges, then the introducing commits, each pair of commits once."""
    brought: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in map(json.loads, ranges.read_text(encoding="utf-8").splitlines()):
        if row["complete"]:
            brought[row["repo"], row["base_sha"], row["head_sha"]] = []
    for row in map(json.loads, defects.read_text(encoding="utf-8").splitlines()):
        key = (row["repo"], row["introduced_parent_sha"], row["introduced_sha"])
        brought.setdefault(key, []).append(row)
    return (Change(*key, tuple(rows)) for key, rows in brought.items())


def history(clones: Path, only: str, count: int) -> Iterator[Change]:
    """The last commits of each clone's main line that touch data files, newest first."""
    for clone in sorted(clones.glob("*/repo")):
        name = clone.parent.name.replace("+", "/", 1)
        command = ["git", "-C", clone, "log", "--first-parent", f"-{count}", "--format=%H %P", "--", *DATA]
        for line in subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines():
            head, *parents = line.split()
            if parents and only in name:
                yield Change(name, parents[0], head)


def look(change: Change, clones: Path, analyst: Analyst, tally: Tally) -> None:
    """Add the hits of one change to the tally."""
    clone = clones / change.repo.replace("/", "+") / "repo"
    repository = Repository.from_workspace(clone, change.base, change.head)
    if repository is None:
        tally.failed.append(f"{change.repo} {change.head}: objects are missing")
        return
    with repository:
        changeset = read_changeset(repository, change.base, change.head, may_matter)
        base, head = repository.tree(change.base), repository.tree(change.head)
        settings = LintSettings.at(base, Policy())
        found = classify(changeset, base, head, Options(dialect_of=settings.dialect))
        analyst.renderers = {
            each.root: Renderer(macro_texts(head, each), each.dialect or "standin") for each in found.projects
        }
        analyst.projects = {}
        for each in found.projects:
            analyst.know(project_files(base, head, each, changeset), each.dialect)
        for artifact in found.artifacts:
            tally.kinds[artifact.kind.value] += 1
            findings, skipped = analysed(artifact, analyst)
            tally.skips.update(without_numbers(skip.reason) for skip in skipped)
            tally.hits.extend(hit(finding, artifact, change) for finding in findings)


def analysed(artifact: Artifact, analyst: Analyst) -> tuple[tuple[Finding, ...], tuple[Skipped, ...]]:
    """What the rules say of one artifact, in the time a review gives it."""
    signal.signal(signal.SIGALRM, overtime)
    signal.alarm(SECONDS)
    try:
        return analyst.analyse(request(artifact, None))
    except Overtime:
        return (), (Skipped("rules", artifact.path, f"no end after {SECONDS} s"),)
    finally:
        signal.alarm(0)


def overtime(_signal: int, _frame: FrameType | None) -> None:
    raise Overtime


def hit(finding: Finding, artifact: Artifact, change: Change) -> Hit:
    """The finding as a line to be read."""
    where = finding.location
    lines = artifact.head.text.split("\n") if artifact.head is not None else []
    text = lines[where.line - 1].strip() if 1 <= where.line <= len(lines) else ""
    return Hit(
        rule=finding.source.removeprefix("rule:"),
        repo=change.repo,
        commit=change.head,
        path=where.path,
        line=where.line,
        end_line=where.end_line,
        text=text[:300],
        evidence=finding.evidence,
        symbol=finding.symbol,
        title=finding.title,
        defects=tuple(row["id"] for row in change.defects if is_at(finding, row)),
    )


def is_at(finding: Finding, defect: dict[str, Any]) -> bool:
    """Whether a finding lies on a known defect, or at most `NEAR` lines off."""
    where = finding.location
    return where.path == defect["path_in_introducing_version"] and any(
        where.line - NEAR <= line <= where.end_line + NEAR for line in defect["lines_in_introducing_version"]
    )


def without_numbers(text: str) -> str:
    """The reason without its words that hold a digit, so that equal reasons count together."""
    return " ".join(word for word in text.split() if not any(map(str.isdigit, word)))


def report(tally: Tally) -> None:
    """Every hit by rule, then the counts."""
    for found in sorted(tally.hits, key=lambda found: (found.rule, found.repo, found.path, found.line)):
        print(f"{found.rule} {found.repo} {found.commit[:10]} {found.path}:{found.line} {' '.join(found.defects)}")
        print(f"    {found.text}\n    = {found.evidence[:300]}")
    for title, counter in (("artifacts by kind", tally.kinds), ("not looked at", tally.skips)):
        print(f"\n{title}")
        for name, number in counter.most_common(25):
            print(f"  {number:6}  {name[:110]}")
    print("\nhits by rule, repositories, defects caught")
    for rule in load():
        mine = [found for found in tally.hits if found.rule == rule.code]
        caught = sorted({defect for found in mine for defect in found.defects})
        print(f"  {len(mine):6}  {rule.code} {rule.name}  {len({found.repo for found in mine})}  {' '.join(caught)}")
    for reason in tally.failed:
        print("FAILED", reason)


def main() -> int:
    """Run and report; 1 where a change could not be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ranges", type=Path)
    parser.add_argument("defects", type=Path)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--only", default="", help="part of a repository's name")
    parser.add_argument("--rules", default="", help="codes, separated by commas; all without it")
    parser.add_argument("--history", type=int, default=0, help="commits of each clone to look at instead")
    parser.add_argument("--jsonl", type=Path, help="where to write the hits as JSON lines")
    options = parser.parse_args()
    analyst = Analyst()
    chosen = tuple(filter(None, options.rules.split(",")))
    analyst.choose({"severities": {}, "ignore": (), "select": chosen, "pages": "", "dialects": ()})
    if options.history:
        chosen = list(history(options.clones, options.only, options.history))
    else:
        chosen = [each for each in changes(options.ranges, options.defects) if options.only in each.repo]
    tally = Tally()
    for number, change in enumerate(chosen, 1):
        begin, before = time.monotonic(), len(tally.hits)
        try:
            look(change, options.clones, analyst, tally)
        except ReviewError as error:
            tally.failed.append(f"{change.repo} {change.head}: {error}")
        seconds, fresh = time.monotonic() - begin, len(tally.hits) - before
        print(f"{number}/{len(chosen)} {change.repo} {change.head[:10]} {fresh} {seconds:.1f} s", file=sys.stderr)
    if options.jsonl is not None:
        options.jsonl.write_text("".join(json.dumps(asdict(found)) + "\n" for found in tally.hits), encoding="utf-8")
    report(tally)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
