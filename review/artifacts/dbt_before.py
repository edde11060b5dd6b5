"""A dbt project's changed files at the merge base, where its directories may have been others than at head.

What was there and was not read is `lost`, never absent: else every old defect would be the change's.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from posixpath import dirname

from review.artifacts.dbt import DbtProject, project_at
from review.artifacts.dbt_members import headings, is_mine, is_prose, is_seed, is_text
from review.artifacts.text_budget import SEEDS_ROOM, bounded, size, total
from review.domain.changeset import Changeset
from review.domain.tree import Tree

MAX_SEEDS = 60
"""Seeds that are gone whose first lines are read."""


@dataclass(frozen=True)
class Before:
    """What is different at the merge base."""

    project: DbtProject
    """The project as it was; as it is, where it is new."""
    told: frozenset[str]
    """The files that the change touches, and those that the project had where it looks no more, or has only now."""
    texts: Mapping[str, str | None]
    """Path → text; None where it was not there."""
    lost: tuple[str, ...]
    """What was there and was not read."""

    @property
    def size(self) -> int:
        """Bytes of it in what a worker is told."""
        return total(self.texts) + sum(map(size, self.lost))


def before(base: Tree, head: Tree, project: DbtProject, changeset: Changeset, room: int) -> Before:
    """The changed files of the project that say something of it, as many as there is `room` (bytes) for."""
    changed = {path for file in changeset for path in (file.base_path, file.head_path) if path is not None}
    was, lost = _project_before(base, head, project, changeset)
    told = changed | _moved(base, head, was, project)
    wanted = sorted(path for path in told if _says(path, was) or _says(path, project))
    there = [path for path in wanted if _says(path, was) and base.has(path)]
    texts = bounded(base.texts(there), room)
    lost = (*lost, *(path for path in there if path not in texts))
    return Before(was, frozenset(told), {path: texts.get(path) for path in wanted if path not in lost}, lost)


def with_seeds(found: Before, base: Tree, head: Tree, project: DbtProject, read: Container[str]) -> Before:
    """The same with the changed seeds, of which those are read that were `read` at head, or are gone.

    Of one that was there and is not read the line is empty: what it gives is not known on either side.
    """
    seeds = sorted(path for path in found.told if is_seed(path, found.project) or is_seed(path, project))
    there = [path for path in seeds if is_seed(path, found.project) and base.has(path)]
    gone = [path for path in there if not head.has(path)]
    firsts = bounded(headings(base, {*gone[:MAX_SEEDS], *(path for path in there if path in read)}), SEEDS_ROOM)
    lost = tuple(path for path in there if path in read and path not in firsts)
    known: dict[str, str | None] = dict.fromkeys(seeds)
    known.update({path: firsts.get(path, "") for path in there if path not in lost})
    known = {path: line for path, line in known.items() if path not in lost}
    return replace(found, texts={**found.texts, **known}, lost=(*found.lost, *lost))


def _project_before(
    base: Tree, head: Tree, project: DbtProject, changeset: Changeset
) -> tuple[DbtProject, tuple[str, ...]]:
    """The project at base, which may have had another root, and its file, where that cannot be read."""
    path = next((file.base_path for file in changeset if file.head_path == project.file), None) or project.file
    if base.entry(path) == head.entry(project.file) and path == project.file:
        return project, ()
    was = project_at(base, dirname(path))
    return was or project, (path,) if was is None and base.has(path) else ()


def _says(path: str, project: DbtProject) -> bool:
    """Whether the file is the project's and says something of it, be it in doc blocks."""
    return is_text(path, project) or (is_prose(path) and is_mine(path, project))


def _moved(base: Tree, head: Tree, was: DbtProject, project: DbtProject) -> set[str]:
    """What belongs to the project on one side only, though the change may not touch it."""
    if (was.root, was.paths) == (project.root, project.paths):
        return set()
    old = {path for path in base.paths() if is_mine(path, was)}
    return old ^ {path for path in head.paths() if is_mine(path, project)}
