"""Kinds of the other languages: notebooks, Scala, SQL outside dbt."""

import json
from posixpath import basename, dirname

from review.artifacts.words import statement_heads, words
from review.domain.artifact import Kind

_DDL = frozenset("create alter drop grant revoke truncate comment rename set use begin commit do".split())
_MIGRATION_FOLDERS = frozenset(
    ("migrations", "migration", "migrate", "changelog", "changelogs", "flyway", "db-migrations")
)
_SPARK_MARKS = ("pyspark", "SparkSession", "spark.", "%sql", "awsglue", "dbutils.")
_SPARK_IMPORTS = ("org.apache.spark", "io.delta", "spark.implicits")
_DATABRICKS = "// Databricks notebook source"
_SCALA_CHARACTERS = 100_000
"""Imports stand at a file's beginning; the parser's memory is about a hundred times the text."""


def notebook_kind(text: str) -> Kind | None:
    """A notebook whose cells use Spark; None for any other. Of one that cannot be read, the whole text is looked at."""
    cells = cells_of(text)
    sources = [text] if cells is None else cells
    return Kind.NOTEBOOK if any(mark in source for source in sources for mark in _SPARK_MARKS) else None


def cells_of(text: str) -> list[str] | None:
    """The sources of a notebook's code cells; None where the text is no notebook of format 4."""
    try:
        cells = json.loads(text)["cells"]
        return ["".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None


def scala_kind(text: str) -> Kind | None:
    """A Scala file that imports Spark, anywhere in its beginning, or a Databricks notebook that uses it, else None.

    Such a notebook imports nothing: its session is there when it starts.
    """
    if text.startswith(_DATABRICKS) and any(mark in text for mark in _SPARK_MARKS):
        return Kind.SCALA_SPARK
    if "spark" not in text.lower():
        return None
    import tree_sitter
    import tree_sitter_scala

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_scala.language()))
    nodes = [parser.parse(text[:_SCALA_CHARACTERS].encode("utf-8", "replace")).root_node]
    while nodes:
        node = nodes.pop()
        if node.type == "import_declaration":
            words_of = (node.text or b"").decode("utf-8", "replace").replace("import", "", 1).strip()
            if words_of.startswith(_SPARK_IMPORTS):
                return Kind.SCALA_SPARK
        else:
            nodes.extend(node.children)
    return None


def sql_kind(path: str, text: str) -> Kind:
    """Migration by its place among migrations, DDL where every statement is one, else a query."""
    folders = {folder.lower() for folder in dirname(path).split("/")}
    name = basename(path)
    if folders & _MIGRATION_FOLDERS or name in ("up.sql", "down.sql") or _is_flyway(name):
        return Kind.SQL_MIGRATION
    heads = statement_heads(words(text))
    if heads and all(head in _DDL for head in heads):
        return Kind.SQL_DDL
    return Kind.SQL_QUERY


def _is_flyway(name: str) -> bool:
    """Flyway's names: `V12__add_index.sql`, `U12__…`, `R__…` (documentation.red-gate.com, "Versioned migrations")."""
    version, found, _ = name.partition("__")
    if not found or version[:1] not in ("V", "U", "R"):
        return False
    return all(character.isdigit() or character in "._" for character in version[1:])
