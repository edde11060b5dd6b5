"""The only door to ruff: Python texts in, violations of the rules we chose out. A process of its own, with no token.

Where ruff breaks on texts, it is asked again about each half of them, and so on: one text that it cannot bear costs the
others nothing. What it prints is bounded, and taken only where it has the expected form.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from review.ruff.process import RuffError, RuffFailed, entries

SECONDS = 60.0
"""For all files together; 264 real ones take a quarter of a second. As long again is left to find what it broke on."""
LEAST_SECONDS = 5.0
"""For a few files of those that it broke on."""
MAX_VIOLATIONS = 2_000
"""Taken of one text."""
MAX_ALL = 50_000
"""Where there are as many, no process is started again for texts that one broke on."""
MAX_MESSAGE = 1_000
"""Characters of a message, which may hold a name of any length."""


@dataclass(frozen=True)
class Violation:
    """One hit of one of ruff's rules."""

    code: str
    message: str
    line: int
    """1-based."""
    end_line: int


@dataclass(frozen=True)
class Checked:
    """What ruff says of texts, each by its key."""

    found: dict[str, tuple[Violation, ...]] = field(default_factory=dict)
    """The violations, by line and code, of each text that has any."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why there is no word on a text: a clause for the reader."""
    unparsed: set[str] = field(default_factory=set)
    """Texts that ruff calls no Python, all or in part; others tell that."""
    cut: set[str] = field(default_factory=set)
    """Texts with more violations than are taken."""


def check(texts: Mapping[str, str], codes: Collection[str]) -> Checked:
    """The violations of these rules, without regard to `noqa`. Raises RuffError where ruff cannot be had at all."""
    checked = Checked()
    end = time.monotonic() + 2 * SECONDS
    taken = 0
    waiting = [(list(texts), SECONDS)] if texts else []
    while waiting:
        keys, seconds = waiting.pop()
        left = end - time.monotonic()
        if left <= 0 or taken >= MAX_ALL:
            why = f"ruff took longer than {2 * SECONDS:g} s" if left <= 0 else f"ruff finds {taken} places elsewhere"
            checked.failed.update(dict.fromkeys(keys, why))
            continue
        try:
            part = _part(keys, [texts[key] for key in keys], codes, min(seconds, left))
        except RuffFailed as problem:
            if len(keys) == 1:
                checked.failed[keys[0]] = str(problem)
            else:
                middle, less = len(keys) // 2, min(seconds, max(seconds / 2, LEAST_SECONDS))
                waiting += [(keys[middle:], less), (keys[:middle], less)]
            continue
        taken += sum(map(len, part.found.values()))
        checked.found.update(part.found)
        checked.unparsed.update(part.unparsed)
        checked.cut.update(part.cut)
    return checked


def _part(keys: Sequence[str], texts: Sequence[str], codes: Collection[str], seconds: float) -> Checked:
    """What one process says of these texts. Raises RuffError."""
    part = Checked()
    found: dict[str, list[Violation]] = {}
    for number, entry in entries(texts, codes, seconds):
        key, violation = keys[number], _read(entry)
        taken = found.setdefault(key, [])
        if violation.code not in codes:
            if violation.code in ("", "invalid-syntax"):
                part.unparsed.add(key)
        elif len(taken) < MAX_VIOLATIONS:
            taken.append(violation)
        else:
            part.cut.add(key)
    for key, each in found.items():
        if each:
            part.found[key] = tuple(sorted(each, key=lambda one: (one.line, one.code)))
    return part


def _read(entry: Mapping[str, Any]) -> Violation:
    """The violation that an entry tells; an error of syntax has no rule's code. Raises RuffFailed."""
    try:
        code, message = entry["code"], entry["message"]
        line, end = entry["location"]["row"], entry["end_location"]["row"]
        if not (isinstance(message, str) and isinstance(code, str | None)):
            raise TypeError(code)
        if not (isinstance(line, int) and isinstance(end, int) and 1 <= line <= end):
            raise ValueError(line)
    except (LookupError, TypeError, ValueError) as error:
        raise RuffFailed("ruff's answer could not be read") from error
    return Violation(code or "", message[:MAX_MESSAGE], line, end)


__all__ = ["MAX_VIOLATIONS", "Checked", "RuffError", "Violation", "check"]
