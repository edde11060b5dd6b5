"""The strings of a file in another language, and the macros of a dbt project, that may be SQL."""

from collections.abc import Iterator, Sequence
from itertools import islice

from review.domain.artifact import Kind, Version
from review.rules.embedded import macro, python, scala, yaml_file
from review.rules.embedded.candidate import SPARK, Candidate, made
from review.rules.embedded.text import Piece, Text
from review.rules.notebook import CodeCell
from review.rules.source import Source
from review.rules.trees import NotEvaluated, python_cell

MACROS = frozenset({Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST})
HOSTS = MACROS | {
    *(Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG, Kind.PYSPARK, Kind.SCALA_SPARK, Kind.NOTEBOOK, Kind.DBT_PYTHON_MODEL)
}
"""Kinds of files that hold SQL in strings, or in macros."""
MAX_CANDIDATES = 300
MAX_CHARACTERS = 400_000
"""Of all of one file: who generates more strings does not have them reviewed one by one."""
_SPARK_KINDS = frozenset({Kind.PYSPARK, Kind.SCALA_SPARK})
_SQL_CELLS = {"sql": None, "sparksql": SPARK, "spark_sql": SPARK, "synapsesql": SPARK, "bigquery": "bigquery"}
_DATABRICKS = "# MAGIC"


def candidates(source: Source) -> tuple[Candidate, ...]:
    """Those of a host, in the order of the text; none of any other file, nor of one that does not parse.

    What makes the host's parser give up is for the host's own rules to tell.
    """
    if source.kind not in HOSTS:
        return ()
    try:
        found = _notebook(source) if source.path.lower().endswith(".ipynb") else _file(source)
        return tuple(_first(found))
    except (NotEvaluated, RecursionError):
        return ()


def is_cut(found: Sequence[Candidate]) -> bool:
    """Whether these may not be all: the file holds more than is looked at."""
    return len(found) >= MAX_CANDIDATES or sum(len(each.text.value) for each in found) > MAX_CHARACTERS


def _first(found: Iterator[Candidate]) -> Iterator[Candidate]:
    characters = 0
    for candidate in islice(found, MAX_CANDIDATES):
        yield candidate
        characters += len(candidate.text.value)
        if characters > MAX_CHARACTERS:
            return


def _file(source: Source) -> Iterator[Candidate]:
    host = Version(source.path, source.text)
    if source.kind in MACROS:
        for text, symbol in macro.bodies(source.text):
            yield from made(host, text, symbol, source.dialect or "ansi")
        return
    if source.path.lower().endswith(".scala"):
        for text, symbol in scala.strings(source.scala, source.text):
            yield from made(host, text, symbol, SPARK)
        return
    if source.is_yaml:
        for text, symbol in yaml_file.strings(source.yaml, source.text):
            yield from made(host, text, symbol, "ansi")
        return
    usual = python.dialect_of(source.python) or (SPARK if source.kind in _SPARK_KINDS else "ansi")
    for found in python.strings(source.python, source.text):
        yield from made(host, found.text, found.symbol, found.dialect or usual)
    for cell in source.cells:
        yield from _sql_cell(source, cell, SPARK)


def _notebook(source: Source) -> Iterator[Candidate]:
    usual = python.dialect_of(source.python) or "ansi"
    for cell in source.cells:
        if cell.magic:
            yield from _sql_cell(source, cell, usual)
            continue
        text, tree = python_cell(cell)
        for found in python.strings(tree, text):
            yield from made(Version(source.path, text), found.text, found.symbol, found.dialect or usual, cell.lines)


def _sql_cell(source: Source, cell: CodeCell, usual: str) -> Iterator[Candidate]:
    """A cell of SQL without the word that says what it is, and without Databricks' signs."""
    if cell.magic not in _SQL_CELLS:
        return
    pieces, at, is_first = [], 0, True
    for line in cell.text.split("\n"):
        start = len(_DATABRICKS) if line.startswith(_DATABRICKS) else 0
        if is_first and line[start:].strip():
            start += len(line[start:]) - len(line[start:].lstrip())
            word = line[start:].split(None, 1)[0]
            start, is_first = start + len(word), False
        shown = f"{line[start:]}\n"
        pieces.append(Piece(shown, at + start, at + start + len(shown)))
        at += len(line) + 1
    host = Version(source.path, f"{cell.text}\n")
    yield from made(host, Text(tuple(pieces)), "", _SQL_CELLS[cell.magic] or usual, cell.lines)
