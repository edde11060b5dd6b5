"""Everything the agent is told, brought together from the stages before it: the change, its surroundings, its facts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from review.artifacts.dbt import DbtProject, project_of
from review.artifacts.file_kind import file_kind
from review.config.policy import Policy
from review.domain.artifact import Artifact
from review.domain.changeset import Changeset
from review.domain.consulted import Consulted
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding
from review.domain.outline import Outline, Part
from review.domain.target import Target
from review.domain.tree import Tree
from review.errors import InputError, ReviewError, where_raised
from review.evidence.collect import Project
from review.evidence.describe import Edit, LinkFile, describe, edits_parse, links
from review.reviewers.brief import About
from review.reviewers.checks import Subject
from review.reviewers.lineage import Lineage, names_of
from review.reviewers.setup import Change, Consultant
from review.reviewers.surroundings import surroundings
from review.reviewers.tools import Shelf
from review.rules.trust.hidden_characters import hides_a_message
from review.rules.trust.instructions_to_a_reviewer import told_to_a_reviewer
from review.sandbox.pool import Pool

DESCRIBED = frozenset({"model", "seed", "snapshot"})
"""Kinds of parts of a properties file that describe a file of their name."""


@dataclass(frozen=True)
class Material:
    """What the stages before have made of the change."""

    target: Target
    changeset: Changeset
    artifacts: tuple[Artifact, ...]
    findings: tuple[Finding, ...]
    projects: Sequence[Project]
    dbt_projects: tuple[DbtProject, ...]
    base: Tree
    head: Tree
    policy: Policy


def ask(material: Material, consultant: Consultant, pool: Pool) -> Consulted:
    """What the consultant says of the change. The pool's workers do all the parsing.

    Whatever fails here fails for the agent alone: what rules and linters found stands. Raises InputError where what the
    user gave cannot be used.
    """

    def parse_edits(edits: Sequence[tuple[Artifact, str]]) -> Sequence[str]:
        made = [Edit(artifact, text) for artifact, text in edits]
        return edits_parse(made, pool, material.projects) if made else ()

    try:
        heard = consultant.consult(known(material, pool), parse_edits)
    except InputError:
        raise
    except Exception as error:
        why = str(error) if isinstance(error, ReviewError) else f"it failed on our own account ({where_raised(error)})"
        report = consultant.unheard()
        heard = Consulted(report, skipped=(Skipped(Stage.AGENT.value, report.agent if report else "agent", why),))
    return replace(heard, notices=(*heard.notices, *_warnings(material)))


def _warnings(material: Material) -> Iterator[str]:
    """That the author's words on the change, which the model is shown, speak to it; of data files, rules say that."""
    pull = material.target.pull_request
    reviewed = {artifact.path for artifact in material.artifacts}
    for file in material.changeset:
        if file.path not in reviewed and (told := told_to_a_reviewer(file.path.replace("_", " "))):
            yield f"The name of a changed file {told}. It is no data file, and its text was not reviewed."
            break
    for name, text in (("title", pull.title), ("description", pull.description)) if pull is not None else ():
        told = told_to_a_reviewer(text) or ("hides characters that no reader sees" if hides_a_message(text) else "")
        if told:
            yield (
                f"The {name} of this pull request {told}. A language model may obey it, so what the agent says of this"
                " change cannot be relied on: let a person read it."
            )


def known(material: Material, pool: Pool) -> Change:
    """The change with its outlines, its lineage and what describes its models."""
    outlines = describe(material.artifacts, pool, material.projects)
    around, texts, is_whole = _surroundings(material, outlines, pool)
    pull = material.target.pull_request
    lineage = Lineage({**around, **outlines}, is_whole)
    return Change(
        about=About(
            material.changeset,
            material.artifacts,
            material.policy.context,
            pull.title if pull is not None else "",
            pull.description if pull is not None else "",
        ),
        subjects={
            artifact.path: Subject(artifact, outlines.get(artifact.path, Outline())) for artifact in material.artifacts
        },
        lineage=lineage,
        findings=material.findings,
        properties=_properties(material.artifacts, {**around, **outlines}, texts),
        shelf=_shelf(material, lineage),
    )


def _surroundings(
    material: Material, outlines: Mapping[str, Outline], pool: Pool
) -> tuple[dict[str, Outline], dict[str, str], bool]:
    """Outlines and texts of the unchanged files that mention what the change writes, and whether those are all."""
    stems = {
        artifact.path.rpartition("/")[2].partition(".")[0].lower()
        for artifact in material.artifacts
        if artifact.kind.value.startswith("dbt-") and artifact.kind.is_sql
    }
    names = stems.union(*(names_of(outline) for outline in outlines.values()))
    found = surroundings(material.base, material.artifacts, names)
    files = [file for path, text in found.texts.items() if (file := _link_file(path, text, material)) is not None]
    return dict(links(files, pool, material.projects)), dict(found.texts), found.is_whole


def _link_file(path: str, text: str, material: Material) -> LinkFile | None:
    """The file as the workers take it; None for one that is none of ours."""
    project = project_of(path, material.dbt_projects)
    kind = file_kind(path, text, project)
    if kind is None:
        return None
    dialects = Counter(each.dialect for each in material.artifacts if each.dialect)
    usual = dialects.most_common(1)[0][0] if dialects else None
    mine = project if kind.value.startswith("dbt-") else None
    return LinkFile(path, text, kind, mine.dialect if mine else usual, mine.root if mine else None)


def _properties(
    artifacts: Sequence[Artifact], outlines: Mapping[str, Outline], around: Mapping[str, str]
) -> dict[str, tuple[tuple[str, str, Part], ...]]:
    """Path of a model → path and text of each properties file, with the part of it that describes the model."""
    texts = {**around, **{each.path: each.head.text for each in artifacts if each.head is not None}}
    described: dict[str, list[tuple[str, str, Part]]] = {}
    for path, outline in sorted(outlines.items()):
        for part in outline.parts:
            if part.kind in DESCRIBED and path in texts and path.lower().endswith((".yml", ".yaml")):
                described.setdefault(part.name.lower(), []).append((path, texts[path], part))
    return {
        artifact.path: tuple(found)
        for artifact in artifacts
        if (found := described.get(artifact.path.rpartition("/")[2].partition(".")[0].lower()))
    }


def _shelf(material: Material, lineage: Lineage) -> Shelf:
    changed = {path for file in material.changeset for path in (file.head_path,) if path is not None}
    gone = {file.base_path for file in material.changeset if file.base_path is not None} - changed
    return Shelf(material.head, material.base, frozenset(changed), frozenset(gone), lineage, Lock())
