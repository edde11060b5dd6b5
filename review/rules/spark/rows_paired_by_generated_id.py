"""Two frames are joined by ids that Spark numbers anew for each of them.

### Why it matters
`monotonically_increasing_id` numbers the rows of each partition from a start of its own. Two frames have the same ids
only as long as both happen to have the same partitions with the same rows in the same order: on a small sample they
do, and in production rows are paired with others, or lost.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def scored(orders: DataFrame, scores: DataFrame) -> DataFrame:
    orders = orders.withColumn("row_id", F.monotonically_increasing_id())
    scores = scores.withColumn("row_id", F.monotonically_increasing_id())
    return orders.join(scores, "row_id")
```

### Good
```python
from pyspark.sql import DataFrame


def scored(orders: DataFrame, scores: DataFrame) -> DataFrame:
    return orders.join(scores, "order_id")
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
    code="SPK037",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

GENERATED = frozenset({"monotonically_increasing_id", "monotonicallyIncreasingId"})
MOST = 50
"""Generated columns of one frame that are followed."""

Ids = dict[tuple[str, str], dict[str, int]]
"""By function and frame, the generated columns, each with the line of the step that made it."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """A join on a column that both frames were given by `monotonically_increasing_id`, each by a step of its own."""
    if "onotonically" not in source.text or is_test(source.path, source.kind):
        return
    frames: Ids = {}
    for chain in source.chains:
        ids = dict(frames.get((chain.symbol, chain.root), {}))
        for step in chain.steps:
            if step.name == "join" and step.called and len(step.arguments) > 1:
                other = frames.get((chain.symbol, step.arguments[0].text), {})
                for name in sorted(ids.keys() & other.keys()):
                    if ids[name] != other[name] and _joins_by(step, name):
                        yield _hit(chain, step, name)
            elif step.name == "withColumn" and len(ids) < MOST and _is_generated(step):
                ids[step.arguments[0].string or ""] = step.line
        if chain.target:
            frames[chain.symbol, chain.target] = ids


def _is_generated(step: Step) -> bool:
    """Whether a column holds the id itself; a `row_number` in its order is the same in every frame of these rows."""
    if len(step.arguments) < 2 or step.arguments[0].string is None:
        return False
    names = step.arguments[1].names
    return not GENERATED.isdisjoint(names) and "over" not in names


def _joins_by(step: Step, name: str) -> bool:
    condition = step.given("on", 1) or step.given("joinExprs") or step.given("usingColumns")
    if condition is None:
        return False
    return name in condition.names or any(text.rpartition(".")[2] == name for text in condition.strings)


def _hit(chain: Chain, step: Step, name: str) -> Hit:
    return Hit(
        line=step.line,
        end_line=step.end_line,
        symbol=chain.symbol,
        evidence=f"join({step.arguments[0].text}, {name})",
        explanation=(
            f"Both frames got their `{name}` from `monotonically_increasing_id`, which counts within the partitions of "
            "each: the same number need not be the same row."
        ),
        remediation=(
            "Join by a key that the data has. Where there is none, number both by `zipWithIndex`, or keep the columns "
            "in one frame from the start."
        ),
    )
