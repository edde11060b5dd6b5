"""What a cron text says, as far as it is plain: which minutes, hours, days; and how long it is from one to the next.

Airflow reads cron by croniter: five fields, or six with seconds last. Letters such as `L` and `#` are croniter's own
and are left alone: a field that is not plain is None and nothing is said of it.
"""

from dataclasses import dataclass

MACROS = {"@hourly": 1.0, "@daily": 24.0, "@weekly": 168.0, "@monthly": 672.0, "@quarterly": 2160.0, "@yearly": 8760.0}
"""Airflow's presets → the fewest hours between two runs. Those not here (`@once`, `@continuous`) have no interval."""
KNOWN = frozenset({*MACROS, "@once", "@continuous", "@annually", "@midnight", "@none"})
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMES = ("minute", "hour", "day of the month", "month", "day of the week")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


@dataclass(frozen=True)
class Field:
    """One field of a cron text."""

    text: str
    values: frozenset[int] | None
    """What it stands for; None where it is not plain."""
    problem: str = ""
    """Why no clock ever shows it."""

    @property
    def is_any(self) -> bool:
        """Whether it is a star or its like."""
        return self.text in ("*", "?")


def fields(text: str) -> tuple[Field, ...] | None:
    """The five fields of a cron text; None where it has another number of them or is a preset."""
    words = text.lower().split()
    if len(words) != len(_RANGES):
        return None
    return tuple(_field(word, number) for number, word in enumerate(words))


def hours_between(text: str) -> float | None:
    """The fewest hours between two runs, about; None where it cannot be told."""
    if text in MACROS:
        return MACROS[text]
    found = fields(text)
    if found is None or any(field.values is None or field.problem for field in found):
        return None
    minute, hour, day, month, weekday = found
    if len(month.values or ()) == 1:
        return 8760.0
    if not day.is_any and weekday.is_any:
        return _gap(day.values, 28) * 24.0
    if not weekday.is_any and day.is_any:
        return _gap(frozenset(each % 7 for each in weekday.values or ()), 7) * 24.0
    return float(_gap(hour.values, 24)) if len(minute.values or ()) == 1 else _gap(minute.values, 60) / 60


def _gap(values: frozenset[int] | None, size: int) -> int:
    """The smallest step between two of them on a dial of that size."""
    ordered = sorted(values or ())
    if len(ordered) < 2:
        return size
    return min(after - before for before, after in zip(ordered, [*ordered[1:], ordered[0] + size], strict=True))


def never(found: tuple[Field, ...]) -> str:
    """Why no day is ever meant, `31 February`; empty where one is, or where it cannot be told."""
    day, month, weekday = found[2:]
    if not weekday.is_any or not day.values or not month.values or day.is_any:
        return ""
    if min(day.values) > max(_LONGEST.get(each, 31) for each in month.values):
        return f"no month it names has a day {min(day.values)}"
    return ""


def _field(word: str, number: int) -> Field:
    low, high = _RANGES[number]
    values: set[int] = set()
    for part in word.split(","):
        span, _, step = part.partition("/")
        begin, dash, end = span.partition("-")
        if span in ("*", "?"):
            first, last = low, high
        else:
            ends = (_number(begin, number), _number(end, number) if dash else None)
            if ends[0] is None or (dash and ends[1] is None):
                return Field(word, None)
            first = ends[0]
            last = ends[1] if ends[1] is not None else (high if step else first)
        if not low <= first <= high or not low <= last <= high:
            return Field(word, None, f"`{word}` is no {NAMES[number]}: those are {low} to {high}")
        if step and not (step.isascii() and step.isdigit()):
            return Field(word, None)
        values.update(range(first, last + 1, max(1, int(step or "1"))) if first <= last else range(low, high + 1))
    return Field(word, frozenset(values))


def _number(word: str, number: int) -> int | None:
    """A number of at most three digits, or the name of a month or day; None for anything else."""
    names = _MONTHS if number == 3 else _DAYS if number == 4 else ()
    if word in names:
        return names.index(word) + (number == 3)
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 3 else None
