"""The values that the readers of each language give, and how they become an `Outline`."""

from collections.abc import Iterable
from dataclasses import dataclass

from review.domain.outline import Outline, Part
from review.domain.wording import shorten

KINDS = frozenset(
    {"function", "class", "object", "trait", "dag", "task", "default_args"}
    | {"cte", "statement", "config", "macro", "materialization", "snapshot", "test"}
    | {"model", "seed", "source", "exposure", "unit_test", "analysis", "metric", "semantic_model", "saved_query"}
)
"""Every kind of `Part`."""

READS = frozenset({"ref", "source", "table", "macro"})
WRITES = frozenset({"model", "table", "macro"})
"""What stands before the colon of a name."""

MAX_PARTS = 2_000
MAX_NAMES = 2_000
"""Of each, reads and writes."""
MAX_NAME = 200
"""Characters of a part's name, or of a name behind its colon."""


@dataclass(frozen=True)
class Names:
    """What is read and written, such as `ref:stg_orders` and `table:shop.orders`, in any case and order."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    def __or__(self, other: "Names") -> "Names":
        return Names(self.reads | other.reads, self.writes | other.writes)

    def without_tables(self, local: Iterable[str]) -> "Names":
        """The same without these tables, in lower case, which exist inside the file alone."""
        names = {f"table:{name}" for name in local}
        return Names(
            frozenset(name for name in self.reads if name.lower() not in names),
            frozenset(name for name in self.writes if name.lower() not in names),
        )


def made(parts: Iterable[Part], names: Names) -> Outline:
    """The outline with its parts in the order of the file, its names in lower case and sorted, all within bounds.

    A part's name that is too long is cut; a table's or model's is left out, because a cut one names something else.
    """
    cleaned = {Part(part.kind, name, part.line, part.end_line) for part in parts if (name := clean(part.name))}
    ordered = sorted(cleaned, key=lambda part: (part.line, -part.end_line, part.kind, part.name))
    return Outline(tuple(ordered[:MAX_PARTS]), _listed(names.reads), _listed(names.writes))


def clean(text: str) -> str:
    """The text on one printable line of bounded length."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * MAX_NAME]).split())
    return shorten(line, MAX_NAME)


def _listed(names: Iterable[str]) -> tuple[str, ...]:
    kept = {name.lower() for name in names}
    return tuple(sorted(name for name in kept if name.isprintable() and is_short(name)))[:MAX_NAMES]


def is_short(name: str) -> bool:
    """Whether there is something behind the colon, and not too much."""
    return 0 < len(name.partition(":")[2]) <= MAX_NAME


def table(*parts: str) -> str:
    """`table:shop.orders` for the parts of a table's name, of which the last two count; quotes are taken off."""
    bare = [part.strip("`\"'[] ") for part in parts]
    return f"table:{'.'.join(part for part in bare[-2:] if part)}"
