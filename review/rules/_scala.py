"""Small questions about Scala syntax trees (tree-sitter) that rules ask."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

DEFINITIONS = frozenset({"function_definition", "object_definition", "class_definition", "trait_definition"})
"""What gives the code inside it a name."""


def text_of(node: "tree_sitter.Node | None") -> str:
    """The node's text; empty for none."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def string_of(node: "tree_sitter.Node | None") -> str | None:
    """The value of a literal string without interpolation, else None."""
    if node is None or node.type != "string":
        return None
    text = text_of(node)
    return text.strip('"')


def walk(node: "tree_sitter.Node", inside: str = "") -> Iterator[tuple["tree_sitter.Node", str]]:
    """Every node below with the dotted name of the definition around it, in the order of the text; no recursion."""
    stack = [(child, inside) for child in reversed(node.children)]
    while stack:
        current, name = stack.pop()
        yield current, name
        if current.type in DEFINITIONS:
            name = f"{name}.{text_of(current.child_by_field_name('name'))}".lstrip(".")
        stack.extend((child, name) for child in reversed(current.children))


def line(node: "tree_sitter.Node") -> int:
    """1-based first line."""
    return int(node.start_point[0]) + 1


def end_line(node: "tree_sitter.Node") -> int:
    """1-based last line."""
    return int(node.end_point[0]) + 1


def callee(node: "tree_sitter.Node") -> str:
    """The name a call ends with: `save` of `df.write.mode("append").save(path)`; empty for what is no call."""
    if node.type != "call_expression":
        return ""
    function = node.child_by_field_name("function")
    while function is not None and function.type == "generic_function":
        function = function.child_by_field_name("function")
    if function is not None and function.type == "field_expression":
        return text_of(function.child_by_field_name("field"))
    return text_of(function) if function is not None and function.type == "identifier" else ""


def arguments(node: "tree_sitter.Node") -> list["tree_sitter.Node"]:
    """The argument nodes of a call."""
    given = node.child_by_field_name("arguments")
    return list(given.named_children) if given is not None and given.type == "arguments" else []
