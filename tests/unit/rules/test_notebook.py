"""Notebooks as Python: what only IPython knows, other languages' cells, and the lines of the stored file."""

import ast
import json
from collections.abc import Sequence

import pytest

from review.domain.artifact import Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.domain.evidence import Skipped
from review.rules.evaluate import evaluate
from review.rules.notebook import code_cells, databricks_cells
from review.rules.source import Source
from review.rules.trees import NotEvaluated


def notebook(*cells: str | list[str]) -> str:
    stored = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"cells": stored, "nbformat": 4}, indent=1)


def source(text: str, path: str = "n.ipynb", kind: Kind = Kind.NOTEBOOK) -> Source:
    return Source(Version(path, text), kind)


def names(text: str) -> list[str]:
    return [node.id for node in ast.walk(source(text).python) if isinstance(node, ast.Name)]


CELLS = {
    "plain": "a = 1",
    "a magic": "%matplotlib inline\na = 1",
    "a shell escape": "!pip install x\na = 1",
    "a continued escape": "!pip install x \\\n  y \\\n  z\na = 1",
    "help": "a?\na = 1",
    "help before": "?print\na = 1",
    "an assigned escape": "a = !ls\n",
    "an assigned magic": "a = %sql select 1\n",
    "a magic in a block": "for a in b:\n    %time a\n",
    "an operator that begins a line": "print(a\n      % 3)",
    "an operator beside an escape": "!ls\nprint(a\n      % 3)",
    "a text with a line that looks like a magic": 's = """\n%sql\n"""\na = 1',
    "a timed cell": "%%time\na = 1",
    "a captured cell": "\n%%capture out\na = 1",
    "await": "await a",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_python_is_found(cell: str) -> None:
    assert "a" in names(notebook(cell))


def test_a_text_is_not_changed_where_the_cell_parses() -> None:
    (value,) = [
        node.value for node in ast.walk(source(notebook('s = """\n!x\n"""')).python) if isinstance(node, ast.Constant)
    ]
    assert value == "\n!x\n"


@pytest.mark.parametrize("magic", ["%%sql", "%%bigquery df", "%%bash", "%%html", "%sql", "%md", "%scala"])
def test_cells_of_other_languages_are_no_python(magic: str) -> None:
    assert names(notebook(f"{magic}\nselect a from b", "c = 1")) == ["c"]


def test_a_cell_that_does_not_parse_is_named() -> None:
    with pytest.raises(NotEvaluated, match=r"^cell 2 does not parse as Python 3\.\d+ \(line 2: "):
        _ = source(notebook("a = 1", "b = 2\nprint 3")).python


def lines_of(text: str, wanted: Sequence[str]) -> list[int]:
    return [next(n for n, line in enumerate(text.split("\n"), 1) if f'"{each}' in line) for each in wanted]


def test_lines_are_those_of_the_file() -> None:
    text = notebook(["a = 1\n", "\n", "b = (\n", "  2)"], ["c = 3"])
    assigned = [node for node in ast.walk(source(text).python) if isinstance(node, ast.Assign)]
    assert [node.lineno for node in assigned] == lines_of(text, ["a = 1", "b = (", "c = 3"])


def test_pieces_that_end_anywhere_are_joined() -> None:
    (cell,) = code_cells(notebook(["a = ", "1\nb", " = 2\u2028\n", "c = 3"]))
    assert cell.text == "a = 1\nb = 2\u2028\nc = 3"
    assert len(cell.lines) == 3


def skips(text: str, added: frozenset[int], path: str = "n.ipynb", kind: Kind = Kind.NOTEBOOK) -> tuple[Skipped, ...]:
    file = ChangedFile(path, Status.ADDED, added=added)
    return evaluate((), None, source(text, path, kind), file).skipped


def test_changed_sql_in_a_notebook_is_said() -> None:
    text = notebook("import pyspark", ["%%sql\n", "select 1"], ["%%bash\n", "ls"])
    assert skips(text, frozenset(range(1, 100))) == (
        Skipped(
            "lint", "n.ipynb", "cell 2 is sql, which is not looked at inside notebooks; a file of its own would be"
        ),
    )
    assert skips(text, frozenset({1})) == ()


def test_a_notebook_of_nothing_but_sql_went_unseen() -> None:
    (skip,) = skips(notebook("%%sql\nselect 1", "%%sql\nselect 2"), frozenset(range(1, 100)))
    assert (skip.stage, skip.standards, skip.harmless) == ("rules", (), False)
    assert skip.reason.startswith("cells 1, 2 are sql")


DATABRICKS = """# Databricks notebook source
import pyspark

# COMMAND ----------

# MAGIC %sql
# MAGIC select 1

# COMMAND ----------

# DBTITLE 1,Notes
# MAGIC %md words

# COMMAND ----------

x = 1
# MAGIC %sql is a comment here
"""


def test_sql_in_a_databricks_notebook_stored_as_python_is_said() -> None:
    assert [(cell.number, cell.magic, cell.lines) for cell in databricks_cells(DATABRICKS)] == [
        (2, "sql", (6, 7)),
        (3, "md", (12,)),
    ]
    (skip,) = skips(DATABRICKS, frozenset({7}), "n.py", Kind.PYSPARK)
    assert skip.stage == "lint"
    assert skip.reason.startswith("cell 2 is sql")
    assert skips(DATABRICKS, frozenset({12, 16}), "n.py", Kind.PYSPARK) == ()
    assert databricks_cells(DATABRICKS.replace("# Databricks", "# My")) == ()


@pytest.mark.parametrize(
    "source",
    [
        ["a = 1\rb = 2\n", "c = 3"],
        "a = 1\rb = 2\r\nc = 3",
        ["a = 1\r", "b = 2\r", "c = 3"],
        ["a = 1\r\nb = 2\r\nc = 3"],
    ],
)
def test_a_carriage_return_ends_a_line_of_a_cell_as_it_does_for_python(source: str | list[str]) -> None:
    text = notebook(source)
    lines = text.split("\n")
    places = [lines[node.lineno - 1] for node in Source(Version("a.ipynb", text), Kind.NOTEBOOK).python.body]
    assert [name in place for name, place in zip(("a = 1", "b = 2", "c = 3"), places, strict=True)] == [True] * 3
