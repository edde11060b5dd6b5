"""Which files are tests: defects of production code are none there (a made-up password, a tiny frame in one task)."""

_FOLDERS = frozenset({"test", "tests", "testing", "fixtures"})
_ENDINGS = ("_test", "_tests", "spec", "test", "suite", "tests")


def is_test(path: str) -> bool:
    """Whether pytest's, ScalaTest's or dbt's usual naming makes this path a test or a fixture."""
    *folders, name = path.lower().split("/")
    stem = name.partition(".")[0]
    return (
        not _FOLDERS.isdisjoint(folders)
        or any(folder.startswith("integration_test") for folder in folders)
        or stem == "conftest"
        or stem.startswith("test_")
        or stem.endswith(_ENDINGS)
    )
