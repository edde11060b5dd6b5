"""The Python of a Jupyter notebook, each line with its place in the stored JSON.

The standard library's parser tells no positions, so the document is walked by its own string scanner; cells that are
other languages' (`%%sql`, `%%bash` …) and lines that only IPython knows are blanked, which keeps the line count.
Format: https://nbformat.readthedocs.io/en/latest/format_description.html.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

_DECODER = json.JSONDecoder()
_BLANK = " \t\n\r"


class NotebookError(ValueError):
    """The text is not a notebook of format 4; `str(error)` says what is wrong."""


@dataclass(frozen=True)
class CodeCell:
    """One code cell whose language is the notebook's own."""

    text: str
    lines: tuple[int, ...]
    """For each line of `text`, the 1-based line of the file that holds it."""


def code_cells(text: str) -> tuple[CodeCell, ...]:
    """The code cells of a notebook in order. Raises NotebookError."""
    try:
        return tuple(_cells(text))
    except (json.JSONDecodeError, IndexError, KeyError, TypeError, RecursionError) as error:
        raise NotebookError(f"is not a readable notebook ({type(error).__name__})") from error


def _cells(text: str) -> Iterator[CodeCell]:
    at = {key: start for key, start, _ in _members(text, _skip(text, 0))}
    if "cells" not in at:
        raise NotebookError("has no list of cells (only notebook format 4 is read)")
    for start in _elements(text, at["cells"]):
        members = {key: (begin, end) for key, begin, end in _members(text, start)}
        if json.loads(_part(text, members["cell_type"])) != "code":
            continue
        pieces = list(_source(text, members["source"][0]))
        cell = "".join(piece for piece, _ in pieces)
        if not cell.lstrip().startswith("%%"):
            yield CodeCell(*_python_only(pieces))


def _source(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The strings of a cell's source, a list or one string, each with its line in the file."""
    starts = _elements(text, start) if text[start] == "[" else iter((start,))
    counted, line = 0, 1
    for begin in starts:
        line += text.count("\n", counted, begin)
        counted = begin
        yield _DECODER.raw_decode(text, begin)[0], line


def _python_only(pieces: list[tuple[str, int]]) -> tuple[str, tuple[int, ...]]:
    lines, numbers = [], []
    for piece, number in pieces:
        for line in piece.splitlines(keepends=True):
            lines.append(_blanked(line))
            numbers.append(number)
    return "".join(lines), tuple(numbers)


def _blanked(line: str) -> str:
    """The line, or `pass` at its indentation where it is a magic, a shell escape or a help request."""
    code = line.strip()
    if code.startswith(("%", "!", "?")) or code.endswith("?"):
        indentation = line[: len(line) - len(line.lstrip())]
        return f"{indentation}pass\n"
    return line


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
