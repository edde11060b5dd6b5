"""A project's macros by name, each file read when one of its macros is first called: most of a project's never are."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from jinja2.exceptions import TemplateError

from review.sql.builtins import Returned
from review.sql.prepare import prepare
from review.sql.standins import Printer, StandIn

MAX_NAME = 300
"""Characters from the word `macro` to the bracket behind the name."""


def named(text: str, keyword: str) -> Iterator[str]:
    """The words that may name what stands behind a keyword such as `macro`, without parsing: no other can be one."""
    behind = text.find(keyword) + len(keyword)
    while behind >= len(keyword):
        if text[behind : behind + 1].isspace():
            name = text[behind : behind + MAX_NAME].partition("(")[0].strip()
            if name.isidentifier():
                yield name
        behind = text.find(keyword, behind) + len(keyword)


class MacroIndex:
    """The macro files of a project (path → text), by what they define: told when it is first asked."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    @cached_property
    def paths(self) -> Mapping[str, list[str]]:
        """Name → the files that may define such a macro, by path."""
        found: dict[str, list[str]] = {}
        for path, text in sorted(self._texts.items()):
            for name in dict.fromkeys(named(text, "macro")):
                found.setdefault(name, []).append(path)
        return found

    def text(self, path: str) -> str:
        """The file as Jinja is given it."""
        return prepare(self._texts[path])


class Macros(Mapping[str, "Guarded"]):
    """The macros that a template may call: a name is among them where a file binds it, which is read to know.

    `load` gives all that a file's text binds, or fails: that costs only the macros of the file.
    """

    def __init__(self, index: MacroIndex, load: Callable[[str], Mapping[str, Any]], printer: Printer) -> None:
        self._index = index
        self._load = load
        self._printer = printer
        self._bound: dict[str, Mapping[str, Any]] = {}
        """By the path of the file, as far as files were read."""
        self.put_off: set[str] = set()
        """Files that a template asked for so deep in its calls that there was no room to load them."""

    def __getitem__(self, name: str) -> "Guarded":
        for path in reversed(self._index.paths.get(name, ())):
            macro = self._in(path).get(name)
            if macro is not None:
                return Guarded(macro, StandIn(name, self._printer))
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._index.paths if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def load_put_off(self) -> bool:
        """Load those that were put off, now that there is room; whether there were any."""
        paths, self.put_off = self.put_off, set()
        for path in sorted(paths):
            self._bound[path] = self._read(path)
        return bool(paths)

    def _in(self, path: str) -> Mapping[str, Any]:
        if path not in self._bound:
            self._bound[path] = {}  # while it is loaded it may ask for itself
            try:
                self._bound[path] = self._read(path, is_deep=True)
            except RecursionError:
                del self._bound[path]
                self.put_off.add(path)
                raise
        return self._bound[path]

    def _read(self, path: str, *, is_deep: bool = False) -> Mapping[str, Any]:
        try:
            bound = self._load(self._index.text(path))
        except MemoryError:
            raise
        except Exception as error:  # whatever a file does when it is loaded; its macros are then stood in for
            if is_deep and isinstance(error, RecursionError):
                raise
            return {}
        return {name: macro for name, macro in bound.items() if not name.startswith("_") and callable(macro)}


class Guarded:
    """A project's macro; where it fails on what we stand in for, it is stood in for itself."""

    unsafe_callable = False
    alters_data = False

    def __init__(self, macro: Any, stand_in: StandIn) -> None:
        self._macro = macro
        self._stand_in = stand_in

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the macro gives, or its stand-in."""
        try:
            return self._macro(*args, **kwargs)
        except Returned as returned:
            return returned.value
        except (TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
            return self._stand_in

    def __str__(self) -> str:
        return str(self._stand_in)
