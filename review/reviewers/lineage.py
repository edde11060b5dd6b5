"""Who reads what: the graph of the changed files and of the files around them, from names that parsers found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from review.domain.outline import Outline

_STORED = frozenset({"ref", "source", "table", "model"})
"""Kinds of names that stand for stored data."""


@dataclass(frozen=True)
class Lineage:
    """Edges between files by the names they read and write. Paths in the answers are sorted."""

    outlines: Mapping[str, Outline]
    """Path → what it reads and writes, of changed files and of those that mention one of their names."""
    is_whole: bool = True
    """Whether every file that could mention a changed name was looked at."""
    _writers: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _readers: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_writers", _by_name((p, o.writes) for p, o in self.outlines.items()))
        object.__setattr__(self, "_readers", _by_name((p, o.reads) for p, o in self.outlines.items()))

    def parents(self, path: str) -> tuple[str, ...]:
        """What the file reads: paths where they are known, else the names of the data."""
        found: set[str] = set()
        for name in self.outlines.get(path, Outline()).reads:
            kind, _, rest = name.partition(":")
            if kind in _STORED:
                found.update(self._writers.get(_key(name), ()) or (f"{kind} {rest}",))
        return tuple(sorted(found - {path}))

    def children(self, path: str) -> tuple[str, ...]:
        """The files that read what this file writes."""
        names = self.outlines.get(path, Outline()).writes
        return tuple(sorted({reader for name in names for reader in self._readers.get(_key(name), ())} - {path}))

    def named(self, node: str) -> tuple[str, ...]:
        """The files that a name stands for: a path, a model's or a table's name, with or without its schema."""
        if node in self.outlines:
            return (node,)
        wanted = node.lower().removesuffix(".sql").rpartition("/")[2]
        found = {path for path in self.outlines if path.rpartition("/")[2].partition(".")[0].lower() == wanted}
        for name, paths in self._writers.items():
            if wanted and _is_same(name.removeprefix("macro:"), wanted):
                found.update(paths)
        return tuple(sorted(found))


def names_of(outline: Outline) -> tuple[str, ...]:
    """The bare words by which other files would mention what this one writes."""
    words = {name.partition(":")[2].rpartition(".")[2] for name in outline.writes}
    return tuple(sorted(word for word in words if len(word) > 2))


def _by_name(entries: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for path, names in entries:
        for name in names:
            found.setdefault(_key(name), set()).add(path)
    return {name: tuple(sorted(paths)) for name, paths in found.items()}


def _is_same(name: str, other: str) -> bool:
    """Whether they are alike as far as both go: `orders` and `shop.orders`."""
    return f".{name}".endswith(f".{other}") or f".{other}".endswith(f".{name}")


def _key(name: str) -> str:
    """What a reader and a writer of one thing agree on: `ref:x` reads what `model:x` writes."""
    kind, _, rest = name.partition(":")
    return f"macro:{rest}" if kind == "macro" else rest
