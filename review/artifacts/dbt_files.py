"""Which files of a dbt project the rules are given beside the changed ones: all of a small one, else the neighbourhood.

Texts are the cost (git has to read them, every worker to take them), so a large project is bounded by distance from
the change: the changed files, the models they `ref`, and the properties that belong to either.
"""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename, dirname

from review.artifacts.dbt import PROJECT_FILE, DbtProject
from review.domain.artifact import Artifact, Kind
from review.domain.changeset import Changeset
from review.domain.project_files import ProjectFiles
from review.domain.tree import Tree

MAX_FILES = 2_000
"""Models, tests and property files up to which a project is read whole."""
MAX_CHARACTERS = 12_000_000
"""Of all texts together: what a worker is told at once may not be larger (`Limits.payload_bytes`)."""
MAX_NEAR = 600
"""Files that are read of a larger project."""
MAX_SEEDS = 60
"""Seeds whose first lines are read: those that the change touches or names."""
MAX_HEADING = 20_000
"""Characters of a seed's first line."""
LEVELS = 2
"""Generations of parents that are read of a larger project."""

MAX_NEIGHBOURS = 10
MAX_NAMES = 20_000
"""Projects, and files of one, whose names DAGs are given."""
_NODES = (".sql", ".py", ".csv", ".jinja", ".yml", ".yaml")
_TEXTS = (".sql", ".yml", ".yaml", ".py", ".jinja")
_PROPERTIES = (".yml", ".yaml")
_READ = frozenset({"model", "snapshot", "test", "seed", "macro"})
_VENDORED = frozenset({"target", "dbt_packages", "dbt_modules", "logs"})
_SETTINGS = (PROJECT_FILE, "packages.yml", "dependencies.yml")


def project_files(base: Tree, head: Tree, project: DbtProject, changeset: Changeset) -> ProjectFiles:
    """The project's files at head, and its changed files at base."""
    paths = [path for path in head.paths() if _is_mine(path, project)]
    wanted = [path for path in paths if _has_text(path, project)]
    touched = {
        path
        for file in changeset
        for path in (file.base_path, file.head_path)
        if path is not None and _is_mine(path, project) and _has_text(path, project)
    }
    is_whole = len(wanted) <= MAX_FILES
    texts = head.texts(wanted) if is_whole else _near(head, project, wanted, touched)
    if sum(map(len, texts.values())) > MAX_CHARACTERS:
        is_whole, texts = False, _bounded(_near(head, project, wanted, touched))
    before = base.texts(path for path in touched if base.has(path))
    if sum(map(len, before.values())) > MAX_CHARACTERS // 4:
        is_whole, before = False, {}
    changed = [path for file in changeset for path in (file.base_path, file.head_path) if path is not None]
    seeds = _named_seeds(project, paths, changed, [*before.values(), *(texts.get(path, "") for path in touched)])
    texts = {**texts, **_headings(head, seeds)}
    old: dict[str, str | None] = {path: None for path in changed if _is_seed(path, project)}
    old.update(_headings(base, set(seeds) & set(changed)))
    return ProjectFiles(
        root=project.root,
        folders=project.paths,
        texts=texts,
        unread=tuple(path for path in paths if path not in texts),
        before={**{path: before.get(path) for path in sorted(touched)}, **old},
        is_complete=is_whole and all(path in texts for path in wanted),
    )


def neighbours(tree: Tree, artifacts: Iterable[Artifact]) -> Mapping[str, tuple[str, ...]]:
    """Root → paths of what may be a model, for the repository's dbt projects; empty where no DAG speaks of dbt.

    By names alone: nothing is read. Empty, too, where there are more projects or names than are told: of some of them
    alone nobody can say what is nowhere.
    """
    dags = (each for each in artifacts if each.kind in (Kind.DAG, Kind.DAG_HELPER) and each.head is not None)
    if not any("dbt" in each.head.text for each in dags if each.head is not None):
        return {}
    paths = tree.paths()
    roots = [
        dirname(path) for path in paths if basename(path) == PROJECT_FILE and _VENDORED.isdisjoint(path.split("/"))
    ]
    if len(roots) > MAX_NEIGHBOURS:
        return {}
    found = {}
    for root in roots:
        prefix = f"{root}/" if root else ""
        inside = tuple(path for path in paths if path.startswith(prefix) and path.lower().endswith(_NODES))
        found[root] = inside[:MAX_NAMES]
    return {} if any(len(each) == MAX_NAMES for each in found.values()) else found


def _is_mine(path: str, project: DbtProject) -> bool:
    """Whether the path lies in one of the project's directories, or is one of its settings."""
    prefix = f"{project.root}/" if project.root else ""
    inside = path.removeprefix(prefix)
    if inside.partition("/")[0] in _VENDORED:
        return False
    return _is_setting(path, project) or project.folder(path) in _READ


def _has_text(path: str, project: DbtProject) -> bool:
    """Whether the file says something of the project: seeds and prose do not."""
    return path.lower().endswith(_TEXTS) and (project.folder(path) != "seed" or path.lower().endswith(_PROPERTIES))


def _is_seed(path: str, project: DbtProject) -> bool:
    return path.lower().endswith(".csv") and project.folder(path) == "seed" and _is_mine(path, project)


def _named_seeds(project: DbtProject, paths: list[str], changed: list[str], texts: list[str]) -> list[str]:
    """The seeds that the change touches, and those whose names stand in what it touches."""
    named = frozenset().union(*map(_words, texts))
    seeds = [path for path in paths if _is_seed(path, project)]
    mine = [path for path in seeds if path in changed or basename(path).rpartition(".")[0] in named]
    return mine[:MAX_SEEDS]


def _headings(tree: Tree, seeds: Iterable[str]) -> dict[str, str]:
    """Seed → its first line, which names its columns; the rest is data. Seeds with a longer one are left out."""
    firsts = {path: text.partition("\n")[0] for path, text in tree.texts(sorted(seeds)).items()}
    return {path: first for path, first in firsts.items() if len(first) <= MAX_HEADING}


def _near(head: Tree, project: DbtProject, wanted: list[str], touched: set[str]) -> Mapping[str, str]:
    """The texts around the changed files."""
    by_name = {basename(path).partition(".")[0]: path for path in wanted if not path.lower().endswith(_PROPERTIES)}
    properties: dict[str, list[str]] = {}
    for path in wanted:
        if path.lower().endswith(_PROPERTIES):
            properties.setdefault(dirname(path), []).append(path)
    settings = [path for path in wanted if _is_setting(path, project)]
    folders = {dirname(path) for path in touched}
    found = dict(head.texts([*settings, *(path for path in wanted if path in touched)][:MAX_NEAR]))
    beside = (path for folder in sorted(folders) for path in wanted if dirname(path) == folder)
    _add(head, found, beside)
    front: Iterable[str] = [text for path, text in found.items() if path in touched]
    for _ in range(LEVELS):
        parents = sorted({by_name[word] for text in front for word in _words(text) if word in by_name} - set(found))
        front = _add(head, found, parents).values()
    around = {folder for path in found for folder in _upwards(dirname(path))}
    _add(head, found, (path for folder in sorted(around, key=len, reverse=True) for path in properties.get(folder, ())))
    return found


def _is_setting(path: str, project: DbtProject) -> bool:
    return path in {f"{project.root}/{name}" if project.root else name for name in _SETTINGS}


def _add(head: Tree, found: dict[str, str], paths: Iterable[str]) -> Mapping[str, str]:
    """Read these as far as there is room; what was read."""
    chosen = [path for path in dict.fromkeys(paths) if path not in found][: max(0, MAX_NEAR - len(found))]
    texts = head.texts(chosen)
    found.update(texts)
    return texts


def _words(text: str) -> frozenset[str]:
    """What a text may name: which model it refs is for the rules to parse, only what to read is told here."""
    return frozenset("".join(char if char.isalnum() or char == "_" else " " for char in text).split())


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = dirname(folder)


def _bounded(texts: Mapping[str, str]) -> Mapping[str, str]:
    """As many of them, in their order, as there is room for."""
    kept: dict[str, str] = {}
    room = MAX_CHARACTERS
    for path, text in texts.items():
        if len(text) <= room:
            kept[path] = text
            room -= len(text)
    return kept
