"""The shards of a review, read back and joined. A shard that cannot be used was not looked at, and says so.

The files come from other jobs of the same workflow run, and are bounded and checked all the same: a job can be replaced
by a push to the workflow, and what is wrong here would otherwise be a green check.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from review.config.cut import MAX_SHARDS
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard
from review.domain.practice import Practice, in_order
from review.domain.target import Target
from review.errors import ReportError
from review.intake.fields import Fields, Malformed, is_path, read_object
from review.intake.report import MAX_FILES, MAX_FINDINGS, MAX_LINE, MAX_NAME, MAX_SKIPPED, finding_of, skip_of
from review.intake.report import version_of as check_version

SCHEMA_VERSION = 1
"""The newest version of shard.json that can be read (tests/unit/intake/test_shards.py)."""
MAX_BYTES = 64 * 1024 * 1024
"""A finding takes about a thousand; of a file at most 2,000 are kept (`evidence/messages.py`)."""

MAX_PRACTICES = 100_000


@dataclass(frozen=True)
class Shard:
    """What one shard saw."""

    index: int
    """From 1."""
    count: int
    repository: str
    base_sha: str
    merge_base: str
    head_sha: str
    files: tuple[str, ...]
    """All that it looked at."""
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    practices: tuple[Practice, ...] = ()


@dataclass(frozen=True)
class Joined:
    """What all shards saw, and what none did."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    practices: tuple[Practice, ...] = ()


def read_shard(content: bytes) -> Shard:
    """The shard in these bytes. Raises ReportError, with a clause that says what is wrong with it."""
    try:
        return _shard(read_object(content, MAX_BYTES))
    except Malformed as error:
        raise ReportError(f"the report of a shard cannot be used: {error}") from error


def joined(shards: Sequence[Shard], parts: Sequence[tuple[str, ...]], target: Target, merge_base: str) -> Joined:
    """The shards' findings and skips together. `parts` are the files of each shard of this very change.

    A shard counts where it is there once, is of these commits and looked at its own files and no others; the files of
    every other are not reviewed.
    """
    given: dict[int, list[Shard]] = {}
    for shard in shards:
        known = given.setdefault(shard.index, [])
        if shard not in known:
            known.append(shard)
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    practices: list[Practice] = []
    for index, files in enumerate(parts, start=1):
        problem = _problem(given.get(index, []), files, len(parts), target, merge_base)
        if problem:
            reason = f"shard {index}/{len(parts)} {problem}, so none of its files was looked at"
            remedy = f"Run {'all' if given.get(index) else 'the failed'} jobs of this workflow again."
            skipped += [Skipped(Stage.RULES.value, path, reason, remedy=remedy) for path in files]
        else:
            findings += given[index][0].findings
            skipped += given[index][0].skipped
            practices += given[index][0].practices
    return Joined(tuple(findings), tuple(skipped), in_order(practices))


def _problem(given: Sequence[Shard], files: tuple[str, ...], count: int, target: Target, merge_base: str) -> str:
    """Why a shard does not count, as a clause; empty where it does."""
    if not given:
        return "left no report that can be read"
    if len(given) > 1:
        return "left several reports that differ"
    (shard,) = given
    if shard.count != count:
        return f"is one of {shard.count}"
    commits = (shard.base_sha, shard.merge_base, shard.head_sha)
    if shard.repository != target.repository or commits != (target.base_sha, merge_base, target.head_sha):
        return "is of other commits"
    own = frozenset(files)
    told = {*(found.location.path for found in shard.findings), *(practice.path for practice in shard.practices)}
    if own != set(shard.files) or not own.issuperset(told):
        return "is of other files"
    return ""


def _shard(document: Fields) -> Shard:
    check_version(document, SCHEMA_VERSION)
    shard, target = document.inner("shard"), document.inner("target")
    count = shard.number("count", 1, MAX_SHARDS)
    files = document.listed("files", MAX_FILES)
    if not all(isinstance(path, str) and is_path(path) for path in files):
        raise Malformed("files holds what is no path inside a repository")
    return Shard(
        index=shard.number("index", 1, count),
        count=count,
        repository=target.text("repository", MAX_NAME, least=1),
        base_sha=target.commit("base_sha"),
        merge_base=target.commit("merge_base"),
        head_sha=target.commit("head_sha"),
        files=tuple(files),
        findings=tuple(finding_of(entry) for entry in document.items("findings", MAX_FINDINGS)),
        skipped=tuple(skip_of(entry) for entry in document.items("skipped", MAX_SKIPPED)),
        practices=tuple(_practice(entry) for entry in document.items("practices", MAX_PRACTICES)),
    )


def _practice(entry: Fields) -> Practice:
    """The practice that `render.json.practice_dict` wrote. Raises Malformed."""
    line = entry.number("line", 1, MAX_LINE) if entry.has("line") else None
    standard, is_there = entry.choice("standard", Standard), entry.flag("is_there")
    return Practice(entry.path("path"), standard, is_there, entry.text("text", MAX_NAME, least=1), line)
