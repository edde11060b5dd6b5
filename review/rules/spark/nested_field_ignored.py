"""A nested field is named where only whole columns count, so nothing happens.

### Why it matters
`fillna`, `drop` and `withColumnRenamed` know top-level columns only. For `address.city` they find no such column and
return the frame as it was, without an error: the NULLs stay, the field is not dropped, the name does not change. An
alias before the dot (`o.id`) is no part of a column's name to them either.

### Bad
```python
from pyspark.sql import DataFrame


def clean(orders: DataFrame) -> DataFrame:
    return orders.fillna(0, subset=["totals.discount"])
```

### Good
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def clean(orders: DataFrame) -> DataFrame:
    discount = F.coalesce(F.col("totals.discount"), F.lit(0))
    return orders.withColumn("totals", F.col("totals").withField("discount", discount))
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

rule = Rule(
    module=__name__,
    code="SPK019",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

FRAME_METHODS = frozenset(
    {"select", "selectExpr", "withColumn", "withColumnRenamed", "join", "groupBy", "agg", "where", "filter", "alias"}
)
"""Steps that only a data frame has, in a chain that has `drop`, which pandas has too."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Names with a dot, not in backticks, given to `fillna`, `withColumnRenamed` and `drop`."""
    if is_test(source.path, source.kind):
        return
    flat = _flattened(source)
    for chain in source.chains:
        for index, step in enumerate(chain.steps):
            named = [value for value in _columns(chain, index, step) if _is_nested(value.string or "")]
            if named and not any(value.string in flat for value in named):
                yield _hit(chain, step, named)


def _hit(chain: Chain, step: Step, named: list[Value]) -> Hit:
    return Hit(
        line=min(value.line for value in named),
        end_line=max(value.end_line for value in named),
        symbol=chain.symbol,
        evidence=f"{step.name} {', '.join(value.string or '' for value in named)}",
        explanation=(
            f"`{step.name}` looks for a column whose whole name is `{named[0].string}`. A field of a "
            "struct, or a column behind an alias, is none: the frame comes back unchanged, and nothing says so."
        ),
        remediation=(
            "Change the struct itself (`withField`, `dropFields`, or rebuild it with `struct`); for a column behind an "
            'alias, drop it by its column object, `drop(F.col("o.id"))`.'
        ),
    )


def _columns(chain: Chain, index: int, step: Step) -> tuple[Value, ...]:
    """The names of columns that a step is given."""
    if not step.called:
        return ()
    subset: Value | None = None
    if step.name == "fillna" or (step.name == "fill" and index and chain.steps[index - 1].name == "na"):
        subset = step.given("subset", 1) or step.given("cols")
    elif step.name == "withColumnRenamed":
        subset = step.given("existing", 0) or step.given("existingName")
    elif step.name == "drop" and not FRAME_METHODS.isdisjoint(chain.methods):
        return tuple(item for value in step.arguments if not value.name for item in value.items)
    return subset.items if subset is not None else ()


def _is_nested(name: str) -> bool:
    parts = name.split(".")
    return len(parts) > 1 and all(part.isidentifier() for part in parts)


def _flattened(source: Source) -> frozenset[str]:
    """Names with dots that the file itself gives to columns, or writes in backticks as only such names are."""
    given = frozenset(
        value.string
        for chain in source.chains
        for step in chain.steps
        if step.name in ("alias", "as", "withColumn", "toDF", "withColumnRenamed", "name")
        for value in (step.arguments[1:] if step.name == "withColumnRenamed" else step.arguments)
        if value.string and "." in value.string
    )
    return given | frozenset(source.text.split("`")[1::2])
