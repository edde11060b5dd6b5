"""dbt projects as their files say: where each keeps what, and which warehouse it is for. No dbt is run.

Source of the keys and defaults: docs.getdbt.com, "dbt_project.yml".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from posixpath import basename, dirname, normpath

from review.artifacts.dialect import ADAPTERS, by_content
from review.artifacts.words import mentions
from review.artifacts.yaml_file import UnreadableYaml, entries, root
from review.domain.artifact import Kind
from review.domain.project_files import Folders
from review.domain.tree import Tree

PROJECT_FILE = "dbt_project.yml"
_PACKAGES = ("packages.yml", "dependencies.yml")
_DEFAULTS: dict[str, tuple[str, ...]] = {
    "model": ("models",),
    "macro": ("macros",),
    "seed": ("seeds",),
    "snapshot": ("snapshots",),
    "test": ("tests",),
    "analysis": ("analyses",),
}
_KEYS = {f"{name}-paths": name for name in _DEFAULTS} | {"source-paths": "model", "data-paths": "seed"}
VENDORED = frozenset({"target", "dbt_packages", "dbt_modules", "logs"})
"""Directories of a project that hold what dbt makes or loads."""
_DOCS = ("{% docs", "{%- docs")
_MAX_PROFILES = 5
_SAMPLE = 30


@dataclass(frozen=True)
class DbtProject:
    """One project of the repository."""

    root: str
    """Its directory; empty is the repository's."""
    name: str
    paths: Mapping[str, tuple[str, ...]]
    """What (`model`, `macro` …) → the directories it is kept in, from the repository's root, with a slash."""
    dialect: str
    told: frozenset[str] = frozenset()
    """The dialects of the warehouses that its profiles name. Where it is one, `dialect` is no guess."""
    problem: str = ""
    """Why its file could not be read, so that its directories are dbt's defaults; empty where it could."""

    @property
    def file(self) -> str:
        """The path of its `dbt_project.yml`."""
        return f"{self.root}/{PROJECT_FILE}" if self.root else PROJECT_FILE

    def kind(self, path: str, text: str | None) -> Kind | None:
        """What a file of this project is; None where it is nothing of dbt's. `text` decides among kinds of SQL."""
        inside = path.removeprefix(f"{self.root}/") if self.root else path
        name = basename(path).lower()  # dbt, too, matches endings in any case
        if inside.split("/")[0] in VENDORED:
            return None
        if inside == PROJECT_FILE:
            return Kind.DBT_PROJECT
        if inside in _PACKAGES:
            return Kind.DBT_PACKAGES
        folder = self.folder(path)
        if folder is None:
            return None
        if name.endswith((".yml", ".yaml")):
            return Kind.DBT_PROPERTIES
        if name.endswith(".csv"):
            return Kind.DBT_SEED if folder == "seed" else None
        if name.endswith(".md"):
            return Kind.DBT_DOCS if any(each in (text or "") for each in _DOCS) else None
        if name.endswith(".py"):
            return Kind.DBT_PYTHON_MODEL if folder == "model" else None
        return _sql_kind(folder, inside, text or "") if name.endswith((".sql", ".sql.jinja", ".jinja")) else None

    def folder(self, path: str) -> str | None:
        """What the innermost of the project's directories that holds the path is for; None outside all."""
        return self._folders.of(path)

    @cached_property
    def _folders(self) -> Folders:
        return Folders(self.paths)


def _sql_kind(folder: str, inside: str, text: str) -> Kind | None:
    if "{% snapshot" in text or "{%- snapshot" in text or folder == "snapshot":
        return Kind.DBT_SNAPSHOT
    if folder == "test":
        is_generic = "/generic/" in inside or "{% test " in text or "{%- test " in text
        return Kind.DBT_GENERIC_TEST if is_generic else Kind.DBT_TEST
    return {"model": Kind.DBT_MODEL, "macro": Kind.DBT_MACRO, "analysis": Kind.DBT_ANALYSIS}.get(folder)


def projects(tree: Tree, changed: Iterable[str]) -> tuple[DbtProject, ...]:
    """The dbt projects at that commit that hold these files, innermost first; vendored packages are none."""
    folders = {"", *(folder for path in changed for folder in _ancestors(path))}
    found = [
        path
        for path in tree.paths()
        if basename(path) == PROJECT_FILE and dirname(path) in folders and VENDORED.isdisjoint(path.split("/"))
    ]
    texts = tree.texts(found)
    made = [_project(tree, path, texts[path]) for path in found if path in texts]
    return tuple(sorted(made, key=lambda project: -len(project.root)))


def project_at(tree: Tree, root: str) -> DbtProject | None:
    """The project in that directory at that commit; None where there is none, or its file cannot be read."""
    path = f"{root}/{PROJECT_FILE}" if root else PROJECT_FILE
    text = tree.text(path)
    return _project(tree, path, text) if text is not None else None


def _ancestors(path: str) -> Iterator[str]:
    while path := dirname(path):
        yield path


def project_of(path: str, found: tuple[DbtProject, ...]) -> DbtProject | None:
    """The innermost project that holds the path."""
    return next((each for each in found if not each.root or path.startswith(f"{each.root}/")), None)


def macro_texts(tree: Tree, project: DbtProject) -> Mapping[str, str]:
    """Path → text of the project's macro files at that commit."""
    folders = (*project.paths["macro"], *(f"{each}generic/" for each in project.paths["test"]))
    return tree.texts(path for path in tree.paths() if path.startswith(folders) and path.lower().endswith(".sql"))


def _project(tree: Tree, path: str, text: str) -> DbtProject:
    root = dirname(path)
    prefix = f"{root}/" if root else ""
    try:
        values, problem = dict(_top_level(text)), ""
    except UnreadableYaml as error:
        values, problem = {}, str(error)
    folders: dict[str, tuple[str, ...]] = dict(_DEFAULTS)
    for key, what in _KEYS.items():
        if values.get(key):
            folders[what] = tuple(values[key])
    paths = {what: tuple(_folder(prefix, each) for each in listed) for what, listed in folders.items()}
    name = (values.get("name") or [root or "dbt"])[0]
    profile = (values.get("profile") or [""])[0]
    dialect, told = _dialect(tree, prefix, profile, paths["model"])
    return DbtProject(root, name, paths, dialect, told, problem)


def _folder(prefix: str, listed: str) -> str:
    """A directory as a project lists it, from the repository's root, with a slash; empty is the repository's own."""
    path = normpath(f"{prefix}{listed.strip('/')}")
    return "" if path == "." else f"{path}/"


def _dialect(tree: Tree, prefix: str, profile: str, models: tuple[str, ...]) -> tuple[str, frozenset[str]]:
    """The warehouse a project is for: its profile's `type`, its name for it, else what its models are written in.

    And what it is told of them.

    A package that is tested on several warehouses has a profile of one name for each: its models say which is meant.
    """
    profiles = [path for path in tree.paths() if basename(path) in ("profiles.yml", "profiles.yaml")]
    near = sorted(profiles, key=lambda path: not path.startswith(prefix))[:_MAX_PROFILES]
    said = {ADAPTERS[each] for text in tree.texts(near).values() if (each := _adapter(text, profile)) in ADAPTERS}
    words = profile.lower().replace("_", " ")
    said = said or {next((dialect for adapter, dialect in ADAPTERS.items() if mentions(words, adapter)), "")} - {""}
    if len(said) == 1:
        return next(iter(said)), frozenset(said)
    sample = [path for path in tree.paths() if path.startswith(models) and path.lower().endswith(".sql")]
    texts = tree.texts(sample[:: max(1, len(sample) // _SAMPLE)][:_SAMPLE]).values()
    return by_content(texts, said) or "ansi", frozenset(said)


def _adapter(text: str, profile: str) -> str:
    """The `type` of the profile's target, or of its first output; empty where the file says nothing of the profile."""
    try:
        mine = dict(entries(root(text))).get(profile)
    except UnreadableYaml:
        return ""
    outputs = dict(entries(dict(entries(mine)).get("outputs")))
    target = dict(entries(mine)).get("target")
    output = outputs.get(str(target.value)) if target is not None else None
    kind = dict(entries(output or next(iter(outputs.values()), None))).get("type")
    return str(kind.value) if kind is not None else ""


def _top_level(text: str) -> Iterator[tuple[str, list[str]]]:
    """Key → its text or list of texts, for the top level of a YAML file. Raises UnreadableYaml."""
    import yaml

    for key, value in entries(root(text)):
        if isinstance(value, yaml.ScalarNode):
            yield key, [value.value]
        elif isinstance(value, yaml.SequenceNode):
            yield key, [str(item.value) for item in value.value if isinstance(item, yaml.ScalarNode)]
