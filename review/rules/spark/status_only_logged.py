"""A command's exit status is logged or dropped, so its failure does not count.

### Why it matters
`os.system`, `subprocess.call` and drivers of queries do not raise: they return a status. Whoever only prints it lets a
failed copy, a failed query or a failed load pass, and the job ends as a success with the step's output missing.

### Bad
```python
import subprocess

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.read.parquet("s3://lake/orders/").write.mode("overwrite").csv("hdfs:///export/orders")
status = subprocess.call(["hdfs", "dfs", "-get", "/export/orders", "/srv/export"])
print(f"copied with status {status}")
```

### Good
```python
import subprocess

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.read.parquet("s3://lake/orders/").write.mode("overwrite").csv("hdfs:///export/orders")
subprocess.run(["hdfs", "dfs", "-get", "/export/orders", "/srv/export"], check=True)
```
"""

import ast
from bisect import bisect_left
from collections import defaultdict
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
from review.rules.spark._functions import words

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK022",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.SCALA_SPARK}),
)

STATUS = (
    *({"return", "code"}, {"exit", "code"}, {"ret", "code"}, {"exit", "status"}, {"status", "code"}),
    *({"returncode"}, {"exitcode"}, {"retcode"}),
)
"""Words that, all together, make a name one of an exit status."""
RUNNERS = frozenset({"os.system", "subprocess.call", "subprocess.run"})
"""Calls that return the status of a command and do not raise it."""
RUN = "subprocess.run"
HARMLESS = frozenset({"rm", "mkdir", "clear", "ls", "echo", "cat", "pwd", "sleep", "chmod", "touch"})
"""Commands that tidy up or show something: a job may go on without."""

MOST = 100
"""Uses of a status that are looked at: nobody only logs one more often."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Statuses whose only use is in a log line, and calls of commands whose status nothing takes."""
    if is_test(source.path, source.kind):
        return
    if source.kind is Kind.SCALA_SPARK:
        yield from _in_scala(source.scala)
    else:
        yield from _in_python(source.python)


def _hit(line: int, end_line: int, symbol: str, command: str, name: str) -> Hit:
    what = f"goes into `{name}`, which is only logged" if name else "is dropped"
    return Hit(
        line=line,
        end_line=end_line,
        symbol=symbol,
        evidence=f"{name or 'nothing'} = {command}",
        explanation=(
            f"The status of `{command}` {what}: when it fails, the job goes on and ends as a success without what "
            "it should have done."
        ),
        remediation="Raise where the status is not 0; in Python `subprocess.run(…, check=True)` does.",
    )


def _is_status(name: str) -> bool:
    return any(needed <= words(name) for needed in STATUS) or name == "rc"


def _in_python(tree: ast.Module) -> Iterator[Hit]:
    used: defaultdict[tuple[str, str], int] = defaultdict(int)
    logged: defaultdict[tuple[str, str], int] = defaultdict(int)
    for node, symbol in _python.scopes(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used[symbol, node.id] += 1
        elif isinstance(node, ast.Call) and _python.last_name(node.func) in LOGGERS:
            for part in (part for value in node.args for part in ast.walk(value)):
                if isinstance(part, ast.Name):
                    logged[symbol, part.id] += 1
    for node, symbol in _python.scopes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _drops(node.value):
            yield _hit(node.lineno, _python.end_line(node), symbol, _shown(node.value), "")
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
            count = used[symbol, name]
            takes = _is_status(name) or (_drops(node.value) and _python.dotted(node.value.func) != RUN)
            if name and takes and 0 < count == logged[symbol, name]:
                yield _hit(node.lineno, _python.end_line(node), symbol, _shown(node.value), name)


def _drops(call: ast.Call) -> bool:
    """Whether it runs a command that matters, and leaves its failure to whoever takes the status."""
    name = _python.dotted(call.func)
    checked = _python.keyword(call, "check")
    if name not in RUNNERS or not call.args or (checked is not None and ast.unparse(checked) != "False"):
        return False
    first = call.args[0]
    if isinstance(first, ast.List) and first.elts:
        first = first.elts[0]
    if isinstance(first, ast.JoinedStr) and first.values:
        first = first.values[0]
    command = (_python.text_of(first) or "").split()
    return bool(command) and command[0].rpartition("/")[2] not in HARMLESS


def _shown(call: ast.Call) -> str:
    text = ast.unparse(call)
    return text if len(text) <= 60 else f"{ast.unparse(call.func)}(…)"


def _in_scala(root: "tree_sitter.Node") -> Iterator[Hit]:
    uses: defaultdict[str, list[tuple[int, bool]]] = defaultdict(list)
    definitions = []
    for node, symbol in _scala.walk(root):
        if node.type == "identifier" and _is_status(_scala.text_of(node)):
            uses[_scala.text_of(node)].append((node.start_byte, _is_in_log(node)))
        elif node.type == "val_definition":
            definitions.append((node, symbol))
    for node, symbol in definitions:
        name, value = _scala.text_of(node.child_by_field_name("pattern")), node.child_by_field_name("value")
        is_call = value is not None and value.type in ("call_expression", "postfix_expression")
        if not is_call or not _is_status(name):
            continue
        block = node.parent
        until = block.end_byte if block is not None else node.end_byte
        first = bisect_left(uses[name], (node.end_byte, False))
        later = [is_logged for at, is_logged in uses[name][first : first + MOST] if at < until]
        if later and all(later):
            yield _hit(_scala.line(node), _scala.end_line(node), symbol, " ".join(_scala.text_of(value).split()), name)


def _is_in_log(node: "tree_sitter.Node") -> bool:
    current = node.parent
    while current is not None and current.type not in ("block", "template_body", "case_clause"):
        if _scala.callee(current) in LOGGERS:
            return True
        current = current.parent
    return False
