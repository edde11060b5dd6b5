"""A run for one day overwrites what all other days wrote.

### Why it matters
`mode("overwrite")` replaces the whole target, all its partitions, unless the write is told to replace only the
partitions it has rows for. A job that is started for one date and so writes one day's rows leaves a table of one day.
Nothing fails; the history is gone, and a backfill of ten days keeps only the last one.

### Bad
```python
from pyspark.sql import SparkSession


def main(day: str) -> None:
    spark = SparkSession.builder.getOrCreate()
    orders = spark.read.parquet("s3://raw/orders/").where(f"order_date = '{day}'")
    orders.write.mode("overwrite").partitionBy("order_date").parquet("s3://lake/orders/")
```

### Good
```python
from pyspark.sql import SparkSession


def main(day: str) -> None:
    spark = SparkSession.builder.config("spark.sql.sources.partitionOverwriteMode", "dynamic").getOrCreate()
    orders = spark.read.parquet("s3://raw/orders/").where(f"order_date = '{day}'")
    orders.write.mode("overwrite").partitionBy("order_date").parquet("s3://lake/orders/")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._functions import Function, functions, is_date, is_day, settings, words
from review.rules.spark._writes import Write, writes

rule = Rule(
    module=__name__,
    code="SPK011",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER}),
)

DYNAMIC = "partitionOverwriteMode"
"""Spark's setting, the same as an option of a write; BigQuery and Iceberg have it under longer names."""
LIMITED = frozenset({"replaceWhere", "datePartition", "partitionOverwriteMode", "overwrite-mode"})
"""Options by which an overwrite replaces only a part (Delta, BigQuery connector, Spark, Iceberg)."""
SPANS = frozenset({"daily", "hourly", "incremental", "incrementally"})
"""Words of a job's or a table's name that say that a run brings only its own span's rows."""

_THINGS = frozenset({"dim", "dimension", "table", "column", "col", "df"})
"""Words of names that hold a table or a column, and no day itself: `dim_date`."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Overwrites without a date in their target, in functions that are given one, where rows go by date."""
    text = source.text.lower()
    is_possible = "overwrite" in text or "writeto" in text
    if not is_possible or DYNAMIC in source.text or is_test(source.path, source.kind):
        return
    known, read = functions(source), settings(source)
    for write in writes(source.chains):
        function = known.get(write.chain.symbol)
        if write.mode != "overwrite" or function is None:
            continue
        given = function.parameters | read.get(write.chain.symbol, frozenset()) | _of_command_line(function)
        date = next((name for name in sorted(given) if is_day(name) and _THINGS.isdisjoint(words(name))), None)
        if date is not None and _replaces_all(write, function) and _goes_by_date(write, source.path):
            yield _hit(write, date)


def _of_command_line(function: Function) -> frozenset[str]:
    """The names that hold an argument of the command line: `day` of `day = sys.argv[1]`."""
    return frozenset(
        name for name, values in function.assigned.items() if any("argv" in value.names for value in values)
    )


def _hit(write: Write, date: str) -> Hit:
    target = write.target.text if write.target is not None else ""
    how = write.end.name if write.end.name in ("createOrReplace", "replace") else 'mode("overwrite")'
    return Hit(
        line=write.line,
        end_line=write.end.end_line,
        symbol=write.chain.symbol,
        evidence=f"overwrite {target}",
        explanation=(
            f"The run is for one `{date}`, but `{how}` replaces all of `{target}`, which has no date in "
            "it: after each run the rows of every other date are gone."
        ),
        remediation=(
            "Replace only the run's own part: `spark.sql.sources.partitionOverwriteMode=dynamic`, `replaceWhere` "
            "(Delta), a partition decorator `table$YYYYMMDD` (BigQuery), or the date in the path."
        ),
    )


def _replaces_all(write: Write, function: Function) -> bool:
    """Whether the target holds no date and nothing limits the overwrite; `table$…` is one partition in BigQuery."""
    if write.target is None or not LIMITED.isdisjoint(write.options):
        return False
    is_python = isinstance(write.target.node, ast.expr)
    if is_python and "$" in write.target.text:
        return False
    return not any(is_date(name) for name in function.sources(write.target.names))


def _goes_by_date(write: Write, path: str) -> bool:
    """Whether the table is partitioned by a date, or is named, as a job or a table, after one span's rows."""
    columns = [name for value in write.partitioned for name in value.strings]
    columns += [write.options[name].string or "" for name in ("partitionField",) if name in write.options]
    if any(is_date(column) for column in columns):
        return True
    stem = path.rpartition("/")[2].partition(".")[0]
    is_table = write.format == "bigquery" or write.end.name == "saveAsTable"
    return is_table and not SPANS.isdisjoint(words(stem) | words(write.target.text if write.target else ""))
