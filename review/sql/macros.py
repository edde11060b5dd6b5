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
    """The macros that a template may call. `load` gives all that a file's text binds, or fails."""

    def __init__(self, index: MacroIndex, load: Callable[[str], Mapping[str, Any]], printer: Printer) -> None:
        self._index = index
        self._load = load
        self._printer = printer
        self._loaded: dict[str, Any] = {}
        self._files: set[str] = set()
        """Those loaded so far, whether Jinja could or not."""

    def __getitem__(self, name: str) -> "Guarded":
        if name not in self._index.paths:
            raise KeyError(name)
        return Guarded(StandIn(name, self._printer), lambda: self._found(name))

    def __contains__(self, name: object) -> bool:
        return name in self._index.paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.paths)

    def __len__(self) -> int:
        return len(self._index.paths)

    def _found(self, name: str) -> Any:
        """The macro; None where its file cannot be loaded, which costs only the macros of that file."""
        for path in self._index.paths[name]:
            if path not in self._files:
                self._files.add(path)
                self._loaded.update(self._bound(self._index.text(path)))
        return self._loaded.get(name)

    def _bound(self, text: str) -> dict[str, Any]:
        try:
            bound = self._load(text)
        except MemoryError:
            raise
        except Exception:  # whatever a file does when it is loaded; its macros are then stood in for
            return {}
        return {name: macro for name, macro in bound.items() if not name.startswith("_") and callable(macro)}


class Guarded:
    """A project's macro; where it fails on what we stand in for, or cannot be had, it is stood in for itself."""

    unsafe_callable = False
    alters_data = False

    def __init__(self, stand_in: StandIn, find: Callable[[], Any]) -> None:
        self._stand_in = stand_in
        self._find = find

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the macro gives, or its stand-in."""
        macro = self._find()
        if macro is None:
            return self._stand_in(*args, **kwargs)
        try:
            return macro(*args, **kwargs)
        except Returned as returned:
            return returned.value
        except (TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
            return self._stand_in

    def __str__(self) -> str:
        return str(self._stand_in)
