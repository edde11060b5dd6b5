"""What a template prints, piece by piece, and where each stands in it."""

Span = tuple[int, int]
"""First offset in the template, and the one behind the last."""

Piece = tuple[str, Span, bool]
"""What was printed, where that stands, and whether the author wrote these very characters."""

NOWHERE = (0, 0)
MAX_PIECES = 5_000
"""Of one block: a few lines that print themselves twice, and that again, would make millions."""


class Text(str):
    """What a block printed that is bound to a name or handed to a macro: printed as it is, it stands where it stood.

    What a template could reach of it begins with an underscore, which Jinja's sandbox keeps it from.
    """

    __slots__ = ("_pieces",)

    _pieces: list[Piece]

    def __str__(self) -> str:
        return self


def joined(pieces: list[Piece]) -> Text:
    """The pieces as one text; of very many nobody asks where each stood."""
    made = Text("".join(text for text, _, _ in pieces))
    made._pieces = pieces if len(pieces) <= MAX_PIECES else [(str(made), NOWHERE, False)]
    return made


def pieces_of(text: Text) -> list[Piece]:
    """What a text was joined of."""
    return text._pieces


def kept(block: Text, value: str) -> str:
    """What a filter has made of a block, with its pieces where it changed no more than the case, or cut the ends."""
    ways = (block, block.strip(), block.lstrip(), block.rstrip())
    same = next((str(way) for way in ways if value.lower() == way.lower() and len(value) == len(way)), None)
    if same is None:
        return value
    start, at = block.find(same), 0
    found: list[Piece] = []
    for text, span, is_literal in pieces_of(block):
        first, last = max(at, start), min(at + len(text), start + len(value))
        if first <= last:
            is_moved = is_literal and span is not NOWHERE
            place = (span[0] + first - at, span[0] + last - at) if is_moved else span
            found.append((value[first - start : last - start], place, is_literal))
        at += len(text)
    return joined(found)
