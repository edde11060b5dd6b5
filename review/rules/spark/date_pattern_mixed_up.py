"""A date pattern takes another field than it means.

### Why it matters
In the patterns of Java and Spark case counts: `YYYY` is the year of the week, which differs from `yyyy` around New
Year; `mm` is minutes, not months; `DD` is the day of the year. In Python's, `%M` is minutes and `%m` the month, and
`%Y%d%m` sorts and reads as another day. Such a pattern works in most tests and writes wrong dates in production.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def by_day(orders: DataFrame) -> DataFrame:
    return orders.withColumn("day", F.date_format("ordered_at", "YYYY-MM-dd"))
```

### Good
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def by_day(orders: DataFrame) -> DataFrame:
    return orders.withColumn("day", F.date_format("ordered_at", "yyyy-MM-dd"))
```
"""

from collections.abc import Iterator
from itertools import groupby

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Step
from review.rules.spark._values import Value, argument

rule = Rule(
    module=__name__,
    code="SPK030",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER}),
)

FUNCTIONS = frozenset({"date_format", "to_date", "to_timestamp", "from_unixtime", "unix_timestamp", "ofPattern"})
"""Calls that take a pattern of Java's; Joda's `forPattern` reads `YYYY` as the year."""

PYTHON = frozenset({"strftime", "strptime"})
"""Calls that take a pattern of C's."""

_DAYS, _YEARS = frozenset({"dd", "DD"}), frozenset({"yyyy", "YYYY"})
_CLOCK = frozenset({"H", "HH", "h", "hh", "k", "kk", "K", "KK", "s", "ss"})
_MONTHS = frozenset({"M", "MM", "MMM", "MMMM", "L", "LL", "LLL", "LLLL"})
_FLAGS = "-_#0^"
"""What may stand between `%` and the letter: `%-I` is the hour without its zero (glibc, Windows)."""
_HOURS, _MONTH_LETTERS = frozenset("HIklcXrRT"), frozenset("mbBhcxDF")
"""Letters of C's patterns with the hour, or the month, in them."""
SWAPPED = {"%Y%d%m": "%Y%m%d", "%Y-%d-%m": "%Y-%m-%d"}
"""Orders that no country writes: after the year comes the month (ISO 8601)."""

_REFUSED = frozenset({"YYYY", "DD"})
"""Fields that Spark 3 refuses, or for some days: https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html."""
_MEANT = {**SWAPPED, "%M": "%m", "%H:%m": "%H:%M"}


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal patterns of a date with the year of the week, minutes or the day of the year in it."""
    if is_test(source.path, source.kind):
        return
    for value, symbol, is_query in sorted(_patterns(source), key=lambda found: found[0].line):
        pattern = value.string or ""
        wrong = _wrong_in_python(pattern) if "%" in pattern else _wrong(pattern)
        if wrong:
            field, right = wrong
            fails = ", or the query fails (Spark 3)" if is_query and field in _REFUSED else ""
            yield Hit(
                line=value.line,
                symbol=symbol,
                evidence=value.text,
                explanation=f"In `{pattern}`, `{field}` is {MEANINGS[field]}, so the dates come out wrong{fails}.",
                remediation=f"Write `{right}`.",
            )


MEANINGS = {
    "YYYY": "the year that the week belongs to, which is another one around New Year",
    "mm": "the minutes, not the month",
    "DD": "the day of the year, not of the month",
    "%M": "the minutes, not the month",
    "%H:%m": "the hour and the month, not the minutes",
    "%Y%d%m": "the day before the month, in a form that is read and sorted as year, month, day",
    "%Y-%d-%m": "the day before the month, in a form that is read and sorted as year, month, day",
}


def _patterns(source: Source) -> Iterator[tuple[Value, str, bool]]:
    """Each pattern with the function around it, and whether Spark reads it."""
    for chain in source.chains:
        for step in chain.steps:
            if step.name in PYTHON:
                yield from ((value, chain.symbol, False) for value in step.arguments if value.string is not None)
            elif step.name in FUNCTIONS:
                yield from ((value, chain.symbol, step.name != "ofPattern") for value in _given(step))
    if source.kind is Kind.SCALA_SPARK:
        for node, symbol in _scala.walk(source.scala):
            if node.type == "instance_expression" and "SimpleDateFormat" in _scala.text_of(node):
                given = next((each for each, _ in _scala.walk(node) if each.type == "string"), None)
                if given is not None:
                    yield argument(given), symbol, False


def _given(step: Step) -> Iterator[Value]:
    place = 0 if step.name == "ofPattern" else 1
    value = step.given("format", place)
    if value is not None and value.string is not None:
        yield value


def _wrong(pattern: str) -> tuple[str, str] | None:
    """The first field that is not what stands beside it asks for, and the whole pattern put right; None where none."""
    runs = ["".join(run) for _, run in groupby(pattern)]
    fields = [run for run in runs if run[0].isalpha()]
    right = list(runs)
    months = [number for number, run in enumerate(runs) if run == "mm" and _is_month(runs, number)]
    for number in months:
        right[number] = "MM"
    has_month = "MM" in right
    for number, run in enumerate(runs):
        if run == "YYYY" and "ww" not in fields and "w" not in fields and (has_month or "dd" in fields):
            right[number] = "yyyy"
        elif run == "DD" and has_month:
            right[number] = "dd"
    wrong = next((before for before, after in zip(runs, right, strict=True) if before != after), None)
    return (wrong, "".join(right)) if wrong is not None else None


def _is_month(runs: list[str], place: int) -> bool:
    """Whether minutes stand where the month belongs: in a pattern of a day and a year that has none, beside the day."""
    fields = [(number, run) for number, run in enumerate(runs) if run[0].isalpha()]
    names = [run for _, run in fields]
    if not _MONTHS.isdisjoint(names) or _DAYS.isdisjoint(names) or _YEARS.isdisjoint(names):
        return False
    if names.count("mm") == 1 and _CLOCK.isdisjoint(names):
        return True
    index = next(index for index, (number, _) in enumerate(fields) if number == place)
    beside = {*names[max(0, index - 1) : index], *names[index + 1 : index + 2]}
    return not _DAYS.isdisjoint(beside) and _CLOCK.isdisjoint(beside)


def _wrong_in_python(pattern: str) -> tuple[str, str] | None:
    """The same of a pattern of C's: `%Y-%M-%d`, `%H:%m`, `%Y%d%m`."""
    wrong = ""
    letters = _letters(pattern)
    if "%M" in pattern and {"Y", "d"} <= letters and letters.isdisjoint(_HOURS | _MONTH_LETTERS):
        wrong = "%M"
    elif "%H:%m" in pattern:
        wrong = "%H:%m"
    else:
        wrong = next((each for each in SWAPPED if each in pattern), "")
    return (wrong, pattern.replace(wrong, _MEANT[wrong])) if wrong else None


def _letters(pattern: str) -> frozenset[str]:
    """What a pattern of C's asks for, without flags: `I`, `M` of `%-I:%M`."""
    fields = (part.lstrip(_FLAGS)[:1] for part in pattern.replace("%%", "").split("%")[1:])
    return frozenset(fields)
