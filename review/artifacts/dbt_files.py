"""Which files of a dbt project the rules are given beside the changed ones: all of a small one, else the neighbourhood.

Texts are the cost (git has to read them, every worker to take them), so a large project is bounded by distance from
the change: the changed files, the models they `ref`, and the properties that belong to either.
"""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename, dirname

from review.artifacts.dbt import PROJECT_FILE, VENDORED, DbtProject, projects
from review.artifacts.dbt_before import before, with_seeds
from review.artifacts.dbt_members import PROPERTIES, headings, is_mine, is_prose, is_seed, is_setting, is_text
from review.artifacts.text_budget import MAX_BYTES, MAX_FILE, SEEDS_ROOM, bounded, fitting, size, total
from review.domain.artifact import Artifact, Kind
from review.domain.changeset import Changeset
from review.domain.named import words
from review.domain.project_files import ProjectFiles
from review.domain.tree import Tree

MAX_FILES = 2_000
"""Models, tests and property files up to which a project is read whole."""
MAX_NEAR = 600
"""Files that are read of a larger project."""
MAX_SEEDS = 60
"""Seeds whose first lines are read: those that the change touches or names."""
MAX_PROSE = 300
"""Markdown files that are read, for the doc blocks in them."""
LEVELS = 2
"""Generations of parents that are read of a larger project."""

MAX_READERS = 3
"""Projects that are read because of a Spark job."""
MAX_NEIGHBOURS = 10
MAX_NAMES = 20_000
"""Projects, and files of one, whose names DAGs are given."""
_NODES = (".sql", ".py", ".csv", ".jinja", ".yml", ".yaml")


def project_files(base: Tree, head: Tree, project: DbtProject, changeset: Changeset) -> ProjectFiles:
    """The project's files at head, and its changed files at base, where its directories may have been others.

    All of it together fits into what a worker is told at once; what does not is left unread, or lost.
    """
    paths = [path for path in head.paths() if is_mine(path, project)]
    wanted = [path for path in paths if is_text(path, project)]
    old = before(base, head, project, changeset, MAX_BYTES // 4)
    changed = {path for file in changeset for path in (file.base_path, file.head_path) if path is not None}
    touched = {path for path in changed if is_text(path, project)}
    room = MAX_BYTES - old.size - sum(map(size, fitting(paths, MAX_BYTES // 4))) - 3 * SEEDS_ROOM
    texts = _texts(head, project, wanted, touched, room)
    said = [*filter(None, old.texts.values()), *(texts.get(path, "") for path in touched)]
    seeds = headings(head, _named_seeds(project, paths, changed, said))
    texts.update(bounded(seeds, SEEDS_ROOM))
    if all(path in texts for path in wanted):
        texts.update(bounded(head.texts([path for path in paths if is_prose(path)][:MAX_PROSE]), SEEDS_ROOM))
    old = with_seeds(old, base, head, project, texts)
    was = old.project
    unread = [path for path in paths if path not in texts]
    told = fitting(unread, MAX_BYTES // 4)
    return ProjectFiles(
        root=project.root,
        folders=project.paths,
        texts=texts,
        unread=told,
        before=old.texts,
        lost=old.lost,
        was=(was.root, was.paths) if (was.root, was.paths) != (project.root, project.paths) else None,
        is_complete=len(told) == len(unread) and not old.lost and all(path in texts for path in wanted),
    )


def _texts(head: Tree, project: DbtProject, wanted: list[str], touched: set[str], room: int) -> dict[str, str]:
    """The texts of the whole project where there is room for them, else of what lies around the change."""
    if len(wanted) <= MAX_FILES:
        texts = {path: text for path, text in head.texts(wanted).items() if size(text) <= MAX_FILE}
        if total(texts) <= room:
            return texts
    return bounded(_near(head, project, wanted, touched), room)


def neighbours(tree: Tree, artifacts: Iterable[Artifact]) -> Mapping[str, tuple[str, ...]]:
    """Root → paths of what may be a model, for the repository's dbt projects; empty where no DAG speaks of dbt.

    By names alone: nothing is read. Empty, too, where there are more projects or names than are told: of some of them
    alone nobody can say what is nowhere.
    """
    dags = (each for each in artifacts if each.kind in (Kind.DAG, Kind.DAG_HELPER) and each.head is not None)
    if not any("dbt" in each.head.text for each in dags if each.head is not None):
        return {}
    paths = tree.paths()
    roots = [dirname(path) for path in paths if basename(path) == PROJECT_FILE and VENDORED.isdisjoint(path.split("/"))]
    if len(roots) > MAX_NEIGHBOURS:
        return {}
    found = {}
    for root in roots:
        prefix = f"{root}/" if root else ""
        inside = tuple(path for path in paths if path.startswith(prefix) and path.lower().endswith(_NODES))
        found[root] = inside[:MAX_NAMES]
    return {} if any(len(each) == MAX_NAMES for each in found.values()) else found


def readers(tree: Tree, artifacts: Iterable[Artifact]) -> tuple[DbtProject, ...]:
    """The repository's dbt projects, where a changed Spark job replaces a table that they may read; else none.

    None, too, where there are more of them than one team has.
    """
    jobs = (each.head.text for each in artifacts if each.kind is Kind.PYSPARK and each.head is not None)
    if not any("saveAsTable" in text or "writeTo" in text for text in jobs):
        return ()
    files = [path for path in tree.paths() if basename(path) == PROJECT_FILE and VENDORED.isdisjoint(path.split("/"))]
    return projects(tree, files) if len(files) <= MAX_READERS else ()


def _named_seeds(project: DbtProject, paths: list[str], changed: set[str], texts: list[str]) -> list[str]:
    """The seeds that the change touches, and those whose names stand in what it touches."""
    named = frozenset().union(*map(words, texts))
    seeds = [path for path in paths if is_seed(path, project)]
    mine = [path for path in seeds if path in changed or basename(path).rpartition(".")[0] in named]
    return mine[:MAX_SEEDS]


def _near(head: Tree, project: DbtProject, wanted: list[str], touched: set[str]) -> Mapping[str, str]:
    """The texts around the changed files."""
    by_name = {basename(path).partition(".")[0]: path for path in wanted if not path.lower().endswith(PROPERTIES)}
    in_folder = _by_folder(wanted)
    settings = [path for path in wanted if is_setting(path, project)]
    folders = {dirname(path) for path in touched}
    found = dict(head.texts([*settings, *(path for path in wanted if path in touched)][:MAX_NEAR]))
    _add(head, found, (path for folder in sorted(folders) for path in in_folder.get(folder, ())))
    front: Iterable[str] = [text for path, text in found.items() if path in touched]
    for _ in range(LEVELS):
        parents = sorted({by_name[word] for text in front for word in words(text) if word in by_name} - set(found))
        front = _add(head, found, parents).values()
    around = {folder for path in found for folder in _upwards(dirname(path))}
    inner_first = sorted(around, key=lambda folder: (-len(folder), folder))
    about = (path for folder in inner_first for path in in_folder.get(folder, ()) if path.lower().endswith(PROPERTIES))
    _add(head, found, about)
    return found


def _by_folder(paths: Iterable[str]) -> Mapping[str, list[str]]:
    """Folder → the paths in it itself, in their order."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(dirname(path), []).append(path)
    return found


def _add(head: Tree, found: dict[str, str], paths: Iterable[str]) -> Mapping[str, str]:
    """Read these as far as there is room; what was read."""
    chosen = [path for path in dict.fromkeys(paths) if path not in found][: max(0, MAX_NEAR - len(found))]
    texts = head.texts(chosen)
    found.update(texts)
    return texts


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = dirname(folder)
