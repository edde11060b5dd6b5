"""Changed files → clusters that are each sent in one conversation: what belongs together, riskiest first.

A model that sees less sees better (SWE-PRBench, arXiv 2603.26130: every model degrades from the diff alone to the full
context), so a cluster holds related files and at most some fifteen thousand tokens of diff.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname

from review.domain.artifact import Artifact, Kind
from review.domain.changeset import Status
from review.domain.finding import Finding
from review.domain.outline import Outline
from review.reviewers.diff import Shown, show
from review.reviewers.lineage import Lineage

CLUSTER_CHARACTERS = 25_000
"""Ten thousand tokens at 2.5 characters a token (Anthropic's documentation, "Models overview"): half of what would do,
so that more of each request is read from the cache."""
FILE_CHARACTERS = 37_000
"""Fifteen thousand tokens. A longer file is cut to its changes, and then to as many of those as fit."""

_WEIGHTS = {
    Kind.DBT_MODEL: 4, Kind.DBT_PYTHON_MODEL: 4, Kind.DBT_SNAPSHOT: 5, Kind.DBT_MACRO: 4, Kind.DAG: 5,
    Kind.DAG_HELPER: 3, Kind.DAG_CONFIG: 3, Kind.PYSPARK: 4, Kind.SCALA_SPARK: 4, Kind.NOTEBOOK: 2,
    Kind.SQL_MIGRATION: 6, Kind.SQL_DDL: 5, Kind.SQL_QUERY: 3, Kind.DBT_PROPERTIES: 2, Kind.DBT_TEST: 2,
    Kind.DBT_GENERIC_TEST: 2, Kind.DBT_PROJECT: 3, Kind.DBT_PACKAGES: 1, Kind.DBT_ANALYSIS: 1, Kind.DBT_SEED: 1,
    Kind.DBT_DOCS: 1,
}  # fmt: skip
"""What a mistake in such a file tends to cost, relative to the others."""


@dataclass(frozen=True)
class Cluster:
    """Files that are reviewed together."""

    files: tuple[Shown, ...]
    """By path."""
    risk: int

    @property
    def paths(self) -> tuple[str, ...]:
        """Their paths, sorted."""
        return tuple(shown.artifact.path for shown in self.files)

    @property
    def characters(self) -> int:
        """Size of its diff."""
        return sum(len(shown.text) for shown in self.files)


def clusters(
    artifacts: Sequence[Artifact],
    outlines: Mapping[str, Outline],
    lineage: Lineage,
    findings: Iterable[Finding],
    described: Mapping[str, Iterable[str]],
) -> tuple[Cluster, ...]:
    """The files in clusters, riskiest first; every file is in exactly one.

    `described` gives for a model's path the properties files that describe it.
    """
    flagged = {finding.location.path for finding in findings}
    shown = {
        artifact.path: show(artifact, outlines.get(artifact.path, Outline()), FILE_CHARACTERS) for artifact in artifacts
    }
    risks = {artifact.path: _risk(artifact, artifact.path in flagged, lineage) for artifact in artifacts}
    groups = _related(artifacts, lineage, described)
    groups.sort(key=lambda group: (_home(group[0]), group[0].path))
    packed: list[list[Shown]] = []
    homes: list[str] = []
    for group in groups:
        for piece in _pieces([shown[artifact.path] for artifact in group]):
            if packed and _fits(packed[-1], piece, same_home=homes[-1] == _home(group[0])):
                packed[-1].extend(piece)
            else:
                packed.append(list(piece))
                homes.append(_home(group[0]))
    made = [
        Cluster(
            tuple(sorted(files, key=lambda each: each.artifact.path)),
            max(risks[each.artifact.path] for each in files),
        )
        for files in packed
    ]
    return tuple(sorted(made, key=lambda cluster: (-cluster.risk, cluster.paths)))


def _risk(artifact: Artifact, is_flagged: bool, lineage: Lineage) -> int:
    """Higher is worse: what the file is, what is taken away, how much changes, who depends on it, what was found."""
    file = artifact.file
    size = len(file.added) + len(file.removed)
    return (
        _WEIGHTS[artifact.kind] * 10
        + (15 if is_flagged else 0)
        + (10 if file.removed and file.status is not Status.DELETED else 0)
        + min(size // 10, 20)
        + 2 * min(len(lineage.children(artifact.path)), 10)
    )


def _related(
    artifacts: Sequence[Artifact], lineage: Lineage, described: Mapping[str, Iterable[str]]
) -> list[list[Artifact]]:
    """Files joined by lineage within a project, by properties, or else by their directory; sorted by path."""
    leader = {artifact.path: artifact.path for artifact in artifacts}
    by_path = {artifact.path: artifact for artifact in artifacts}

    def find(path: str) -> str:
        while leader[path] != path:
            leader[path] = leader[leader[path]]
            path = leader[path]
        return path

    def join(one: str, other: str) -> None:
        if other in leader:
            first, second = sorted((find(one), find(other)))
            leader[second] = first

    folders: dict[tuple[str, str], str] = {}
    for artifact in sorted(artifacts, key=lambda artifact: artifact.path):
        path = artifact.path
        for child in lineage.children(path):
            if child in by_path and by_path[child].project == artifact.project:
                join(path, child)
        for properties in described.get(path, ()):
            join(path, properties)
        join(path, folders.setdefault((_home(artifact), dirname(path)), path))
    groups: dict[str, list[Artifact]] = {}
    for path in sorted(leader):
        groups.setdefault(find(path), []).append(by_path[path])
    return list(groups.values())


def _home(artifact: Artifact) -> str:
    """The dbt project, or the first directory of a file outside any."""
    return f"project {artifact.project}" if artifact.project is not None else artifact.path.partition("/")[0]


def _pieces(files: Sequence[Shown]) -> list[list[Shown]]:
    """A group cut where it is larger than a cluster; files of one directory stay together as far as they can."""
    pieces: list[list[Shown]] = [[]]
    size = 0
    for shown in sorted(files, key=lambda each: (dirname(each.artifact.path), each.artifact.path)):
        if pieces[-1] and size + len(shown.text) > CLUSTER_CHARACTERS:
            pieces.append([])
            size = 0
        pieces[-1].append(shown)
        size += len(shown.text)
    return pieces


def _fits(cluster: Sequence[Shown], piece: Sequence[Shown], *, same_home: bool) -> bool:
    """Whether a group joins the cluster before it: strangers only where both are small."""
    room = CLUSTER_CHARACTERS if same_home else CLUSTER_CHARACTERS // 2
    return sum(len(each.text) for each in (*cluster, *piece)) <= room
