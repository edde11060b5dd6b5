"""Which files of a repository are a dbt project's, and which of these say something of it, by their paths."""

from collections.abc import Iterable

from review.artifacts.dbt import PROJECT_FILE, VENDORED, DbtProject
from review.domain.tree import Tree

PROPERTIES = (".yml", ".yaml")
MAX_HEADING = 20_000
"""Characters of a seed's first line."""

_TEXTS = (".sql", ".yml", ".yaml", ".py", ".jinja")
_READ = frozenset({"model", "snapshot", "test", "seed", "macro"})
_SETTINGS = (PROJECT_FILE, "packages.yml", "dependencies.yml", "package-lock.yml")


def is_mine(path: str, project: DbtProject) -> bool:
    """Whether the path lies in one of the project's directories, or is one of its settings."""
    inside = path.removeprefix(f"{project.root}/") if project.root else path
    if inside.partition("/")[0] in VENDORED:
        return False
    return project.folder(path) in _READ or is_setting(path, project)


def is_setting(path: str, project: DbtProject) -> bool:
    """Whether the path is the project's own file, or lists its packages."""
    folder, _, name = path.rpartition("/")
    return folder == project.root and name in _SETTINGS


def is_text(path: str, project: DbtProject) -> bool:
    """Whether the file is the project's and says something of it: seeds and prose do not."""
    says = path.lower().endswith(_TEXTS) and (project.folder(path) != "seed" or path.lower().endswith(PROPERTIES))
    return says and is_mine(path, project)


def is_prose(path: str) -> bool:
    """Whether the file may hold doc blocks."""
    return path.lower().endswith(".md")


def is_seed(path: str, project: DbtProject) -> bool:
    """Whether the file is a seed of the project's."""
    return path.lower().endswith(".csv") and project.folder(path) == "seed" and is_mine(path, project)


def headings(tree: Tree, seeds: Iterable[str]) -> dict[str, str]:
    """Seed → its first line, which names its columns; the rest is data. Seeds with a longer one are left out."""
    firsts = {path: text.partition("\n")[0] for path, text in tree.texts(sorted(seeds)).items()}
    return {path: first for path, first in firsts.items() if len(first) <= MAX_HEADING}
