"""What `dbt_project.yml` says of folders of nodes, and which packages a project has."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from review.rules import _yaml
from review.rules.trees import NotEvaluated, compose

if TYPE_CHECKING:
    import yaml

UNREADABLE = "?"
"""The package that stands for those of a file that cannot be read."""


class Settings:
    """The texts of a project's own files by name; None for one that is not there."""

    def __init__(self, texts: Mapping[str, str | None]) -> None:
        self._texts = texts

    @cached_property
    def project(self) -> "yaml.Node | None":
        """The root of `dbt_project.yml`; None where it does not parse."""
        return _root(self._texts.get("dbt_project.yml"))

    @cached_property
    def name(self) -> str:
        """The project's own name."""
        return _yaml.scalar(_yaml.get(self.project, "name")) or ""

    def says(self, name: str) -> bool:
        """Whether `dbt_project.yml` has that key, or may: it cannot be read."""
        is_broken = self.project is None and bool(self._texts.get("dbt_project.yml"))
        return is_broken or _yaml.get(self.project, name) is not None

    @cached_property
    def packages(self) -> frozenset[str]:
        """The last words of the installed packages' names; of a local one or another project, its path or name."""
        found: set[str] = set()
        for file in ("packages.yml", "dependencies.yml"):
            text = self._texts.get(file)
            if text is None:
                continue
            root = _root(text)
            if root is None and text.strip():
                found.add(UNREADABLE)
            for entry in (*_yaml.items(_yaml.get(root, "packages")), *_yaml.items(_yaml.get(root, "projects"))):
                _, _, said = next(iter(_yaml.pairs(entry)), ("", None, None))
                found.add((_yaml.scalar(said) or UNREADABLE).removesuffix(".git").rpartition("/")[2])
        return frozenset(found)

    def of_folder(self, kind: str, inside: str, name: str) -> str | None:
        """A setting (`materialized`) that the folders of a node give it: `inside` is its path in `models/`."""
        said = None
        for level in self._levels(kind, inside):
            said = _said(level, name) or said
        return said

    def sets_in_folder(self, kind: str, inside: str, name: str) -> bool:
        """Whether the folders of a node give it that setting, whatever it is: also a list, or a mapping behind `+`."""
        import yaml

        for level in self._levels(kind, inside):
            bare = _yaml.get(level, name)
            if _yaml.get(level, f"+{name}") is not None or not isinstance(bare, yaml.MappingNode | None):
                return True
        return False

    def _levels(self, kind: str, inside: str) -> "Iterator[yaml.Node | None]":
        """What is said of all nodes of a kind, of the project's own, and of each folder down to the node."""
        level = _yaml.get(self.project, kind)
        yield level
        parts = [self.name, *inside.split("/")]
        parts[-1] = parts[-1].partition(".")[0]
        for part in parts:
            level = _yaml.get(level, part)
            yield level


def _said(level: "yaml.Node | None", name: str) -> str | None:
    return _yaml.scalar(_yaml.get(level, f"+{name}")) or _yaml.scalar(_yaml.get(level, name))


def _root(text: str | None) -> "yaml.Node | None":
    try:
        return compose(text) if text is not None else None
    except NotEvaluated:
        return None
