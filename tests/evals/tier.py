"""The deterministic tier on real changes: what it catches, how much it says, how long it takes, how often it is right.

    python tests/evals/tier.py run RANGES.jsonl DEFECTS.jsonl CLONES --out FOLDER [--jobs N] [--sqlfluff]
        [--only REPO] [--rules CODE,…] [--history N] [--baseline] [--update-baseline]
    python tests/evals/tier.py draw FOLDER CLONES --reader NAME [--most 50] [--seed TEXT] [--rules CODE,…]
    python tests/evals/tier.py accept ANSWERS.jsonl
    python tests/evals/tier.py precision FOLDER

`run` reviews every pull-request range and every commit that brought a known defect, and writes `report.md`,
`outcomes.jsonl` and `hits.jsonl` to the folder; `--baseline` compares with `tests/evals/baseline.json`. `draw` writes
for each rule what a reader judges, and a file of answers to fill in; `accept` takes that into `judgements.jsonl`;
`precision` counts. The folder must lie outside this repository, for it holds code of the corpus.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from review.rules.registry import load
from tests.evals import judging, telling
from tests.evals.baseline import baseline, difference
from tests.evals.changes import Change, changes, history, outside, rows
from tests.evals.looking import look
from tests.evals.metrics import Hit, Outcome

BASELINE = Path(__file__).parent / "baseline.json"


def run(options: argparse.Namespace) -> int:
    """Review, report, compare; 1 where a change could not be read."""
    out = outside(options.out)
    defects = [] if options.history else rows(options.defects)
    if options.history:
        chosen = list(history(options.clones, options.only, options.history))
    else:
        chosen = changes(rows(options.ranges), defects)
    chosen = [each for each in chosen if options.only in each.repo]
    defects = [each for each in defects if options.only in each["repo"]]
    outcomes = reviewed(chosen, options)
    hits = [hit for each in outcomes for hit in each.hits]
    (out / "hits.jsonl").write_text("".join(json.dumps(asdict(hit)) + "\n" for hit in hits), encoding="utf-8")
    told = ({**asdict(each), "hits": len(each.hits)} for each in outcomes)
    (out / "outcomes.jsonl").write_text("".join(json.dumps(each) + "\n" for each in told), encoding="utf-8")
    now = baseline(outcomes, defects)
    changed = difference(json.loads(BASELINE.read_text("utf-8")), now) if options.baseline else []
    names = {rule.code: rule.name for rule in load() if not options.rules or rule.code in options.rules.split(",")}
    page = telling.report(outcomes, defects, names, changed)
    (out / "report.md").write_text(page, encoding="utf-8")
    print(page.partition("## Hits by rule")[0])
    print(f"{out / 'report.md'} has every hit")
    if options.update_baseline:
        BASELINE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    return 1 if any(each.problem for each in outcomes) else 0


def reviewed(chosen: Sequence[Change], options: argparse.Namespace) -> list[Outcome]:
    """The outcomes in the order of the changes, by as many processes as wanted."""
    rules = frozenset(filter(None, options.rules.split(",")))
    found: dict[int, Outcome] = {}
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("fork")) as pool:
        asked = {
            pool.submit(look, change, options.clones, rules, lints=options.sqlfluff): number
            for number, change in enumerate(chosen)
        }
        begin = time.monotonic()
        for done in as_completed(asked):
            outcome = found[asked[done]] = done.result()
            said = f"{len(found)}/{len(chosen)} {time.monotonic() - begin:.0f} s {outcome.repo} {outcome.head[:10]}"
            print(f"{said} {len(outcome.hits)} {outcome.seconds:.1f} s {outcome.problem}", file=sys.stderr, flush=True)
    return [found[number] for number in range(len(chosen))]


def draw(options: argparse.Namespace) -> int:
    """Write what is to be read, a file a rule, and the answers to fill in."""
    out = outside(options.folder / "to-judge")
    wanted = set(filter(None, options.rules.split(",")))
    hits = [hit for hit in hits_of(options.folder) if not wanted or hit.rule in wanted]
    chosen = judging.draw(hits, judging.table(), options.most, options.seed)
    pages = {rule.code: f"# {rule.code} {rule.name}\n\n{rule.documentation}" for rule in load()}
    for code, found in groupby(chosen, key=lambda hit: hit.rule):
        mine = list(found)
        (out / f"{code}.md").write_text("".join(judging.reading_list(mine, pages, options.clones)), encoding="utf-8")
        (out / f"{code}.jsonl").write_text(judging.answers(mine, options.reader), encoding="utf-8")
        print(f"{code}: {len(mine)} to judge in {out / code}.md")
    return 0


def accept(options: argparse.Namespace) -> int:
    """Take verdicts into the table. Raises ValueError for one that is not filled in."""
    more = [judging.read(row) for file in options.answers for row in rows(file)]
    judging.keep(judging.merged(judging.table(), more))
    print(f"{len(more)} verdicts taken")
    return 0


def precision(options: argparse.Namespace) -> int:
    """Print how often each rule is right, worst first."""
    counted = judging.precision(hits_of(options.folder), judging.table())
    for code, share in sorted(counted.rules.items(), key=lambda pair: pair[1].percent):
        print(f"{code}  {share}   not judged: {counted.unjudged.get(code, 0)}")
    for code in sorted(set(counted.unjudged) - set(counted.rules)):
        print(f"{code}  not judged: {counted.unjudged[code]}")
    print(f"all     {counted.overall}   verdicts on what is found no more: {counted.gone}")
    return 0


def hits_of(folder: Path) -> list[Hit]:
    """What `run` has found."""
    return [Hit(**row) for row in rows(folder / "hits.jsonl")]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command: Any = commands.add_parser("run")
    command.set_defaults(do=run)
    command.add_argument("ranges", type=Path)
    command.add_argument("defects", type=Path)
    command.add_argument("clones", type=Path)
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--only", default="", help="part of a repository's name")
    command.add_argument("--rules", default="", help="codes, separated by commas; all without it")
    command.add_argument("--history", type=int, default=0, help="commits of each clone to look at instead")
    command.add_argument("--jobs", type=int, default=os.cpu_count())
    command.add_argument("--sqlfluff", action="store_true", help="lint as well, in a second pass")
    command.add_argument("--baseline", action="store_true", help="compare with the baseline")
    command.add_argument("--update-baseline", action="store_true", help="write the baseline anew")
    command = commands.add_parser("draw")
    command.set_defaults(do=draw)
    command.add_argument("folder", type=Path, help="what `run` wrote")
    command.add_argument("clones", type=Path)
    command.add_argument("--reader", required=True)
    command.add_argument("--rules", default="")
    command.add_argument("--most", type=int, default=50, help="hits of one rule; above that they are drawn by chance")
    command.add_argument("--seed", default="data-review")
    command = commands.add_parser("accept")
    command.set_defaults(do=accept)
    command.add_argument("answers", type=Path, nargs="+")
    command = commands.add_parser("precision")
    command.set_defaults(do=precision)
    command.add_argument("folder", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    options = arguments()
    sys.exit(options.do(options))
