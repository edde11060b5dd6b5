"""One handler logs its error and goes on, where the others end the job.

### Why it matters
A job whose every step is guarded by "log and exit" has one step whose handler only logs. When that step fails, the job
runs on with what the step should have prepared missing or half done, and ends as a success.

### Bad
```python
import logging
import sys

from pyspark.sql import SparkSession

from shop.storage import LoadError, StorageError, load_orders, remove_checkpoints

spark = SparkSession.builder.getOrCreate()


def main() -> None:
    try:
        orders = load_orders(spark)
    except LoadError as error:
        logging.error("cannot load orders: %s", error)
        sys.exit(1)
    try:
        orders.write.mode("overwrite").parquet("s3://lake/orders/")
    except OSError as error:
        logging.error("cannot write orders: %s", error)
        sys.exit(1)
    try:
        remove_checkpoints()
    except StorageError as error:
        logging.error("cannot remove checkpoints: %s", error)
```

### Good
```python
import logging
import sys

from pyspark.sql import SparkSession

from shop.storage import LoadError, StorageError, load_orders, remove_checkpoints

spark = SparkSession.builder.getOrCreate()


def main() -> None:
    try:
        orders = load_orders(spark)
    except LoadError as error:
        logging.error("cannot load orders: %s", error)
        sys.exit(1)
    try:
        orders.write.mode("overwrite").parquet("s3://lake/orders/")
    except OSError as error:
        logging.error("cannot write orders: %s", error)
        sys.exit(1)
    try:
        remove_checkpoints()
    except StorageError as error:
        logging.error("cannot remove checkpoints: %s", error)
        sys.exit(1)
```
"""

import ast
from collections import defaultdict
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._endings import can_fail, tries_before_failure

rule = Rule(
    module=__name__,
    code="SPK015",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK}),
)

ERRORS = frozenset({"error", "exception", "critical", "fatal"})
"""Methods of loggers that say that something failed."""
ENOUGH = 2
"""Handlers of one function that end the job, to call it its way of handling failures."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Handlers that log at the level of an error and nothing else, beside two or more that then raise or exit."""
    if is_test(source.path, source.kind):
        return
    handlers: defaultdict[str, list[ast.ExceptHandler]] = defaultdict(list)
    ending = tries_before_failure(source.python)
    for node, symbol in source.scopes:
        if isinstance(node, ast.Try) and node not in ending:
            handlers[symbol].extend(node.handlers)
        elif isinstance(node, ast.Try):
            handlers[symbol].extend(handler for handler in node.handlers if _ends(handler))
    for symbol, found in handlers.items():
        if sum(map(_ends, found)) >= ENOUGH:
            for handler in found:
                if _only_logs(handler):
                    yield _hit(handler, symbol, sum(map(_ends, found)))


def _hit(handler: ast.ExceptHandler, symbol: str, others: int) -> Hit:
    caught = ast.unparse(handler.type) if handler.type is not None else "everything"
    place = f"`{symbol}`" if symbol else "the file"
    return Hit(
        line=handler.lineno,
        end_line=_python.end_line(handler),
        symbol=symbol,
        evidence=f"except {caught} logs only",
        explanation=(
            f"{others} other handlers of {place} end the job after logging; this one logs `{caught}` as an error and "
            "lets the job go on and end as a success."
        ),
        remediation="End the job here as well, or, if this failure may be tolerated, log it as a warning and say why.",
    )


def _ends(handler: ast.ExceptHandler) -> bool:
    """Whether it logs and then raises or exits with a status."""
    return any(map(_logs_error, handler.body)) and any(map(can_fail, handler.body))


def _only_logs(handler: ast.ExceptHandler) -> bool:
    return all(map(_logs_error, handler.body))


def _logs_error(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr in ERRORS
    )
