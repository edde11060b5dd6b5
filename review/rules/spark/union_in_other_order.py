"""A union puts the rows together by place, and the columns stand in another order.

### Why it matters
`union` takes the first column of both frames as one, the second as one, and so on, whatever they are called. Where the
types fit, the values land silently in the wrong columns.

### Bad
```python
from pyspark.sql import DataFrame


def people(customers: DataFrame, suppliers: DataFrame) -> DataFrame:
    left = customers.select("name", "city")
    right = suppliers.select("city", "name")
    return left.union(right)
```

### Good
```python
from pyspark.sql import DataFrame


def people(customers: DataFrame, suppliers: DataFrame) -> DataFrame:
    left = customers.select("name", "city")
    right = suppliers.select("city", "name")
    return left.unionByName(right)
```
"""

import ast
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._values import Value

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK033",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

UNIONS = frozenset({"union", "unionAll"})
KEEPING = frozenset(
    {"where", "filter", "distinct", "dropDuplicates", "cache", "persist", "limit", "repartition", "coalesce", "orderBy"}
    | {"alias", "fillna", "sort", "checkpoint"}
)
"""Steps that leave the columns as they are."""
_READING = frozenset({"read", "table", "sql", "format", "load", "option", "schema", "parquet", "csv", "json", "orc"})
NAMING = frozenset({"alias", "as", "name"})
COLUMNS = frozenset({"col", "column"})

Known = dict[tuple[str, str], tuple[str, ...] | None]


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Unions of two frames that are selected by the same names in another order, all of it visible in one function.

    One frame put together with itself is turned round on purpose: the edges of a graph, in both directions.
    """
    if "union" not in source.text or is_test(source.path, source.kind):
        return
    known: Known = {}
    origins: dict[tuple[str, str], str] = {}
    by_node = {_key(chain.value): chain for chain in source.chains}
    for chain in source.chains:
        columns = known.get((chain.symbol, chain.root)) if chain.root else None
        origin = _source_of(chain) or origins.get((chain.symbol, chain.root), chain.root)
        for step in chain.steps:
            if step.name in UNIONS and len(step.arguments) == 1 and columns:
                if origin and origin == _origin_of(step.arguments[0], chain.symbol, origins, by_node):
                    continue
                other = _columns_of(step.arguments[0], chain.symbol, known, by_node)
                if other and other != columns and sorted(other) == sorted(columns):
                    yield _hit(chain, step, columns, other)
            columns = _after(step, columns)
        if chain.target:
            known[chain.symbol, chain.target] = columns
            origins[chain.symbol, chain.target] = origin


def _hit(chain: Chain, step: Step, left: tuple[str, ...], right: tuple[str, ...]) -> Hit:
    place = next(index for index, (one, other) in enumerate(zip(left, right, strict=True)) if one != other)
    return Hit(
        line=step.line,
        end_line=step.end_line,
        symbol=chain.symbol,
        evidence=f"{step.name}: {', '.join(left)} | {', '.join(right)}",
        explanation=(
            f"`{step.name}` goes by place: column {place + 1} is `{left[place]}` on the left and `{right[place]}` on "
            "the right, so their values are mixed in one column."
        ),
        remediation="Use `unionByName`, or select the columns of both sides in one order.",
    )


def _key(value: Value) -> tuple[int, ...]:
    """What tells a node from others, the same each time it is reached (tree-sitter makes a new object each time)."""
    return (id(value.node),) if isinstance(value.node, ast.expr) else (value.node.start_byte, value.node.end_byte)


def _origin_of(
    value: Value, symbol: str, origins: dict[tuple[str, str], str], by_node: dict[tuple[int, ...], Chain]
) -> str:
    """The name of the frame that an argument is made of, as far back as the function shows it; empty if unknown."""
    chain = by_node.get(_key(value))
    if chain is None:
        return origins.get((symbol, value.text), value.text)
    return _source_of(chain) or origins.get((symbol, chain.root), chain.root)


def _source_of(chain: Chain) -> str:
    """What a chain that begins with a read reads: two tables of one session are two frames; empty for another chain."""
    reading = takewhile(lambda step: step.name in _READING, chain.steps)
    words = [f"{step.name} {' '.join(value.text for value in step.arguments)}" for step in reading]
    return f"{chain.root} {' '.join(words)}" if words else ""


def _columns_of(
    value: Value, symbol: str, known: Known, by_node: dict[tuple[int, ...], Chain]
) -> tuple[str, ...] | None:
    """The columns of a frame that is given as a name or as a chain."""
    chain = by_node.get(_key(value))
    if chain is None:
        return known.get((symbol, value.text))
    columns = known.get((symbol, chain.root)) if chain.root else None
    for step in chain.steps:
        columns = _after(step, columns)
    return columns


def _after(step: Step, columns: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The columns in their order after a step; None where they are not known."""
    if step.name == "select":
        names = [_name(item) for value in step.arguments for item in value.items]
        return tuple(name for name in names if name) if names and all(names) else None
    return columns if step.name in KEEPING | UNIONS else None


def _name(value: Value) -> str:
    """The name of a selected column; empty where it is not visible, or may stand for several."""
    name = value.string
    if name is None:
        name = _named(value.node) if isinstance(value.node, ast.expr) else _scala_named(value.node)
    return "" if "*" in name else name.rpartition(".")[2]


def _named(node: ast.expr) -> str:
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return ""
    called = _python.last_name(node.func)
    is_naming = called in NAMING and isinstance(node.func, ast.Attribute)
    return _python.text_of(node.args[0]) or "" if is_naming or called in COLUMNS else ""


def _scala_named(node: "tree_sitter.Node") -> str:
    if node.type == "interpolated_string_expression":
        return _scala.text_of(node.named_children[-1]).strip('"')
    given = _scala.arguments(node)
    called = _scala.callee(node)
    return _scala.string_of(given[0]) or "" if len(given) == 1 and called in NAMING | COLUMNS else ""
