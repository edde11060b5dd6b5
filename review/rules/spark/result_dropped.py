"""A transformation's result is dropped, so it does nothing.

### Why it matters
A data frame never changes: `orders.dropDuplicates()` gives a new one. As a statement of its own it is forgotten, and
the job goes on with the rows it meant to clean.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/orders/")
orders.dropDuplicates(["order_id"])
orders.write.mode("overwrite").parquet("s3://lake/orders_clean/")
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

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._values import argument

rule = Rule(
    module=__name__,
    code="SPK029",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PYSPARK}),
)

TRANSFORMATIONS = frozenset(
    {"withColumn", "withColumns", "withColumnRenamed", "selectExpr", "dropDuplicates", "fillna", "dropna"}
)
"""Methods that only make a new frame; pandas' `fillna` and `dropna` too, unless `inplace`."""
OF_FRAMES = frozenset(
    {"drop", "filter", "where", "select", "join", "union", "unionByName", "distinct", "orderBy", "repartition"}
)
"""More such methods, of names that other things have as well."""
_MAKERS = TRANSFORMATIONS - {"fillna", "dropna"} | {"createDataFrame"}
_SESSION = "spark"
_OTHERS = frozenset({"select", "selectExpr", "groupBy", "groupby", "agg", "pivot", "join"})
"""Methods that give a frame of other columns."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Statements that end with a transformation; a notebook shows the last line of a cell, a Databricks source too."""
    if is_test(source.path, source.kind) or source.text.startswith("# Databricks notebook source"):
        return
    frames = _frames(source)
    for node, symbol in source.scopes:
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        method, frame = call.func.attr, call.func.value
        receiver, methods = _steps(call)
        is_frame = isinstance(frame, ast.Name) and (symbol, frame.id) in frames
        names = TRANSFORMATIONS | OF_FRAMES if is_frame else TRANSFORMATIONS
        if method in names and _python.keyword(call, "inplace") is None:
            yield Hit(
                line=call.lineno,
                end_line=_python.end_line(call),
                symbol=symbol,
                evidence=argument(call).text,
                explanation=(
                    f"`{method}` gives a new frame and leaves {_named(receiver)} as it is; here the new one is "
                    "dropped, so the line has no effect."
                ),
                remediation=_advice(receiver, methods),
            )


def _steps(call: ast.Call) -> tuple[str, list[str]]:
    """The frame that a chain of calls starts from, empty where it has no name, and the methods, first to last."""
    methods: list[str] = []
    node: ast.expr = call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        methods.append(node.func.attr)
        node = node.func.value
    receiver = _python.dotted(node)
    return "" if receiver.partition(".")[0] in ("", _SESSION) else receiver, methods[::-1]


def _named(receiver: str) -> str:
    return f"`{receiver}`" if receiver else "the old one"


def _advice(receiver: str, methods: list[str]) -> str:
    """Where the new frame has other columns or rows than the old one, the old name is none for it."""
    if not receiver or not _OTHERS.isdisjoint(methods):
        return "Use the result, or delete the line."
    between = ".…." if len(methods) > 1 else "."
    return f"Keep the result: `{receiver} = {receiver}{between}{methods[-1]}(…)`."


def _frames(source: Source) -> frozenset[tuple[str, str]]:
    """The names that are data frames of Spark, each with its function: read by the session, or made out of such."""
    return frozenset(
        (chain.symbol, chain.target)
        for chain in source.chains
        if chain.target and (chain.root == _SESSION or not _MAKERS.isdisjoint(chain.methods))
        if not {"toPandas", "collect", "count", "first", "sparkContext", "conf"} & set(chain.methods)
    )
