"""The whole story, one call a stage: two commits in, one `Review` out.

Nothing here knows where the commits came from (an event, a terminal, the demo) or where the review goes. What a run
needs only when data files changed (classification, workers, rules) is imported where that is known: a pull request
that touches none of them pays for none of it.
"""

import gc
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from review.artifacts.relevance import is_sql, may_hold_secrets, may_matter
from review.concluding import conclude, nothing_to_review, owners
from review.config.policy import Policy
from review.domain.changeset import Changeset
from review.domain.evidence import Skipped
from review.domain.practice import in_order
from review.domain.target import Range
from review.domain.verdict import Review, Usage
from review.git.repository import Repository
from review.intake.changeset import read_changeset
from review.stopwatch import Stopwatch
from review.verdict.claimed import as_claimed

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.artifacts.classify import Classification
    from review.domain.conversation import Ignores
    from review.domain.tree import Tree
    from review.evidence.collect import Evidence, Project
    from review.evidence.secrets import Searched
    from review.evidence.settings import LintSettings
    from review.reviewers.setup import Consultant
    from review.sandbox.pool import Pool

    Crew = Callable[[int], Pool]
    """The workers for that many files."""
    Gather = Callable[["Sorted", Policy, Crew], Evidence]
    """How the evidence of what was sorted is come by: collected, or taken from where it was collected before."""


@dataclass(frozen=True)
class Sorted:
    """The change with what each of its files is, and what collecting evidence needs to know beside."""

    span: Range
    changeset: Changeset
    found: "Classification"
    projects: "list[Project]"
    lint: "LintSettings"
    base: "Tree"
    head: "Tree"


def review(
    span: Range,
    repository: Repository,
    policy: Policy,
    watch: Stopwatch,
    cores: int,
    consultant_of: "Callable[[], Consultant | None]" = lambda: None,
    gather: "Gather | None" = None,
    ignores_of: "Callable[[str], Ignores] | None" = None,
) -> Review:
    """Review the change between merge base and head.

    `consultant_of` gives whoever is asked about it once the tools are done, and is called only where there is something
    to ask about. `gather` gives the evidence where it was collected elsewhere. `ignores_of` gives what people ignore on
    the pull request, with the least role that may, and is called only where something was found.

    `cores` is how many workers may parse at once. Raises ReviewError where there is nothing to stand on: git cannot
    list the change, or no worker can be jailed. Everything smaller becomes a `Skipped` of the review.
    """

    with ExitStack() as stack:
        pool: Pool | None = None

        def crew(files: int) -> "Pool":
            """The workers for that many files, which begin to load their parsers when first asked for."""
            nonlocal pool
            if pool is None:
                from review.evidence.collect import workers

                pool = stack.enter_context(workers(files, cores))
            return pool

        def on_listed(paths: list[str]) -> None:
            """SQL is sure to need parsers, and they take longer to load than lines to read."""
            if gather is None and any(map(is_sql, paths)):
                crew(len(paths))

        with watch.stage("changeset"):
            changeset = changed(span, repository, policy, on_listed)
        if not any(matters(path, policy) for file in changeset for path in (file.path, file.old_path or file.path)):
            return _without_artifacts(span, changeset, repository, policy, watch, ignores_of)
        return _review_artifacts(
            span, changeset, repository, policy, watch, crew, consultant_of(), gather or collected, ignores_of
        )


def matters(path: str, policy: Policy) -> bool:
    """Whether a file of this name may be ours to review."""
    return may_matter(path) and policy.includes(path)


def changed(
    span: Range,
    repository: Repository,
    policy: Policy,
    on_listed: "Callable[[list[str]], None]" = lambda paths: None,
) -> Changeset:
    """The change, with the lines of those files that may be ours; see `read_changeset`. Raises GitError."""
    head = span.target.head_sha
    return read_changeset(repository, span.merge_base, head, lambda path: matters(path, policy), on_listed)


def _searched(
    span: Range,
    changeset: Changeset,
    reviewed: frozenset[str],
    repository: Repository,
    policy: Policy,
    watch: Stopwatch,
) -> "Searched":
    """What the changed files that are no artifacts hold of secrets.

    Asked for last: what the server does not give of them must not keep the artifacts from being read.
    """
    from review.evidence.secrets import Search

    head_sha = span.target.head_sha
    with watch.stage("secrets"):
        search = Search(
            repository.tree(span.merge_base),
            repository.tree(head_sha),
            policy,
            may_hold_secrets,
            lambda paths: read_changeset(repository, span.merge_base, head_sha, paths.__contains__),
            span.pages,
        )
        return search.look(changeset, reviewed)


def _without_artifacts(
    span: Range,
    changeset: Changeset,
    repository: Repository,
    policy: Policy,
    watch: Stopwatch,
    ignores_of: "Callable[[str], Ignores] | None",
    more: tuple[Skipped, ...] = (),
) -> Review:
    """The review of a change that touches no data file. A secret is told wherever it stands."""
    searched = _searched(span, changeset, frozenset(), repository, policy, watch)
    if not searched.findings:
        return replace(nothing_to_review(span, searched, policy, more), usage=Usage(watch.seconds))
    from review.artifacts.classify import Classification
    from review.domain.consulted import Consulted
    from review.evidence.collect import Evidence

    with watch.stage("verdict"):
        none, found = Classification((), more, ()), Evidence((), (), {})
        made = conclude(span, searched, none, found, Consulted(), policy, ignores_of)
    return replace(made, usage=Usage(watch.seconds))


def sort_files(span: Range, changeset: Changeset, repository: Repository, policy: Policy, watch: Stopwatch) -> Sorted:
    """What each changed file is, and what the team's settings and macros are."""
    from review.artifacts.classify import Options, classify
    from review.artifacts.dbt import macro_texts
    from review.artifacts.dbt_files import project_files, readers
    from review.evidence.collect import Project
    from review.evidence.settings import LintSettings

    with watch.stage("classify"):
        base, head = repository.tree(span.merge_base), repository.tree(span.target.head_sha)
        lint = LintSettings.at(repository.tree(span.target.base_sha), policy)
        options = Options(policy.includes, lint.dialect, policy.is_generated, watch.clock)
        found = classify(changeset, base, head, options)
        dbt = {each.root: each for each in (*readers(head, found.artifacts), *found.projects)}
        projects = [
            Project(each.root, each.dialect, macro_texts(head, each), project_files(base, head, each, changeset))
            for _, each in sorted(dbt.items())
        ]
    gc.enable()
    return Sorted(span, changeset, found, projects, lint, base, head)


def collected(files: Sorted, policy: Policy, crew: "Crew") -> "Evidence":
    """The evidence that our own workers collect."""
    from review.artifacts.dbt_files import neighbours
    from review.evidence.collect import collect
    from review.rules.practices.beside import named_tests

    artifacts = files.found.artifacts
    near = neighbours(files.head, artifacts)
    evidence = collect(artifacts, files.projects, files.lint, policy, crew(len(artifacts)), files.span.pages, near)
    beside = named_tests(artifacts, evidence.practices, files.head.paths()) if evidence.practices else ()
    return replace(evidence, practices=in_order((*evidence.practices, *beside)))


def _review_artifacts(
    span: Range,
    changeset: Changeset,
    repository: Repository,
    policy: Policy,
    watch: Stopwatch,
    crew: "Crew",
    consultant: "Consultant | None",
    gather: "Gather",
    ignores_of: "Callable[[str], Ignores] | None",
) -> Review:
    from review.domain.consulted import Consulted

    files = sort_files(span, changeset, repository, policy, watch)
    found = files.found
    if not found.artifacts:
        return _without_artifacts(span, changeset, repository, policy, watch, ignores_of, found.skipped)
    with watch.stage("evidence"):
        evidence = gather(files, policy, crew)
    heard = Consulted()
    if consultant is not None:
        from review.consulting import Material, ask

        with watch.stage("agent"):
            known = Material(
                target=span.target,
                changeset=changeset,
                artifacts=found.artifacts,
                findings=evidence.findings,
                projects=files.projects,
                dbt_projects=found.projects,
                base=files.base,
                head=files.head,
                policy=policy,
            )
            heard = ask(known, consultant, crew(len(found.artifacts)))
    reviewed = frozenset(artifact.path for artifact in found.artifacts)
    searched = _searched(span, changeset, reviewed, repository, policy, watch)
    with watch.stage("verdict"):
        made = conclude(span, searched, found, evidence, heard, policy, ignores_of)
        made = replace(made, verdict=as_claimed(made.verdict)) if made.is_claimed else made
    return replace(made, usage=Usage(watch.seconds), owners=owners(made, repository))
