"""What is known for certain about the change, each with an id that an answer may cite.

Facts come from parsers, linters and rules, never from a model: a finding that cites one stands on more than an opinion.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from review.domain.artifact import Artifact, Kind
from review.domain.finding import Finding
from review.domain.outline import Outline, Part
from review.domain.wording import listed
from review.reviewers.diff import WHOLE, excerpt, visible
from review.reviewers.lineage import Lineage

NEIGHBOURS = 12
"""Parents, children or readers named in one fact."""
FINDINGS = 40
"""Of linters and rules, told of one file: the worst."""
DEFAULTS = 4
"""DAGs and default arguments quoted of one file."""
EXPLANATION = 600
"""Characters of one finding's explanation."""
EXCERPT_LINES = 40
"""Lines of properties or default arguments quoted in one fact."""


@dataclass(frozen=True)
class Fact:
    """One certain thing about one file."""

    id: str
    """`F1`, `F2` …: the same in every cluster of a run."""
    path: str
    text: str
    """One sentence, then quoted lines with their gutter where there are any."""
    finding: Finding | None = None
    """The finding of a linter or a rule that the fact is."""

    def __str__(self) -> str:
        return f"{self.id} {visible(self.path)}: {self.text}"


def facts(
    artifacts: Sequence[Artifact],
    findings: Iterable[Finding],
    outlines: Mapping[str, Outline],
    lineage: Lineage,
    properties: Mapping[str, tuple[tuple[str, str, Part], ...]],
) -> tuple[Fact, ...]:
    """Everything known of these files, by path; ids count up in that order.

    `properties` gives for a model's path the files (path, text) and parts that describe it.
    """
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        by_path.setdefault(finding.location.path, []).append(finding)
    found: list[tuple[str, str, Finding | None]] = []
    changed = {artifact.path for artifact in artifacts}  # shown as files themselves
    for artifact in sorted(artifacts, key=lambda artifact: artifact.path):
        outline = outlines.get(artifact.path, Outline())
        path = artifact.path
        mine = sorted(by_path.get(path, ()), key=lambda finding: finding.severity.rank)
        found += [(path, _of_finding(finding), finding) for finding in mine[:FINDINGS]]
        if len(mine) > FINDINGS:
            found.append((path, f"{len(mine) - FINDINGS} more findings of linters and rules", None))
        found += [(path, text, None) for text in _of_lineage(artifact, lineage)]
        described = [each for each in properties.get(path, ()) if each[0] not in changed]
        found += [(path, text, None) for text in _of_properties(described)]
        found += [(path, text, None) for text in _of_defaults(artifact, outline)]
    return tuple(Fact(f"F{number}", *rest) for number, rest in enumerate(found, 1))


def _of_finding(finding: Finding) -> str:
    where = finding.location
    return (
        f"{finding.source} found at {where.side.value} {where.line}-{where.end_line}"
        f" ({finding.standard.value}, {finding.severity.value}): {_flat(finding.title)}."
        f" {_flat(finding.explanation)[:EXPLANATION]}"
    )


def _of_lineage(artifact: Artifact, lineage: Lineage) -> Iterable[str]:
    parents, children = lineage.parents(artifact.path), lineage.children(artifact.path)
    if parents:
        yield f"reads {listed([*map(_flat, parents)], NEIGHBOURS)}"
    if children:
        verb = "is read by" if artifact.kind.value.startswith("dbt-") else "writes what is read by"
        yield f"{verb} {listed([*map(_flat, children)], NEIGHBOURS)}"
    elif artifact.kind in (Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_SEED) and lineage.is_whole:
        yield "nothing else in this repository refers to it"


def _of_properties(described: Iterable[tuple[str, str, Part]]) -> Iterable[str]:
    """`described`: path and text of a properties file, and the part of it that is about the model."""
    for path, text, part in described:
        last = min(part.end_line, part.line + EXCERPT_LINES - 1)
        more = f"\n({part.end_line - last} more lines)" if last < part.end_line else ""
        yield f"is described in {visible(path)}:\n{excerpt(text, part.line, last)}{more}"


def _of_defaults(artifact: Artifact, outline: Outline) -> Iterable[str]:
    """What the tasks of a long DAG file inherit; a short file is shown whole anyway."""
    if artifact.kind is not Kind.DAG or artifact.head is None or artifact.head.text.count("\n") <= WHOLE:
        return
    inherited = [part for part in outline.parts if part.kind in ("default_args", "dag")]
    for part in inherited[:DEFAULTS]:
        last = min(part.end_line, part.line + EXCERPT_LINES // 2 - 1)
        yield f"{part.kind} {part.name}:\n{excerpt(artifact.head.text, part.line, last)}"


def _flat(text: str) -> str:
    return " ".join(text.split())
