"""Facts for whoever reviews the change: outlines of files, and whether an edit leaves a file that parses.

Everything is asked of the pool that `collect` has prepared, from the same thread, before the pool is closed. A worker
may have been replaced since, so the projects' macros are told again; where a file cannot be looked at, nothing is known
of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.domain.outline import Outline
from review.evidence.collect import Project, macros_of
from review.evidence.edits import UNCHECKED
from review.evidence.messages import Ask, MalformedAnswer, read_outline, read_problem, request
from review.sandbox.pool import Job, Pool, Reply


@dataclass(frozen=True)
class LinkFile:
    """A file that did not change."""

    path: str
    text: str
    kind: Kind
    dialect: str | None = None
    project: str | None = None
    """As of an artifact."""


@dataclass(frozen=True)
class Edit:
    """A suggested new text of an artifact's head, the whole file."""

    artifact: Artifact
    text: str


def describe(artifacts: Sequence[Artifact], pool: Pool, projects: Sequence[Project] = ()) -> Mapping[str, Outline]:
    """Path → outline of the head, of the base for a deleted file, with whether the change is trivial.

    An outline is empty where the file cannot be looked at. Raises SandboxError where a worker cannot be replaced.
    """
    return _outlines([(artifact, Ask.OUTLINE) for artifact in artifacts], pool, projects)


def links(files: Sequence[LinkFile], pool: Pool, projects: Sequence[Project] = ()) -> Mapping[str, Outline]:
    """Path → outline of files that did not change, in less time than `describe` takes.

    Of a dbt file in SQL it knows what its Jinja says, not the CTEs and tables of its SQL. Raises SandboxError.
    """
    return _outlines([(_unchanged(file), Ask.LINKS) for file in files], pool, projects)


def edits_parse(edits: Sequence[Edit], pool: Pool, projects: Sequence[Project] = ()) -> tuple[str, ...]:
    """For each edit a clause why it is refused, or nothing where the file parses after it as it did before.

    Refused is also what cannot be checked: a notebook, a seed, a deleted file, one that did not parse before. Raises
    SandboxError.
    """
    told = [_unedited(edit.artifact) for edit in edits]
    jobs = [
        _job(str(number), _edited(edit), Ask.EDIT)
        for number, (edit, clause) in enumerate(zip(edits, told, strict=True))
        if not clause
    ]
    for reply in pool.run(jobs, macros_of(projects)):
        told[int(reply.subject)] = _problem(reply)
    return tuple(told)


def _outlines(asked: Sequence[tuple[Artifact, Ask]], pool: Pool, projects: Sequence[Project]) -> Mapping[str, Outline]:
    lines = {artifact.path: _text(artifact).count("\n") + 1 for artifact, _ in asked}
    found = {artifact.path: Outline() for artifact, _ in asked}
    jobs = [_job(artifact.path, artifact, ask) for artifact, ask in asked]
    for reply in pool.run(jobs, macros_of(projects)):
        if reply.answer is not None:
            try:
                found[reply.subject] = read_outline(lines[reply.subject], reply.answer)
            except MalformedAnswer:
                continue
    return found


def _job(subject: str, artifact: Artifact, ask: Ask) -> Job:
    weight = sum(len(version.text) for version in (artifact.base, artifact.head) if version is not None)
    return Job(subject, {"ask": ask.value, **request(artifact, None).to_dict()}, weight)


def _text(artifact: Artifact) -> str:
    version = artifact.head or artifact.base
    return version.text if version is not None else ""


def _unchanged(file: LinkFile) -> Artifact:
    version = Version(file.path, file.text)
    return Artifact(ChangedFile(file.path, Status.MODIFIED), file.kind, file.project, file.dialect, head=version)


def _unedited(artifact: Artifact) -> str:
    """Why no edit of this artifact is looked at at all; empty where it is."""
    if artifact.head is None:
        return f"{UNCHECKED}: the change deletes the file"
    if artifact.kind is Kind.DBT_SEED:
        return f"{UNCHECKED}: a seed is data, not code"
    if artifact.path.lower().endswith(".ipynb"):
        return f"{UNCHECKED}: a notebook is JSON, not code"
    return ""


def _edited(edit: Edit) -> Artifact:
    """The head before the edit as base, and after it as head."""
    artifact = edit.artifact
    return Artifact(
        artifact.file,
        artifact.kind,
        artifact.project,
        artifact.dialect,
        base=artifact.head,
        head=Version(artifact.path, edit.text),
    )


def _problem(reply: Reply) -> str:
    if reply.answer is None:
        return f"{UNCHECKED}: {reply.failure or 'the parser did not answer'}"
    try:
        return read_problem(reply.answer)
    except MalformedAnswer:
        return f"{UNCHECKED}: the parser's answer could not be read"
