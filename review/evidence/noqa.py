"""`# noqa` in a changed Python file: it counts where it stood before the change.

A change does not switch off its own review: of the lines that it adds, those alone are accepted that it only moved,
each for one that it takes away with the same code and the same comment.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MARK = "# noqa"
_FILE = ("# ruff: noqa", "# flake8: noqa")


@dataclass(frozen=True)
class Accepted:
    """What was accepted before the change, and still is: beginnings of codes, the empty one for all of them."""

    file: frozenset[str]
    """In the whole file, by the base."""
    lines: dict[int, frozenset[str]]
    """By 1-based line of the head."""

    def has(self, line: int, code: str) -> bool:
        """Whether ruff's rule of that code was told to leave that line, or the whole file, alone."""
        here = self.lines.get(line, frozenset())
        return any(code[:end] in self.file or code[:end] in here for end in range(len(code) + 1))


def accepted(old: Sequence[str], new: Sequence[str], removed: Iterable[int], added: frozenset[int]) -> Accepted:
    """`old` and `new` are the lines of base and head; `removed` and `added` the numbers of those that changed."""
    left = Counter(_parts(old[number - 1]) for number in removed if number <= len(old) and MARK in old[number - 1])
    lines: dict[int, frozenset[str]] = {}
    for number, line in enumerate(new, 1):
        if MARK in line:
            parts = _parts(line)
            if number in added and left[parts] <= 0:
                continue
            if number in added:
                left[parts] -= 1
            lines[number] = _codes(parts[1])
    file: set[str] = set()
    for text in (line.strip().lower() for line in old):
        for order in _FILE:
            if text.startswith(order):
                file |= _codes(text.removeprefix(order))
    return Accepted(frozenset(file), lines)


def _parts(line: str) -> tuple[str, str]:
    """The words of the code before `# noqa`, and what follows it."""
    code, _, rest = line.partition(MARK)
    return " ".join(code.split()), rest.rstrip()


def _codes(rest: str) -> frozenset[str]:
    """Beginnings of the codes that what follows `noqa` speaks of: a list, or all where there is none."""
    rest = rest.strip()
    return frozenset(rest[1:].replace(",", " ").upper().split() if rest.startswith(":") else ("",))
