"""A stream is written without a checkpoint of its own.

### Why it matters
The checkpoint says what has been read and written. Without `checkpointLocation` Spark refuses to start the query, or,
where it makes a temporary one, forgets everything at each restart: rows are lost or written twice.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.readStream.format("kafka").option("subscribe", "orders").load()
orders.writeStream.format("parquet").option("path", "s3://lake/orders/").start()
```

### Good
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.readStream.format("kafka").option("subscribe", "orders").load()
(
    orders.writeStream.format("parquet")
    .option("path", "s3://lake/orders/")
    .option("checkpointLocation", "s3://lake/_checkpoints/orders/")
    .start()
)
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
from review.rules.spark._values import Value

rule = Rule(
    module=__name__,
    code="SPK021",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.SCALA_SPARK}),
)

STARTS = frozenset({"start", "toTable", "table"})
TRIALS = frozenset({"console", "memory", "noop", "rate"})
"""Sinks that keep nothing."""
SETTING = "checkpointLocation"
SETUP = frozenset(
    {"format", "outputMode", "option", "trigger", "queryName", "partitionBy", "foreachBatch", "foreach", "clusterBy"}
)
"""Steps of a `DataStreamWriter` that are readable one by one; `options(**settings)` may hold anything."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Streaming writes started in the same chain with no checkpoint, in a file that sets none for the session."""
    if "writeStream" not in source.text or is_test(source.path, source.kind):
        return
    if any(value.string == f"spark.sql.streaming.{SETTING}" for value in _arguments(source)):
        return
    for chain in source.chains:
        if "writeStream" not in chain.methods:
            continue
        steps = chain.steps[chain.methods.index("writeStream") + 1 :]
        start = next((step for step in steps if step.name in STARTS and step.called), None)
        if start is None or not SETUP.issuperset(step.name for step in steps[: steps.index(start)]):
            continue
        named = {value.string for step in steps for value in step.arguments}
        if SETTING not in named and named.isdisjoint(TRIALS) and not any(_is_opaque(chain, name) for name in STARTS):
            yield Hit(
                line=start.line,
                end_line=start.end_line,
                symbol=chain.symbol,
                evidence=f"{chain.root}.writeStream…{start.name}",
                explanation=(
                    "This stream has no `checkpointLocation`: Spark either refuses to start it, or forgets at each "
                    "restart what it has read and written, and loses or repeats rows."
                ),
                remediation=(
                    'Add `.option("checkpointLocation", …)` with a durable path of this query alone, beside its output.'
                ),
            )


def _is_opaque(chain: Chain, name: str) -> bool:
    """Whether the start is given settings by keyword, the checkpoint perhaps among them."""
    step = chain.step(name)
    return step is not None and any(value.name in (SETTING, "**") for value in step.arguments)


def _arguments(source: Source) -> Iterator[Value]:
    return (value for chain in source.chains for step in chain.steps for value in step.arguments)
