"""A run for one day appends its rows, so a second run doubles them.

### Why it matters
Schedulers retry, and people re-run days that went wrong. `mode("append")` adds the day's rows once more each time, and
nothing fails: sums are too high until somebody notices.

### Bad
```python
from pyspark.sql import SparkSession


def main(day: str) -> None:
    spark = SparkSession.builder.getOrCreate()
    orders = spark.read.parquet("s3://raw/orders/").where(f"order_date = '{day}'")
    orders.write.mode("append").partitionBy("order_date").parquet("s3://lake/orders/")
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

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain
from review.rules.spark._functions import functions, is_day, settings, words
from review.rules.spark._writes import Write, writes

rule = Rule(
    module=__name__,
    code="SPK031",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER}),
)

REMOVALS = frozenset({"delete", "remove", "rm", "rmtree", "drop", "truncate", "overwrite", "exists", "merge"})
"""Words of calls, or of SQL, by which a job makes room for its rows or asks whether they are there."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Appends in functions that are given a day, in files that never remove anything."""
    if "append" not in source.text.lower() or is_test(source.path, source.kind):
        return
    if any(_removes(chain) for chain in source.chains):
        return
    known, read = functions(source), settings(source)
    for write in writes(source.chains):
        function = known.get(write.chain.symbol)
        if write.mode != "append" or function is None:
            continue
        given = function.parameters | read.get(write.chain.symbol, frozenset())
        date = next((name for name in sorted(given) if is_day(name)), None)
        if date is not None:
            yield _hit(write, date)


def _removes(chain: Chain) -> bool:
    for step in chain.steps:
        if words(step.name) & REMOVALS - {"drop"}:
            return True
        if step.name in ("sql", "execute") and any(
            words(text) & REMOVALS for value in step.arguments[:1] for text in value.strings
        ):
            return True
    return False


def _hit(write: Write, date: str) -> Hit:
    target = write.target.text if write.target is not None else "the target"
    return Hit(
        line=write.line,
        end_line=write.end.end_line,
        symbol=write.chain.symbol,
        evidence=f"append {target}",
        explanation=(
            f"The run is for one `{date}` and appends to `{target}` without removing what an earlier run for it wrote: "
            "a retry or a re-run leaves every row twice."
        ),
        remediation=(
            "Replace the run's own partition (dynamic partition overwrite, `replaceWhere`), merge by key, or delete "
            "the day's rows first."
        ),
    )
