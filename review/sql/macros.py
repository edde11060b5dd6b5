"""Which of a project's macro files a template can come to call: to compile all of a large project's takes seconds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError

from review.sql.prepare import prepare


@dataclass(frozen=True)
class MacroFile:
    """One file, by its words alone."""

    path: str
    text: str
    """As Jinja is given it."""
    defines: frozenset[str]
    mentions: frozenset[str]
    """Every name in a tag, and every string: `adapter.dispatch('name')` calls by one."""


class MacroIndex:
    """The macro files of a project, by what they define."""

    def __init__(self, texts: Mapping[str, str], environment: Environment) -> None:
        self._environment = environment
        self._by_name: dict[str, list[MacroFile]] = {}
        for path, text in sorted(texts.items()):
            prepared = prepare(text)
            words = list(_words(prepared, environment))
            file = MacroFile(path, prepared, frozenset(_defined(words)), frozenset(words))
            for name in file.defines:
                self._by_name.setdefault(name, []).append(file)
                _, _, dispatched = name.partition("__")
                if dispatched:
                    self._by_name.setdefault(dispatched, []).append(file)

    def reached(self, text: str) -> list[MacroFile]:
        """The files whose macros the text names, those that these name, and so on; by path."""
        found: dict[str, MacroFile] = {}
        pending = set(_words(text, self._environment))
        seen: set[str] = set()
        while pending:
            name = pending.pop()
            seen.add(name)
            for file in self._by_name.get(name, ()):
                if file.path not in found:
                    found[file.path] = file
                    pending |= file.mentions - seen
        return [found[path] for path in sorted(found)]


def _words(text: str, environment: Environment) -> Iterator[str]:
    """The names and strings within tags, in order; up to the place where Jinja cannot read on."""
    try:
        for _line, token, value in environment.lex(text):
            if token == "name":
                yield value
            elif token == "string":
                yield value[1:-1]
    except TemplateSyntaxError:
        return


def _defined(words: Iterable[str]) -> Iterator[str]:
    """The name after each `macro`."""
    before = ""
    for word in words:
        if before == "macro":
            yield word
        before = word
