"""Artifacts in, evidence out: every artifact goes through a jailed worker, and each failure becomes a `Skipped`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from review.config.policy import REPAIR, Policy
from review.domain.artifact import Artifact, Kind
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard
from review.domain.practice import Practice, in_order
from review.domain.project_files import ProjectFiles
from review.errors import PolicyError
from review.evidence.confidential import without_secrets
from review.evidence.messages import Answer, MalformedAnswer, read_answer, read_off, request
from review.evidence.python_lint import python_findings
from review.evidence.settings import LintSettings
from review.sandbox.pool import Job, Limits, Pool, Reply
from review.sandbox.process import CRASHED

HANDLER = "review.evidence.analyse"
LIMITS = Limits(wall_seconds=60, cpu_seconds=30, memory_mb=1024)
"""For one file. The slowest file of 2,000 real ones takes 8 s here (tests/evals/corpus.py)."""

MAX_OTHERS = 3
"""Dialects loaded beside those that the files are taken for."""


@dataclass(frozen=True)
class Evidence:
    """What the tools saw, and what they could not look at."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    subjects: Mapping[Standard, frozenset[Kind]]
    """Which kinds of artifact the checks of each standard speak of."""
    off: Mapping[Standard, Mapping[str, frozenset[Kind]]] = field(default_factory=dict)
    """Standard → code of each of its rules that the policy switches off everywhere → the kinds that it speaks of."""
    practices: tuple[Practice, ...] = ()
    """What the standards ask of new and largely changed artifacts, there or missing; `in_order`."""
    rules: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Source of findings → the rule's title, and why what it finds matters, wherever it is found."""
    is_claimed: bool = False
    """Whether it is the word of a run that the pull request's author can change: then its silence says nothing."""


@dataclass(frozen=True)
class Project:
    """What the renderer needs to know of a dbt project."""

    root: str
    adapter: str
    """dbt's adapter type, which is the dialect's name."""
    macros: Mapping[str, str]
    """Path → text of its macro files at head."""
    files: ProjectFiles | None = None
    """What rules may ask of it beside the changed files; None where they are told nothing."""


def workers(files: int, cores: int) -> Pool:
    """The workers for that many changed files, to be started at once: they warm up while git still answers."""
    return Pool(HANDLER, min(files, cores), LIMITS)


def collect(
    artifacts: Sequence[Artifact],
    projects: Sequence[Project],
    lint: LintSettings,
    policy: Policy,
    pool: Pool,
    pages: str = "",
    neighbours: Mapping[str, Sequence[str]] | None = None,
) -> Evidence:
    """Lint and rules over every artifact. `projects` are the dbt projects they belong to, `neighbours` the paths of
    those that DAGs among them may run, by root.

    `pages` is the web address under which this action's own files are shown. Raises SandboxError where no worker could
    be jailed, PolicyError where the policy names a rule that does not exist.
    """
    before = prepared(artifacts, policy, pool, pages, [project.adapter for project in projects])
    by_path = {artifact.path: artifact for artifact in artifacts}
    shared = macros_of(projects)
    told = [f"{project.root or '.'}: its macros" for project in projects]
    for project in projects:
        if project.files is not None:
            shared.append({"files": project.files.to_dict(), "adapter": project.adapter})
            told.append(f"{project.root or '.'}: its files")
    if neighbours:
        shared.append({"neighbours": {root: list(paths) for root, paths in neighbours.items()}})
        told.append("the dbt projects' names")
    for key, value in lint.shared(artifacts):
        shared.append({"lint": key, "settings": value})
        told.append(f"{key}: its sqlfluff settings")
    practices: list[Practice] = []
    linted, unlinted = python_findings(artifacts, policy.select, policy.severities)
    findings = list(map(policy.weighed, linted))
    skipped = [*lint.skipped(artifacts), *unlinted]
    for reply in pool.run([_job(artifact, lint) for artifact in artifacts], shared):
        said = _read(by_path[reply.subject], reply)
        findings.extend(map(policy.weighed, said.findings))
        skipped.extend(said.skipped)
        practices.extend(said.practices)
    skipped.extend(Skipped(Stage.LINT.value, told[index], reason) for index, reason in pool.refused.items())
    told_of = (without_secrets(finding, by_path[finding.location.path]) for finding in findings)
    return replace(before, findings=tuple(told_of), skipped=tuple(skipped), practices=in_order(practices))


def prepared(
    artifacts: Sequence[Artifact], policy: Policy, pool: Pool, pages: str = "", adapters: Sequence[str] = ()
) -> Evidence:
    """Make the workers ready for these artifacts; the evidence before anything was seen: what the checks speak of.

    `adapters` are the dialects of the dbt projects around them, whose models rules may read beside the artifacts.

    Raises SandboxError and PolicyError as `collect` does.
    """
    greeting = pool.prepare(
        {
            "dialects": sorted(_dialects(artifacts, adapters)),
            "select": sorted(policy.select),
            "ignore": sorted(policy.never_wanted),
            "severities": {code: severity.value for code, severity in policy.severities.items()},
            "pages": pages,
        }
    )
    try:
        policy.check_codes(frozenset(greeting["codes"]))
    except PolicyError as error:
        raise PolicyError(f"{error} {REPAIR}") from error
    subjects = {Standard(standard): frozenset(map(Kind, kinds)) for standard, kinds in greeting["subjects"].items()}
    rules = {source: (title, why) for source, (title, why) in greeting["rules"].items()}
    return Evidence((), (), subjects, read_off(greeting["off"]), rules=rules)


def _dialects(artifacts: Sequence[Artifact], adapters: Sequence[str] = ()) -> frozenset[str]:
    """Those that the workers need: of every file and project, and of what many files might be instead, for each takes
    time to load.
    """
    sure = {*adapters, *(artifact.dialect for artifact in artifacts if artifact.dialect)}
    others = Counter(other for artifact in artifacts for other in artifact.other_dialects if other not in sure)
    return frozenset({*sure, *(name for name, _files in others.most_common(MAX_OTHERS))})


def macros_of(projects: Sequence[Project]) -> list[Mapping[str, Any]]:
    """What workers are told of the projects before a run of jobs; one that knows it already loses nothing."""
    return [
        {"project": project.root, "macros": dict(project.macros), "adapter": project.adapter} for project in projects
    ]


def _job(artifact: Artifact, lint: LintSettings) -> Job:
    weight = sum(len(version.text) for version in (artifact.base, artifact.head) if version is not None)
    return Job(artifact.path, request(artifact, lint.key(artifact)).to_dict(), weight)


def _read(artifact: Artifact, reply: Reply) -> Answer:
    if reply.answer is None:
        reason = reply.failure or "the parser did not answer"
        if reason.startswith(CRASHED):
            reason = f"{reason}, as it does over one very long or deeply nested expression; break it up"
        return Answer((), (Skipped(Stage.RULES.value, artifact.path, reason),))
    try:
        return read_answer(artifact, reply.answer)
    except MalformedAnswer:
        return Answer((), (Skipped(Stage.RULES.value, artifact.path, "the parser's answer could not be read"),))
