"""What sqlfluff's renderings of a file leave out of it."""

from collections.abc import Iterable, Iterator
from typing import Any

from review.sql.pieces import is_separator


def unrendered(rendered: Iterable[Any], source: str) -> frozenset[int]:
    """The lines of a file that hold code which is in none of its renderings (sqlfluff's TemplatedFiles).

    It stands in a branch that was not taken, or in a block that prints elsewhere what it holds.
    """
    variants = list(rendered)
    missed: set[int] = set()
    unprinted = _unprinted(variants[0].raw_sliced, _covered(variants)) if variants else ()
    for piece in filter(_says_something, unprinted):
        first = source.count("\n", 0, piece.source_idx) + 1
        lines = enumerate(piece.raw.split("\n"), first)
        missed.update(number for number, line in lines if line.strip() and not line.lstrip().startswith("--"))
    return frozenset(missed)


def _covered(variants: Iterable[Any]) -> set[int]:
    """Where in the source what is printed begins."""
    return {
        piece.source_slice.start
        for variant in variants
        for piece in variant.sliced_file
        if piece.templated_slice.stop > piece.templated_slice.start
    }


def _unprinted(pieces: Iterable[Any], covered: set[int]) -> Iterator[Any]:
    """The author's own text that is not printed."""
    return (piece for piece in pieces if piece.slice_type == "literal" and piece.source_idx not in covered)


def _says_something(piece: Any) -> bool:
    """Whether it is more than a separator: a loop of one round needs none."""
    return not is_separator(piece.raw)
