"""A column is replaced for some rows, and becomes NULL for all the others.

### Why it matters
`when` without `otherwise` gives NULL where the condition is false. Assigned to the column that the condition asks, it
looks like "replace these values" and does "keep nothing else": the values of every other row are gone.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def cleaned(orders: DataFrame) -> DataFrame:
    return orders.withColumn("country", F.when(F.col("country") == "UK", F.lit("GB")))
```

### Good
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def cleaned(orders: DataFrame) -> DataFrame:
    return orders.withColumn("country", F.when(F.col("country") == "UK", F.lit("GB")).otherwise(F.col("country")))
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import last_name, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._joins import column_of
from review.rules.spark._values import Value

rule = Rule(
    module=__name__,
    code="SPK040",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

_COMPARING = frozenset({"isin", "contains", "startswith", "endswith", "like", "ilike", "rlike", "eqNullSafe", "lit"})
"""Methods of a column, and what makes one, that take texts which are no names."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`withColumn("x", when(… x …, value))`: one condition that asks the column, a value that does not hold it."""
    if "withColumn" not in source.text or is_test(source.path, source.kind):
        return
    by_text: dict[str, list[Chain]] = {}
    for chain in source.chains:
        by_text.setdefault(chain.value.text, []).append(chain)
    for chain in source.chains:
        for step in chain.steps:
            if step.name != "withColumn" or len(step.arguments) != 2:
                continue
            name, value = step.arguments[0].string, step.arguments[1]
            for inner in by_text.get(value.text, [])[:1]:
                if name and _replaces(inner, name):
                    yield _hit(chain, step, name, value)


def _replaces(chain: Chain, name: str) -> bool:
    """Whether it is a lone `when` whose condition asks the column as it is and whose value does not have it."""
    called = [step for step in chain.steps if step.called]
    if len(called) != 1 or called[0].name != "when" or len(called[0].arguments) != 2:
        return False
    condition, value = called[0].arguments
    if not _asks(condition, name) or _leaves_out_null(condition) or _has(value, name):
        return False
    return "null" not in value.text.lower().replace("none", "null")


def _leaves_out_null(condition: Value) -> bool:
    """Whether the rows that are not replaced have no value anyway: `isNotNull`, `~….isNull()`."""
    text = condition.text
    return "isNotNull" in condition.names or ("isNull" in condition.names and text.startswith(("~", "!", "not(")))


def _asks(condition: Value, name: str) -> bool:
    """Whether a condition asks a column of that name, and not for a text or a variable that is called so."""
    node = condition.node
    if not isinstance(node, ast.expr):
        return _has(condition, name)
    told = set(_literals(node))
    names = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    texts = condition.strings - told
    return name in names or any(text.rpartition(".")[2] == name for text in texts)


def _literals(condition: ast.expr) -> Iterator[str]:
    """The texts that columns are compared with."""
    for part in ast.walk(condition):
        given: list[ast.expr] = []
        if isinstance(part, ast.Compare):
            given = [part.left, *part.comparators]
        elif isinstance(part, ast.Call) and last_name(part.func) in _COMPARING:
            given = [each for arg in part.args for each in (arg.elts if isinstance(arg, ast.List) else [arg])]
        yield from (text for each in given if (text := text_of(each)) is not None)


def _has(value: Value, name: str) -> bool:
    """Whether a column of that name, or the name itself, is anywhere in an expression."""
    if column_of(value)[1] == name or name in value.strings:
        return True
    return name in value.names or any(name in _words(text) for text in value.strings)


def _words(text: str) -> list[str]:
    """The names in a text: `cast(a.x as int)` has `x`."""
    return "".join(sign if sign.isalnum() or sign == "_" else " " for sign in text).split()


def _hit(chain: Chain, step: Step, name: str, value: Value) -> Hit:
    return Hit(
        line=value.line,
        end_line=value.end_line,
        symbol=chain.symbol,
        evidence=f"{name}: {value.text}"[:200],
        explanation=(
            f"Where the condition is false, `when` gives NULL, so `{name}` loses its value in every row that is not "
            "replaced."
        ),
        remediation=f'End it with `.otherwise(col("{name}"))`.',
    )
