"""A stream is aggregated by time without a watermark.

### Why it matters
Without a watermark Spark may never forget a window: a late row could still come. The state of every window ever seen is
kept, checkpointed and read back, until the executors run out of memory, days or weeks after the start.

### Bad
```python
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
orders = spark.readStream.format("kafka").option("subscribe", "orders").load()
per_minute = orders.groupBy(F.window("timestamp", "1 minute")).count()
```

### Good
```python
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
orders = spark.readStream.format("kafka").option("subscribe", "orders").load()
per_minute = orders.withWatermark("timestamp", "10 minutes").groupBy(F.window("timestamp", "1 minute")).count()
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SPK034",
    standard=Standard.SCALABILITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.SCALA_SPARK}),
)

GROUPS = frozenset({"groupBy", "groupby"})
WINDOWS = frozenset({"window", "session_window"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Groups by a window of time of what a stream is read into, in a file that never sets a watermark."""
    if "readStream" not in source.text or is_test(source.path, source.kind):
        return
    methods = {name for chain in source.chains for name in chain.methods}
    if "readStream" not in methods or "withWatermark" in methods or _keeps_all(source):
        return
    streams: set[tuple[str, str]] = set()
    for chain in source.chains:
        if "readStream" not in chain.methods and (chain.symbol, chain.root) not in streams:
            continue
        if chain.target:
            streams.add((chain.symbol, chain.target))
        for step in chain.steps:
            window = next((value for value in step.arguments if WINDOWS & value.names), None)
            if step.name in GROUPS and window is not None:
                yield Hit(
                    line=step.line,
                    end_line=step.end_line,
                    symbol=chain.symbol,
                    evidence=f"{step.name}({window.text})",
                    explanation=(
                        "This stream is grouped by windows of time and has no watermark, so the state of every window "
                        "since the start is kept: it grows until the executors run out of memory."
                    ),
                    remediation='Say before the grouping how late rows may be: `.withWatermark("at", "10 minutes")`.',
                )


def _keeps_all(source: Source) -> bool:
    """Whether a stream is written in the mode that needs all windows ever seen, with or without a watermark."""
    modes = (step for chain in source.chains for step in chain.steps if step.name == "outputMode" and step.arguments)
    return any("complete" in mode.arguments[0].text.lower() for mode in modes)
