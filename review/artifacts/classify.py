"""Changeset + both commits → artifacts: what each changed file is, with the text of both sides."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import basename, dirname

from review.artifacts.code_kind import notebook_kind, scala_kind, sql_kind
from review.artifacts.dbt import DbtProject, mentions, project_of, projects, properties_files
from review.artifacts.dialect import by_content
from review.artifacts.python_kind import python_kind
from review.artifacts.relevance import is_sql, may_matter
from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Changeset, Entry
from review.domain.evidence import Skipped, Stage
from review.domain.tree import Tree

MAX_CHARACTERS = 2_000_000
"""A longer file is data or generated; nobody reviews it line by line."""
_SEED_CHARACTERS = 65_536
_NEIGHBOURS = 12
_DESCRIBED = frozenset({Kind.DBT_MODEL, Kind.DBT_PYTHON_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_SEED})


@dataclass(frozen=True)
class Options:
    """What the team says of its files."""

    includes: Callable[[str], bool] = lambda path: True
    dialect_of: Callable[[str], str | None] = lambda path: None
    is_generated: Callable[[str], bool] = lambda path: False


@dataclass(frozen=True)
class Classification:
    """The artifacts of a change, sorted by path, and the files that were left out, with reasons."""

    artifacts: tuple[Artifact, ...]
    skipped: tuple[Skipped, ...]
    projects: tuple[DbtProject, ...]
    """The dbt projects these artifacts belong to."""


@dataclass
class _Repository:
    """Both commits, with what has been read of them."""

    base: Tree
    head: Tree
    options: Options
    head_projects: tuple[DbtProject, ...] = ()
    base_projects: tuple[DbtProject, ...] = ()
    _properties: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def project(self, file: ChangedFile) -> DbtProject | None:
        """The project a file belongs to: at head, or at base for a deleted file."""
        return project_of(file.path, self.head_projects if file.head_path else self.base_projects)

    def properties(self, tree: Tree, project: DbtProject) -> Mapping[str, str]:
        """The project's properties files at that commit, read once."""
        key = (tree.sha, project.root)
        if key not in self._properties:
            self._properties[key] = properties_files(tree, project)
        return self._properties[key]


def classify(changeset: Changeset, base: Tree, head: Tree, options: Options) -> Classification:
    """Every changed file that is one of ours. What is none of ours is nothing: no artifact and no skip."""
    skipped: list[Skipped] = []
    files = [file for file in changeset if _is_candidate(file, changeset, options, skipped)]
    if not files:
        return Classification((), tuple(skipped), ())
    repository = _Repository(base, head, options, projects(head))
    if any(file.head_path is None for file in files):
        repository.base_projects = projects(base)
    head_texts = head.texts(file.head_path for file in files if file.head_path)
    base_texts = base.texts(file.base_path for file in files if file.base_path)
    made: list[Artifact] = []
    for file in files:
        texts = (head_texts.get(file.head_path or ""), base_texts.get(file.base_path or ""))
        artifact = _artifact(file, *texts, repository, skipped)
        if artifact is not None:
            made.append(artifact)
    made = _with_dialects(made, repository)
    used = {artifact.project for artifact in made}
    found = {each.root: each for each in (*repository.base_projects, *repository.head_projects)}
    return Classification(
        tuple(sorted(made, key=lambda artifact: artifact.path)),
        tuple(skipped),
        tuple(project for root, project in sorted(found.items()) if root in used),
    )


def _is_candidate(file: ChangedFile, changeset: Changeset, options: Options, skipped: list[Skipped]) -> bool:
    if file.entry is not Entry.FILE or file.is_binary or not may_matter(file.path) or not options.includes(file.path):
        return False
    if any(skip.subject == file.path for skip in changeset.skipped):
        return False
    if options.is_generated(file.path):
        skipped.append(Skipped(Stage.CLASSIFY.value, file.path, "the policy says it is generated", harmless=True))
        return False
    return True


def _artifact(
    file: ChangedFile, head: str | None, base: str | None, repository: _Repository, skipped: list[Skipped]
) -> Artifact | None:
    text = head if file.head_path else base
    project = repository.project(file)
    if text is None:
        if is_sql(file.path):
            skipped.append(Skipped(Stage.CLASSIFY.value, file.path, "its content cannot be read as text"))
        return None
    kind = _kind(file.path, text, project)
    if kind is None:
        return None
    if kind is Kind.DBT_SEED:
        head, base = (each and each[:_SEED_CHARACTERS] for each in (head, base))
    elif len(text) > MAX_CHARACTERS:
        reason = f"it has {len(text):,} characters, above the {MAX_CHARACTERS:,} that are reviewed"
        skipped.append(Skipped(Stage.CLASSIFY.value, file.path, reason))
        return None
    owner = project if kind.value.startswith("dbt-") else None
    return Artifact(
        file=file,
        kind=kind,
        project=owner.root if owner else None,
        base=_version(file.base_path, base, kind, owner, repository.base, repository),
        head=_version(file.head_path, head, kind, owner, repository.head, repository),
    )


def _kind(path: str, text: str, project: DbtProject | None) -> Kind | None:
    lowered = path.lower()
    in_project = project.kind(path, text) if project else None
    if lowered.endswith(".py"):
        return python_kind(path, text, in_model_paths=in_project is Kind.DBT_PYTHON_MODEL)
    if in_project is not None:
        return in_project
    if lowered.endswith(".ipynb"):
        return notebook_kind(text)
    if lowered.endswith(".scala"):
        return scala_kind(text)
    vendored = {"dbt_packages", "dbt_modules", "target"} & set(dirname(path).split("/"))
    if is_sql(path) and not (project and vendored):
        return sql_kind(path, text)
    return None


def _version(
    path: str | None, text: str | None, kind: Kind, project: DbtProject | None, tree: Tree, repository: _Repository
) -> Version | None:
    if path is None or text is None:
        return None
    companions: dict[str, str] = {}
    if project is not None and kind is not Kind.DBT_PROJECT:
        settings = f"{project.root}/dbt_project.yml" if project.root else "dbt_project.yml"
        companions.update(tree.texts([settings]))
        if kind in _DESCRIBED:
            name = basename(path).partition(".")[0]
            files = repository.properties(tree, project)
            companions.update((each, content) for each, content in files.items() if mentions(content, name))
    return Version(path, text, companions)


def _with_dialects(artifacts: Iterable[Artifact], repository: _Repository) -> list[Artifact]:
    """The same artifacts, those of SQL with the dialect the team states, the project is for, or the words tell."""
    from dataclasses import replace

    made = []
    for artifact in artifacts:
        if not (artifact.kind.is_sql or artifact.kind in (Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST)):
            made.append(artifact)
            continue
        made.append(replace(artifact, dialect=_dialect(artifact, repository)))
    return made


def _dialect(artifact: Artifact, repository: _Repository) -> str:
    from review.sql.directives import stated_dialect

    version = artifact.head or artifact.base
    text = version.text if version else ""
    stated = repository.options.dialect_of(artifact.path) or stated_dialect(text)
    if stated:
        return stated
    project = repository.project(artifact.file)
    if artifact.project is not None and project is not None and project.dialect != "ansi":
        return project.dialect
    if artifact.path.lower().endswith(".hql"):
        return "hive"
    return by_content([text, *_neighbours(artifact.path, repository.head)]) or "ansi"


def _neighbours(path: str, tree: Tree) -> list[str]:
    """Texts of SQL files near that one: a platform's files of one folder are in one dialect."""
    folder = dirname(path)
    while True:
        prefix = f"{folder}/" if folder else ""
        near = [each for each in tree.paths() if each.startswith(prefix) and each != path and is_sql(each)]
        if len(near) >= _NEIGHBOURS or not folder:
            break
        folder = dirname(folder)
    return list(tree.texts(near[:: max(1, len(near) // _NEIGHBOURS)][:_NEIGHBOURS]).values())
