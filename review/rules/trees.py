"""Texts → syntax trees: Python, YAML, Jinja and Scala, each by its own parser, and why one cannot be had."""

import ast
import sys
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from review.rules.notebook import CodeCell, python_of

if TYPE_CHECKING:
    import jinja2.nodes
    import tree_sitter
    import yaml

MAX_REMEMBERED = 64
"""Texts whose trees are kept: of the file under review as of the project's, and before the change as after it."""


class NotEvaluated(Exception):
    """A view cannot be had; `str(reason)` is one clause that says why, without the path."""


class Unread(NotEvaluated):
    """A part of the file is beyond the parser: nothing is known of it, whatever the rule that needed it first."""


@lru_cache(MAX_REMEMBERED)
def compose(text: str) -> "yaml.Node | None":
    """The node of a YAML text, tags unresolved, lines counted as git does. Raises NotEvaluated."""
    import yaml

    _refuse_lone_returns(text)
    try:
        return yaml.compose(text.translate(_YAML_BREAKS), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise NotEvaluated(f"does not parse as YAML{where}") from error


_YAML_BREAKS = {0x85: " ", 0x2028: " ", 0x2029: " "}
"""Ends of lines to YAML 1.1 (section 4.2 of its specification), and to nothing else that counts lines."""


def _refuse_lone_returns(text: str) -> None:
    """Raise NotEvaluated where a carriage return alone ends a line: to git it does not, so no line number would fit."""
    if "\r" in text.replace("\r\n", ""):
        raise NotEvaluated("has lines that end in a carriage return alone; save it with line feeds")


def python(text: str) -> ast.Module:
    """The syntax tree of a module. Raises NotEvaluated."""
    _refuse_lone_returns(text)
    return _compiled(text, ast.PyCF_ONLY_AST)


def python_cell(cell: CodeCell) -> tuple[str, ast.Module]:
    """A notebook's cell as it stands, else without what only IPython knows, with its tree. Raises NotEvaluated."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        return cell.text, _compiled(cell.text, flags)
    except NotEvaluated:
        text = python_of(cell)
        try:
            return text, _compiled(text, flags)
        except NotEvaluated as problem:
            raise NotEvaluated(f"cell {cell.number} {problem}") from problem


def _compiled(text: str, flags: int) -> ast.Module:
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return cast("ast.Module", compile(text, "<source>", "exec", flags, dont_inherit=True))
    except SyntaxError as error:
        where = f" (line {error.lineno}: {error.msg})" if error.lineno else f" ({error.msg})"
        raise NotEvaluated(f"does not parse as {version}{where}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotEvaluated(f"does not parse as {version} ({type(error).__name__})") from error


def renumbered(module: ast.Module, lines: tuple[int, ...]) -> ast.Module:
    """The same tree with the line numbers of the notebook's file."""
    for node in ast.walk(module):
        if isinstance(node, (ast.expr, ast.stmt, ast.excepthandler, ast.keyword, ast.arg, ast.alias)):
            node.lineno = lines[node.lineno - 1]
            node.end_lineno = lines[min(node.end_lineno or 1, len(lines)) - 1]
    return module


def scala(text: str) -> "tree_sitter.Node":
    """The root of the syntax tree. Raises NotEvaluated."""
    import tree_sitter
    import tree_sitter_scala

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_scala.language()))
    root = parser.parse(text.encode("utf-8", "replace")).root_node
    if root.has_error:
        raise NotEvaluated("does not parse as Scala")
    return root


@lru_cache(MAX_REMEMBERED)
def template(text: str) -> "jinja2.nodes.Template":
    """The syntax tree of a Jinja text, which nobody changes; nothing of it is rendered. Raises NotEvaluated."""
    import jinja2

    from review.sql.jinja import grammar

    try:
        return grammar().parse(text)
    except jinja2.TemplateError as error:
        raise NotEvaluated(f"its Jinja does not parse ({type(error).__name__})") from error
    except RecursionError as error:
        raise NotEvaluated("its Jinja is nested too deeply") from error
