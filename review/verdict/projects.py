"""How each part of the repository stands by itself: a team answers for its own project, not for all of them."""

from collections.abc import Iterable, Sequence

from review.domain.artifact import Artifact, Stack
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding
from review.domain.projects import ProjectKind, ProjectVerdict
from review.domain.verdict import Decision
from review.verdict.coverage import file_of

DAGS = "dags"
"""What the folder of a team's DAGs is called (Airflow's `dags_folder`), wherever it lies."""
_Part = tuple[ProjectKind, str]
_OTHER: _Part = (ProjectKind.OTHER, "")


def projects(
    artifacts: Sequence[Artifact], findings: Iterable[Finding], blocking: frozenset[str], undecided: Iterable[Skipped]
) -> tuple[ProjectVerdict, ...]:
    """One verdict for each part that changed, dbt projects first, then folders of DAGs, then the rest.

    What was missed and is no file (an agent that did not answer) counts against the whole review, and in no part.
    """
    part_of = {artifact.path: _part(artifact) for artifact in artifacts}
    parts = set(part_of.values())
    found: dict[_Part, list[Finding]] = {part: [] for part in parts}
    unseen: dict[_Part, set[str]] = {part: set() for part in parts}
    for finding in findings:
        found.setdefault(_home(finding.location.path, part_of, parts), []).append(finding)
    for skip in undecided:
        if skip.stage != Stage.AGENT.value:
            path = file_of(skip, part_of)
            unseen.setdefault(_home(path, part_of, parts), set()).add(path)
    order = list(ProjectKind)
    return tuple(
        _verdict(part, found.get(part, ()), blocking, len(unseen.get(part, ())))
        for part in sorted({*found, *unseen}, key=lambda part: (order.index(part[0]), part[1]))
    )


def _verdict(part: _Part, findings: Sequence[Finding], blocking: frozenset[str], unseen: int) -> ProjectVerdict:
    blocks = sum(finding.fingerprint in blocking for finding in findings)
    decision = Decision.FAIL if blocks else Decision.INCOMPLETE if unseen else Decision.PASS
    return ProjectVerdict(*part, decision, len(findings), blocks, unseen)


def _part(artifact: Artifact) -> _Part:
    if artifact.project is not None:
        return ProjectKind.DBT, artifact.project
    if artifact.kind.stack is not Stack.AIRFLOW:
        return _OTHER
    folders = artifact.path.split("/")[:-1]
    depth = folders.index(DAGS) + 1 if DAGS in folders else 1
    return ProjectKind.DAGS, "/".join(folders[:depth])


def _home(path: str, part_of: dict[str, _Part], parts: Iterable[_Part]) -> _Part:
    """The part of a path, also of one that is no artifact: a file that could not be read lies in a project as well."""
    if path in part_of:
        return part_of[path]
    around = [part for part in parts if part[1] and path.startswith(f"{part[1]}/")]
    return max(around, key=lambda part: len(part[1]), default=_OTHER)
