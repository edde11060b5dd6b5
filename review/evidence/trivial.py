"""Does a change leave everything but comments, blanks, layout or version numbers as it was? In doubt it does not.

A file whose change is trivial need not be read by anybody, so what an author might hide behind a comment counts as
content: a dbt tag inside a SQL comment (`-- depends_on: {{ ref('x') }}`), an optimiser's hint, a notebook's cells that
Databricks keeps as comments, and every character of a migration, of which its tool takes a checksum.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.evidence.outlines import template
from review.rules.notebook import DATABRICKS
from review.rules.source import Source
from review.rules.trees import NotEvaluated
from review.sql.parse import sqlglot_dialect, tokens
from review.sql.prepare import FENCE

if TYPE_CHECKING:
    import tree_sitter
    import yaml

_NAMED_BY_PATH = frozenset(
    {Kind.DBT_MODEL, Kind.DBT_PYTHON_MODEL, Kind.DBT_SEED, Kind.DBT_SNAPSHOT, Kind.DBT_MACRO, Kind.DAG}
    | {Kind.SQL_MIGRATION}
)
"""Kinds of which a new path is a new name, a new place in an order, or another configuration."""
_VERSIONS = frozenset({"version", "revision", "rev", "require-dbt-version"})
_VERSION_DEPTH = {Kind.DBT_PROJECT: 1, Kind.DBT_PACKAGES: 3}
"""Kind → how many keys and indices lead to a version: `version`, and `packages`, `0`, `version`."""
_MARK = "\ue000"
"""Encloses the number of a tag where SQL is cut into words: a character for private use, part of a word to sqlglot."""
_HINTS = ("+", "!")
"""What a comment begins with that a database obeys: Oracle's and Spark's hints, MySQL's conditional code."""
_SCALA_COMMENTS = frozenset({"comment", "block_comment"})


def is_trivial(base: Source, head: Source) -> bool:
    """Whether the two versions of a file differ in nothing that has an effect; False where either does not parse."""
    if base.path != head.path:
        return base.text == head.text and head.kind not in _NAMED_BY_PATH
    if head.kind is Kind.DBT_SEED:  # of which no more than the beginning is known
        return False
    if base.text == head.text:
        return True
    if head.kind in (Kind.SQL_MIGRATION, Kind.DBT_DOCS):
        return False
    try:
        return _is_same(base, head)
    except NotEvaluated:
        return False


def _is_same(base: Source, head: Source) -> bool:
    """Raises NotEvaluated where either does not parse."""
    lowered = head.path.lower()
    if lowered.endswith(".ipynb"):
        return _cells(base) == _cells(head)
    if lowered.endswith(".py"):
        is_notebook = base.text.startswith(DATABRICKS) or head.text.startswith(DATABRICKS)
        return same_python(base.python, head.python) and not (is_notebook and _cells(base) != _cells(head))
    if lowered.endswith(".scala"):
        return _scala_words(base) == _scala_words(head)
    if head.is_yaml:
        return same_yaml(base.yaml, head.yaml, _VERSION_DEPTH.get(head.kind, 0))
    return same_sql(base.text, head.text, sqlglot_dialect(head.dialect), is_dbt=head.kind.value.startswith("dbt-"))


def same_python(one: ast.AST, other: ast.AST) -> bool:
    """Whether two syntax trees say the same, as `ast.dump` would, without its recursion."""
    pending: list[tuple[object, object]] = [(one, other)]
    while pending:
        left, right = pending.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, ast.AST) and isinstance(right, ast.AST):
            pending.extend((getattr(left, name, None), getattr(right, name, None)) for name in left._fields)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pending.extend(zip(left, right, strict=True))
        elif left != right:
            return False
    return True


def same_sql(base: str, head: str, dialect: str, *, is_dbt: bool) -> bool:
    """Whether two SQL texts have the same tags and, in sqlglot's dialect, the same words around them.

    Every tag counts, wherever it stands: Jinja knows nothing of SQL's comments. In a file that may not be rendered at
    all, `{#` opens no comment inside a string. Raises NotEvaluated.
    """
    if _MARK in base or _MARK in head or any(text.partition("\n")[0].rstrip() == FENCE for text in (base, head)):
        return False
    one, other = (_Pieces(text.replace("\r", " "), is_dbt) for text in (base, head))
    if one.tags != other.tags:
        return False
    words = _words(one.text, dialect)
    return bool(words) and words == _words(other.text, dialect)


class _Pieces:
    """A template as the words of its tags, and its text with a number in place of each tag."""

    def __init__(self, text: str, is_dbt: bool) -> None:
        self.tags: list[tuple[str, str]] = []
        kept: list[str] = []
        for _, token, value in template.lexed(text):
            if token == "data":
                kept.append(value)
            elif token.startswith("comment"):
                kept.append("" if is_dbt else value)
            elif token != "whitespace":
                self.tags.append((token, value.strip()))
                if token.endswith("_begin") or token == "raw_end":
                    kept.append(f"{_MARK}{len(self.tags)}{_MARK}")
        self.text = "".join(kept)


def _words(text: str, dialect: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The words of a text with the comments that count; nothing where it cannot be cut into words.

    A comment around a tag counts: what the tag prints may end it.
    """
    return [
        (
            word.token_type.name,
            word.text,
            tuple(each for each in word.comments if each.startswith(_HINTS) or _MARK in each),
        )
        for word in tokens(text, dialect)
    ]


def same_yaml(base: "yaml.Node | None", head: "yaml.Node | None", version_depth: int = 0) -> bool:
    """Whether two trees hold the same values in the same order; scalars at a version's key may differ at that depth.

    0 allows no version to differ.
    """
    import yaml

    seen: set[tuple[int, int, int, bool]] = set()
    pending: list[tuple[yaml.Node | None, yaml.Node | None, int, bool]] = [(base, head, 0, False)]
    while pending:
        left, right, depth, is_version = pending.pop()
        if left is None or right is None or type(left) is not type(right):
            if left is not right:
                return False
            continue
        key = (id(left), id(right), min(depth, version_depth), is_version)
        if key in seen:
            continue
        seen.add(key)
        if isinstance(left, yaml.ScalarNode):
            is_bump = is_version and _is_version(left.value) and _is_version(right.value)
            if not is_bump and (left.tag, left.value) != (right.tag, right.value):
                return False
            continue
        if left.tag != right.tag or len(left.value) != len(right.value):
            return False
        for one, other in zip(left.value, right.value, strict=True):
            if isinstance(left, yaml.MappingNode):
                pending.append((one[0], other[0], depth + 1, False))
                is_named = isinstance(one[0], yaml.ScalarNode) and one[0].value in _VERSIONS
                pending.append((one[1], other[1], depth + 1, is_named and depth + 1 == version_depth))
            else:
                pending.append((one, other, depth + 1, is_version))
    return True


def _is_version(value: str) -> bool:
    """Whether a scalar is a release or a range of releases, `1.2.0` or `>=1.2.0,<2.0.0`: no branch, and no commit."""
    pieces = [piece.lstrip("<>=~^!").removeprefix("v") for piece in value.replace(",", " ").split()]
    numbers = [part for piece in pieces if piece for part in piece.split(".")]
    return bool(numbers) and all(part.isascii() and part.isdecimal() for part in numbers)


def _cells(source: Source) -> list[tuple[str, str]]:
    return [(cell.magic, cell.text) for cell in source.cells]


def _scala_words(source: Source) -> list[tuple[str, int, bool, bytes]]:
    return list(_preorder(source.scala, source.text.encode("utf-8", "replace")))


def _preorder(root: "tree_sitter.Node", text: bytes) -> Iterator[tuple[str, int, bool, bytes]]:
    """Every node but comments: its type, how many are below it, whether it begins a line, its text where none is below.

    Strings count as a whole. Line breaks count, because they end statements in Scala, and what stands between children
    without being a node of its own.
    """
    pending, row = [root], -1
    while pending:
        node = pending.pop()
        begins = node.start_point[0] > row
        children = [] if "string" in node.type else [each for each in node.children if each.type not in _SCALA_COMMENTS]
        if children:
            yield node.type, len(children), begins, b"".join(_between(node, text))
            pending.extend(reversed(children))
        else:
            yield node.type, 0, begins, text[node.start_byte : node.end_byte]
            row = node.end_point[0]


def _between(node: "tree_sitter.Node", text: bytes) -> Iterator[bytes]:
    """What a node has besides its children, without blanks."""
    at = node.start_byte
    for child in node.children:
        yield text[at : child.start_byte].strip()
        at = child.end_byte
    yield text[at : node.end_byte].strip()
