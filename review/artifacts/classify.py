"""Changeset + both commits → artifacts: what each changed file is, with the text of both sides."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from posixpath import dirname

from review.artifacts.dbt import DbtProject, project_of, projects
from review.artifacts.dialect import by_content, by_name, by_place, runners_up
from review.artifacts.file_kind import file_kind, is_readable
from review.artifacts.relevance import is_code, is_sql, may_matter
from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Changeset, Entry
from review.domain.evidence import Skipped, Stage
from review.domain.tree import Tree

MAX_CHARACTERS = 2_000_000
"""A longer file is data or generated; nobody reviews it line by line."""
PATIENCE = 60.0
"""Seconds that telling kinds apart may take; 2,000 real files take 5 (tests/evals/corpus.py)."""
_SEED_CHARACTERS = 65_536
_NEIGHBOURS = 12
_MACROS = ("{% macro", "{%- macro")
_HIVE = ".hql"
"""Files for Hive, or for Spark, which runs them as well."""


@dataclass(frozen=True)
class Options:
    """What the team says of its files."""

    includes: Callable[[str], bool] = lambda path: True
    dialect_of: Callable[[str], str | None] = lambda path: None
    is_generated: Callable[[str], bool] = lambda path: False
    clock: Callable[[], float] = lambda: 0.0
    """Seconds, for giving up in time."""


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
    _near: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _sql: tuple[str, ...] | None = None

    def project(self, file: ChangedFile) -> DbtProject | None:
        """The project a file belongs to: at head, or at base for a deleted file."""
        return project_of(file.path, self.head_projects if file.head_path else self.base_projects)

    def near(self, folder: str, path: str) -> list[str]:
        """Texts of some SQL files in or below a folder at head, without the one of that path.

        Where it holds folders named after several databases, their files speak for those alone. Macros, of which each
        database may have its own, speak for none.
        """
        if folder not in self._near:
            if self._sql is None:
                self._sql = tuple(filter(is_sql, self.head.paths()))
            prefix = f"{folder}/" if folder else ""
            below = {each: _named(each[len(prefix) :]) for each in self._sql if each.startswith(prefix)}
            is_mixed = len({*below.values()} - {None}) > 1
            paths = [each for each, named in below.items() if named is None or not is_mixed]
            texts = self.head.texts(paths[:: max(1, len(paths) // _NEIGHBOURS)][: _NEIGHBOURS + 1])
            self._near[folder] = {each: text for each, text in texts.items() if not any(map(text.count, _MACROS))}
        return [text for each, text in self._near[folder].items() if each != path]


def classify(changeset: Changeset, base: Tree, head: Tree, options: Options) -> Classification:
    """Every changed file that is one of ours. What is none of ours is nothing: no artifact and no skip."""
    skipped: list[Skipped] = []
    files = [file for file in changeset if _is_candidate(file, changeset, options, skipped)]
    if not files:
        return Classification((), tuple(skipped), ())
    repository = _Repository(base, head, options, projects(head, (file.path for file in files)))
    if any(file.head_path is None for file in files):
        repository.base_projects = projects(base, (file.path for file in files))
    head_texts = head.texts(file.head_path for file in files if file.head_path)
    base_texts = base.texts(file.base_path for file in files if file.base_path)
    made: list[Artifact] = []
    started = options.clock()
    for file in files:
        if options.clock() - started > PATIENCE:
            reason = f"telling what the files before it are took more than {PATIENCE:.0f} s"
            skipped.append(Skipped(Stage.CLASSIFY.value, file.path, reason))
            continue
        texts = (head_texts.get(file.head_path or ""), base_texts.get(file.base_path or ""))
        artifact = _artifact(file, *texts, repository, skipped)
        if artifact is not None:
            made.append(artifact)
    made = _with_dialects(made, repository)
    used = {artifact.project for artifact in made}
    found = {each.root: each for each in (*repository.base_projects, *repository.head_projects)}
    skipped.extend(_unread(project) for root, project in sorted(found.items()) if root in used and project.problem)
    return Classification(
        tuple(sorted(made, key=lambda artifact: artifact.path)),
        tuple(skipped),
        tuple(project for root, project in sorted(found.items()) if root in used),
    )


def _unread(project: DbtProject) -> Skipped:
    """Harmless: where the change broke the file, the file itself is not reviewed."""
    reason = f"{project.problem}, so dbt's usual directories are assumed"
    return Skipped(Stage.CLASSIFY.value, project.file, reason, harmless=True)


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
        if is_sql(file.path) or is_code(file.path) or (project and project.kind(file.path, None)):
            skipped.append(Skipped(Stage.CLASSIFY.value, file.path, "its content cannot be read as text"))
        return None
    kind = file_kind(file.path, text, project) or _lost_kind(file, text, base, project)
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
        base=Version(file.base_path, base) if file.base_path and base is not None else None,
        head=Version(file.head_path, head) if file.head_path and head is not None else None,
    )


def _lost_kind(file: ChangedFile, text: str, base: str | None, project: DbtProject | None) -> Kind | None:
    """What a file was that cannot be read any more: a conflict marker makes no DAG disappear."""
    was = file_kind(file.base_path or file.path, base, project) if base is not None else None
    return was if was is not None and not is_readable(file.path, text) else None


def _with_dialects(artifacts: Iterable[Artifact], repository: _Repository) -> list[Artifact]:
    """The artifacts, those of SQL with the dialect the team states, the project is for or the words tell; else ANSI."""
    made = []
    for artifact in artifacts:
        if not (artifact.kind.is_sql or artifact.kind in (Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST)):
            made.append(artifact)
            continue
        text = _text(artifact)
        stated = _stated(artifact, text, repository)
        dialect = stated or _guessed(artifact, text, repository)
        others = () if stated else runners_up(text, _folders(artifact.path), dialect)
        if artifact.path.lower().endswith(_HIVE) and "sparksql" not in others:
            others = ("sparksql", *others)
        if dialect is not None and not stated:
            others = (*others, "ansi")
        made.append(
            replace(artifact, dialect=dialect or "ansi", is_dialect_known=dialect is not None, other_dialects=others)
        )
    return made


def _text(artifact: Artifact) -> str:
    version = artifact.head or artifact.base
    return version.text if version else ""


def _stated(artifact: Artifact, text: str, repository: _Repository) -> str | None:
    """The dialect that the team, the file itself or the dbt project's profile names; None where nobody does."""
    from review.sql.directives import stated_dialect

    stated = repository.options.dialect_of(artifact.path) or stated_dialect(text)
    if stated:
        return stated
    project = repository.project(artifact.file)
    if artifact.project is not None and project is not None and len(project.told) == 1:
        return project.dialect
    return None


def _guessed(artifact: Artifact, text: str, repository: _Repository) -> str | None:
    """The dialect by words: of the dbt project, the file, its folders up to the project's, and the repository."""
    if artifact.path.lower().endswith(_HIVE):
        return "hive"
    project = repository.project(artifact.file)
    ours = project.dialect if project is not None and project.dialect != "ansi" else None
    if artifact.project is not None and ours is not None:
        return ours
    if artifact.project is not None and project is not None and project.told:
        # of models for several warehouses none speaks for its neighbour
        return by_place(text, ((folder, list) for folder in _folders(artifact.path)))

    def reader(folder: str) -> tuple[str, Callable[[], list[str]]]:
        return folder, lambda: repository.near(folder, artifact.path)

    folders = list(_folders(artifact.path))
    within = folders.index(project.root) if project is not None and project.root in folders else len(folders)
    found = by_place(text, map(reader, folders[:within])) or ours or by_place(text, map(reader, folders[within:]))
    return found or by_content([text, *repository.near("", artifact.path)])


def _named(path: str) -> str | None:
    """The database that the innermost folder with such a name is for; None where no folder of the path has one."""
    return next(filter(None, map(by_name, _folders(path))), None)


def _folders(path: str) -> Iterator[str]:
    """The folder of a path and every one around it; empty is the repository."""
    while path:
        path = dirname(path)
        yield path
