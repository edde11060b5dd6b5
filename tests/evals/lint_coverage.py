"""How many dbt models of real projects lint, with no dbt and no warehouse, and why the others do not.

Input: a folder of clones named `owner+name/repo`. Each project's models at HEAD are the `.sql` files under the
`model-paths` of its `dbt_project.yml` files; each is linted with all its lines counted as added, by the very
function that a review calls, with the project's own macros (`macro-paths`) and nothing of its packages. A model
counts as linted when its Jinja renders, all of the rendering parses and it is not empty. Models that have lines in
other branches of their Jinja which no rendering of ours shows and parses are told apart ("in part", with the reasons),
and so are those of which a stand-in makes up the whole rendering, so that hardly anything is left to lint.

    python tests/evals/lint_coverage.py CLONES [--only PROJECT,…] [--sample N] [--workers N] [--list]
"""

import argparse
import collections
import posixpath
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from review.sql import linter
from review.sql.guesses import rendered
from review.sql.render import CannotRender, Renderer

TARGET = 90.0
"""Per cent of each project's models."""


@dataclass(frozen=True)
class Project:
    """One dbt code base and the part of it that is looked at."""

    name: str
    clone: str
    dialect: str
    under: str = ""


PROJECTS = (
    Project("jaffle-shop", "dbt-labs+jaffle-shop", "snowflake"),
    Project("mattermost", "mattermost+mattermost-data-warehouse", "snowflake"),
    Project("cal-itp", "cal-itp+data-infra", "bigquery"),
    Project("ol-data-platform", "mitodl+ol-data-platform", "trino"),
    Project("tuva", "tuva-health+tuva", "snowflake"),
    Project("spellbook/dex", "duneanalytics+spellbook", "trino", "dbt_subprojects/dex/"),
)


@dataclass(frozen=True)
class Outcome:
    """What came of one model. `reason` is None where all of it linted."""

    path: str
    reason: str | None
    in_part: bool
    """Whether it is only some branches of its Jinja that did not."""
    only_stand_in: bool
    violations: tuple[tuple[str, int, str], ...]
    seconds: float


@dataclass(frozen=True)
class Dbt:
    """One `dbt_project.yml`: its models and the texts of its macro files."""

    root: str
    models: tuple[str, ...]
    macros: Mapping[str, str]


def git(repo: Path, *arguments: str) -> str:
    """git's output, lossily decoded."""
    done = subprocess.run(["git", "-C", repo, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def dbt_projects(repo: Path, under: str) -> Iterator[Dbt]:
    """The dbt projects of HEAD under a folder; a model belongs to the innermost project that claims it."""
    paths = [path for path in git(repo, "ls-tree", "-r", "--name-only", "-z", "HEAD").split("\0") if path]
    roots = [path for path in paths if posixpath.basename(path) == "dbt_project.yml" and path.startswith(under)]
    claimed: set[str] = set()
    for project in sorted(roots, key=len, reverse=True):
        root = project.removesuffix("dbt_project.yml")
        settings = yaml.safe_load(git(repo, "show", f"HEAD:{project}"))
        models = _below(paths, root, settings.get("model-paths", ["models"])) - claimed
        claimed |= models
        macros = _below(paths, root, settings.get("macro-paths", ["macros"]))
        texts = {path: git(repo, "show", f"HEAD:{path}") for path in sorted(macros)}
        yield Dbt(root, tuple(sorted(model for model in models if model.startswith(under))), texts)


def _below(paths: list[str], root: str, folders: list[str]) -> set[str]:
    prefixes = tuple(posixpath.normpath(posixpath.join(root, folder)) + "/" for folder in folders)
    return {path for path in paths if path.endswith(".sql") and path.startswith(prefixes)}


@cache
def _renderers(repo: Path, under: str, dialect: str) -> dict[str, Renderer]:
    return {
        model: renderer
        for dbt in dbt_projects(repo, under)
        for renderer in (Renderer(dbt.macros, dialect),)
        for model in dbt.models
    }


def look(repo: Path, project: Project, model: str) -> Outcome:
    """Lint one model, every line of it."""
    linter.prepare_linter([project.dialect])
    renderer = _renderers(repo, project.under, project.dialect)[model]
    text = git(repo, "show", f"HEAD:{model}")
    begin = time.process_time()
    try:
        result = linter.lint(model, text, project.dialect, {}, renderer, frozenset(range(1, text.count("\n") + 2)))
    except (RecursionError, OverflowError, MemoryError) as error:
        result = linter.LintResult(unlintable=type(error).__name__)
    seconds = time.process_time() - begin
    in_part = bool(result.unlintable) and _lints_once(model, text, project.dialect, renderer)
    hollow = result.unlintable is None and _is_hollow(model, text, project.dialect, renderer)
    found = tuple((violation.code, violation.line, violation.description) for violation in result.violations)
    return Outcome(model, result.unlintable, in_part, hollow, found, seconds)


def _lints_once(model: str, text: str, dialect: str, renderer: Renderer) -> bool:
    """Whether the first rendering lints: with no line added, no other branch is looked for."""
    try:
        return linter.lint(model, text, dialect, {}, renderer, frozenset()).unlintable is None
    except (RecursionError, OverflowError, MemoryError):
        return False


def _is_hollow(model: str, text: str, dialect: str, renderer: Renderer) -> bool:
    """Whether what was linted is a stand-in and nothing else: one unknown macro makes up the whole model."""
    try:
        rendering = rendered(model, text, dialect, renderer)
    except CannotRender:
        return False
    if len(rendering.stood_in) != 1:
        return False
    words = rendering.text.split()
    return len(words) <= 1 or (words[:3] == ["select", "1", "as"] and len(words) == 4)


def measure(clones: Path, project: Project, sample: int | None, workers: int) -> list[Outcome]:
    """The outcomes of a project's models, or of a sample of them that is the same in every run."""
    repo = clones / project.clone / "repo"
    models = sorted(_renderers(repo, project.under, project.dialect))
    if sample is not None and sample < len(models):
        models = sorted(random.Random(7).sample(models, sample))
    with ProcessPoolExecutor(workers) as pool:
        chunk = max(1, len(models) // (workers * 4))
        repeated = [repo] * len(models), [project] * len(models)
        return list(pool.map(look, *repeated, models, chunksize=chunk))


def report(project: Project, outcomes: list[Outcome], *, names: bool) -> float:
    """Print one project's share, its reasons, and its violations by rule; gives the share in per cent."""
    linted = [outcome for outcome in outcomes if outcome.reason is None or outcome.in_part]
    share = 100 * len(linted) / len(outcomes)
    hollow = sum(outcome.only_stand_in for outcome in linted)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    print(
        f"{project.name:18} {len(linted):5} of {len(outcomes):5}  {share:5.1f} %   in part"
        f" {sum(outcome.in_part for outcome in linted):4}   only a stand-in {hollow:4}"
        f"   {sum(outcome.seconds for outcome in outcomes):6.1f} CPU s   slowest {slowest.seconds:.1f} s"
    )
    reasons = collections.Counter(_kind(outcome.reason) for outcome in outcomes if outcome.reason)
    for reason, count in reasons.most_common(6):
        print(f"    {count:4} {reason}")
    codes = collections.Counter(code for outcome in outcomes for code, _, _ in outcome.violations)
    print("    violations:", ", ".join(f"{code} {count}" for code, count in codes.most_common()) or "none")
    if names:
        for outcome in outcomes:
            if outcome.reason:
                print(f"      {outcome.path}: {outcome.reason}")
    return share


def _kind(reason: str) -> str:
    """A reason without its line."""
    return " ".join("N" if word.isdigit() else word for word in reason.split())


def main() -> int:
    """Measure, print, and fail where a project is below the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--only", help="names of projects, separated by commas")
    parser.add_argument("--sample", type=int, help="models of each project; all without it")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="name every model that does not lint")
    arguments = parser.parse_args()
    wanted = set(arguments.only.split(",")) if arguments.only else {project.name for project in PROJECTS}
    unknown = wanted - {project.name for project in PROJECTS}
    if unknown:
        parser.error(f"no such project: {', '.join(sorted(unknown))}")
    shares = [
        report(project, measure(arguments.clones, project, arguments.sample, arguments.workers), names=arguments.list)
        for project in PROJECTS
        if project.name in wanted
    ]
    return 0 if min(shares) >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
