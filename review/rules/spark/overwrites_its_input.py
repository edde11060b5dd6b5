"""A job overwrites the data it is reading.

### Why it matters
Spark reads when it writes, and an overwrite clears its target first. A frame that is read from a path and written back
to it ends in "Cannot overwrite a path that is also being read from", or, where Spark does not notice, in an empty or
half written table: a failure in between loses the only copy.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
orders = orders.dropDuplicates(["order_id"])
orders.write.mode("overwrite").parquet("s3://lake/orders/")
```

### Good
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
orders = orders.dropDuplicates(["order_id"])
orders.write.mode("overwrite").parquet("s3://lake/orders_clean/")
```
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain
from review.rules.spark._functions import functions
from review.rules.spark._writes import FILES, Write, writes

rule = Rule(
    module=__name__,
    code="SPK027",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER}),
)

COMBINING = frozenset({"join", "union", "unionByName", "unionAll", "crossJoin", "subtract", "exceptAll", "intersect"})
"""Steps whose argument is another frame."""
READS = FILES | {"load", "table"}
WITH_HISTORY = frozenset({"delta", "iceberg", "hudi"})
"""Formats that keep the version that is being read."""

MOST = 100
"""Frames, and assignments of one, that are followed: no function is made of more."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """A frame read and overwritten, in one function, by the same literal or name, with the one made of the other."""
    if "overwrite" not in source.text.lower() or is_test(source.path, source.kind):
        return
    reads: defaultdict[tuple[str, str], list[Chain]] = defaultdict(list)
    made: defaultdict[tuple[str, str], list[Chain]] = defaultdict(list)
    for chain in source.chains:
        if chain.target:
            made[chain.symbol, chain.target].append(chain)
            for target in _read(chain):
                reads[chain.symbol, target].append(chain)
    named = functions(source)
    for write in writes(source.chains):
        if write.mode != "overwrite" or write.target is None or write.format in WITH_HISTORY:
            continue
        symbol, target = write.chain.symbol, write.target.text
        anew = [value.line for value in named[symbol].assigned.get(target, ())[:MOST]] if symbol in named else []
        candidates = [
            each
            for each in reads[symbol, target][:MOST]
            if each.line <= write.line and not any(each.line < line <= write.line for line in anew)
        ]
        made_of = _frames(made, write.chain) if candidates else frozenset()
        read = next((each for each in candidates if each.target in made_of), None)
        if read is not None:
            yield _hit(write, read)


def _frames(made: Mapping[tuple[str, str], list[Chain]], written: Chain) -> frozenset[str]:
    """The names of the frames whose rows go into a chain, through assignments, joins and unions of its function."""
    seen: set[str] = set()
    todo = [written]
    while todo and len(seen) < MOST:
        chain = todo.pop()
        others = (value.names for step in chain.steps if step.name in COMBINING for value in step.arguments[:1])
        for name in {chain.root}.union(*others) - seen:
            seen.add(name)
            before = made.get((written.symbol, name), [])[:MOST]
            todo.extend(each for each in before if each.line <= written.line)
    return frozenset(seen)


def _read(chain: Chain) -> Iterator[str]:
    """The code of what a chain reads; nothing where only its schema is asked for."""
    named = {value.string for step in chain.steps for value in step.arguments}
    if chain.methods[-1] in ("schema", "columns") or not WITH_HISTORY.isdisjoint(named):
        return
    first = chain.methods.index("read") if "read" in chain.methods else 0
    for step in chain.steps[first:]:
        is_read = step.name in READS if "read" in chain.methods else step.name == "table"
        if is_read and step.arguments:
            yield step.arguments[0].text


def _hit(write: Write, read: Chain) -> Hit:
    target = write.target.text if write.target is not None else ""
    return Hit(
        line=write.line,
        end_line=write.end.end_line,
        symbol=write.chain.symbol,
        evidence=f"overwrite of {target}, read as {read.target}",
        explanation=(
            f"`{read.target}` is read from `{target}` and only computed by this write, which clears `{target}` "
            "first: Spark refuses, or the rows are lost."
        ),
        remediation="Write to another path and swap, or use a table format with versions (Delta, Iceberg).",
    )
