"""Which files are tests: defects of production code are none there (a made-up password, a tiny frame in one task)."""

from review.domain.artifact import Kind

_FOLDERS = frozenset({"test", "tests", "testing"})
_FIXTURES = frozenset({"fixtures"})
"""Folders of files that tests read, unless they hold DAGs: those are loaded wherever they lie."""
_WORDS = frozenset({"test", "tests", "spec"})
_SCALA_WORDS = ("Test", "Tests", "Spec", "Suite")
_NAMED_FREELY = frozenset({Kind.DAG, Kind.DBT_MODEL, Kind.DBT_PYTHON_MODEL})
"""Kinds whose names say what they are about: a `fct_ab_test` is a table, and no test is a DAG."""


def is_test(path: str, kind: Kind | None) -> bool:
    """Whether pytest's, ScalaTest's or dbt's usual naming makes this path a test or a fixture.

    DAGs, dbt models and SQL files are tests by their folders alone, whatever their own names. A file that is none of
    ours to review has no kind.
    """
    *folders, name = path.split("/")
    lowered = {folder.lower() for folder in folders}
    if not lowered.isdisjoint(_FOLDERS) or any(folder.startswith("integration_test") for folder in lowered):
        return True
    if kind is not Kind.DAG and not lowered.isdisjoint(_FIXTURES):
        return True
    return kind not in _NAMED_FREELY and not name.lower().endswith(".sql") and _is_named_test(name)


def _is_named_test(name: str) -> bool:
    """Whether the file's name says it: `test_load.py`, `load_test.py`, `LoadSuite.scala`; not `load_latest.py`."""
    stem = name.partition(".")[0]
    words = stem.lower().split("_")
    return (
        (words[0] == "test" and len(words) > 1)
        or words[-1] in _WORDS
        or stem.lower() == "conftest"
        or (name.lower().endswith(".scala") and stem.endswith(_SCALA_WORDS))
    )
