"""A function over nested rows fails on the first NULL in them.

### Why it matters
An array of structs can hold a NULL struct, and a struct NULL fields: an outer join, an optional field or one bad record
upstream is enough. `getLong` of a NULL field raises, and so does any getter on a NULL row; a user-defined function that
raises ends the whole job, after hours, on one row of millions.

### Bad
```scala
import org.apache.spark.sql.Row

object OrderTotals {
  def total(items: Seq[Row]): Long =
    items.map(item => item.getLong(1)).sum
}
```

### Good
```scala
import org.apache.spark.sql.Row

object OrderTotals {
  def total(items: Seq[Row]): Long =
    items.filter(item => item != null && !item.isNullAt(1)).map(item => item.getLong(1)).sum
}
```
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

if TYPE_CHECKING:
    import tree_sitter

rule = Rule(
    module=__name__,
    code="SPK014",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SCALA_SPARK}),
)

EACH = frozenset({"map", "foreach", "flatMap", "exists", "forall", "sortBy", "groupBy", "foldLeft"})
"""Methods of collections whose function is called with every element."""
PRIMITIVE = frozenset({"getLong", "getInt", "getDouble", "getFloat", "getBoolean", "getShort", "getByte"})
GETTERS = PRIMITIVE | {"getString", "getSeq", "getStruct", "getAs", "getTimestamp", "getDate", "getMap", "getDecimal"}
NESTED = frozenset({"getSeq", "getList"})
"""Getters of a row that give an array, of rows where its function takes rows."""
CHOOSING = frozenset({"filter", "filterNot", "withFilter", "collect", "flatten"})
GUARDS = frozenset({"isNullAt", "Option", "Try", "anyNull", "null"})
"""Words in a function's body that say it has thought of NULL."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Functions given to `map` and the like over `Seq[Row]` that read fields and never ask for NULL."""
    if "Row" not in source.text or is_test(source.path, source.kind):
        return
    for node, symbol in _scala.walk(source.scala):
        function = _over_rows(node)
        if function is not None:
            reads = list(_reads(function))
            if reads and GUARDS.isdisjoint(_words(function.body)):
                yield _hit(next((read for read in reads if read[1] in PRIMITIVE), reads[0]), function, symbol)


@dataclass(frozen=True)
class RowFunction:
    """A function that is called with each row of an array."""

    parameter: str
    body: "tree_sitter.Node"
    rows: str
    """The array, as it is written."""


def _hit(read: tuple["tree_sitter.Node", str], function: RowFunction, symbol: str) -> Hit:
    node, getter = read
    raising = "of a NULL field raises" if getter in PRIMITIVE else "on a NULL row raises"
    return Hit(
        line=_scala.line(node),
        symbol=symbol,
        evidence=f"{_scala.text_of(node)} over {function.rows}",
        explanation=(
            f"`{_scala.text_of(node)}` {raising}, and nothing here asks whether `{function.parameter}` or its field is "
            "NULL: one such element ends the job."
        ),
        remediation=(
            f"Leave NULL rows out before (`filter(_ != null)`), and ask `{function.parameter}.isNullAt(i)`, or read "
            "through `Option`, where the field may be missing."
        ),
    )


def _over_rows(node: "tree_sitter.Node") -> RowFunction | None:
    """The function of `rows.map(row => …)`, where `rows` is an array of rows."""
    if node.type != "call_expression" or _scala.callee(node) not in EACH:
        return None
    field = node.child_by_field_name("function")
    rows = field.child_by_field_name("value") if field is not None else None
    given = node.child_by_field_name("arguments")
    lambdas = given.named_children if given is not None else []
    function = next((child for child in lambdas if child.type == "lambda_expression"), None)
    if rows is None or function is None:
        return None
    names = [child for child in function.named_children if child.type in ("identifier", "bindings", "parameters")]
    body = function.named_children[-1]
    parameter = _scala.text_of(names[0]).strip("()").partition(":")[0].strip() if names else ""
    is_typed = _typed(function) == "Row"
    is_nested = is_typed and _scala.callee(rows) in NESTED
    is_given = rows.type == "identifier" and _is_rows(node, _scala.text_of(rows))
    return RowFunction(parameter, body, _scala.text_of(rows)) if parameter and (is_nested or is_given) else None


def _typed(function: "tree_sitter.Node") -> str:
    """The type of a function's only parameter, `Row` of `{ row: Row => … }`."""
    head = _scala.text_of(function).partition("=>")[0]
    return head.strip().strip("()").partition(":")[2].strip()


def _is_rows(node: "tree_sitter.Node", name: str) -> bool:
    """Whether the name is a parameter of type `Seq[Row]` of a function around the node."""
    current = node.parent
    while current is not None:
        if current.type == "function_definition":
            for given in current.children_by_field_name("parameters"):
                for each in given.named_children:
                    if _scala.text_of(each.child_by_field_name("name")) == name:
                        return _scala.text_of(each.child_by_field_name("type")).endswith("[Row]")
        current = current.parent
    return False


def _reads(function: RowFunction) -> Iterator[tuple["tree_sitter.Node", str]]:
    """Calls of getters on the parameter, in the order of the text."""
    for node in (function.body, *(below for below, _ in _scala.walk(function.body))):
        getter = _scala.callee(node)
        if getter in GETTERS:
            called = node.child_by_field_name("function")
            while called is not None and called.type == "generic_function":
                called = called.child_by_field_name("function")
            receiver = called.child_by_field_name("value") if called is not None else None
            if _scala.text_of(receiver) == function.parameter:
                yield node, getter


def _words(body: "tree_sitter.Node") -> frozenset[str]:
    nodes = (body, *(below for below, _ in _scala.walk(body)))
    return frozenset(_scala.text_of(node) for node in nodes if node.type in ("identifier", "null_literal"))
