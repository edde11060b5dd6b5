"""Which columns a PySpark job certainly writes into a table: those of an explicit `select` before the write."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from review.rules import _python
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._values import Value
from review.rules.spark._writes import writes

REPLACING = frozenset({"overwrite"})
"""Modes after which the table holds what was written and nothing else."""
KEEPING = frozenset(
    {"filter", "where", "distinct", "dropDuplicates", "drop_duplicates", "repartition", "coalesce", "orderBy", "sort"}
    | {"limit", "cache", "persist", "hint", "checkpoint", "localCheckpoint", "sortWithinPartitions", "dropna", "fillna"}
)
"""Methods of a data frame that leave its columns as they are."""
OF_A_FRAME = frozenset({"columns", "schema", "dtypes"})
"""Attributes of a data frame that are no columns."""
MAX_STATEMENTS = 5
"""Assignments that a data frame is followed back through."""


@dataclass(frozen=True)
class Table:
    """A table that is replaced, with all of its columns in lower case."""

    name: str
    """As it is written: `schema.table`, perhaps with a catalogue before it."""
    columns: frozenset[str]
    line: int
    end_line: int
    symbol: str


def tables(source: Source) -> Iterator[Table]:
    """The tables whose name is a constant and whose columns are all known. Raises NotEvaluated."""
    for write in writes(source.chains):
        name = write.target.string if write.target is not None else None
        is_table = write.end.name in ("saveAsTable", "createOrReplace")
        if not (is_table and name and "." in name and write.mode in REPLACING):
            continue
        start = next(at for at, step in enumerate(write.chain.steps) if step.name in ("write", "writeTo"))
        known = _columns(source, write.chain, write.chain.steps[:start], MAX_STATEMENTS)
        if known is not None:
            yield Table(name.lower(), known, write.line, write.chain.end_line, write.chain.symbol)


def _columns(source: Source, chain: Chain, steps: tuple[Step, ...], left: int) -> frozenset[str] | None:
    """The columns after these steps; None where not all are known."""
    selects = [at for at, step in enumerate(steps) if step.name == "select"]
    if selects:
        known = _selected(steps[selects[-1]], chain.root)
        steps = steps[selects[-1] + 1 :]
    elif chain.root and left:
        before = _assigned(source, chain)
        known = _columns(source, before, before.steps, left - 1) if before is not None else None
    else:
        known = None
    for step in steps:
        known = _after(step, known) if known is not None else None
    return known


def _assigned(source: Source, chain: Chain) -> Chain | None:
    """The only chain of this function that the name was assigned to before, where nothing else assigns it."""
    found = [each for each in source.chains if each.target == chain.root and each.symbol == chain.symbol]
    names = [
        node
        for node in source.nodes
        if isinstance(node, ast.Name) and node.id == chain.root and isinstance(node.ctx, ast.Store)
    ]
    return found[0] if len(found) == len(names) == 1 and found[0].end_line < chain.line else None


def _selected(step: Step, frame: str) -> frozenset[str] | None:
    names = [_name(value, frame) for given in step.arguments for value in given.items]
    known = frozenset(name.lower() for name in names if name is not None)
    return known if known and len(known) == len(names) else None


def _name(value: Value, frame: str) -> str | None:
    """The name of a selected column: `"a"`, `col("a")`, `….alias("b")`, and of the frame `df.a` and `df["a"]`.

    None for anything else: `template.columns` and `settings["output"]` are lists of columns.
    """
    node = value.node
    if not isinstance(node, ast.expr) or value.name:
        return None
    text = _python.text_of(node)
    if text is None and isinstance(node, ast.Call) and node.args:
        method = _python.last_name(node.func)
        if method not in ("col", "column", "alias", "name") or len(node.args) > 1:
            return None
        text = _python.text_of(node.args[0])
    elif text is None and isinstance(node, (ast.Subscript, ast.Attribute)):
        if not isinstance(node.value, ast.Name) or node.value.id != frame:
            return None
        text = _python.text_of(node.slice) if isinstance(node, ast.Subscript) else node.attr
        text = None if isinstance(node, ast.Attribute) and text in OF_A_FRAME else text
    last = text.rpartition(".")[2].strip("`") if text else ""
    return last if last.isidentifier() else None


def _after(step: Step, known: frozenset[str]) -> frozenset[str] | None:
    """The columns after one more method; None where that cannot be told."""
    texts = [value.string for value in step.arguments]
    given = [text.lower() for text in texts if text is not None]
    if step.name in KEEPING:
        return known
    if step.name == "drop" and len(given) == len(texts):
        return known - frozenset(given)
    if step.name == "withColumnRenamed" and len(given) == len(texts) == 2:
        return known - {given[0]} | {given[1]} if given[0] in known else known
    if step.name == "withColumn" and texts and texts[0] is not None:
        return known | {given[0]}
    return None
