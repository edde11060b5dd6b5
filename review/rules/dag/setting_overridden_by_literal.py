"""A computed value is overridden by a literal before anything reads it.

### Why it matters
`path = config["path"]` and, right below, `path = "tmp/test.json"`: that is what a trial run leaves behind. From then on
the setting, the parameter or the upstream task's output has no effect, and every run works on the one thing that was
written down to try the code.

### Bad
```python
from airflow.models import Variable


def export():
    target = Variable.get("export_path")
    target = "gs://sandbox-bucket/export.csv"
    print(target)
```

### Good
```python
from airflow.models import Variable


def export():
    target = Variable.get("export_path")
    print(target)
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._credentials import is_secret
from review.rules._python import code_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trust._values import digest

rule = Rule(
    module=__name__,
    code="DAG072",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK}),
)

_READS_ALL = frozenset({"locals", "vars", "globals", "eval", "exec"})
_BLOCKS = ("body", "orelse", "finalbody")
_MAX_DEPTH = 30
"""Levels of a value that are looked into."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Two plain assignments of one name in one block, nothing between them reading it, the second of a literal."""
    if is_test(source.path, source.kind):
        return
    blocks = [([*source.python.body], "")]
    elsewhere = _read_in_functions(source)
    for node, symbol in source.scopes:
        inside = f"{symbol}.{node.name}".lstrip(".") if isinstance(node, ast.FunctionDef | ast.ClassDef) else symbol
        found = [getattr(node, name, None) for name in _BLOCKS] if isinstance(node, ast.stmt) else []
        blocks.extend((block, inside) for block in found if isinstance(block, list) and len(block) > 1)
    hits = [hit for block, symbol in blocks for hit in _in_block(block, symbol, frozenset() if symbol else elsewhere)]
    yield from sorted(hits, key=lambda hit: hit.line)


def _read_in_functions(source: Source) -> frozenset[str]:
    """Names that functions read: one that is called between two assignments of the module reads the first."""
    inside = (node for node, symbol in source.scopes if symbol)
    return frozenset(node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _in_block(block: list[ast.stmt], symbol: str, elsewhere: frozenset[str]) -> Iterator[Hit]:
    """The hits of a block; a call in it may read what is in `elsewhere`, and `locals()` everything."""
    before: dict[str, ast.Assign] = {}
    exposed: set[str] = set()
    for statement in block:
        if not isinstance(statement, ast.Assign | ast.Expr | ast.AnnAssign):
            before.clear()
            continue
        if not before and not isinstance(statement, ast.Assign):
            continue
        _forget_read(before, exposed, statement)
        target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        if not isinstance(statement, ast.Assign) or not isinstance(target, ast.Name):
            continue
        first = before.pop(target.id, None)
        if first is not None and _is_literal(statement.value):
            yield _hit(target.id, first, statement, symbol)
        if _is_computed(statement) and target.id.strip("_"):
            before[target.id] = statement
            exposed |= {target.id} & elsewhere


def _forget_read(before: dict[str, ast.Assign], exposed: set[str], statement: ast.stmt) -> None:
    """Drops what a statement reads, and what a function that it calls may read."""
    for node in ast.walk(statement) if before else ():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            before.pop(node.id, None)
            if node.id in _READS_ALL:
                before.clear()
        elif isinstance(node, ast.Call):
            while exposed:
                before.pop(exposed.pop(), None)


def _is_computed(statement: ast.Assign) -> bool:
    """Whether the value is asked of something: a call, an item, an f-string with holes; no bare name or literal."""
    value = statement.value
    if isinstance(value, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in value.values)
    return isinstance(value, ast.Call | ast.Subscript)


def _is_literal(value: ast.expr, depth: int = 0) -> bool:
    """A text or number that says something, or a list or dictionary of such; an empty one starts something new."""
    if depth > _MAX_DEPTH:
        return False
    if isinstance(value, ast.Constant):
        is_plain = isinstance(value.value, str | int | float) and not isinstance(value.value, bool)
        return is_plain and (depth > 0 or bool(value.value))
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return bool(value.elts) and all(_is_literal(each, depth + 1) for each in value.elts)
    if isinstance(value, ast.Dict):
        parts = [part for part in (*value.keys, *value.values) if part is not None]
        return bool(value.keys) and len(parts) == 2 * len(value.keys) and all(_is_literal(p, depth + 1) for p in parts)
    return False


def _hit(name: str, first: ast.Assign, second: ast.Assign, symbol: str) -> Hit:
    value = code_of(second.value)
    shown = digest(value) if is_secret(name) else value[:60]
    return Hit(
        line=second.lineno,
        end_line=second.end_lineno,
        symbol=symbol,
        evidence=f"{name}: {code_of(first.value, 120)} then {shown}",
        explanation=(
            f"`{name}` gets `{code_of(first.value, 60)}` in line {first.lineno}, and this literal replaces it "
            "before anything has read it: the first line has no effect."
        ),
        remediation="Remove the one that was for a trial; where a default is meant, give it to the call above.",
    )
