"""One change through the deterministic tier, in this process: the pipeline, with workers that are no processes.

Everything but the jail is what a review does: the same stages, the same contract of a worker (`prepare`, `share`,
`handle`), the same merging and scoping. So the seconds are those of the work, without that of starting processes.
"""

import collections
import gc
import math
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from review import pipeline
from review.config.policy import Policy
from review.domain.finding import Finding
from review.domain.target import Range, Target
from review.errors import ReviewError
from review.evidence import analyse
from review.evidence.messages import Request
from review.git.repository import Repository
from review.sandbox.pool import Job, Reply
from review.stopwatch import Stopwatch
from tests.evals.changes import Change, clone_of, without_numbers
from tests.evals.metrics import Hit, Outcome

SECONDS = 60
"""For one file, as in a review."""

MOST_FILES = 400
"""Of one change: a real review deals larger ones out to several runners."""


class Overtime(Exception):
    """One file took longer than a review would wait for it."""


class Here:
    """Stands for the pool of workers."""

    def __init__(self, most_files: int, *, lints: bool, rules: bool = True) -> None:
        self.most_files = most_files
        self.lints = lints
        self.rules = rules
        self.refused: dict[int, str] = {}
        self.seconds = 0.0
        self.by_kind: collections.Counter[str] = collections.Counter()
        """Kind of artifact → its part of the seconds; nothing → that of what is shared by all."""
        self.read = 0
        """Files that sqlfluff could lint, where there are no rules."""

    def prepare(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """As a fresh worker does."""
        analyse.warm()
        analyse._ANALYST = analyse.Analyst()
        greeting = analyse.prepare(settings)
        gc.unfreeze()
        gc.collect()  # what changes before this one left behind is no part of its work
        gc.freeze()
        return greeting

    def run(self, jobs: Iterable[Job], shared: Iterable[Mapping[str, Any]] = ()) -> Iterator[Reply]:
        """The replies, in the order of the jobs; of a large change only every second or third is worked on."""
        begin = time.process_time()
        for each in shared:
            analyse.share(each)
        self.by_kind[""] += time.process_time() - begin
        jobs = list(jobs)
        step = max(1, math.ceil(len(jobs) / self.most_files))
        for number, job in enumerate(jobs):
            left_out = Reply(job.subject, failure="is left out here, of so large a change")
            started = time.process_time()
            yield left_out if number % step else self._reply(job)
            self.by_kind[job.payload["kind"]] += time.process_time() - started
        self.seconds += time.process_time() - begin

    def _reply(self, job: Job) -> Reply:
        payload = dict(job.payload) if self.lints else {**job.payload, "lint": None}
        signal.signal(signal.SIGALRM, overtime)
        signal.alarm(SECONDS)
        try:
            return Reply(job.subject, analyse.handle(payload)) if self.rules else self._linted(job)
        except Overtime:
            return Reply(job.subject, failure=f"took longer than {SECONDS} s")
        except (RecursionError, MemoryError, OverflowError) as error:
            return Reply(job.subject, failure=type(error).__name__)
        finally:
            signal.alarm(0)

    def _linted(self, job: Job) -> Reply:
        """As `sqlfluff lint` reads the file: it knows no diff, so what only moved is read as well, and macros."""
        request = Request.from_dict(job.payload)
        if request.lint is None and request.head is not None and request.path.lower().endswith(".sql"):
            request = replace(request, lint="default")
        result = analyse._ANALYST.lint(request)
        self.read += result is not None and (result.unlintable is None or bool(result.violations))
        return Reply(job.subject, failure="is only linted here")


def overtime(_signal: int, _frame: FrameType | None) -> None:
    raise Overtime


def look(change: Change, clones: Path, rules: frozenset[str], *, lints: bool, most_files: int = MOST_FILES) -> Outcome:
    """What the tier says of a change, and how long the rules alone take, and sqlfluff beside them."""
    outcome = Outcome(change.repo, change.base, change.head, change.is_range)
    try:
        alone = _looked(change, clones, rules, outcome, Here(most_files, lints=False))
        return _looked(change, clones, rules, alone, Here(most_files, lints=True)) if lints else alone
    except ReviewError as error:
        return replace(outcome, problem=str(error))


def timed(change: Change, clones: Path, *, rules: bool, most_files: int = MOST_FILES) -> tuple[Outcome, Here]:
    """The change through the rules alone, or through sqlfluff alone, which then renders all by itself."""
    workers = Here(most_files, lints=not rules, rules=rules)
    outcome = Outcome(change.repo, change.base, change.head, change.is_range)
    try:
        return _looked(change, clones, frozenset(), outcome, workers), workers
    except ReviewError as error:
        return replace(outcome, problem=str(error)), workers


def _looked(change: Change, clones: Path, rules: frozenset[str], outcome: Outcome, workers: Here) -> Outcome:
    repository = Repository.from_workspace(clone_of(clones, change.repo), change.base, change.head)
    if repository is None:
        return replace(outcome, problem="objects are missing")
    policy = Policy(select=rules)

    def gather(files: pipeline.Sorted, policy: Policy, _crew: Any) -> Any:
        return pipeline.collected(files, policy, lambda _files: workers)  # type: ignore[arg-type,return-value]

    with repository:
        span = Range(Target(repository=change.repo, base_sha=change.base, head_sha=change.head), change.base)
        made = pipeline.review(span, repository, policy, Stopwatch(time.monotonic), 1, gather=gather)
    hits = tuple(hit(finding, change) for finding in made.findings)
    if workers.lints:
        linted = tuple(each for each in hits if not each.is_rule)
        return replace(outcome, hits=(*outcome.hits, *linted), seconds_with_linter=workers.seconds)
    return replace(
        outcome,
        files=len(made.artifacts),
        added=sum(len(artifact.file.added) for artifact in made.artifacts),
        seconds=workers.seconds,
        hits=hits,
        kinds=dict(collections.Counter(artifact.kind.value for artifact in made.artifacts)),
        skipped=dict(collections.Counter(without_numbers(skip.reason) for skip in made.skipped)),
    )


def hit(finding: Finding, change: Change) -> Hit:
    """The finding as a line to be counted and read."""
    where = finding.location
    return Hit(
        rule=finding.code,
        is_rule=finding.source.startswith("rule:"),
        repo=change.repo,
        sha=change.head,
        base=change.base,
        path=where.path,
        line=where.line,
        end_line=where.end_line,
        fingerprint=finding.fingerprint,
        confidence=finding.confidence.value,
        title=finding.title,
        explanation=finding.explanation,
        remediation=finding.remediation,
        suggestion=finding.suggestion.replacement if finding.suggestion is not None else None,
    )
