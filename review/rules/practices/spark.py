"""What a new Spark job has of what the standards ask, in Python and in Scala alike."""

import ast
from collections.abc import Iterator, Sequence

from review.domain.finding import Standard
from review.rules import _scala
from review.rules.practices.base import Seen, asked, found
from review.rules.source import Source
from review.rules.spark._actions import LOGGERS
from review.rules.spark._chains import Chain, chains
from review.rules.spark._writes import Write, writes

INFERRED = frozenset({"csv", "json"})
"""Formats whose columns Spark has to guess where no schema is given."""
INSERT = "insertInto"
"""The write that takes no mode: it appends, or replaces what it is told to by its own argument."""
SECRETS = frozenset({"secrets", "getSecret", "get_secret", "getenv", "environ"})


def practices(source: Source) -> Iterator[Seen]:
    """Of its reads, writes and logging."""
    known = chains(source)
    written = list(writes(known))
    yield asked(Standard.DOCUMENTATION, _documented(source), "says what it is for", "no docstring")
    yield asked(Standard.MONITORING, _logs(known), "logs what it does", "no logging")
    moded = [write for write in written if write.end.name != INSERT]
    if moded:
        modes = moded[0].line if all(write.mode is not None for write in moded) else None
        yield asked(Standard.ERROR_HANDLING, modes, "every write says its mode", "a write without a mode")
    yield from found(Standard.SCALABILITY, _partitioned(written), "partitioned writes")
    reads = [chain for chain in known if _infers(chain)]
    if reads:
        given = reads[0].line if all(chain.step("schema") for chain in reads) else None
        yield asked(Standard.DATA_QUALITY, given, "reads with a schema", "a read whose schema is guessed")
    yield from found(
        Standard.SECURITY,
        next((chain.line for chain in known if not SECRETS.isdisjoint((chain.root, *chain.methods))), None),
        "credentials from outside the code",
    )


def _documented(source: Source) -> int | None:
    """The line of a module's docstring, or of the first comment of a Scala file."""
    if source.path.lower().endswith(".scala"):
        comments = (node for node, _ in _scala.walk(source.scala) if node.type in ("block_comment", "comment"))
        return next((_scala.line(node) for node in comments), None)
    return source.python.body[0].lineno if ast.get_docstring(source.python) else None


def _logs(known: Sequence[Chain]) -> int | None:
    return next((chain.line for chain in known if not LOGGERS.isdisjoint(chain.methods)), None)


def _partitioned(written: Sequence[Write]) -> int | None:
    return next((write.line for write in written if write.partitioned), None)


def _infers(chain: Chain) -> bool:
    """Whether it reads a format without types: `spark.read.csv(…)`."""
    return "read" in chain.methods and not INFERRED.isdisjoint(chain.methods)
