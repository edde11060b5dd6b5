"""What a file consists of and how it hangs together with others: facts for whoever reviews the change."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A named piece of a file. Lines are 1-based, both ends included; a part may lie in another."""

    kind: str
    """`function`, `class`, `dag`, `task`, `default_args`, `cte`, `statement`, `macro`, `model`, `source` …"""
    name: str
    line: int
    end_line: int


@dataclass(frozen=True)
class Outline:
    """One version of one file. `reads` and `writes` are names such as `ref:stg_orders`, `source:shop.orders`,
    `table:shop.orders`, `model:fct_orders`, `macro:cents_to_dollars`: in lower case, sorted, each once."""

    parts: tuple[Part, ...] = ()
    """In the order of the file, an outer one before those inside it."""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    trivial: bool = False
    """Nothing but comments, blanks, layout or version numbers differs from the version before the change."""

    def around(self, line: int) -> tuple[Part, ...]:
        """The parts that hold this line, the outermost first."""
        return tuple(part for part in self.parts if part.line <= line <= part.end_line)
