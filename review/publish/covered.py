"""Whether a run looked at the place where an earlier run found something: only then does its silence mean anything."""

from review.domain.agent import Asked
from review.domain.changeset import ChangedFile, Status
from review.domain.conversation import Subject
from review.domain.evidence import Skipped, Stage
from review.domain.verdict import Review

_OF_ALL = frozenset({Stage.INTAKE.value, Stage.CLASSIFY.value, Stage.FINDINGS.value})
"""Stages whose skips leave nothing of a file to any source."""
_STAGES = {
    "rule": Stage.RULES.value,
    "sqlfluff": Stage.LINT.value,
    "ruff": Stage.LINT.value,
    "agent": Stage.AGENT.value,
}
"""Kind of source → the stage that is it."""


def is_covered(review: Review, subject: Subject, path: str) -> bool:
    """Whether the review looked for that finding at that path and would have found it again.

    A file that is deleted, or that the pull request does not change any more, cannot hold it. What another run claims
    to have found says nothing of what it left out. Of a comment of old, which does not name its source, every source
    must have looked.
    """
    file = _file(review, path)
    if file is None or file.status is Status.DELETED:
        return True
    if review.is_claimed or all(each.path != file.path for each in review.artifacts):
        return False
    kinds = [subject.source.partition(":")[0]] if subject.source else list(_STAGES)
    stages = {_STAGES[kind] for kind in kinds if kind in _STAGES}
    if not stages or (Stage.AGENT.value in stages and not _was_agent_asked(review, subject)):
        return False
    paths = {file.path, file.old_path or file.path, path}
    changed = {each.path for each in review.changeset}
    return not any(_hides(skip, subject, stages, paths, changed) for skip in review.skipped)


def is_changed(review: Review, path: str) -> bool:
    """Whether the pull request changes that path, under this name or its earlier one."""
    return _file(review, path) is not None


def _file(review: Review, path: str) -> ChangedFile | None:
    return review.changeset.file(path) or next((each for each in review.changeset if each.old_path == path), None)


def _was_agent_asked(review: Review, subject: Subject) -> bool:
    """Whether the agent that said it was heard to the end this time."""
    report = review.agent
    if report is None or report.asked not in (Asked.REVIEWED, Asked.REUSED):
        return False
    return subject.source in ("", f"agent:{report.agent}")


def _hides(skip: Skipped, subject: Subject, stages: set[str], paths: set[str], changed: set[str]) -> bool:
    """Whether the finding could be there and this is why it was not found."""
    if skip.stage not in _OF_ALL | stages:
        return False
    if skip.standards and subject.standard and subject.standard not in skip.standards:
        return False
    return skip.subject in paths or (skip.subject not in changed and not skip.harmless)
