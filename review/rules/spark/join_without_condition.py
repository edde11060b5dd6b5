"""A join has no condition, so every row meets every row.

### Why it matters
`a.join(b)` is a Cartesian product: a million rows on each side make a million million. It is rarely meant; where it is,
`crossJoin` says so.

### Bad
```python
from pyspark.sql import DataFrame


def priced(orders: DataFrame, prices: DataFrame) -> DataFrame:
    return orders.select("product_id", "amount").join(prices)
```

### Good
```python
from pyspark.sql import DataFrame


def priced(orders: DataFrame, prices: DataFrame) -> DataFrame:
    return orders.select("product_id", "amount").join(prices, on="product_id")
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
    code="SPK026",
    standard=Standard.SCALABILITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

FRAME_METHODS = frozenset(
    {"select", "selectExpr", "withColumn", "withColumnRenamed", "where", "agg", "alias", "dropDuplicates"}
)
"""Steps that only a data frame has: RDDs, strings, paths and threads have a `join` too."""

AGGREGATES = frozenset({"sum", "count", "max", "min", "avg", "mean", "countDistinct"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`x.join(y)` where one of the two is certainly a data frame; one row of totals beside it is meant."""
    if "join" not in source.text or is_test(source.path, source.kind):
        return
    frames = {chain.target for chain in source.chains if chain.target and _is_frame(chain, len(chain.steps))}
    totals = {chain.target for chain in source.chains if chain.target and _is_total(chain)}
    for chain in source.chains:
        for index, step in enumerate(chain.steps):
            if step.name != "join" or len(step.arguments) != 1 or step.arguments[0].name:
                continue
            left = _is_frame(chain, index) or (index == 0 and chain.root in frames)
            if left and not _is_one_row(step.arguments[0]) and step.arguments[0].text not in totals:
                yield Hit(
                    line=step.line,
                    end_line=step.end_line,
                    symbol=chain.symbol,
                    evidence=f"join({step.arguments[0].text})",
                    explanation=(
                        f"`join({step.arguments[0].text})` names no columns: each row of the left side is paired with "
                        "each row of the right one."
                    ),
                    remediation='Name the columns, `on="…"`; where every pair is meant, write `crossJoin`.',
                )


def _is_frame(chain: Chain, until: int) -> bool:
    """Whether the chain is one of a data frame before that step, and no RDD."""
    names = chain.methods[:until]
    return not FRAME_METHODS.isdisjoint(names) and not {"rdd", "map", "keyBy", "mkString", "collect"} & set(names)


def _is_total(chain: Chain) -> bool:
    """Whether the last thing that a frame is made by is one row of sums over all."""
    last = chain.steps[-1]
    if last.name not in ("select", "agg") or "groupBy" in chain.methods:
        return False
    return any(not AGGREGATES.isdisjoint(value.names) for value in last.arguments)


def _is_one_row(value: Value) -> bool:
    return "agg" in value.text or "broadcast" in value.text
