"""What property files say of models, seeds, snapshots, sources and exposures: typed, with the lines it is said on."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from review.rules import _yaml

if TYPE_CHECKING:
    import yaml

TESTS = ("data_tests", "tests")
NODES = ("models", "seeds", "snapshots")
UNIQUE_TOGETHER = frozenset({"unique_combination_of_columns", "expect_compound_columns_to_be_unique"})
"""Tests of packages (dbt_utils, dbt_expectations) that several columns together are a key."""
_COLUMN_LISTS = ("combination_of_columns", "column_list")


@dataclass(frozen=True)
class Test:
    """One test of a model or a column."""

    name: str
    """Without its package: `unique`, `unique_combination_of_columns`."""
    package: str
    node: "yaml.Node"
    arguments: "yaml.Node | None"

    @property
    def line(self) -> int:
        """Where it begins."""
        return _yaml.line(self.node)

    def argument(self, *names: str) -> "yaml.Node | None":
        """The first of these arguments that it has, also under `arguments:` (dbt 1.10)."""
        places = (self.arguments, _yaml.get(self.arguments, "arguments"))
        return next(
            (found for place in places for name in names if (found := _yaml.get(place, name)) is not None), None
        )

    def setting(self, name: str) -> str | None:
        """One of its settings as text, at its own level or under `config:`; None where it has none."""
        found = _yaml.get(_yaml.get(self.arguments, "config"), name) or _yaml.get(self.arguments, name)
        return _yaml.scalar(found)

    @property
    def is_conditional(self) -> bool:
        """Whether it looks at some rows only, or is switched off, or warns."""
        return any(self.setting(name) is not None for name in ("where", "enabled", "row_condition")) or (
            (self.setting("severity") or "error").lower() != "error"
        )

    @property
    def unique_columns(self) -> "tuple[yaml.ScalarNode, ...]":
        """The nodes of the columns that it says are a key together; none for other tests, or where one is no name."""
        import yaml

        if self.name not in UNIQUE_TOGETHER:
            return ()
        found = _yaml.items(self.argument(*_COLUMN_LISTS))
        names = [each for each in found if isinstance(each, yaml.ScalarNode) and is_name(each.value)]
        return tuple(names) if len(names) == len(found) else ()


@dataclass(frozen=True)
class Column:
    """One documented column."""

    name: str
    node: "yaml.Node"
    name_node: "yaml.Node"

    @property
    def line(self) -> int:
        """Where its name stands."""
        return _yaml.line(self.name_node)

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """Its tests."""
        return tuple(tests(self.node))


@dataclass(frozen=True)
class Entry:
    """What one place says of one node, source table or exposure."""

    kind: str
    """`models`, `sources` …"""
    name: str
    path: str
    node: "yaml.Node"
    source: str = ""
    """Of a source's table: the source's name."""
    owner: "yaml.Node | None" = None
    """Of a source's table: the source's node."""

    @property
    def line(self) -> int:
        """Where its name stands."""
        return _yaml.line(_yaml.get(self.node, "name") or self.node)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, those without a name left out."""
        found = []
        for node in _yaml.items(_yaml.get(self.node, "columns")):
            named = _yaml.get(node, "name")
            name = _yaml.scalar(named)
            if name and named is not None:
                found.append(Column(name, node, named))
        return tuple(found)

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """The tests of the whole; those of columns are with them."""
        return tuple(tests(self.node))

    @property
    def relation(self) -> tuple[str, str]:
        """Of a source's table: the schema and the name that the warehouse knows it by, in lower case."""
        schema = _yaml.scalar(_yaml.get(self.owner, "schema")) or self.source
        return schema.lower(), (_yaml.scalar(_yaml.get(self.node, "identifier")) or self.name).lower()

    def setting(self, name: str) -> str | None:
        """A setting of its `config:` as text."""
        return _yaml.scalar(_yaml.get(_yaml.get(self.node, "config"), name))

    @property
    def is_versioned(self) -> bool:
        """Whether it speaks of several versions of a model, each with columns of its own."""
        return _yaml.get(self.node, "versions") is not None


def entries(root: "yaml.Node | None", path: str) -> Iterator[Entry]:
    """Every node, source table and exposure that a property file speaks of."""
    for kind in (*NODES, "exposures"):
        for node in _yaml.items(_yaml.get(root, kind)):
            name = _yaml.scalar(_yaml.get(node, "name"))
            if name:
                yield Entry(kind, name, path, node)
    for owner in _yaml.items(_yaml.get(root, "sources")):
        source = _yaml.scalar(_yaml.get(owner, "name")) or ""
        for node in _yaml.items(_yaml.get(owner, "tables")):
            name = _yaml.scalar(_yaml.get(node, "name"))
            if name and source:
                yield Entry("sources", name, path, node, source, owner)


def tests(node: "yaml.Node | None") -> Iterator[Test]:
    """The tests listed at a model or a column."""
    for key in TESTS:
        for each in _yaml.items(_yaml.get(node, key)):
            named, arguments = _yaml.scalar(each), None
            pairs = _yaml.pairs(each)
            if named is None and pairs:
                stated = _yaml.scalar(_yaml.get(each, "test_name"))
                named, _, arguments = pairs[0]
                if stated is not None:
                    named, arguments = stated, each
            if named:
                package, _, name = named.rpartition(".")
                yield Test(name, package, each, arguments)


def is_name(text: str) -> bool:
    """Whether it is a plain column's name: no expression, no template."""
    return text.strip('"`[]').isidentifier()
