"""A job writes its result to the local disks of a cluster's machines.

### Why it matters
`file:` is a path of whatever machine runs a task. On a cluster every executor writes its part to a disk of its own, the
driver finds an empty folder with a `_SUCCESS` file or fails for lack of rights, and all of it is gone when the machines
are. On one machine, where it is tested, it works.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
orders.write.mode("overwrite").parquet("file:///data/orders_clean")
```

### Good
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
orders.write.mode("overwrite").parquet("s3://lake/orders_clean/")
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._values import Value
from review.rules.spark._writes import ENDS

rule = Rule(
    module=__name__,
    code="SPK012",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

OUTPUTS = frozenset({"saveAsTextFile", "saveAsObjectFile", "saveAsSequenceFile"})
"""Writes of RDDs, whose first argument is the path."""
SHARED = ("/dbfs", "/mnt", "/efs", "/nfs", "/lustre", "/shared", "/Volumes", "/Workspace")
"""Beginnings of paths where the machines of a cluster usually see one file system."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Distributed writes whose path literally begins with `file:`."""
    if "file:" not in source.text or is_test(source.path, source.kind) or _is_one_machine(source):
        return
    for chain in source.chains:
        for step in chain.steps:
            path = _output(chain, step)
            if path is not None and _is_local(path.beginning):
                yield Hit(
                    line=step.line,
                    end_line=step.end_line,
                    symbol=chain.symbol,
                    evidence=f"{step.name}({path.text})",
                    explanation=(
                        f"`{path.text}` is the local disk of each machine: on a cluster the executors write their "
                        "parts to different disks, or may not write there at all, and the driver has no result."
                    ),
                    remediation=(
                        "Write to storage that all machines share (s3, gs, abfss, hdfs), and copy from there to a "
                        "local disk if one is needed."
                    ),
                )


def _output(chain: Chain, step: Step) -> Value | None:
    """The path of a write by Spark itself; files that the driver writes are its own."""
    if step.name in OUTPUTS or (step.name in ENDS and "write" in chain.methods):
        return step.given("path", 0)
    is_option = step.name == "option" and not {"write", "writeStream"}.isdisjoint(chain.methods)
    if is_option and len(step.arguments) > 1 and step.arguments[0].string == "path":
        return step.arguments[1]
    return None


def _is_local(path: str) -> bool:
    scheme, colon, rest = path.partition(":")
    return bool(colon) and scheme == "file" and not f"/{rest.lstrip('/')}".startswith(SHARED)


def _is_one_machine(source: Source) -> bool:
    """Whether the file itself starts Spark as one process."""
    return any(
        step.name in ("master", "setMaster") and step.arguments and step.arguments[0].beginning.startswith("local")
        for chain in source.chains
        for step in chain.steps
    )
