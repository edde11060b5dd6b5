"""The files around a change that mention what it touches: who reads its models and tables, and what describes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname

from review.domain.artifact import Artifact
from review.domain.tree import Tree

SCANNED = 1_500
"""Files whose text is looked through; beyond that, those far from the change are left out, and it is said."""
KEPT = 300
"""Files that mention a changed name and are parsed."""
MAX_CHARACTERS = 200_000
"""A longer file is no model, DAG or job that a person wrote."""
_ENDINGS = (".sql", ".yml", ".yaml", ".py", ".scala", ".hql")


@dataclass(frozen=True)
class Surroundings:
    """Path → text at base of the unchanged files that mention one of the names."""

    texts: Mapping[str, str]
    is_whole: bool
    """Whether every file that could mention one was looked through."""


def surroundings(base: Tree, artifacts: Sequence[Artifact], names: Collection[str]) -> Surroundings:
    """The unchanged files around these artifacts that hold one of these names. Reads the tree, parses nothing."""
    if not names:
        return Surroundings({}, True)
    changed = {path for artifact in artifacts for path in (artifact.file.base_path, artifact.path) if path}
    folders = {dirname(artifact.path) for artifact in artifacts}
    projects = tuple({f"{artifact.project}/" if artifact.project else "" for artifact in artifacts
                      if artifact.project is not None})  # fmt: skip
    known = [path for path in base.paths() if path.lower().endswith(_ENDINGS) and path not in changed]
    shared = {folder: _shared(folder, folders) for folder in {dirname(path) for path in known}}
    near = sorted(known, key=lambda path: (not path.startswith(projects or ("\0",)), -shared[dirname(path)], path))
    texts = base.texts(near[:SCANNED])
    found: dict[str, str] = {}
    for path in near[:SCANNED]:
        text = texts.get(path, "")
        lowered = text.lower() if len(text) <= MAX_CHARACTERS else ""
        if any(name in lowered for name in names):
            found[path] = text
            if len(found) == KEPT:
                return Surroundings(found, False)
    return Surroundings(found, len(near) <= SCANNED)


def _shared(own: str, folders: Collection[str]) -> int:
    """How many of its leading directories a folder shares with the nearest of the changed files' folders."""
    parts = own.split("/") if own else []
    best = 0
    for folder in folders:
        same = 0
        for mine, other in zip(parts, folder.split("/"), strict=False):
            if mine != other:
                break
            same += 1
        best = max(best, same)
    return best
