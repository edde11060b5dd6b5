"""Rows are sorted to keep the first of each key, but the order does not last.

### Why it matters
`dropDuplicates` keeps any row of a key: it shuffles the rows, and which one arrives first changes with the number of
partitions, the cluster and the run. A sort before it looks as if it chose the latest row, and on a small sample it
does. The same holds for `first()` after a `groupBy`.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def latest(orders: DataFrame) -> DataFrame:
    return orders.orderBy(F.col("updated_at").desc()).dropDuplicates(["order_id"])
```

### Good
```python
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def latest(orders: DataFrame) -> DataFrame:
    newest = Window.partitionBy("order_id").orderBy(F.col("updated_at").desc())
    return orders.withColumn("place", F.row_number().over(newest)).where("place = 1").drop("place")
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

rule = Rule(
    module=__name__,
    code="SPK020",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

SORTS = frozenset({"orderBy", "sort"})
DEDUPLICATIONS = frozenset({"dropDuplicates", "drop_duplicates"})
KEEPING = frozenset({"withColumn", "where", "filter", "select", "drop", "withColumnRenamed", "cache", "persist"})
"""Steps between the two that leave the order as it is."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """A sort, then a deduplication by some columns, in one chain or through one variable of the same function."""
    if DEDUPLICATIONS.isdisjoint(_methods(source)) or is_test(source.path, source.kind):
        return
    ordered: dict[tuple[str, str], Step | None] = {}
    for chain in source.chains:
        order = ordered.get((chain.symbol, chain.root)) if chain.root else None
        for step in chain.steps:
            if step.name in SORTS and step.called and step.arguments:
                order = step
            elif step.name in DEDUPLICATIONS and order is not None and _by_key(step):
                if not _columns(order) <= _columns(step):
                    yield _hit(chain, step, order)
                order = None
            elif step.name not in KEEPING:
                order = None
        if chain.target:
            ordered[chain.symbol, chain.target] = order


def _methods(source: Source) -> frozenset[str]:
    return frozenset(name for chain in source.chains for name in chain.methods)


def _by_key(step: Step) -> bool:
    """Whether it is by some columns, and not by pandas, which keeps the order (`keep=`, `inplace=`)."""
    names = {value.name for value in step.arguments}
    return bool(step.arguments) and names.isdisjoint({"keep", "inplace", "ignore_index"})


def _columns(step: Step) -> frozenset[str]:
    """The literal names in a step's arguments."""
    return frozenset(name for value in step.arguments for name in value.strings)


def _hit(chain: Chain, step: Step, order: Step) -> Hit:
    key, by = (", ".join(value.text for value in each.arguments) for each in (step, order))
    return Hit(
        line=step.line,
        end_line=step.end_line,
        symbol=chain.symbol,
        evidence=f"{order.name}({by}) {step.name}({key})",
        explanation=(
            f"`{step.name}({key})` shuffles the rows and keeps any one of each key; `{order.name}({by})` before it "
            "does not decide which, so the result can differ from run to run."
        ),
        remediation="Number the rows by `row_number()` over a window with that key and that order, and keep number 1.",
    )
