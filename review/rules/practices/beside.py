"""Whether a new file has tests beside it: asked of the names in the repository, since a file does not say."""

from collections.abc import Iterable, Iterator
from posixpath import basename

from review.domain.artifact import Artifact, Kind
from review.domain.finding import Standard
from review.domain.practice import Practice
from review.rules._tests import is_test

_TESTED = frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.SCALA_SPARK})
"""Kinds whose tests are files of their own, named after them by habit."""


def named_tests(artifacts: Iterable[Artifact], told: Iterable[Practice], paths: Iterable[str]) -> Iterator[Practice]:
    """For each artifact of which practices are told: the test file named after it, or that there is none.

    `paths` are those of the repository at head. A test of another name is not found, so it is called what it is: no
    file named after it.
    """
    asked = {practice.path for practice in told}
    subjects = [each for each in artifacts if each.kind in _TESTED and each.path in asked]
    if not subjects:
        return
    tests: dict[tuple[str, bool], str] = {}
    for path in paths:
        if path.lower().endswith((".py", ".scala")) and _is_test(path):
            tests.setdefault((_subject(path), _is_scala(path)), path)
    for artifact in subjects:
        found = tests.get((_stem(artifact.path), _is_scala(artifact.path)))
        text = f"tests in `{found}`" if found else "no test file named after it"
        yield Practice(artifact.path, Standard.TESTING, found is not None, text)


def _is_test(path: str) -> bool:
    return is_test(path, Kind.SCALA_SPARK if _is_scala(path) else Kind.PYSPARK)


def _is_scala(path: str) -> bool:
    return path.lower().endswith(".scala")


def _stem(path: str) -> str:
    return basename(path).partition(".")[0].lower()


def _subject(path: str) -> str:
    """What a test file is named after: `orders` of `test_orders.py`, `orders_test.py` and `OrdersSuite.scala`."""
    stem = _stem(path)
    if _is_scala(path):
        return next((stem.removesuffix(end) for end in ("tests", "test", "spec", "suite") if stem.endswith(end)), stem)
    return stem.removeprefix("test_").removesuffix("_test").removesuffix("_tests")
