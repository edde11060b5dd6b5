"""Who owns a file: CODEOWNERS as GitHub reads it.

Its patterns are nearly those of `.gitignore`: `docs/*` holds the files of that folder alone, and there is neither `!`
nor `[a-z]`. Of the lines that hold a file the last counts, also where it names nobody, and a line that is not valid is
skipped (docs.github.com, "About code owners").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from review.domain.tree import Tree

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""The first that is there counts."""
MAX_CHARACTERS = 3_000_000
"""GitHub does not load a larger file than 3 MB."""
MAX_RULES = 5_000
"""Lines that are held against a path: with more of them, who owns it is not worked out."""
_WILD = frozenset("*?")
MANY = "**"
"""In a pattern, any number of folders."""


@dataclass(frozen=True)
class Rule:
    """One line: the pattern, a part for each folder, and the owners it names."""

    parts: tuple[str, ...]
    owners: tuple[str, ...]
    """`@login`, `@organisation/team` or an e-mail address; none where nobody owns what the pattern holds."""

    @cached_property
    def _names(self) -> frozenset[str]:
        """The folders and names that it says in full: most rules fail by them, and a large change asks them all."""
        return frozenset(part for part in self.parts if not _WILD.intersection(part))

    def holds(self, path: tuple[str, ...]) -> bool:
        """Whether the pattern holds a file with these folders and this name."""
        if not self._names.issubset(path):
            return False
        at = self._with_skips({0})
        for name in path:
            at = self._with_skips(
                {
                    index if self.parts[index] == MANY else index + 1
                    for index in at
                    if index < len(self.parts) and (self.parts[index] == MANY or fnmatchcase(name, self.parts[index]))
                }
            )
        return len(self.parts) in at

    def _with_skips(self, at: set[int]) -> set[int]:
        """The places in the pattern that are reached from these without another folder."""
        reached = set(at)
        for index in sorted(at):
            while index < len(self.parts) and self.parts[index] == MANY:
                index += 1
                reached.add(index)
        return reached


def owners_of(paths: Iterable[str], tree: Tree) -> dict[str, tuple[str, ...]]:
    """Path → its owners at that commit, perhaps none. Nothing at all where there is no CODEOWNERS that GitHub reads."""
    text = next((text for place in PLACES if (text := tree.text(place)) is not None), None)
    if text is None or len(text) > MAX_CHARACTERS:
        return {}
    rules = tuple(rules_of(text))
    if not rules or len(rules) > MAX_RULES:
        return {}
    return {path: _owners(tuple(path.split("/")), rules) for path in dict.fromkeys(paths)}


def rules_of(text: str) -> Iterator[Rule]:
    """The valid lines, in their order."""
    for line in text.splitlines():
        words = _words(line)
        named = next((number for number, word in enumerate(words) if word.startswith("#")), len(words))
        if not named:
            continue
        pattern, *owners = words[:named]
        parts = _parts(pattern)
        if parts and all(map(_is_owner, owners)):
            yield Rule(parts, tuple(owners))


def _owners(path: tuple[str, ...], rules: tuple[Rule, ...]) -> tuple[str, ...]:
    return next((rule.owners for rule in reversed(rules) if rule.holds(path)), ())


def _words(line: str) -> list[str]:
    """What blanks part; a blank after a backslash belongs to its word."""
    words = [""]
    signs = iter(line.strip())
    for sign in signs:
        if sign == "\\":
            words[-1] += next(signs, "")
        elif sign.isspace():
            words.append("")
        else:
            words[-1] += sign
    return [word for word in words if word]


def _parts(pattern: str) -> tuple[str, ...]:
    """The pattern by folders, where it would hold nothing or is not valid none."""
    if pattern.startswith("!") or "[" in pattern or "]" in pattern or not pattern.strip("/"):
        return ()
    parts = pattern.strip("/").split("/")
    if not pattern.startswith("/") and len(parts) == 1:
        parts = [MANY, *parts]
    if pattern.endswith("/") or parts[-1] == MANY:
        return (*parts, "*") if parts[-1] == MANY else (*parts, MANY, "*")
    return tuple(parts) if parts[-1] == "*" else (*parts, MANY)


def _is_owner(word: str) -> bool:
    name, at, rest = word.partition("@")
    return bool(at and rest) and word.isprintable() and "@" not in rest and (not name or "." in rest)
