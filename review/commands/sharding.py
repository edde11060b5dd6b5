"""A review in three steps for a change that is too large for one runner: `plan`, `shard` for each part, `merge`.

Rules and linters look at one file at a time, so they are what the shards do. Whatever needs all of them (merging,
suppressing, the agent with its one budget and its memory, the verdict, publishing) is done once, by `merge`, with the
very code of an unsharded run: all it does differently is to take the evidence from the shards.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from review import log, pipeline
from review.artifacts.partition import partition, shards_for
from review.commands.run import policies_of, repository_of, review
from review.commands.session import Session
from review.commands.tasks import Task
from review.config.cut import MAX_SHARDS, Cut, mark, read_cut
from review.config.policy import Policy
from review.domain.target import Range, Target
from review.errors import InputError, ReportError
from review.evidence.collect import Evidence, prepared, workers
from review.git.workspace import read_regular
from review.intake.shards import MAX_BYTES, Shard, joined, read_shard
from review.publish.base import NotPublished
from review.publish.files import publish_outputs, publish_report
from review.render.shard import shard_json
from review.stopwatch import Stopwatch

FILE = "shard.json"
_MAX_FOLDERS = 2_000


@dataclass(frozen=True)
class _Change:
    files: pipeline.Sorted
    policy: Policy


def carry_out(task: Task, session: Session) -> int:
    """Do the step that the input `mode` names. Returns the exit status. Raises ReviewError as `run` does."""
    mode, given = session.inputs.mode, session.inputs.shard
    if mode == "plan":
        return plan(task, session, _wanted(given))
    cut = read_cut(given, "input shard")
    if (cut.index is None) == (mode == "shard"):
        raise InputError(
            f"input shard: {cut.name} is not accepted in the mode {mode}; use"
            f" {'one of the shards in the output matrix' if mode == 'shard' else 'the output shards'} of the plan."
        )
    task = pinned(task, cut, session)
    return shard(task, session, cut) if mode == "shard" else merge(task, session, cut)


def plan(task: Task, session: Session, wanted: int | None) -> int:
    """Say into how many shards the change is cut: a matrix for GitHub Actions on stdout and in the output `matrix`.

    `wanted` shards, or as many as the work is worth. The commits go along with them.
    """
    with _change(task, session) as change:
        count = wanted or shards_for(change.files.found.artifacts, session.inputs.max_shards)
    cut = Cut(count, None, task.target.base_sha, task.target.head_sha, _onto(task.target))
    jobs = [{"shard": str(cut.shard(index)), "number": index} for index in range(1, count + 1)]
    matrix = json.dumps({"include": jobs}, separators=(",", ":"))
    if session.env.output is not None:
        _must(publish_outputs(session.env.output, {"matrix": matrix, "shards": str(cut)}))
    log.line(matrix, session.environ)
    return 0


def shard(task: Task, session: Session, cut: Cut) -> int:
    """Look at the files of one shard, and leave what was seen in the report's directory. Nothing is published."""
    with _change(task, session) as change, ExitStack() as stack:
        text = seen(
            change.files, change.policy, cut, lambda number: stack.enter_context(workers(number, session.cores))
        )
    _must(publish_report(session.env.workspace, session.inputs.report_dir, {FILE: text}))
    log.line(f"Shard {cut.name} was looked at; the merge says what was found.", session.environ)
    return 0


def seen(files: pipeline.Sorted, policy: Policy, cut: Cut, crew: "pipeline.Crew") -> str:
    """What the tools see in the files of one shard, as `shard.json` has it. Raises SandboxError, PolicyError."""
    index = cut.index or 1
    mine = partition(files.found.artifacts, cut.count)[index - 1]
    artifacts = tuple(artifact for artifact in files.found.artifacts if artifact.path in set(mine))
    narrowed = replace(files, found=replace(files.found, artifacts=artifacts))
    evidence = pipeline.collected(narrowed, policy, crew) if artifacts else Evidence((), (), {})
    span = files.span
    commits = (span.target, span.merge_base)
    return shard_json(index, cut.count, *commits, mine, evidence.findings, evidence.skipped, evidence.practices)


def merge(task: Task, session: Session, cut: Cut) -> int:
    """Join what the shards left below the input `shards-dir` into one review, and publish it as `run` does."""

    def gather(files: pipeline.Sorted, policy: Policy, crew: "pipeline.Crew") -> Evidence:
        return together(
            read_shards(session.env.workspace / session.inputs.shards_dir, session), files, policy, cut, crew
        )

    return review(task, session, gather)


def together(
    shards: Sequence[Shard], files: pipeline.Sorted, policy: Policy, cut: Cut, crew: "pipeline.Crew"
) -> Evidence:
    """The evidence of all shards, as an unsharded run would have collected it. Raises SandboxError, PolicyError."""
    artifacts, span = files.found.artifacts, files.span
    whole = joined(shards, partition(artifacts, cut.count), span.target, span.merge_base)
    before = prepared(artifacts, policy, crew(len(artifacts)), span.pages)
    return replace(before, findings=whole.findings, skipped=whole.skipped, practices=whole.practices)


def read_shards(folder: Path, session: Session) -> list[Shard]:
    """The shards in the folder and in those right below it; what cannot be read is said in the log, and is missing."""
    found = []
    for path in _shard_files(folder):
        content = read_regular(path, MAX_BYTES)
        try:
            if content is None:
                raise ReportError(f"the report of a shard is no file of at most {MAX_BYTES:,} bytes")
            found.append(read_shard(content))
        except ReportError as error:
            log.warning(f"{path.parent.name}: {error}.", session.environ)
    return found


def pinned(task: Task, cut: Cut, session: Session) -> Task:
    """The task at the base that the shards were planned for, however far its branch has moved since.

    A job can be run again for weeks with the plan that it had, and its check is shown on the commit of its event. So a
    plan for another head, or another base branch, than the pull request has by now decides nothing: it could have been
    made while those were harmless. Raises InputError for such a one, GitHubError.
    """
    target = task.target
    if not cut.head_sha:
        return task
    if target.pull_request is not None and (cut.head_sha, cut.onto) != (target.head_sha, _onto(target)):
        raise _outdated(cut, target)
    if (cut.base_sha, cut.head_sha) == (target.base_sha, target.head_sha):
        return task
    moved = (
        f"Head and base are {target.head_sha[:12]} and {target.base_sha[:12]} by now; the shards were planned for"
        f" {cut.head_sha[:12]} on {cut.base_sha[:12]}, and so is this review."
    )
    merge_base = session.reader.merge_base(target.repository, cut.base_sha, cut.head_sha)
    target = replace(target, base_sha=cut.base_sha, head_sha=cut.head_sha)
    return replace(task, target=target, merge_base=merge_base, remarks=(*task.remarks, moved))


def _onto(target: Target) -> str:
    """The mark of the base branch; empty where the commits belong to no pull request."""
    return mark(target.pull_request.base_ref) if target.pull_request is not None else ""


def _outdated(cut: Cut, target: Target) -> InputError:
    moved = (
        f"for the head {cut.head_sha[:12]}, and that of the pull request is {target.head_sha[:12]} by now"
        if cut.head_sha != target.head_sha
        else "for another base branch than the pull request has by now"
    )
    return InputError(
        f"input shard: {cut.name} was planned {moved}; leave it to the newer run, or run all jobs of this one again,"
        " the plan first."
    )


def _wanted(text: str) -> int | None:
    """How many shards a plan is asked for; None to let the change decide."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MAX_SHARDS):
        raise InputError(
            f"input shard: {text[:80]!r} is not accepted in the mode plan; use how many shards to make, from 1 to"
            f" {MAX_SHARDS}, or leave it empty."
        )
    return int(text)


@contextmanager
def _change(task: Task, session: Session) -> Iterator[_Change]:
    """The change, read and sorted as an unsharded run does it."""
    watch = Stopwatch(time.monotonic)
    with repository_of(task, session) as repository:
        policy = policies_of(repository, task, session.inputs).policy
        span = Range(task.target, task.merge_base, pages=session.env.action_url)
        changeset = pipeline.changed(span, repository, policy)
        yield _Change(pipeline.sort_files(span, changeset, repository, policy, watch), policy)


def _shard_files(folder: Path) -> list[Path]:
    """Where actions/download-artifact puts them: in a folder for each upload, or right here if there is only one."""
    try:
        folders = sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())
    except OSError:
        return []
    return [path for each in (folder, *folders[:_MAX_FOLDERS]) if (path := each / FILE).is_file()]


def _must(outcome: object) -> None:
    if isinstance(outcome, NotPublished):
        raise ReportError(f"{outcome.surface}: {outcome.reason}")
