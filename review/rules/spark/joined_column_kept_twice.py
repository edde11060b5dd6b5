"""A join on two columns of one name keeps both, so the name is ambiguous.

### Why it matters
`a.join(b, col("a.id") == col("b.id"))` has two columns `id`. The next step that says `id` fails with "Reference 'id' is
ambiguous", and a write fails with "Found duplicate column(s)": often in other code than the join's, and only once that
branch runs. A join by the column's name has one.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def with_country(orders: DataFrame, customers: DataFrame) -> DataFrame:
    return orders.alias("o").join(customers.alias("c"), F.col("o.customer_id") == F.col("c.customer_id"))
```

### Good
```python
from pyspark.sql import DataFrame


def with_country(orders: DataFrame, customers: DataFrame) -> DataFrame:
    return orders.join(customers, on="customer_id")
```
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._joins import equations
from review.rules.spark._values import Value

rule = Rule(
    module=__name__,
    code="SPK018",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

CHOOSING = frozenset(
    {"select", "selectExpr", "groupBy", "agg", "toDF", "withColumnRenamed", "count", "map", "explain", "show"}
)
"""Steps after which the two columns are no longer there, which say which one is meant, or which only show them."""
ONE_SIDED = ("semi", "anti")
"""Parts of the types of joins that keep the left side's columns only."""

MOST = 100
"""Steps after a join that are looked at: in one chain, and of the frame that it makes."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Joins whose condition equates columns of one name, where nothing of the function picks columns afterwards."""
    if "join" not in source.text or is_test(source.path, source.kind):
        return
    later: defaultdict[tuple[str, str], list[Step]] = defaultdict(list)
    for chain in source.chains:
        later[chain.symbol, chain.root].extend(chain.steps)
    for chain in source.chains:
        for index, step in enumerate(chain.steps):
            if step.name == "join" and step.called:
                after = list(chain.steps[index + 1 : index + 1 + MOST])
                if chain.target:
                    after.extend(later[chain.symbol, chain.target][:MOST])
                doubled = (each for each in _doubled(step) if not any(_chooses(one, each[0]) for one in after))
                for name, place in islice(doubled, 1):
                    yield _hit(chain, name, place)


def _chooses(step: Step, name: str) -> bool:
    """Whether a step picks columns, so that the doubled one is settled; `drop` only where it names that one."""
    if step.name == "drop":
        literal = any(text.rpartition(".")[2] == name for value in step.arguments for text in value.strings)
        return literal or any(name in value.names for value in step.arguments)
    return step.name in CHOOSING


def _hit(chain: Chain, name: str, place: Value) -> Hit:
    return Hit(
        line=place.line,
        end_line=place.end_line,
        symbol=chain.symbol,
        evidence=place.text,
        explanation=(
            f"Both sides of the join have `{name}`, and a condition keeps both: whatever says `{name}` afterwards "
            "fails as ambiguous, and so does a write of the result."
        ),
        remediation=(
            f'Join by name (`on="{name}"`), or rename one side\'s column before the join, or drop it right after.'
        ),
    )


def _doubled(step: Step) -> Iterator[tuple[str, Value]]:
    """Names that both sides of an equation in the condition share, each with the equation."""
    condition = step.given("on", 1) or step.given("joinExprs")
    kind = step.given("how", 2) or step.given("joinType")
    if condition is None or (kind is not None and any(part in kind.text.lower() for part in ONE_SIDED)):
        return
    for part in condition.items:
        for left, right, place in equations(part):
            if left[0] and right[0] and left[1] == right[1] and left[0] != right[0]:
                yield left[1], place
