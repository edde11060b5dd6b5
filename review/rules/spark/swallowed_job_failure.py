"""A failed read or write is logged and forgotten, so the job ends as a success.

### Why it matters
A scheduler knows of a job only its exit status. When a write fails inside `except Exception: log(...)`, the job goes on
and ends with 0: Airflow marks the task green, downstream tasks read yesterday's data or half of today's, no retry runs
and nobody is called. The log line is read by the one who looks for the missing numbers, days later.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
try:
    orders = spark.read.parquet("s3://lake/orders/")
    orders.write.mode("overwrite").parquet("s3://lake/orders_clean/")
except Exception as error:
    print(f"could not write orders: {error}")
```

### Good
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
try:
    orders = spark.read.parquet("s3://lake/orders/")
    orders.write.mode("overwrite").parquet("s3://lake/orders_clean/")
except Exception as error:
    print(f"could not write orders: {error}")
    raise
```
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._actions import LOGGERS
from review.rules.spark._attempts import costs_nothing, ends_shown, scopes_of_attempts
from review.rules.spark._decisions import is_decided
from review.rules.spark._endings import ends_well, is_before_failure, scala_ends_well, tries_before_failure
from review.rules.spark._examples import examples
from review.rules.spark._functions import words
from review.rules.spark._scala_attempts import is_scala_upkeep, scala_chain_of, scala_costs_nothing
from review.rules.spark._work import first_work, is_work, working_functions

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK001",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

JOB_FAILURES = frozenset({"Py4JJavaError", "SparkException"})
"""What a failing Spark job raises; beside a narrower type, it is one of the failures someone chose to tolerate."""
BROAD = frozenset({"Exception", "BaseException", "Throwable", "RuntimeException"}) | JOB_FAILURES
"""Types that a failing Spark job raises, or their ancestors: to catch one is to catch whatever goes wrong."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Broad handlers that only log, around code that reads, writes or runs, where nothing after them can fail."""
    if is_test(source.path, source.kind):
        return
    if source.kind is Kind.SCALA_SPARK:
        yield from _in_scala(source.scala)
    else:
        yield from _in_python(source)


def _hit(line: int, end_line: int, symbol: str, work: str, handler: str, *, is_told: bool = False) -> Hit:
    """`is_told` where it is a notebook's helper that says what it did: somebody may run it by hand."""
    harm = (
        "and tells only who reads its output; its caller goes on as if all was done, with stale or missing data."
        if is_told
        else "and the job runs on to exit status 0: the scheduler sees a success, retries nothing, alerts nobody, and "
        "what comes downstream reads stale or missing data."
    )
    return Hit(
        line=line,
        end_line=end_line,
        symbol=symbol,
        evidence=f"{handler} around {work}",
        explanation=f"Whatever goes wrong in the `{work}` above, this handler takes it {harm}",
        remediation=(
            "Log and raise again, or leave the handler out. Where one failure may be tolerated, catch that exception "
            "alone, or collect the failures and end with a non-zero status."
        ),
    )


def _in_python(source: Source) -> Iterator[Hit]:
    tree = source.python
    working, harmless = working_functions(tree), tries_before_failure(tree) | examples(tree)
    is_notebook = source.kind is Kind.NOTEBOOK or "dbutils" in {getattr(node, "id", "") for node in ast.walk(tree)}
    around = {attempt: (scope, loop) for attempt, scope, loop in scopes_of_attempts(tree, working)}
    for node, symbol in _python.scopes(tree):
        if not isinstance(node, ast.Try) or _tries_again(node) or _asks(node) or node in harmless:
            continue
        work = first_work(node.body, working)
        if not work or costs_nothing(node, *around[node]):
            continue
        is_told = is_notebook and bool(symbol) and ends_shown(node.body)
        for handler in node.handlers:
            caught = _caught(handler)
            tells = caught and all(_only_tells(statement) for statement in handler.body)
            if tells and not is_decided(handler, source.lines):
                yield _hit(handler.lineno, _python.end_line(handler), symbol, work, f"except {caught}", is_told=is_told)


def _caught(handler: ast.ExceptHandler) -> str:
    """The broad exception that a handler takes, or the empty string."""
    if handler.type is None:
        return "everything"
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [_python.last_name(each) for each in types]
    broad = BROAD if BROAD.issuperset(names) else BROAD - JOB_FAILURES
    return next((name for name in names if name in broad), "")


def _only_tells(statement: ast.stmt) -> bool:
    """Whether a statement lets the failure go: `pass`, `continue`, a docstring, a log line, a print, `exit(0)`."""
    if isinstance(statement, ast.Pass | ast.Continue):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    if isinstance(statement.value, ast.Constant) or ends_well(statement.value):
        return True
    return isinstance(statement.value, ast.Call) and _python.last_name(statement.value.func) in LOGGERS


def _tries_again(node: ast.Try) -> bool:
    """Whether success leaves a loop, so that a failure comes round again: `break` in the body, or an `else`."""
    return bool(node.orelse) or any(isinstance(part, ast.Break) for part in ast.walk(ast.Module(node.body, [])))


def _asks(node: ast.Try) -> bool:
    """Whether the attempt answers a question that is asked afterwards: it sets `exists`, or ends with a flag."""
    last = node.body[-1]
    if isinstance(last, ast.Assign) and isinstance(last.value, ast.Constant) and isinstance(last.value.value, bool):
        return True
    parts = ast.walk(ast.Module(node.body, []))
    names = (_python.dotted(target) for part in parts if isinstance(part, ast.Assign) for target in part.targets)
    return any(not words(name).isdisjoint({"exist", "exists"}) for name in names)


def _in_scala(root: "tree_sitter.Node") -> Iterator[Hit]:
    for node, symbol in _scala.walk(root):
        if node.type != "try_expression":
            continue
        body = node.child_by_field_name("body")
        work = _scala_work(body) if body is not None else ""
        if body is None or not work or is_before_failure(node) or scala_costs_nothing(body):
            continue
        for case, _ in _scala.walk(node):
            if case.type == "case_clause" and case.parent is not None and _is_own(case, node):
                caught = _scala_caught(case.child_by_field_name("pattern"))
                if caught and _scala_only_tells(case):
                    yield _hit(_scala.line(case), _scala.end_line(case), symbol, work, f"case {caught}")


def _is_own(case: "tree_sitter.Node", attempt: "tree_sitter.Node") -> bool:
    """Whether the case belongs to this try's own catch."""
    node = case.parent
    while node is not None and node.type in ("case_block", "catch_clause"):
        node = node.parent
    return node is not None and node.id == attempt.id


def _scala_work(body: "tree_sitter.Node") -> str:
    for node, _ in _scala.walk(body):
        chain = scala_chain_of(node) if node.type == "call_expression" else []
        if chain and is_work(chain) and not is_scala_upkeep(chain, node):
            return chain[0]
    return ""


def _scala_caught(pattern: "tree_sitter.Node | None") -> str:
    """`Exception` of `case e: Exception`, `NonFatal` of `case NonFatal(e)`, `_` of a wildcard; else empty."""
    if pattern is None:
        return ""
    if pattern.type == "typed_pattern":
        name = _scala.text_of(pattern.child_by_field_name("type"))
        return name if name.rpartition(".")[2] in BROAD else ""
    if pattern.type == "case_class_pattern":
        name = _scala.text_of(pattern.child_by_field_name("type"))
        return name if name == "NonFatal" else ""
    return _scala.text_of(pattern) if pattern.type in ("wildcard", "identifier") else ""


def _scala_only_tells(case: "tree_sitter.Node") -> bool:
    return all(
        statement.type in ("comment", "block_comment", "unit")
        or _scala.callee(statement) in LOGGERS
        or scala_ends_well(statement)
        for part in case.children_by_field_name("body")
        for statement in (part.named_children if part.type == "block" else [part])
    )
