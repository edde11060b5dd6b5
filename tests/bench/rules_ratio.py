"""Our own rules against sqlfluff, on the same changes: the rules may take at most as long as the linter.

Both run in one process, without the jail, one after the other: first every rule over every artifact of a change, then
sqlfluff over the same, rendering for itself what the rules rendered for themselves. CPU seconds, the median of the
turns, the first of which is not counted. First on generated changes of SQL files, then, with `--ranges` and `--clones`,
on the pull requests of the corpus that change SQL (every one of them with `--every 1`). A change without SQL has
nothing to lint, so there is nothing to compare its rules with: their time is in the report of `tests/evals/tier.py`.

    python tests/bench/rules_ratio.py [--ranges RANGES.jsonl --clones CLONES] [--every N] [--turns N]
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from review.domain.artifact import Kind
from tests.bench.lint_ratio import PROMISED as SIZES
from tests.bench.lint_ratio import commit, query, repository
from tests.evals.changes import Change, changes, clone_of, git, rows
from tests.evals.looking import linter_seconds, look

PROMISED = 1.0
SHORT = 0.05
"""Seconds below which a ratio says more about the clock than about us."""


def generated(clones: Path) -> Iterator[Change]:
    """One change of each size, in a clone of its own."""
    for size in SIZES:
        name = f"bench/{size}-files"
        root = clone_of(clones, name)
        root.mkdir(parents=True)
        repository(root, size)
        yield last_commit(name, root)
    name = "bench/platform"
    root = clone_of(clones, name)
    root.mkdir(parents=True)
    platform(root)
    yield last_commit(name, root)


def last_commit(name: str, root: Path) -> Change:
    """What the last commit of a generated repository brings."""
    base, head = git(root, "rev-parse", "HEAD~1", "HEAD").split()
    return Change(name, base, head)


DAG = '''from airflow import DAG

with DAG("orders_{number}", schedule="@daily", catchup=False) as dag:
    BigQueryInsertJobOperator(task_id="load", sql="""
{sql}""")
'''
JOB = '''from pyspark.sql import SparkSession


def run(spark, day, days):
    spark.sql(f"""
{sql}""")
'''
MODEL = "{{{{ config(materialized='table') }}}}\n{sql}"
PROPERTIES = """
  - name: fct_{number}
    columns:
      - name: order_id
        tests: [unique, not_null]
"""


def platform(root: Path) -> None:
    """A repository whose last commit adds some of everything: dbt models, their properties, DAGs and Spark jobs."""
    (root / "dbt_project.yml").write_text("name: shop\nmodel-paths: [models]\n")
    commit(root, "base", init=True)
    for folder in ("models", "dags", "jobs"):
        (root / folder).mkdir()
    described = "".join(PROPERTIES.format(number=number) for number in range(5))
    (root / "models" / "schema.yml").write_text(f"version: 2\nmodels:{described}")
    for number in range(5):
        sql = query(number, 3 + number)
        model = MODEL.format(sql=sql.replace("`shop.raw.days`", "{{ ref('days') }}"))
        job = JOB.format(sql=sql.replace("'2026-01-01'", "'{day}'").replace("`shop.raw.days`", "{days}"))
        (root / "models" / f"fct_{number}.sql").write_text(model)
        (root / "jobs" / f"job_{number}.py").write_text(job)
        (root / "dags" / f"dag_{number}.py").write_text(DAG.format(number=number, sql=sql))
    commit(root, "head")


def measured(change: Change, clones: Path, turns: int) -> tuple[int, float, float] | None:
    """Files, seconds of our rules and seconds of sqlfluff; None where it was not looked at, or has nothing to lint."""
    ours, theirs = [], []
    for turn in range(turns + 1):
        outcome = look(change, clones, frozenset(), lints=False)
        if outcome.problem or not any(Kind(kind).is_sql for kind in outcome.kinds):
            return None
        alone = linter_seconds(change, clones)
        if alone is not None and (turn or not turns):
            ours.append(outcome.seconds)
            theirs.append(alone)
    return (outcome.files, statistics.median(ours), statistics.median(theirs)) if theirs else None


def compare(title: str, subjects: Iterable[Change], clones: Path, turns: int) -> bool:
    """Print a line for each change; whether the promise holds for all of them."""
    worst, name = 0.0, ""
    print("files   sqlfluff s   rules s   ratio   change")
    for change in subjects:
        found = measured(change, clones, turns)
        if found is None:
            continue
        files, rules, linter = found
        ratio = rules / linter if linter else float("inf")
        print(
            f"{files:5}   {linter:10.2f}   {rules:7.2f}   {ratio:5.2f}   {change.repo} {change.head[:10]}", flush=True
        )
        if ratio > worst and rules > SHORT:
            worst, name = ratio, f"{change.repo} {change.head[:10]}"
    where = name or "all too short to tell"
    print(f"{title}: worst ratio of rules to sqlfluff {worst:.2f} ({where}), promised {PROMISED:.1f}")
    return worst <= PROMISED


def main() -> int:
    """1 where the promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--every", type=int, default=8, help="take one range of so many")
    parser.add_argument("--ranges", type=Path, help="pull_requests.jsonl of the corpus")
    parser.add_argument("--clones", type=Path, help="folder of clones named owner+name/repo")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        holds = compare("generated", generated(Path(scratch)), Path(scratch), options.turns)
    if options.ranges and options.clones and options.ranges.is_file() and options.clones.is_dir():
        chosen = changes(rows(options.ranges), [])[:: options.every]
        holds = compare("corpus", chosen, options.clones, min(options.turns, 1)) and holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
