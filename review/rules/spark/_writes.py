"""Writes of data frames and models, told from their chains: mode, format, options, partitions and target."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from review.rules.spark._chains import Chain, Step
from review.rules.spark._values import Value

FILES = frozenset({"parquet", "csv", "json", "orc", "text", "avro"})
"""Methods that write files and name their format."""
_SETTINGS = frozenset(
    {"mode", "overwrite", "format", "option", "options", "partitionBy", "bucketBy", "sortBy", "clusterBy"}
)
"""What a `DataFrameWriter` or a model's writer is set up with; with other steps it is a project's own writer."""
ENDS = FILES | {"save", "saveAsTable", "insertInto", "jdbc"}
"""Methods of a `DataFrameWriter` that run it."""
_SECOND = {"createOrReplace": "overwrite", "replace": "overwrite", "append": "append", "create": "error"}
"""Methods that run a `DataFrameWriterV2`, as modes; `overwritePartitions` and `overwrite` replace what they name."""
_SECOND_SETTINGS = frozenset({"using", "option", "options", "tableProperty", "partitionedBy", "clusterBy"})


@dataclass(frozen=True)
class Write:
    """One batch write, `….write.….save(…)` or `….writeTo(…).….append()`."""

    chain: Chain
    end: Step
    """The step that runs it."""
    mode: str | None
    """`overwrite`, `append`, `error`, `ignore`; the code of a mode that is no literal; None where none is given."""
    format: str
    options: Mapping[str, Value]
    partitioned: tuple[Value, ...]
    target: Value | None
    """The path or the table, as it is given to the last step or as an option."""

    @property
    def line(self) -> int:
        """Its first line: that of `.write`."""
        return next(step.line for step in self.chain.steps if step.name in ("write", "writeTo"))


def writes(found: Iterable[Chain]) -> Iterator[Write]:
    """The writes among the chains. A writer kept in a variable is none: how it was set up lies elsewhere."""
    for chain in found:
        if "write" not in chain.methods:
            yield from _second(chain)
            continue
        steps = chain.steps[chain.methods.index("write") + 1 :]
        end = next((step for step in steps if step.name in ENDS and step.called), None)
        if end is not None and all(step.name in _SETTINGS for step in steps[: steps.index(end)]):
            yield _write(chain, steps, end)


def _second(chain: Chain) -> Iterator[Write]:
    """The write of a chain with `writeTo`, whose tables are of a catalogue and keep their versions."""
    if "writeTo" not in chain.methods:
        return
    start = chain.methods.index("writeTo")
    steps = chain.steps[start + 1 :]
    end = next((step for step in steps if step.name in _SECOND and step.called), None)
    if end is None or not all(step.name in _SECOND_SETTINGS for step in steps[: steps.index(end)]):
        return
    format_ = "iceberg"
    partitioned: list[Value] = []
    for step in steps:
        if step.name == "using" and step.arguments:
            format_ = step.arguments[0].string or step.arguments[0].text
        elif step.name == "partitionedBy":
            partitioned.extend(item for value in step.arguments for item in value.items)
    target = chain.steps[start].given("table", 0)
    yield Write(chain, end, _SECOND[end.name], format_, {}, tuple(partitioned), target)


def _write(chain: Chain, steps: tuple[Step, ...], end: Step) -> Write:
    options: dict[str, Value] = {}
    partitioned: tuple[Value, ...] = ()
    mode = _mode(end.given("mode"))
    format_ = end.name if end.name in FILES else ""
    for step in steps:
        if step.name == "mode":
            mode = _mode(step.given("saveMode", 0))
        elif step.name == "overwrite":
            mode = "overwrite"
        elif step.name == "format" and step.arguments:
            format_ = step.arguments[0].string or step.arguments[0].text
        elif step.name == "partitionBy":
            partitioned = tuple(item for value in step.arguments for item in value.items)
        elif step.name == "option" and len(step.arguments) > 1:
            options[step.arguments[0].string or step.arguments[0].text] = step.arguments[1]
        elif step.name == "options":
            options.update((value.name or "*", value) for value in step.arguments)
    options.update((value.name, value) for value in end.arguments if value.name)
    target = end.given("path", 0) or options.get("path") or options.get("table") or options.get("dbtable")
    return Write(chain, end, mode, format_, options, partitioned, target)


def _mode(value: Value | None) -> str | None:
    if value is None:
        return None
    word = (value.string or value.text.rpartition("SaveMode.")[2]).lower()
    return {"errorifexists": "error", "default": "error"}.get(word, word)
