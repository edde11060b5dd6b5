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
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._actions import ACTIONS, FORMATS, LOGGERS, WRITES, is_upkeep
from review.rules.spark._decisions import is_decided
from review.rules.spark._endings import ends_well, is_before_failure, scala_ends_well, tries_before_failure
from review.rules.spark._functions import words

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK001",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
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


def _hit(line: int, end_line: int, symbol: str, work: str, handler: str) -> Hit:
    return Hit(
        line=line,
        end_line=end_line,
        symbol=symbol,
        evidence=f"{handler} around {work}",
        explanation=(
            f"Whatever goes wrong in the `{work}` above, this handler takes it and the job runs on to exit status 0: "
            "the scheduler sees a success, retries nothing, alerts nobody, and what comes downstream reads stale or "
            "missing data."
        ),
        remediation=(
            "Log and raise again, or leave the handler out. Where one failure may be tolerated, catch that exception "
            "alone, or collect the failures and end with a non-zero status."
        ),
    )


def _in_python(source: Source) -> Iterator[Hit]:
    tree = source.python
    working, harmless = _working_functions(tree), tries_before_failure(tree)
    for node, symbol in _python.scopes(tree):
        if not isinstance(node, ast.Try) or _tries_again(node) or _asks(node) or node in harmless:
            continue
        work = _python_work(node.body, working)
        for handler in node.handlers if work else ():
            caught = _caught(handler)
            tells = caught and all(_only_tells(statement) for statement in handler.body)
            if tells and not is_decided(handler, source.lines):
                yield _hit(handler.lineno, _python.end_line(handler), symbol, work, f"except {caught}")


def _working_functions(tree: ast.Module) -> frozenset[str]:
    """Names of the file's functions that read, write or run something, themselves or through one another."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    working: frozenset[str] = frozenset()
    while True:
        found = frozenset(function.name for function in functions if _python_work(function.body, working))
        if found == working:
            return working
        working = found


def _python_work(body: Iterable[ast.stmt], working: frozenset[str]) -> str:
    """The first reading, writing or running call in the statements, as it is named; empty where there is none."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                chain = _python_chain(node.func)
                if chain and (_is_work(chain) or _is_local(chain, working)) and not _is_upkeep(chain, node):
                    return chain[0]
    return ""


def _is_upkeep(chain: list[str], call: ast.Call) -> bool:
    """Whether it is `spark.sql` of a statement, known by its literal beginning, that neither reads nor writes rows."""
    return chain[0] == "sql" and bool(call.args) and is_upkeep(_beginning(call.args[0]))


def _beginning(node: ast.expr) -> str:
    """The literal text that a string begins with: of a literal, an f-string, `"…" + x`, `"…".format(x)`."""
    if isinstance(node, ast.JoinedStr):
        return _beginning(node.values[0]) if node.values else ""
    if isinstance(node, ast.BinOp):
        return _beginning(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _beginning(node.func.value)
    return _python.text_of(node) or ""


def _is_local(chain: list[str], working: frozenset[str]) -> bool:
    """Whether a call is of one of the file's own functions or methods: `main()`, `self.load()`."""
    return chain[0] in working and (len(chain) == 1 or chain[1:] in (["self"], ["cls"]))


def _python_chain(node: ast.expr) -> list[str]:
    """The names of a chain of calls and attributes, last first: `parquet`, `mode`, `write`, `df`."""
    names = []
    while True:
        if isinstance(node, ast.Call | ast.Subscript):
            node = node.func if isinstance(node, ast.Call) else node.value
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            return [*names, node.id] if isinstance(node, ast.Name) else names


def _is_work(chain: list[str]) -> bool:
    """Whether a call named by such a chain is Spark's: `….write.….save`, `spark.read.….parquet`, `spark.sql`."""
    method = chain[0]
    if method in ACTIONS and len(chain) > 1:
        return True
    if method in WRITES or method in FORMATS:
        return any(name in ("write", "writeStream", "read", "readStream", "writeTo") for name in chain)
    return method == "sql" and len(chain) > 1 and "spark" in chain[1].lower()


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
        if not work or is_before_failure(node):
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
        chain = _scala_chain(node) if node.type == "call_expression" else []
        if chain and _is_work(chain) and not _is_scala_upkeep(chain, node):
            return chain[0]
    return ""


def _is_scala_upkeep(chain: list[str], call: "tree_sitter.Node") -> bool:
    given = _scala.arguments(call) if chain[0] == "sql" else []
    return bool(given) and is_upkeep(_scala_beginning(given[0]))


def _scala_beginning(node: "tree_sitter.Node | None") -> str:
    """The same as `_beginning`; a hole of `s"… $x"` stays in the text, since only its first word is asked for."""
    if node is not None and node.type in ("infix_expression", "field_expression"):
        return _scala_beginning(node.child_by_field_name("left") or node.child_by_field_name("value"))
    if node is not None and node.type == "interpolated_string_expression":
        return _scala.text_of(node.named_children[-1]).strip('"')
    return _scala.string_of(node) or ""


def _scala_chain(node: "tree_sitter.Node") -> list[str]:
    names = []
    current: tree_sitter.Node | None = node
    while current is not None:
        if current.type in ("call_expression", "generic_function"):
            current = current.child_by_field_name("function")
        elif current.type == "field_expression":
            names.append(_scala.text_of(current.child_by_field_name("field")))
            current = current.child_by_field_name("value")
        else:
            return [*names, _scala.text_of(current)] if current.type == "identifier" else names
    return names


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
