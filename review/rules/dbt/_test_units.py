"""Which templates are dbt tests: their queries select the rows that fail."""

from collections.abc import Iterator, Sequence

from review.domain.artifact import Kind
from review.rules.dbt import _skeleton
from review.rules.dbt._skeleton import Unit, Word
from review.rules.source import Source

KINDS = frozenset({Kind.DBT_TEST, Kind.DBT_GENERIC_TEST, Kind.DBT_MACRO})
WORDS = frozenset({"test", "tests", "check", "checks"})
NAMES = ("test_", "assert_", "check_")

MAX_WORDS = 2000
"""Words that are looked at from one place on: more than any query of a test has."""


def test_units(source: Source) -> Iterator[Unit]:
    """The units of a file that select failing rows: those of a test's file, and macros that are called like one."""
    folders = source.path.lower().replace("-", "_").replace("/", "_").split("_")
    is_test = source.kind is not Kind.DBT_MACRO or not WORDS.isdisjoint(folders)
    for unit in _skeleton.units(source):
        if is_test or unit.name.lower().rpartition("__")[2].startswith(NAMES):
            yield unit


def closing(words: Sequence[Word], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`; the number of words where none near does."""
    depth = 0
    for at in range(opening, min(len(words), opening + MAX_WORDS)):
        depth += (words[at].text == "(") - (words[at].text == ")")
        if depth == 0:
            return at
    return len(words)
