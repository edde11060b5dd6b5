"""Which files count as tests: by words of their names, not by letters, and by their folders."""

import pytest

from review.domain.artifact import Kind
from review.rules._tests import is_test


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tests/load.py", Kind.PYSPARK),
        ("src/Test/scala/Load.scala", Kind.SCALA_SPARK),
        ("jobs/testing/load.py", Kind.PYSPARK),
        ("jobs/fixtures/load.py", Kind.PYSPARK),
        ("dags/fixtures/load.py", Kind.DAG_HELPER),
        ("integration_tests/models/orders.sql", Kind.DBT_MODEL),
        ("tests/dags/orders.py", Kind.DAG),
        ("jobs/test_load.py", Kind.PYSPARK),
        ("jobs/load_test.py", Kind.PYSPARK),
        ("jobs/LOAD_TESTS.PY", Kind.PYSPARK),
        ("jobs/load_spec.py", Kind.PYSPARK),
        ("jobs/tests.py", Kind.PYSPARK),
        ("jobs/conftest.py", Kind.PYSPARK),
        ("notebooks/load_test.ipynb", Kind.NOTEBOOK),
        ("src/LoadTest.scala", Kind.SCALA_SPARK),
        ("src/LoadTests.scala", Kind.SCALA_SPARK),
        ("src/LoadSpec.scala", Kind.SCALA_SPARK),
        ("src/LoadSuite.scala", Kind.SCALA_SPARK),
    ],
)
def test_a_test(path: str, kind: Kind) -> None:
    assert is_test(path, kind)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("jobs/load_latest.py", Kind.PYSPARK),
        ("jobs/contest.py", Kind.PYSPARK),
        ("jobs/Contest.py", Kind.PYSPARK),
        ("jobs/LoadTest.py", Kind.PYSPARK),
        ("jobs/test.d/load.py", Kind.PYSPARK),
        ("jobs/inspect.py", Kind.PYSPARK),
        ("jobs/testament.py", Kind.PYSPARK),
        ("jobs/protest/load.py", Kind.PYSPARK),
        ("src/Contest.scala", Kind.SCALA_SPARK),
        ("src/Inspec.scala", Kind.SCALA_SPARK),
        ("src/testsuite.scala", Kind.SCALA_SPARK),
        ("models/fct_ab_test.sql", Kind.DBT_MODEL),
        ("models/contest.sql", Kind.DBT_MODEL),
        ("models/test_results.sql", Kind.DBT_MODEL),
        ("models/fct_ab_test.py", Kind.DBT_PYTHON_MODEL),
        ("queries/ab_test.SQL", Kind.SQL_QUERY),
        ("dags/ab_test.py", Kind.DAG),
        ("dags/test_orders.py", Kind.DAG),
        ("dags/fixtures/load.py", Kind.DAG),
    ],
)
def test_no_test(path: str, kind: Kind) -> None:
    assert not is_test(path, kind)
