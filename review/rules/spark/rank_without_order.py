"""A ranking function runs over a window that has no order.

### Why it matters
`row_number`, `rank`, `lag` and the like need an order of the rows. Over a window of partitions alone Spark refuses the
query: `Window function row_number() requires window to be ordered`.

### Bad
```python
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def numbered(orders: DataFrame) -> DataFrame:
    return orders.withColumn("place", F.row_number().over(Window.partitionBy("customer_id")))
```

### Good
```python
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def numbered(orders: DataFrame) -> DataFrame:
    newest = Window.partitionBy("customer_id").orderBy(F.col("ordered_at").desc())
    return orders.withColumn("place", F.row_number().over(newest))
```
"""

from collections import defaultdict
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
    code="SPK038",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

RANKING = frozenset({"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"})
UNORDERED = frozenset({"partitionBy", "rowsBetween", "rangeBetween"})
"""Steps on `Window` that set no order."""

MOST = 50
"""Assignments of one name that are looked at."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`row_number().over(w)` where `w` is, there or by its only assignments, a window with no `orderBy`."""
    if "Window" not in source.text or is_test(source.path, source.kind):
        return
    specs: defaultdict[tuple[str, str], list[Chain]] = defaultdict(list)
    inline: dict[str, Chain] = {}
    ordered = {chain.root for chain in source.chains if "orderBy" in chain.methods}
    for chain in source.chains:
        if chain.target:
            specs[chain.symbol, chain.target].append(chain)
        if chain.root == "Window":
            inline[chain.value.text] = chain
    for chain in source.chains:
        ranking = next((step for step in chain.steps if step.name in RANKING), None)
        over = chain.step("over")
        if ranking is None or over is None or len(over.arguments) != 1:
            continue
        window = over.arguments[0]
        known = [inline[window.text]] if window.text in inline else specs.get((chain.symbol, window.text), [])
        if 0 < len(known) <= MOST and window.text not in ordered and all(_is_unordered(each) for each in known):
            yield _hit(chain, ranking.name, window)


def _is_unordered(chain: Chain) -> bool:
    return chain.root == "Window" and bool(chain.steps) and UNORDERED.issuperset(chain.methods)


def _hit(chain: Chain, function: str, window: Value) -> Hit:
    return Hit(
        line=chain.line,
        end_line=chain.end_line,
        symbol=chain.symbol,
        evidence=f"{function} over {window.text}",
        explanation=f"`{window.text}` has no `orderBy`, and Spark refuses `{function}` over a window without an order.",
        remediation="Add `.orderBy(…)` by what the rows are to be numbered or compared in.",
    )
