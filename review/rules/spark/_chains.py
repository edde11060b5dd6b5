"""Spark code as chains of calls, the same in Python and Scala: `df.write.mode("append").parquet(path)`.

A chain is what it starts from and its steps in the order they run. A chain inside an argument is one of its own; so one
rule over `chains(source)` serves both languages.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.rules import _python, _scala
from review.rules.source import Source
from review.rules.spark._values import Value, argument

if TYPE_CHECKING:
    import tree_sitter


@dataclass(frozen=True)
class Step:
    """One method or attribute: `mode("append")`, or `write`, which is not called. A subscript is named `[]`."""

    name: str
    arguments: tuple[Value, ...]
    called: bool
    line: int
    end_line: int

    def given(self, name: str, place: int | None = None) -> Value | None:
        """The argument of a keyword, else the one at a place among those without; None where there is none."""
        found = next((value for value in self.arguments if value.name == name), None)
        if found is not None or place is None:
            return found
        unnamed = [value for value in self.arguments if not value.name]
        return unnamed[place] if place < len(unnamed) else None


@dataclass(frozen=True)
class Chain:
    """A receiver and what is called on it, first to last."""

    root: str
    """The name it starts from; empty where it starts from a call or another expression."""
    steps: tuple[Step, ...]
    line: int
    end_line: int
    symbol: str
    """The dotted name of the function or class around it."""
    target: str
    """The name its value is assigned to; empty where it is used in another way."""
    value: Value

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """The names of its steps."""
        return tuple(step.name for step in self.steps)

    def step(self, *names: str) -> Step | None:
        """The last step of one of these names."""
        return next((step for step in reversed(self.steps) if step.name in names), None)


def chains(source: Source) -> tuple[Chain, ...]:
    """Every chain of at least one call in a Python, notebook or Scala source, by line. Raises NotEvaluated."""
    found = _in_scala(source.scala) if source.kind is Kind.SCALA_SPARK else _in_python(source.python)
    return tuple(sorted(found, key=lambda chain: chain.line))


def _in_python(tree: ast.Module) -> Iterator[Chain]:
    stack: list[tuple[ast.AST, str, str]] = [(tree, "", "")]
    while stack:
        node, symbol, target = stack.pop()
        if isinstance(node, ast.Call):
            root, steps, rest = _python_steps(node)
            yield Chain(root, steps, node.lineno, _python.end_line(node), symbol, target, argument(node))
            stack.extend((part, symbol, "") for part in rest)
            continue
        if isinstance(node, _python.Scope):
            symbol = f"{symbol}.{node.name}".lstrip(".")
        below = _assigned(node)
        stack.extend((child, symbol, below) for child in ast.iter_child_nodes(node))


def _assigned(node: ast.AST) -> str:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return _python.dotted(node.targets[0])
    return _python.dotted(node.target) if isinstance(node, ast.AnnAssign) else ""


def _python_steps(node: ast.expr) -> tuple[str, tuple[Step, ...], list[ast.AST]]:
    """The root, the steps in order, and the nodes inside the arguments, which are still to be walked."""
    steps: list[Step] = []
    rest: list[ast.AST] = []
    while True:
        given: tuple[Value, ...] = ()
        call = node if isinstance(node, ast.Call) else None
        end = _python.end_line(node)
        if call is not None:
            given = (*map(argument, call.args), *(argument(each.value, each.arg or "**") for each in call.keywords))
            rest.extend(value.node for value in given if isinstance(value.node, ast.AST))
            node = call.func
        if isinstance(node, ast.Attribute):
            steps.append(Step(node.attr, given, call is not None, _python.end_line(node), end))
            node = node.value
        elif isinstance(node, ast.Subscript):
            rest.append(node.slice)
            steps.append(Step("[]", given, False, _python.end_line(node), end))
            node = node.value
        elif isinstance(node, ast.Name):
            if call is None:
                return node.id, tuple(reversed(steps)), rest
            steps.append(Step(node.id, given, True, node.lineno, end))
            return "", tuple(reversed(steps)), rest
        elif call is None:
            return "", tuple(reversed(steps)), [*rest, node]
        else:
            steps.append(Step("", given, True, end, end))


def _in_scala(root: "tree_sitter.Node") -> Iterator[Chain]:
    stack: list[tuple[tree_sitter.Node, str, str]] = [(root, "", "")]
    while stack:
        node, symbol, target = stack.pop()
        if node.type in ("call_expression", "generic_function", "field_expression"):
            start, steps, rest = _scala_steps(node)
            if any(step.called for step in steps):
                yield Chain(start, steps, _scala.line(node), _scala.end_line(node), symbol, target, argument(node))
            stack.extend((part, symbol, "") for part in rest)
            continue
        if node.type in _scala.DEFINITIONS:
            symbol = f"{symbol}.{_scala.text_of(node.child_by_field_name('name'))}".lstrip(".")
        below = ""
        if node.type in ("val_definition", "var_definition"):
            below = _scala.text_of(node.child_by_field_name("pattern"))
        stack.extend((child, symbol, below) for child in node.named_children)


def _scala_steps(node: "tree_sitter.Node") -> tuple[str, tuple[Step, ...], list["tree_sitter.Node"]]:
    """The same as `_python_steps`."""
    steps: list[Step] = []
    rest: list[tree_sitter.Node] = []
    current: tree_sitter.Node | None = node
    while current is not None:
        given: tuple[Value, ...] = ()
        called, end = False, _scala.end_line(current)
        if current.type == "call_expression":
            called, inner = True, current.child_by_field_name("arguments")
            given = tuple(map(_scala_argument, _scala.arguments(current)))
            rest.extend([inner] if inner is not None else [])
            current = current.child_by_field_name("function")
        if current is not None and current.type == "generic_function":
            current = current.child_by_field_name("function")
        if current is None:
            break
        if current.type == "field_expression":
            field = current.child_by_field_name("field")
            line = _scala.line(field) if field is not None else end
            steps.append(Step(_scala.text_of(field), given, called, line, end))
            current = current.child_by_field_name("value")
        elif current.type == "identifier":
            name = _scala.text_of(current)
            if not called:
                return name, tuple(reversed(steps)), rest
            steps.append(Step(name, given, True, _scala.line(current), end))
            break
        elif called:
            steps.append(Step("", given, True, end, end))
        else:
            rest.append(current)
            break
    return "", tuple(reversed(steps)), rest


def _scala_argument(node: "tree_sitter.Node") -> Value:
    """`partition = true` is a named argument."""
    if node.type == "assignment_expression":
        right = node.child_by_field_name("right")
        if right is not None:
            return argument(right, _scala.text_of(node.child_by_field_name("left")))
    return argument(node)
