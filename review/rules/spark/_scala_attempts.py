"""Attempts of Scala that read, write or run something, and those that only show what they read."""

from typing import TYPE_CHECKING

from review.rules import _scala
from review.rules.spark._actions import is_upkeep
from review.rules.spark._attempts import SHOWN, changes_rows, does_something

if TYPE_CHECKING:
    import tree_sitter

_COMMENTS = frozenset({"comment", "block_comment"})


def scala_costs_nothing(body: "tree_sitter.Node") -> bool:
    """Whether a block only reads into values of its own and shows them, as its last step: nothing of it is kept."""
    statements = [each for each in body.named_children if each.type not in _COMMENTS]
    if not statements or _scala.callee(statements[-1]) not in SHOWN:
        return False
    if any(each.type != "val_definition" and _scala.callee(each) not in SHOWN for each in statements):
        return False
    for node, _ in _scala.walk(body):
        if node.type == "assignment_expression":
            return False
        names = scala_chain_of(node) if node.type == "call_expression" else []
        if names and (does_something(names) or _writes(names, node)):
            return False
    return True


def _writes(names: list[str], call: "tree_sitter.Node") -> bool:
    given = _scala.arguments(call) if names[0] == "sql" else []
    return bool(given) and changes_rows(scala_beginning(given[0]))


def is_scala_upkeep(chain: list[str], call: "tree_sitter.Node") -> bool:
    """Whether it is `spark.sql` of a statement that neither reads nor writes rows."""
    given = _scala.arguments(call) if chain[0] == "sql" else []
    return bool(given) and is_upkeep(scala_beginning(given[0]))


def scala_beginning(node: "tree_sitter.Node | None") -> str:
    """The literal text a string begins with; holes of `s"… $x"` stay in it, as only its first word is asked for."""
    if node is not None and node.type in ("infix_expression", "field_expression"):
        return scala_beginning(node.child_by_field_name("left") or node.child_by_field_name("value"))
    if node is not None and node.type == "interpolated_string_expression":
        return _scala.text_of(node.named_children[-1]).strip('"')
    return _scala.string_of(node) or ""


def scala_chain_of(node: "tree_sitter.Node") -> list[str]:
    """The names of a chain of calls and fields, last first."""
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
