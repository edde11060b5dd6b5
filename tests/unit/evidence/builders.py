"""Artifacts made of texts, and the real, jailed workers over them."""

from collections.abc import Mapping, Sequence
from typing import Any

from review.config.policy import Policy
from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.domain.project_files import ProjectFiles
from review.evidence.collect import HANDLER, LIMITS, Evidence, Project, collect
from review.evidence.settings import LintSettings
from review.sandbox.pool import Pool


def artifact(
    path: str,
    text: str | None,
    kind: Kind = Kind.SQL_QUERY,
    *,
    dialect: str | None = None,
    base: str | None = None,
    project: str | None = None,
    added: Sequence[int] | None = None,
) -> Artifact:
    """One changed file, all its lines added where none are named."""
    lines = (text or "").count("\n") + 1
    status = Status.DELETED if text is None else Status.ADDED if base is None else Status.MODIFIED
    file = ChangedFile(path, status, added=frozenset(range(1, lines + 1) if added is None else added))
    chosen = dialect or ("ansi" if kind.is_sql else None)
    before, after = (None if each is None else Version(path, each) for each in (base, text))
    return Artifact(file, kind, project, chosen, before, after)


def collected(
    artifacts: Sequence[Artifact],
    *,
    macros: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    handler: str = HANDLER,
    size: int = 1,
) -> Evidence:
    """What a pool of jailed workers sees in them; `macros` are those of the project "p", `settings` of the team."""
    policy = policy or Policy()
    is_dbt = macros is not None or any(each.project == "p" for each in artifacts)
    projects = [Project("p", artifacts[0].dialect or "ansi", macros or {}, files_of(artifacts))] if is_dbt else []
    with Pool(handler, size, LIMITS) as pool:
        return collect(artifacts, projects, LintSettings(settings or {}, policy), policy, pool)


def files_of(artifacts: Sequence[Artifact]) -> ProjectFiles:
    """The project "p" as it is where it has no files but these."""
    heads = {each.head.path: each.head.text for each in artifacts if each.head is not None}
    bases = {each.path: each.base.text if each.base is not None else None for each in artifacts}
    folders = {each: (f"p/{each}s/",) for each in ("model", "macro", "seed", "snapshot", "test")}
    return ProjectFiles("p", folders, heads, (), bases)


def prepared(*dialects: str) -> dict[str, Any]:
    """The trusted data that a worker is prepared with."""
    return {"dialects": list(dialects), "select": [], "ignore": [], "severities": {}, "pages": ""}
