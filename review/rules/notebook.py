"""The Python of a Jupyter notebook, each line with its place in the stored JSON.

The standard library's parser tells no positions, so the document is walked by its own string scanner. Lines that only
IPython knows are blanked where a cell does not parse as it stands, which keeps the line count.
Format: https://nbformat.readthedocs.io/en/latest/format_description.html. Magics:
https://ipython.readthedocs.io/en/stable/interactive/magics.html; of Databricks: docs.databricks.com, "Develop code in
notebooks", which also keeps notebooks as `.py` whose other languages are comments.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_DECODER = json.JSONDecoder()
_BLANK = " \t\n\r"
_DATA_MAGICS = frozenset({"sql", "bigquery", "sparksql", "scala", "spark_sql", "synapsesql"})
"""Their cells hold what we review elsewhere. Of `%%bash`, `%%html` and the like nobody expects that."""
_PYTHON_MAGICS = frozenset(
    {"time", "timeit", "capture", "prun", "python", "python3", "pyspark", "local", "pycodestyle"}
)
DATABRICKS = "# Databricks notebook source"
_DATABRICKS_MAGIC = "# MAGIC %"


class NotebookError(ValueError):
    """The text is not a notebook of format 4; `str(error)` says what is wrong."""


@dataclass(frozen=True)
class CodeCell:
    """One code cell."""

    number: int
    """Among the cells of every type, from 1, as a reader counts them."""
    magic: str
    """The word after `%%` (or Databricks' `%`) that gives the cell to another language; empty for Python."""
    text: str
    lines: tuple[int, ...]
    """For each line of `text`, the 1-based line of the file that holds it."""

    @property
    def is_data(self) -> bool:
        """Whether it is SQL or Scala, by its magic."""
        return self.magic in _DATA_MAGICS


def code_cells(text: str) -> tuple[CodeCell, ...]:
    """The code cells of a notebook in order. Raises NotebookError."""
    try:
        return tuple(_cells(text))
    except (json.JSONDecodeError, IndexError, KeyError, TypeError, RecursionError) as error:
        raise NotebookError(f"is not a readable notebook ({type(error).__name__})") from error


def databricks_cells(text: str) -> tuple[CodeCell, ...]:
    """The cells of other languages in a Databricks notebook that is stored as Python; none of any other file."""
    if not text.startswith(DATABRICKS):
        return ()
    found: list[CodeCell] = []
    cell, start = 1, True
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("# COMMAND --"):
            cell, start = cell + 1, True
        elif start and line.startswith(_DATABRICKS_MAGIC):
            found.append(CodeCell(cell, _word(line.removeprefix(_DATABRICKS_MAGIC)), line, (number,)))
            start = False
        elif found and found[-1].number == cell and line.startswith("# MAGIC"):
            last = found[-1]
            found[-1] = CodeCell(cell, last.magic, f"{last.text}\n{line}", (*last.lines, number))
        elif line.strip() and not line.startswith("# DBTITLE"):
            start = start and number == 1
    return tuple(found)


def python_of(cell: CodeCell) -> str:
    """The cell's text with `pass` or `None` where IPython alone knows what to do: magics, shell escapes, help.

    Continued lines of an escape go with it. As many lines as before.
    """
    kept: list[str] = []
    in_escape = False
    for line in cell.text.split("\n"):
        code = line.strip()
        indentation = line[: len(line) - len(line.lstrip())]
        name, _, value = code.partition("=")
        if in_escape:
            kept.append("")
        elif _is_escape(code) or code.endswith("?"):
            kept.append(f"{indentation}pass")
            in_escape = True
        elif _is_escape(value.strip()) and name.replace(",", " ").replace(" ", "_").isidentifier():
            kept.append(f"{indentation}{name}= None")
            in_escape = True
        else:
            kept.append(line)
        in_escape = in_escape and code.endswith("\\")
    return "\n".join(kept)


def _is_escape(code: str) -> bool:
    """Whether it begins as `!ls`, `?name`, `%magic`; `% b` continues an expression."""
    return code.startswith(("!", "?")) or (code.startswith("%") and code.lstrip("%")[:1].isalpha())


def _cells(text: str) -> Iterator[CodeCell]:
    at = {key: start for key, start, _ in _members(text, _skip(text, 0))}
    if "cells" not in at:
        raise NotebookError("has no list of cells (only notebook format 4 is read)")
    for number, start in enumerate(_elements(text, at["cells"]), start=1):
        members = {key: (begin, end) for key, begin, end in _members(text, start)}
        if json.loads(_part(text, members["cell_type"])) == "code":
            yield _cell(number, list(_source(text, members["source"][0])))


def _cell(number: int, pieces: Sequence[tuple[str, int]]) -> CodeCell:
    """The cell; to Python a carriage return ends a line as well, and the file's own lines do not depend on it."""
    lines, numbers = [""], [1]
    for piece, place in pieces:
        begun, *more = piece.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if not lines[-1]:
            numbers[-1] = place
        lines[-1] += begun
        lines.extend(more)
        numbers.extend(place for _ in more)
    first = next((line.strip() for line in lines if line.strip()), "")
    magic = _word(first.lstrip("%")) if first.startswith("%%") or _is_databricks(first) else ""
    if magic in _PYTHON_MAGICS:
        lines[next(index for index, line in enumerate(lines) if line.strip())] = ""
        magic = ""
    return CodeCell(number, magic, "\n".join(lines), tuple(numbers))


def _is_databricks(first: str) -> bool:
    """Whether the line gives the whole cell to another language, with nothing behind the magic, as Databricks does."""
    return first.startswith("%") and first[1:] in (*_DATA_MAGICS, "md", "sh", "r", "fs", "python")


def _word(text: str) -> str:
    return (text.split(None, 1) or [""])[0].lower()


def _source(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The strings of a cell's source, a list or one string, each with its line in the file."""
    starts = _elements(text, start) if text[start] == "[" else iter((start,))
    counted, line = 0, 1
    for begin in starts:
        line += text.count("\n", counted, begin)
        counted = begin
        yield _DECODER.raw_decode(text, begin)[0], line


def _members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Key, begin and end of each value of the object that begins at `start`."""
    position = _skip(text, _past(text, start, "{"))
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        begin = _skip(text, _past(text, _skip(text, position), ":"))
        _, end = _DECODER.raw_decode(text, begin)
        yield key, begin, end
        position = _after_comma(text, end, "}")


def _elements(text: str, start: int) -> Iterator[int]:
    """Where each element of the list that begins at `start` begins."""
    position = _skip(text, _past(text, start, "["))
    while text[position] != "]":
        yield position
        _, end = _DECODER.raw_decode(text, position)
        position = _after_comma(text, end, "]")


def _after_comma(text: str, position: int, closing: str) -> int:
    position = _skip(text, position)
    return position if text[position] == closing else _skip(text, _past(text, position, ","))


def _past(text: str, position: int, expected: str) -> int:
    if text[position] != expected:
        raise json.JSONDecodeError(f"expected {expected}", text, position)
    return position + 1


def _skip(text: str, position: int) -> int:
    while text[position] in _BLANK:
        position += 1
    return position


def _part(text: str, span: tuple[int, int]) -> str:
    return text[span[0] : span[1]]
