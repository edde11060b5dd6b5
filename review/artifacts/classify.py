"""Changeset + both commits → artifacts: what each changed file is, with the text of both sides."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import zip_longest
from posixpath import dirname

from review.artifacts.dbt import VENDORED, DbtProject, project_of, projects
from review.artifacts.dialect import by_content, by_name, by_place, is_clear, runners_up, supports
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
_MOST_READ = 1_000
"""Neighbours read of one change."""
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

    def project(self, file: ChangedFile) -> DbtProject | None:
        """The project a file belongs to: at head, or at base for a deleted file."""
        return project_of(file.path, self.head_projects if file.head_path else self.base_projects)

    def read_near(self, folders: Iterable[str]) -> None:
        """Read what `near` gives for these folders, the more important first, all at once: each reading may be a fetch.

        Where a folder holds folders named after several databases, their files speak for those alone. Macros, of which
        each database may have its own, speak for none.
        """
        samples: dict[str, list[str]] = {}
        left = _MOST_READ
        for folder in folders:
            if left > 0 and folder not in samples:
                samples[folder] = self._sample(folder)
                left -= len(samples[folder])
        texts = self.head.texts(sorted({path for sample in samples.values() for path in sample}))
        texts = {path: text for path, text in texts.items() if not any(map(text.count, _MACROS))}
        for folder, sample in samples.items():
            self._near[folder] = {path: texts[path] for path in sample if path in texts}

    def near(self, folder: str, path: str) -> list[str]:
        """Texts of some SQL files in or below a folder at head, as far as read, without the one of that path."""
        return [text for each, text in self._near.get(folder, {}).items() if each != path]

    def _sample(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        below = [each for each in self._sql if each == folder or each.startswith(prefix)]
        named = {each: _named(each[len(prefix) :]) for each in below}
        is_mixed = len({*named.values()} - {None}) > 1
        paths = [path for each in below if named[each] is None or not is_mixed for path in self._sql[each]]
        return paths[:: max(1, len(paths) // _NEIGHBOURS)][: _NEIGHBOURS + 1]

    @cached_property
    def _sql(self) -> Mapping[str, list[str]]:
        """Folder → the SQL files that lie in it; those of packages that were copied in are of somebody else's."""
        found: dict[str, list[str]] = {}
        for path in self.head.paths():
            if is_sql(path) and VENDORED.isdisjoint(path.split("/")):
                found.setdefault(dirname(path), []).append(path)
        return found


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
    told = {artifact.path for artifact in made}
    broken = [project for root, project in sorted(found.items()) if root in used and project.problem]
    skipped.extend(_unread(project) for project in broken if project.file not in told)
    return Classification(
        tuple(sorted(made, key=lambda artifact: artifact.path)),
        tuple(skipped),
        tuple(project for root, project in sorted(found.items()) if root in used),
    )


def _unread(project: DbtProject) -> Skipped:
    """Harmless, and only where the change leaves the file alone: one that it breaks is itself said not to be read."""
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
    artifacts = list(artifacts)
    stated_of = {each.path: _stated(each, _text(each), repository) for each in artifacts if _has_sql(each)}
    unclear = [
        each for each in artifacts if _has_sql(each) and not stated_of[each.path] and _is_unclear(each, repository)
    ]
    levels = zip_longest(*(tuple(_folders(each.path)) for each in unclear))
    repository.read_near(folder for level in levels for folder in level if folder is not None)
    made = []
    for artifact in artifacts:
        if not _has_sql(artifact):
            made.append(artifact)
            continue
        text, stated = _text(artifact), stated_of[artifact.path]
        dialect = stated or _guessed(artifact, text, repository)
        others = () if stated else _others(artifact, text, dialect)
        made.append(
            replace(
                artifact,
                dialect=dialect or "ansi",
                is_dialect_known=dialect is not None,
                other_dialects=others,
                is_dialect_sure=stated is not None or dialect == _named(artifact.path) or supports(text, dialect),
            )
        )
    return made


def _others(artifact: Artifact, text: str, dialect: str | None) -> tuple[str, ...]:
    """What else a file may be in that was taken for this dialect, or for none."""
    others = runners_up(text, _folders(artifact.path), dialect)
    if artifact.path.lower().endswith(_HIVE) and "sparksql" not in others:
        others = ("sparksql", *others)
    return others if dialect is None else (*others, "ansi")


def _has_sql(artifact: Artifact) -> bool:
    return artifact.kind.is_sql or artifact.kind in (Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST)


def _is_unclear(artifact: Artifact, repository: _Repository) -> bool:
    """Whether its neighbours are asked: neither its dbt project nor its own words leave no doubt."""
    project = repository.project(artifact.file)
    if artifact.project is not None and project is not None and (project.told or project.dialect != "ansi"):
        return False
    return not is_clear(_text(artifact))


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


@lru_cache(maxsize=4096)
def _named(path: str) -> str | None:
    """The database that the innermost part with such a name is for; None where no folder of the path has one."""
    return next(filter(None, map(by_name, (path, *_folders(path)))), None)


def _folders(path: str) -> Iterator[str]:
    """The folder of a path and every one around it; empty is the repository."""
    while path:
        path = dirname(path)
        yield path
