"""A job fixes its master to the local machine.

### Why it matters
What the code sets wins over `spark-submit --master`: on the cluster the whole job runs in the driver, with its cores
and its memory, and the executors that are paid for do nothing.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("orders").master("local[*]").getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
```

### Good
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("orders").getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._branches import branches
from review.rules.spark._chains import Chain
from review.rules.spark._functions import words

rule = Rule(
    module=__name__,
    code="SPK032",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.SCALA_SPARK}),
)

SHARED = ("s3://", "s3a://", "s3n://", "hdfs://", "gs://", "abfs://", "abfss://", "wasb://", "wasbs://", "dbfs:/")
"""Beginnings of paths of storage that a cluster works on."""
TABLES = frozenset({"saveAsTable", "insertInto", "enableHiveSupport"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`master("local[*]")` and `setMaster` with a literal outside of any `if`, in a job on shared storage."""
    if "local" not in source.text or is_test(source.path, source.kind) or not _is_of_a_cluster(source):
        return
    chosen = branches(source)
    for chain in source.chains:
        for step in chain.steps:
            master = step.arguments[0].string if step.name in ("master", "setMaster") and step.arguments else None
            if (
                master is not None
                and master.startswith("local[")
                and master != "local[1]"
                and not _is_trial(chain, chosen)
            ):
                yield Hit(
                    line=step.line,
                    end_line=step.end_line,
                    symbol=chain.symbol,
                    evidence=f"{step.name} {master}",
                    explanation=(
                        f"`{master}` in the code wins over what the job is submitted with: on a cluster all of it runs "
                        "in the driver."
                    ),
                    remediation="Leave the master to `spark-submit` or the configuration of the environment.",
                )


def _is_of_a_cluster(source: Source) -> bool:
    """Whether the file reads or writes what is shared; an exercise or a tool keeps its files beside it."""
    return any(
        step.name in TABLES or any(value.beginning.startswith(SHARED) for value in step.arguments)
        for chain in source.chains
        for step in chain.steps
    )


def _is_trial(chain: Chain, chosen: frozenset[int]) -> bool:
    """Whether it is one of a test, or of a branch: of a run on a laptop, or of a module that is tried by itself."""
    if chain.line in chosen:
        return True
    return any("test" in words(name) for name in chain.symbol.split("."))
