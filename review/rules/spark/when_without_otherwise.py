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
from review.rules import _scala
from review.rules._python import last_name, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._joins import column_of
from review.rules.spark._values import Value, argument

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
_FILLS = frozenset({"fillna", "fill"})
_ASKING = frozenset({"isNull", "isnull", "coalesce", "nvl", "ifnull"})
_ALL = "*"
"""Stands for every column; none is called so."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`withColumn("x", when(… x …, value))`: one condition that asks the column, a value that does not hold it."""
    if "withColumn" not in source.text or is_test(source.path, source.kind):
        return
    by_text: dict[str, list[Chain]] = {}
    for chain in source.chains:
        by_text.setdefault(chain.value.text, []).append(chain)
    for chain in source.chains:
        filled: dict[str, int] = {}
        for place, step in enumerate(chain.steps):
            filled.update(dict.fromkeys(_filled(step), place))
        for place, step in enumerate(chain.steps):
            if step.name != "withColumn" or len(step.arguments) != 2:
                continue
            name, value = step.arguments[0].string, step.arguments[1]
            if not name or max(filled.get(name, 0), filled.get(_ALL, 0)) > place:
                continue
            for inner in by_text.get(value.text, [])[:1]:
                if _replaces(inner, name):
                    yield _hit(chain, name, value, inner)


def _filled(step: Step) -> frozenset[str]:
    """The columns whose NULLs a step of a chain replaces: `fillna`, `na.fill`, or a column made anew out of itself."""
    if step.name in _FILLS and step.called:
        named = frozenset(text for value in step.arguments for text in value.strings)
        is_for_some = step.given("subset", 1) is not None or any(_keys(value) for value in step.arguments)
        return named if is_for_some else frozenset({_ALL})
    if step.name != "withColumn" or len(step.arguments) != 2:
        return frozenset()
    name, value = step.arguments[0].string, step.arguments[1]
    return frozenset({name}) if name and not _ASKING.isdisjoint(value.names) and _has(value, name) else frozenset()


def _keys(value: Value) -> bool:
    """Whether it says for each column what to fill in: a dictionary, or Scala's `Map`."""
    return isinstance(value.node, ast.Dict) or (not isinstance(value.node, ast.expr) and "Map" in value.names)


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


def _hit(chain: Chain, name: str, value: Value, inner: Chain) -> Hit:
    condition, given = next(step for step in inner.steps if step.called).arguments
    other = _compared(condition)
    if _bare(given) in other:
        explanation = (
            f"`{_bare(given)}` is set where `{name}` is another value, and where it is that value already `when` gives "
            "NULL."
        )
        remediation = f"Give it to every row: `lit({_bare(given)})`."
    else:
        explanation = (
            f"Where the condition is false, `when` gives NULL, so `{name}` loses its value in every row that is not "
            "replaced."
        )
        remediation = f'End it with `.otherwise(col("{name}"))`.'
    return Hit(
        line=value.line,
        end_line=value.end_line,
        symbol=chain.symbol,
        evidence=f"{name}: {value.text}"[:200],
        explanation=explanation,
        remediation=remediation,
    )


def _compared(condition: Value) -> frozenset[str]:
    """The code of both sides where the condition is `a != b`; nothing where it is another one."""
    node = condition.node
    if isinstance(node, ast.expr):
        is_unequal = isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.NotEq)
        if not isinstance(node, ast.Compare) or not is_unequal:
            return frozenset()
        return frozenset(_bare(argument(side)) for side in (node.left, node.comparators[0]))
    operator = node.child_by_field_name("operator") if node.type == "infix_expression" else None
    if _scala.text_of(operator) not in ("=!=", "!=="):
        return frozenset()
    sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
    return frozenset(_bare(argument(side)) for side in sides if side is not None)


def _bare(value: Value) -> str:
    """An expression's code without `lit` and brackets around it."""
    node = value.node
    while True:
        if isinstance(node, ast.expr):
            if not isinstance(node, ast.Call) or last_name(node.func) != "lit" or len(node.args) != 1:
                return argument(node).text
            node = node.args[0]
        elif node.type == "parenthesized_expression" and node.named_child_count == 1:
            node = node.named_children[0]
        elif _scala.callee(node) == "lit" and len(_scala.arguments(node)) == 1:
            node = _scala.arguments(node)[0]
        else:
            return argument(node).text
