"""Which dialect and which sqlfluff settings each file gets, out of the team's files at the base commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename
from typing import Any

from review.config.policy import Policy
from review.domain.artifact import Artifact
from review.domain.evidence import Skipped, Stage
from review.domain.tree import Tree
from review.sql.settings import FILES, IGNORE_FILE, Settings, config_paths, ignoring_file, team_settings

_MAX_FILES = 500
"""Configuration files read of one repository."""


@dataclass
class LintSettings:
    """The team's settings by path. Made once a run, from the base commit."""

    files: Mapping[str, str]
    """Path → text of every sqlfluff configuration file at base."""
    policy: Policy
    _known: dict[str, Settings | None] = field(default_factory=dict)

    @classmethod
    def at(cls, tree: Tree, policy: Policy) -> "LintSettings":
        """Read the configuration files of that commit."""
        wanted = {*FILES, IGNORE_FILE}
        paths = [path for path in tree.paths() if basename(path) in wanted][:_MAX_FILES]
        return cls(tree.texts(paths), policy)

    def dialect(self, path: str) -> str | None:
        """The dialect the team states for a path: in its policy, else in its sqlfluff configuration."""
        stated = self.policy.dialect(path)
        if stated is None:
            settings = self._settings(path)
            stated = settings.dialect if settings else None
        return stated

    def key(self, artifact: Artifact) -> str | None:
        """The key of the settings to lint an artifact with, as in `shared`; None where nothing is to be linted."""
        if not _is_candidate(artifact) or self._ignoring(artifact.path) is not None:
            return None
        return "/".join(path for path in config_paths(artifact.path) if path in self.files) or "default"

    def shared(self, artifacts: Iterable[Artifact]) -> list[tuple[str, dict[str, Any]]]:
        """Key → sqlfluff settings, once for each key these artifacts have; empty settings are our own selection."""
        found: dict[str, dict[str, Any]] = {}
        for artifact in artifacts:
            key = self.key(artifact)
            if key is not None and key not in found:
                settings = self._settings(artifact.path)
                found[key] = self._with_policy(dict(settings.configs) if settings else {})
        return sorted(found.items())

    def skipped(self, artifacts: Sequence[Artifact]) -> list[Skipped]:
        """The files that the team keeps out of linting, and the configuration files that could not be used."""
        problems = {
            problem
            for artifact in artifacts
            if self.key(artifact) is not None and (settings := self._settings(artifact.path)) is not None
            for problem in settings.problems
        }
        unusable = [
            Skipped(Stage.LINT.value, path, f"cannot be read as sqlfluff configuration ({reason.strip()})")
            for path, _, reason in sorted(problem.partition(":") for problem in problems)
        ]
        ignored = [
            Skipped(Stage.LINT.value, artifact.path, f"{file} keeps it from sqlfluff", harmless=True)
            for artifact in artifacts
            if _is_candidate(artifact) and (file := self._ignoring(artifact.path)) is not None
        ]
        return unusable + ignored

    def _settings(self, path: str) -> Settings | None:
        folder = path.rpartition("/")[0]
        if folder not in self._known:
            self._known[folder] = team_settings(self.files, path)
        return self._known[folder]

    def _with_policy(self, configs: dict[str, Any]) -> dict[str, Any]:
        if self.policy.lint_rules and "rules" not in configs.get("core", {}):
            configs["core"] = {**configs.get("core", {}), "rules": ",".join(self.policy.lint_rules)}
        return configs

    def _ignoring(self, path: str) -> str | None:
        return ignoring_file(self.files, path)


def _is_candidate(artifact: Artifact) -> bool:
    """Whether it has SQL that this change adds."""
    return artifact.kind.is_sql and artifact.head is not None and bool(artifact.file.added)
