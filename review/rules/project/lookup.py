"""What the files of a project define, by name: a file is parsed once a name that stands in it is asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", str, tuple[str, str])
Value = TypeVar("Value")


class Lookup(Mapping[Key, tuple[Value, ...]], Generic[Key, Value]):
    """Name, or pair of names, → its definitions. To go through all of them parses every file.

    `paths` are the files that may define something, `within` gives those that may define this, in order, and `read` the
    definitions in one of them.
    """

    def __init__(
        self,
        paths: Iterable[str],
        within: Callable[[Key], Iterable[str]],
        read: Callable[[str], Iterable[tuple[Key, Value]]],
    ) -> None:
        self._paths = tuple(paths)
        self._within: Callable[[Key], Iterable[str]] = within
        self._read: Callable[[str], Iterable[tuple[Key, Value]]] = read
        self._parsed: dict[str, tuple[tuple[Key, Value], ...]] = {}
        self._found: dict[Key, tuple[Value, ...]] = {}

    def __getitem__(self, key: Key) -> tuple[Value, ...]:
        """The definitions by path. Raises KeyError where there is none."""
        if key not in self._found:
            self._found[key] = tuple(value for name, value in self.within(self._within(key)) if name == key)
        if not self._found[key]:
            raise KeyError(key)
        return self._found[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(dict.fromkeys(name for name, _ in self.within(self._paths)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def within(self, paths: Iterable[str]) -> Iterator[tuple[Key, Value]]:
        """The definitions in these files, in their order."""
        for path in paths:
            if path not in self._parsed:
                self._parsed[path] = tuple(self._read(path))
            yield from self._parsed[path]
