"""What a new dbt model has of what the standards ask, by its own config and by what the project says of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from review.domain.finding import Standard
from review.rules import _yaml
from review.rules.dbt import _jinja
from review.rules.practices.base import Seen, asked, found
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.project.properties import Entry
from review.rules.source import Source
from review.rules.trees import NotEvaluated

if TYPE_CHECKING:
    import yaml

LAYOUTS = ("partition_by", "cluster_by", "partitioned_by", "dist", "sort", "indexes", "order_by")
"""Settings that lay a table out by how it is read, in one adapter or another."""
BOUNDED = frozenset({"append", "insert_overwrite", "microbatch"})
"""Strategies that need no key: rows are added, or whole partitions replaced."""


def practices(source: Source) -> Iterator[Seen]:
    """Of its config, also the one that the project gives it, and of its Jinja."""
    settings = _jinja.config(source)
    node, entries = _told(source)
    if settings.get("materialized", (None, 0))[0] == "incremental":
        yield from _incremental(source, _Settings(settings, source, node, entries))
    yield from _described(source, node, entries)
    yield from found(Standard.SECURITY, settings.get("grants", (None, None))[1], "grants in its config")
    yield from found(Standard.DATA_QUALITY, settings.get("contract", (None, None))[1], "a contract")


@dataclass(frozen=True)
class _Settings:
    """What is set for a model: in its file, in its properties, or for its folder."""

    here: Mapping[str, tuple[object, int]]
    source: Source
    node: Node | None
    entries: tuple[Entry, ...]

    def asked(self, standard: Standard, names: tuple[str, ...], there: str, missing: str) -> Seen:
        """Whether one of these is set; with a line where it is set in the file itself."""
        line = next((self.here[name][1] for name in names if name in self.here), None)
        if line is None and any(map(self._is_elsewhere, names)):
            return Seen(standard, True, there)
        return asked(standard, line, there, missing)

    def _is_elsewhere(self, name: str) -> bool:
        if any(_yaml.get(_yaml.get(entry.node, "config"), name) is not None for entry in self.entries):
            return True
        return self.node is not None and self.source.dbt.sets_in_folder(self.node, name)

    def strategy(self) -> str:
        """The `incremental_strategy`; empty where none is set, or it is no constant."""
        said = self.here["incremental_strategy"][0] if "incremental_strategy" in self.here else None
        if "incremental_strategy" not in self.here and self.node is not None:
            said = self.source.dbt.config(self.node, "incremental_strategy")
        return said if isinstance(said, str) else ""


def _incremental(source: Source, settings: _Settings) -> Iterator[Seen]:
    strategy = settings.strategy()
    if strategy not in BOUNDED:
        yield settings.asked(Standard.DATA_QUALITY, ("unique_key",), "a `unique_key`", "no `unique_key`")
    yield settings.asked(
        Standard.ERROR_HANDLING,
        ("on_schema_change",),
        "`on_schema_change` is set",
        "no `on_schema_change`, so a new column is ignored",
    )
    reads_new = "is_incremental" in {name for name, _ in _jinja.calls(source)} or "this" in _jinja.names(source)
    filtered = settings.here["materialized"][1] if reads_new or strategy == "microbatch" else None
    yield asked(Standard.COST, filtered, "an incremental run that can read new rows only", "no filter on new rows")
    layout = "a layout for its readers", "no partitioning, clustering or index"
    yield settings.asked(Standard.SCALABILITY, LAYOUTS, *layout)


def _told(source: Source) -> tuple[Node | None, tuple[Entry, ...]]:
    """The model of the file, and what the project's properties say of it; nothing where no project is known."""
    try:
        node = source.dbt.node_at(source.path)
    except NotEvaluated:
        return None, ()
    if node is None:
        return None, ()
    entries = source.dbt.entries(node.name, (f"{node.kind}s",))
    return node, entries or tuple(_of_version(source.dbt, node))


def _of_version(project: Project, node: Node) -> Iterator[Entry]:
    """What is said of a file that is one version of a model: `customers_v1.sql`, or a name that `defined_in` gives."""
    for path in project.mentioning("versions", (".yml", ".yaml")):
        for entry in project.entries_in(path):
            for version in _yaml.items(_yaml.get(entry.node, "versions")):
                number = _yaml.scalar(_yaml.get(version, "v"))
                file = _yaml.scalar(_yaml.get(version, "defined_in")) or f"{entry.name}_v{number}"
                if entry.kind == f"{node.kind}s" and file == node.name:
                    yield from (entry, replace(entry, node=version))


def _described(source: Source, node: Node | None, entries: tuple[Entry, ...]) -> Iterator[Seen]:
    """What the project's properties say of the model; nothing where not all of them were read and none is found."""
    if node is None or not (entries or source.dbt.is_complete):
        return
    described = any(_says(entry.node) for entry in entries)
    columns = [column for entry in entries for column in entry.columns]
    tested = any(column.tests for column in columns) or any(entry.tests for entry in entries)
    yield Seen(Standard.DOCUMENTATION, described, "a description" if described else "no description")
    if columns:
        said = sum(_says(column.node) for column in columns)
        text = f"{said} of {len(columns)} listed columns described"
        yield Seen(Standard.DOCUMENTATION, said == len(columns), text)
    yield Seen(Standard.TESTING, tested, "tests" if tested else "no tests")


def _says(node: "yaml.Node") -> bool:
    return bool((_yaml.scalar(_yaml.get(node, "description")) or "").strip())
