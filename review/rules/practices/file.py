"""One new or largely changed file → what it has, and lacks, of what the standards ask."""

from collections.abc import Callable, Iterator, Mapping

from review.domain.artifact import Kind
from review.domain.changeset import ChangedFile, Status
from review.domain.practice import Practice, in_order
from review.rules._tests import is_test
from review.rules.practices import dag, dbt, spark, sql
from review.rules.practices.base import Seen
from review.rules.source import Source
from review.rules.trees import NotEvaluated

LEAST_LINES = 20
"""Added lines below which a file that was there before is not largely new."""

_READERS: Mapping[Kind, Callable[[Source], Iterator[Seen]]] = {
    Kind.DAG: dag.practices,
    Kind.DBT_MODEL: dbt.practices,
    Kind.PYSPARK: spark.practices,
    Kind.SCALA_SPARK: spark.practices,
    Kind.SQL_DDL: sql.practices,
    Kind.SQL_MIGRATION: sql.practices,
}


def is_largely_new(file: ChangedFile, head: Source) -> bool:
    """Whether the change brings the file, or at least half of its lines."""
    return file.status is Status.ADDED or len(file.added) >= max(LEAST_LINES, len(head.lines) / 2)


def practices(source: Source) -> tuple[Practice, ...]:
    """In the standards' order; nothing of a test, of a kind that is asked nothing, or of a file that does not parse."""
    reader = _READERS.get(source.kind)
    if reader is None or is_test(source.path, source.kind):
        return ()
    try:
        seen = list(reader(source))
    except NotEvaluated:
        return ()
    return in_order(each.of(source.path) for each in seen)
