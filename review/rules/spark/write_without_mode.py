"""A write without a mode fails as soon as its output exists.

### Why it matters
Spark's default is `errorifexists`. The first run of the job works; the retry after a failure, the re-run of a day and
the backfill all end with "path already exists", as does the retry of a write that broke off half-way. Someone then
deletes production data by hand to get the job through.

Not spoken of: writes in a loop over years or names that are written out, which build closed periods once.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
orders.groupBy("customer_id").count().write.parquet("s3://lake/orders_per_customer/")
```

### Good
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
orders.groupBy("customer_id").count().write.mode("overwrite").parquet("s3://lake/orders_per_customer/")
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._actions import dropped
from review.rules.spark._branches import branches
from review.rules.spark._functions import words
from review.rules.spark._loops import fixed_loops
from review.rules.spark._writes import Write, writes

rule = Rule(
    module=__name__,
    code="SPK010",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER}),
)

REMOVALS = frozenset({"delete", "remove", "rm", "rmtree", "rmdir"})
"""Words of calls that clear a path."""
ADDING = frozenset({"kafka", "eventhubs", "noop", "console"})
"""Formats of writes that only ever add, or keep nothing."""
FEW = 3
"""Writes without a mode in one file; more are how its team writes, which is said once."""
FRESH = frozenset({"uuid", "uuid4", "now", "timestamp", "attempt", "tmp", "temp", "temporary", "mkdtemp"})
"""Words of names of what is new in every run."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Batch writes with no mode at all; `insertInto`, which appends, apart."""
    if "write" not in source.text or is_test(source.path, source.kind):
        return
    cleared = {
        (chain.symbol, value.text)
        for chain in source.chains
        for step in chain.steps
        if not words(step.name).isdisjoint(REMOVALS)
        for value in step.arguments
    } | {
        (chain.symbol, table)
        for chain in source.chains
        for step in chain.steps
        if step.name == "sql"
        for value in step.arguments[:1]
        for table in dropped(value.string or "")
    }
    asked = branches(source, ("exist", "exists"))
    loops = fixed_loops(source)
    once = _called_only(source, loops)
    found = [
        write
        for write in writes(source.chains)
        if write.mode is None
        and write.end.name != "insertInto"
        and write.format not in ADDING
        and not _is_fresh(write, cleared)
        and write.line not in asked | loops
        and write.chain.symbol.rpartition(".")[2] not in once
    ]
    for write in found if len(found) <= FEW else found[:1]:
        yield _hit(write, len(found) - 1 if len(found) > FEW else 0)


def _hit(write: Write, others: int) -> Hit:
    target = write.target.text if write.target is not None else "its target"
    rest = f" The same is true of {others} other writes of this file." if others else ""
    return Hit(
        line=write.line,
        end_line=write.end.end_line,
        symbol=write.chain.symbol,
        evidence=f"{write.end.name}({target})",
        explanation=(
            f"The write to `{target}` sets no mode, so Spark refuses it as soon as its output exists: a retry, a "
            f"re-run or a backfill fails at this write.{rest}"
        ),
        remediation=(
            'Say what a second run should do: `.mode("overwrite")` to replace the output, `.mode("append")` to '
            'add to it, or `.mode("error")` if it must never run twice.'
        ),
    )


def _called_only(source: Source, lines: frozenset[int]) -> set[str]:
    """The functions that this file calls on these lines and nowhere else."""
    calls = [(step.name, step.line in lines) for chain in source.chains for step in chain.steps if step.called]
    return {name for name, is_there in calls if is_there} - {name for name, is_there in calls if not is_there}


def _is_fresh(write: Write, cleared: set[tuple[str, str]]) -> bool:
    """Whether the target is another one in each run, is removed by the same function, or lies beside the code."""
    if write.target is None:
        return False
    places = [write.target, *filter(None, [write.options.get("path")])]
    is_new = any(not words(name).isdisjoint(FRESH) for name in write.target.names)
    is_cleared = any((write.chain.symbol, text) in cleared for each in places for text in (each.text, each.string))
    return is_new or is_cleared or write.target.beginning.startswith("./")
