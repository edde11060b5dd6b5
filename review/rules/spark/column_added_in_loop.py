"""Columns are added one by one in a loop.

### Why it matters
Each `withColumn` makes a new plan around the last one, and Spark analyses the whole plan each time. With a hundred
columns planning takes minutes before the first row is read, and may end in a StackOverflowError; Spark's own
documentation warns of it.

### Bad
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def trimmed(orders: DataFrame) -> DataFrame:
    for name in orders.columns:
        orders = orders.withColumn(name, F.trim(name))
    return orders
```

### Good
```python
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def trimmed(orders: DataFrame) -> DataFrame:
    return orders.withColumns({name: F.trim(name) for name in orders.columns})
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SPK025",
    standard=Standard.SCALABILITY,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`df = df.withColumn(…)` in a `for` over something that may be long: literal lists of a few are none."""
    if "withColumn" not in source.text or is_test(source.path, source.kind):
        return
    for loop, symbol in source.scopes:
        if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Attribute) or loop.iter.attr != "columns":
            continue
        for statement in loop.body:
            if isinstance(statement, ast.Assign) and _adds(statement):
                name = ast.unparse(statement.targets[0])
                yield Hit(
                    line=statement.lineno,
                    end_line=_python.end_line(statement),
                    symbol=symbol,
                    evidence=ast.unparse(statement),
                    explanation=(
                        f"For each of `{ast.unparse(loop.iter)}` the plan of `{name}` grows by a step and is analysed "
                        "anew: planning grows with the square of the number of columns."
                    ),
                    remediation="Collect the expressions and apply them at once, with `withColumns({…})` or `select`.",
                )


def _adds(statement: ast.Assign) -> bool:
    call = statement.value
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "withColumn"
        and ast.unparse(call.func.value) == ast.unparse(statement.targets[0])
    )
