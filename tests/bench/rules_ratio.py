"""Our own rules against sqlfluff, on the same changes: the rules may take at most as long as the linter.

What a user runs is a process, so a process is what is compared: its start (bytecode there, one file with nothing to
say) and the work in it, in CPU seconds. Ours is one that loads every rule and parser, as a worker does, and no
sqlfluff, which the rules do without; theirs is `sqlfluff lint`. The work of each side is measured in a process of its
own that has loaded everything and done nothing yet, without the jail: every rule over every artifact of a change, or
sqlfluff over every changed `.sql` file, as it is given to `sqlfluff lint` (which knows no diff: it reads each of them
whole, also one that only moved), with the rules we choose of it; the median of the turns, the sides in turn. Garbage is
looked for as the worker does on our side, and as Python does on theirs.

sqlfluff reads SQL. What the rules take for Python, Scala and other YAML has nothing to be compared with: it stands in a
column of its own, and so does the ratio of the work alone. There is no ratio for a change of which sqlfluff lints no
file, be it that the change holds no SQL or that it cannot read it. First come generated changes, then, with `--ranges`
and `--clones`, the pull requests of the corpus (every one of them with `--every 1`), and the worst of all.

    python tests/bench/rules_ratio.py [--ranges RANGES.jsonl --clones CLONES] [--every N] [--turns N] [--only REPO]
        [--most-files N]
"""

import argparse
import gc
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from review.domain.artifact import Kind
from review.evidence import analyse
from review.sandbox.worker import COLLECTED
from tests.bench.lint_ratio import PROMISED as SIZES
from tests.bench.lint_ratio import commit, query, repository
from tests.evals.changes import Change, changes, clone_of, git, rows
from tests.evals.looking import MOST_FILES, Here, timed
from tests.evals.metrics import Outcome

PROMISED = 1.0


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


START = """
import gc
gc.disable()
from review.rules.registry import load
from review.sql.parse import load_dialects
from review.sql.render import Renderer
load()
load_dialects(["bigquery"])
Renderer().render("one.sql", "select 1 as a, {{ b }}")
gc.freeze()
gc.enable()
"""
"""As `review.sandbox.worker` begins, but for sqlfluff."""


def start_up(turns: int = 5) -> tuple[float, float]:
    """CPU seconds of a process that has done nothing yet: with our rules, and `sqlfluff lint`."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "one.sql").write_text("select 1\n")
        root = str(Path(__file__).resolve().parents[2])
        ours = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {root!r}){START}"]
        theirs = [sys.executable, "-I", "-m", "sqlfluff", "lint", "--ignore-local-config", "--dialect", "bigquery"]
        pairs = [(spent(ours, scratch), spent([*theirs, "one.sql"], scratch)) for _ in range(turns + 1)][1:]
    mine, linter = (statistics.median(column) for column in zip(*pairs, strict=True))
    return mine, linter


def spent(command: list[str], folder: str) -> float:
    """CPU seconds of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@dataclass(frozen=True)
class Measured:
    """One change: files, and CPU seconds of work."""

    name: str
    files: int
    rules: float
    """Over SQL and all of dbt."""
    elsewhere: float
    """Over what sqlfluff has no eyes for."""
    linter: float

    def ratio(self, ours: float = 0.0, theirs: float = 0.0) -> float:
        """Rules by sqlfluff, each with what its process takes to start."""
        return (ours + self.rules) / (theirs + self.linter)


def measured(change: Change, clones: Path, turns: int, most_files: int = MOST_FILES) -> Measured | None:
    """The medians of the turns; None where it was not looked at, or sqlfluff lints nothing of it."""
    rules, elsewhere, linter = [], [], []
    files = 0
    for _ in range(turns):
        outcome, workers = apart(change, clones, rules=True, most_files=most_files)
        if outcome.problem or not any(Kind(kind).is_sql for kind in outcome.kinds):
            return None
        alone = apart(change, clones, rules=False, most_files=most_files)[1]
        if not alone.read:
            return None
        files = outcome.files
        mine = sum(spent for kind, spent in workers.by_kind.items() if has_linter(kind))
        rules.append(mine)
        elsewhere.append(workers.seconds - mine)
        linter.append(alone.seconds - alone.by_kind[""])
    medians = map(statistics.median, (rules, elsewhere, linter))
    return Measured(f"{change.repo} {change.head[:10]}", files, *medians)


def apart(change: Change, clones: Path, *, rules: bool, most_files: int) -> tuple[Outcome, Here]:
    """One side, in a process that is a copy of this one: all is loaded in it, and nothing done."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_look, (change, clones, rules, most_files))


def _look(change: Change, clones: Path, rules: bool, most_files: int) -> tuple[Outcome, Here]:
    if rules:
        gc.set_threshold(*COLLECTED)
    return timed(change, clones, rules=rules, most_files=most_files)


def has_linter(kind: str) -> bool:
    """Whether files of this kind are SQL, or say something of SQL in a dbt project: those of the project included."""
    return not kind or Kind(kind).is_sql or kind.startswith("dbt-")


def compare(
    title: str,
    subjects: Iterable[Change],
    clones: Path,
    turns: int,
    starts: tuple[float, float],
    most_files: int = MOST_FILES,
) -> bool:
    """Print a line for each change, and the worst; whether the promise holds for all of them."""
    found: list[Measured] = []
    for change in subjects:
        each = measured(change, clones, turns, most_files)
        if each is not None:
            if not found:
                print(HEADING)
            found.append(each)
            print(line(each, starts), flush=True)
    found.sort(key=lambda each: -each.ratio(*starts))
    print(f"\n{title}: {len(found)} changes that sqlfluff can lint, the worst:\n{HEADING}")
    print("\n".join(line(each, starts) for each in found[:WORST]))
    worst = found[0].ratio(*starts) if found else 0.0
    over = sum(each.ratio(*starts) > PROMISED for each in found)
    print(f"{title}: worst ratio of rules to sqlfluff {worst:.2f}, promised {PROMISED:.1f}; above it: {over}\n")
    return worst <= PROMISED


WORST = 10
HEADING = "files   sqlfluff s   rules s   ratio   of the work   rules elsewhere s   change"


def line(each: Measured, starts: tuple[float, float]) -> str:
    """One change, times with the start of the processes."""
    ours, theirs = starts
    return (
        f"{each.files:5}   {theirs + each.linter:10.2f}   {ours + each.rules:7.2f}   {each.ratio(*starts):5.2f}"
        f"   {each.ratio() if each.linter else 0:11.2f}   {each.elsewhere:17.2f}   {each.name}"
    )


def main() -> int:
    """1 where the promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--every", type=int, default=8, help="take one range of so many")
    parser.add_argument("--ranges", type=Path, help="pull_requests.jsonl of the corpus")
    parser.add_argument("--clones", type=Path, help="folder of clones named owner+name/repo")
    parser.add_argument("--only", default="", help="repositories with this in their name")
    parser.add_argument("--most-files", type=int, default=MOST_FILES, help="of a larger change a part is looked at")
    options = parser.parse_args()
    starts = start_up()
    analyse.warm()
    print("CPU seconds of a process before it works: {:.2f} with our rules, {:.2f} of `sqlfluff lint`".format(*starts))
    with tempfile.TemporaryDirectory() as scratch:
        holds = compare("generated", generated(Path(scratch)), Path(scratch), options.turns, starts)
    if options.ranges and options.clones and options.ranges.is_file() and options.clones.is_dir():
        chosen = [each for each in changes(rows(options.ranges), []) if options.only in each.repo][:: options.every]
        holds = compare("corpus", chosen, options.clones, options.turns, starts, options.most_files) and holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
