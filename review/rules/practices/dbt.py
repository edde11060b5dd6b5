"""What a new dbt model has of what the standards ask, by its own config and by what the project says of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.finding import Standard
from review.rules import _yaml
from review.rules.dbt import _jinja
from review.rules.practices.base import Seen, asked, found
from review.rules.source import NotEvaluated, Source

if TYPE_CHECKING:
    import yaml

LAYOUTS = ("partition_by", "cluster_by", "partitioned_by", "dist", "sort", "indexes", "order_by")
"""Settings that lay a table out by how it is read, in one adapter or another."""
BOUNDED = frozenset({"append", "insert_overwrite", "microbatch"})
"""Strategies that need no key: rows are added, or whole partitions replaced."""


def practices(source: Source) -> Iterator[Seen]:
    """Of its config and its Jinja."""
    settings = _jinja.config(source)
    materialized, line = settings.get("materialized", (None, 0))
    if materialized == "incremental":
        yield from _incremental(source, {name: where for name, (_, where) in settings.items()}, settings, line)
    yield from _described(source)
    yield from found(Standard.SECURITY, settings.get("grants", (None, None))[1], "grants in its config")
    yield from found(Standard.DATA_QUALITY, settings.get("contract", (None, None))[1], "a contract")


def _incremental(
    source: Source, lines: dict[str, int], settings: dict[str, tuple[object, int]], line: int
) -> Iterator[Seen]:
    strategy = settings.get("incremental_strategy", ("", 0))[0]
    if not isinstance(strategy, str) or strategy not in BOUNDED:
        yield asked(Standard.DATA_QUALITY, lines.get("unique_key"), "a `unique_key`", "no `unique_key`")
    yield asked(
        Standard.ERROR_HANDLING,
        lines.get("on_schema_change"),
        "`on_schema_change` is set",
        "no `on_schema_change`, so a new column is ignored",
    )
    reads_new = "is_incremental" in {name for name, _ in _jinja.calls(source)} or "this" in _jinja.names(source)
    filtered = line if reads_new or strategy == "microbatch" else None
    yield asked(Standard.COST, filtered, "an incremental run that can read new rows only", "no filter on new rows")
    layout = next((lines[name] for name in LAYOUTS if name in lines), None)
    yield asked(Standard.SCALABILITY, layout, "a layout for its readers", "no partitioning, clustering or index")


def _described(source: Source) -> Iterator[Seen]:
    """What the project's properties say of the model; nothing where not all of them were read and none is found."""
    try:
        project = source.dbt
        node = project.node_at(source.path)
        entries = project.entries(node.name, (f"{node.kind}s",)) if node is not None else ()
        if node is None or not (entries or project.is_complete):
            return
    except NotEvaluated:
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
